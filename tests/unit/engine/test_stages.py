"""Work on every photo that the person may switch on and off, behind all else."""

import contextlib
import threading
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from photosearch import settings
from photosearch.core import messages, stage_messages
from photosearch.core.errors import Cancelled, KnownError
from photosearch.core.stage_messages import FinishStage, GetStages, PauseStage, StagesChanged, StageState
from photosearch.engine.handlers import Handlers
from photosearch.engine.stages import Stages, switched_on
from photosearch.paths import Library
from photosearch.store.reader import Reader
from photosearch.store.writer import Writer
from tests.helpers.heard import Heard
from tests.helpers.library import DIM, MODEL, indexed_file

KEY = settings.STACK  # a switch, whichever


class Numbers:
    """Goes through the photos of a library by their ids, one at a time."""

    key = KEY
    prepared = 1.0

    def __init__(self, library: Library) -> None:
        self.library = library
        self.done: set[int] = set()
        self.fails: Exception | None = None
        self.may_go_on = threading.Event()
        self.may_go_on.set()
        self.closed = False

    def is_on(self, reader: Reader) -> bool:
        return switched_on(self.key, reader)

    def count(self, reader: Reader) -> tuple[int, int]:
        return len(self.done), len(reader.living())

    def away(self, reader: Reader) -> int:
        return 2

    def do_some(self) -> bool:
        self.may_go_on.wait()
        if self.closed:
            raise Cancelled
        if self.fails:
            raise self.fails
        with Reader.open(self.library) as reader:
            left = sorted(set(reader.living().tolist()) - self.done)
        self.done.update(left[:1])
        return len(left) > 1

    def close(self) -> None:
        self.closed = True
        self.may_go_on.set()


class World:
    """A library with photos, and a stage that goes through them."""

    def __init__(self, library: Library, writer: Writer) -> None:
        self.library, self.writer = library, writer
        self.writer.register_model(MODEL, "tiny", DIM)
        self.folder = writer.add_folder(b"/photos", "disk")
        self.stage, self.heard, self.handlers = Numbers(library), Heard(), Handlers()
        self.busy = False
        self.stages = self.start()
        self.stages.serve(self.handlers)

    def start(self) -> Stages:
        """As an engine does."""
        return Stages(
            self.library,
            [self.stage],
            self.heard,
            lambda: not self.busy,
            lambda: None,
            self.writer.set_setting,
            lambda reader: reader.living().tolist(),
            seconds_between_looks=0.02,
        )

    def photos(self, *numbers: int) -> None:
        folder_id = self.folder.folder_id
        self.writer.commit([indexed_file(number, folder_id=folder_id) for number in numbers], MODEL)

    def switch(self, *, on: bool) -> None:
        self.writer.set_setting(KEY, settings.YES if on else settings.NO)

    def until(self, phase: str, done: int) -> list[StageState]:
        """Wait until it is told so; -> all that was told."""

        def is_it(event: messages.AnyEvent) -> bool:
            return isinstance(event, StagesChanged) and (event.stages[0].phase, event.stages[0].done) == (
                phase,
                done,
            )

        events = self.heard.until_any(is_it)
        return [event.stages[0] for event in events if isinstance(event, StagesChanged)]

    @property
    def state(self) -> StageState:
        reply = self.handlers(GetStages())
        assert isinstance(reply, stage_messages.StageList)
        return reply.stages[0]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    library = Library(tmp_path)
    with Writer.open(library) as writer:
        world = World(library, writer)
        world.photos(1, 2, 3)
        yield world


def test_it_goes_through_all_photos_and_through_those_that_come_later(world: World) -> None:
    world.switch(on=True)
    with world.stages:
        assert StageState(KEY, "runs", 1, 3) in world.until("done", 3)
        world.photos(4)
        world.until("done", 4)


def test_what_is_off_does_nothing_until_it_is_switched_on(world: World) -> None:
    with world.stages:
        world.until("off", 0)
        assert not world.stage.done
        world.switch(on=True)
        world.until("done", 3)


def test_it_waits_for_other_work(world: World) -> None:
    world.switch(on=True)
    world.busy = True
    with world.stages:
        world.until("waits", 0)
        assert not world.stage.done
        world.busy = False
        world.until("done", 3)


def test_a_pause_holds_it(world: World) -> None:
    world.switch(on=True)
    world.handlers(PauseStage(KEY, paused=True))
    with world.stages:
        world.until("paused", 0)
        world.handlers(PauseStage(KEY, paused=False))
        world.until("done", 3)


def test_a_pause_outlives_the_engine_unless_it_is_not_to(world: World) -> None:
    world.switch(on=True)
    world.handlers(PauseStage(KEY, paused=True))
    assert world.start().states()[0].phase == "paused"
    world.handlers(PauseStage(KEY, paused=False))
    assert world.start().states()[0].phase == "waits"
    world.handlers(PauseStage(KEY, paused=True, lasts=False))
    assert world.state.phase == "paused"
    assert world.start().states()[0].phase == "waits"


def test_what_is_switched_off_is_not_paused_once_it_is_on_again(world: World) -> None:
    world.handlers(PauseStage(KEY, paused=True))
    with world.stages:
        world.until("off", 0)
        world.switch(on=True)
        world.until("done", 3)


def test_what_is_done_but_for_photos_that_are_not_here_says_so(world: World) -> None:
    world.switch(on=True)
    world.stage.do_some = lambda: False  # type: ignore[method-assign]
    with world.stages:
        world.until("done", 0)
        assert world.state == StageState(KEY, "done", 0, 3, away=2)


@pytest.mark.parametrize("unforeseen", [False, True])
def test_one_that_cannot_go_on_says_why_and_rests_until_it_is_switched_anew(
    world: World, unforeseen: bool
) -> None:
    world.stage.fails = RuntimeError("a fault") if unforeseen else KnownError("There is no room.")
    world.switch(on=True)
    with world.stages:
        world.until("failed", 0)
        said = str(world.state.sentence)
        assert ("an error of its own" if unforeseen else "no room") in said
        world.heard.until_any(
            lambda event: isinstance(event, messages.Problem) and str(event.sentence) == said
        )
        world.stage.fails = None
        world.switch(on=False)
        world.until("off", 0)
        world.switch(on=True)
        world.until("done", 3)


def test_how_fast_it_is_is_told_once_it_is_known(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    seconds = iter(range(0, 1000, 2))
    clock = SimpleNamespace(monotonic=lambda: next(seconds))  # other threads go by the real one
    monkeypatch.setattr("photosearch.core.progress.time", clock)
    world.switch(on=True)
    world.handlers(FinishStage(KEY))
    told = [event.stages[0] for event in world.heard.events if isinstance(event, StagesChanged)]
    assert [(one.done, one.images_per_second, one.seconds_left) for one in told] == [
        (0, 0.0, None),
        (1, 0.5, 4.0),
        (2, 0.5, 2.0),
        (3, 0.0, None),
    ]


def test_one_that_gets_ready_says_how_far_that_is_and_takes_no_time_for_it(world: World) -> None:
    world.switch(on=True)
    world.stage.prepared = 0.25
    taken = world.stage.do_some

    def get_ready_then_take() -> bool:
        world.stage.do_some = taken  # type: ignore[method-assign]
        told.append(world.state)
        world.stage.prepared = 1.0
        return True

    told: list[StageState] = []
    world.stage.do_some = get_ready_then_take  # type: ignore[method-assign]
    world.handlers(FinishStage(KEY))
    assert told == [StageState(KEY, "runs", 0, 3, prepared=0.25)]
    assert world.state == StageState(KEY, "done", 3, 3)


def test_it_can_be_brought_to_its_end_at_once(world: World) -> None:
    world.switch(on=True)
    world.handlers(FinishStage(KEY))
    assert world.state == StageState(KEY, "done", 3, 3)


def test_it_runs_while_somebody_waits_for_its_end_whatever_else_is_at_work(world: World) -> None:
    world.switch(on=True)
    world.busy = True
    with world.stages:
        world.until("waits", 0)
        world.stage.may_go_on.clear()
        waiting = threading.Thread(target=world.handlers, args=(FinishStage(KEY),))
        waiting.start()
        world.until("runs", 0)
        assert world.state == StageState(KEY, "runs", 0, 3)
        world.stage.may_go_on.set()
        waiting.join()
        phases = [told.phase for told in world.until("done", 3)]
        assert "waits" not in phases[phases.index("runs") :]
        world.photos(4)
        world.until("waits", 3)


def test_a_pause_ends_what_somebody_waits_for(world: World) -> None:
    world.switch(on=True)
    taken = world.stage.do_some

    def pause_then_take() -> bool:
        world.handlers(PauseStage(KEY, paused=True))
        return taken()

    world.stage.do_some = pause_then_take  # type: ignore[method-assign]
    with pytest.raises(Cancelled):
        world.handlers(FinishStage(KEY))
    assert world.state == StageState(KEY, "paused", 1, 3)


def test_a_part_is_done_though_it_be_off_and_a_pause_ends_that_alone(world: World) -> None:
    phases: list[str] = []

    def part() -> bool:
        phases.append(world.state.phase)
        if len(phases) == 2:
            world.handlers(PauseStage(KEY, paused=True))
        return world.stage.do_some()

    with pytest.raises(Cancelled):
        world.stages.finish(KEY, part)
    assert phases == ["runs", "runs"]
    assert world.state.phase == "off"
    world.switch(on=True)
    assert world.state == StageState(KEY, "waits", 2, 3)


def test_what_is_off_unknown_or_failing_is_not_brought_to_an_end(world: World) -> None:
    with pytest.raises(KnownError, match="switched off"):
        world.handlers(FinishStage(KEY))
    with pytest.raises(KnownError, match="no stage nonsense"):
        world.handlers(FinishStage("nonsense"))
    world.switch(on=True)
    world.stage.fails = KnownError("There is no room.")
    with pytest.raises(KnownError, match="no room"):
        world.handlers(FinishStage(KEY))


def test_a_close_ends_what_runs_and_whoever_waits_for_it(world: World) -> None:
    world.switch(on=True)
    world.stage.may_go_on.clear()
    ended: list[bool] = []

    def finish() -> None:
        with contextlib.suppress(Cancelled):
            world.handlers(FinishStage(KEY))
        ended.append(world.stage.closed)

    waiting = threading.Thread(target=finish)
    with world.stages:
        waiting.start()
    waiting.join()
    assert ended == [True]
    assert not world.stage.done


def test_one_that_was_done_looks_again_when_it_is_told_to(world: World) -> None:
    world.switch(on=True)
    with world.stages:
        world.until("done", 3)
        world.stage.done.clear()
        world.stages.look_again(KEY)
        world.heard.until_any(
            lambda event: isinstance(event, StagesChanged) and event.stages[0].phase == "runs"
        )
        world.stages.close()
