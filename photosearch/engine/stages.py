"""Work on every photo that the person may switch on and off: a stage at a time, behind all else."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Protocol, Self

from photosearch import settings
from photosearch.core.errors import Cancelled, KnownError
from photosearch.core.messages import AnyEvent, Problem
from photosearch.core.progress import Rate
from photosearch.core.stage_messages import (
    FinishStage,
    GetStages,
    PauseStage,
    StageList,
    StagesChanged,
    StageState,
)
from photosearch.engine.handlers import Handlers
from photosearch.engine.server import own_fault
from photosearch.paths import Library
from photosearch.store.reader import Reader


class Stage(Protocol):
    """What goes through all photos, a few at a time."""

    key: str  # of the setting that lets it run

    @property
    def prepared(self) -> float:
        """The share by which it is ready to take photos; do_some() goes on with that first."""

    def is_on(self, reader: Reader) -> bool:
        """Whether it is to run."""

    def count(self, reader: Reader) -> tuple[int, int]:
        """How many photos it has been through, and how many it is to go through in all."""

    def away(self, reader: Reader) -> int:
        """How many photos that it has not been through wait until their files are here."""

    def do_some(self) -> bool:
        """Take the next few photos, a second's work at most; False when none is left.

        Raises:
            KnownError: it cannot go on; the sentence says what to do.
            Cancelled: it was closed.
        """

    def close(self) -> None:
        """End do_some() soon, wherever it is."""


class Stages:
    """Runs stages from one thread while entered as a context manager.

    Args:
        stages: in the order in which they run.
        publish: told how they stand, and why one cannot go on.
        may_run: whether no other work is to go first.
        wait_for_queries: returns when none is being answered.
        keep: a setting of the library, by its key.
        among: tells what there is to go through; once none is left of it, a stage rests until it differs.
        seconds_between_looks: at whether photos came, a stage was switched, or other work ended.
    """

    def __init__(
        self,
        library: Library,
        stages: Sequence[Stage],
        publish: Callable[[AnyEvent], object],
        may_run: Callable[[], bool],
        wait_for_queries: Callable[[], None],
        keep: Callable[[str, str], object],
        among: Callable[[Reader], object],
        seconds_between_looks: float = 2.0,
    ) -> None:
        self._library = library
        self._runs = {stage.key: _Run(stage) for stage in stages}
        self._publish = publish
        self._may_run = may_run
        self._wait_for_queries = wait_for_queries
        self._keep = keep
        self._among = among
        self._seconds_between_looks = seconds_between_looks
        self._told: tuple[StageState, ...] = ()
        self._changed = threading.Event()
        self._looks_again = 0  # how often all were told to
        self._counting = threading.Lock()
        self._closing = False
        with Reader.open(library) as reader:
            for key, run in self._runs.items():
                run.paused = reader.setting(_paused_key(key)) == settings.YES
        self._thread = threading.Thread(target=self._go_through, name="engine-stages", daemon=True)

    def serve(self, handlers: Handlers) -> None:
        """Take the requests that are answered here."""
        handlers.answer(GetStages, lambda _: StageList(self.states()))
        handlers.do(PauseStage, lambda one: self._pause(one.key, one.paused, lasts=one.lasts))
        handlers.do(FinishStage, lambda request: self.finish(request.key))

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
        self._thread.join()

    def close(self) -> None:
        """End what runs soon; whoever waits for it gets Cancelled."""
        self._closing = True
        self._changed.set()
        for run in self._runs.values():
            run.stage.close()

    def look_again(self, key: str) -> None:
        """There is more to do for a stage than it knew of when it last was done."""
        self._runs[key].rests_among = None
        self._changed.set()

    def all_look_again(self) -> None:
        """Files may have come, or be back: there may be more to do for each stage than it knew of."""
        self._looks_again += 1  # also for one that is at its end just now, and will rest among what was
        self._changed.set()

    def _now_among(self, reader: Reader) -> tuple[int, object]:
        """What there is to go through, as a stage that rests compares it."""
        return self._looks_again, self._among(reader)

    def states(self) -> tuple[StageState, ...]:
        """How each stands.

        Raises:
            KnownError: the library cannot be read.
        """
        with Reader.open(self._library) as reader:
            return self._states(reader)

    def _states(self, reader: Reader) -> tuple[StageState, ...]:
        return tuple(self._state(run, reader) for run in self._runs.values())

    def _state(self, run: _Run, reader: Reader) -> StageState:
        key = run.stage.key
        done, total = run.stage.count(reader)
        images_per_second = run.measured(done)
        if not (run.waited_for or run.stage.is_on(reader)):
            return StageState(key, "off", done, total)
        if run.failure:
            return StageState(key, "failed", done, total, run.failure.sentence)
        if done >= total or run.rests_among == self._now_among(reader):
            return StageState(key, "done", done, total, away=run.stage.away(reader) if done < total else 0)
        if run.paused:
            return StageState(key, "paused", done, total)
        if not run.at_work:
            return StageState(key, "waits", done, total)
        return StageState(
            key,
            "runs",
            done,
            total,
            images_per_second=images_per_second,
            prepared=run.stage.prepared,
        )

    def _pause(self, key: str, paused: bool, *, lasts: bool = True) -> None:
        self._of(key).paused = paused
        if lasts:
            self._keep(_paused_key(key), settings.YES if paused else settings.NO)
        self._changed.set()

    def finish(self, key: str, part: Callable[[], bool] | None = None) -> None:
        """Bring a stage that is on to its end.

        Args:
            part: as the stage's do_some(), of a part of the photos, which is done though the stage be off.

        Raises:
            KnownError: there is no such stage, it is off, or it cannot go on.
            Cancelled: it was paused, or the engine is closing.
        """
        run = self._of(key)
        run.failure = None
        if run.paused:
            self._pause(key, False)
        more = True
        with Reader.open(self._library) as reader:
            try:
                with self._waited_for(run):
                    while more:
                        on = run.stage.is_on(reader)
                        if not (on or part):
                            raise KnownError(
                                "“{title}” is switched off.", title=settings.SETTINGS[key].title()
                            )
                        if run.paused:
                            run.paused = on  # what is off is not to wait once it is switched on
                            raise Cancelled
                        self._tell(reader)
                        among = self._now_among(reader)
                        more = self._step(run, part or run.stage.do_some)
                    if not (part or run.failure):
                        run.rests_among = among
            finally:
                self._tell(reader)
        if run.failure:
            raise run.failure

    @contextlib.contextmanager
    def _waited_for(self, run: _Run) -> Iterator[None]:
        with self._counting:
            run.waited_for += 1
        try:
            yield
        finally:
            with self._counting:
                run.waited_for -= 1

    def _of(self, key: str) -> _Run:
        if key not in self._runs:
            raise KnownError("There is no stage {key}.", key=key)
        return self._runs[key]

    def _go_through(self) -> None:
        """Look when the library changed or somebody asks, and work while there is work."""
        known: tuple[int, bool] | None = None
        worked = False
        while not self._closing:
            # Where the library cannot be read, whoever asks for it is told why.
            with contextlib.suppress(KnownError, Cancelled), Reader.open(self._library) as reader:
                while not self._closing:
                    before, known = known, (reader.version(), self._may_run())
                    if worked or known != before or self._changed.is_set():
                        self._changed.clear()
                        worked = self._look(reader)
                    if not worked:
                        self._changed.wait(self._seconds_between_looks)
            self._changed.wait(0 if self._closing else self._seconds_between_looks)

    def _look(self, reader: Reader) -> bool:
        """Take the first stage that has something to do a step further; False where none has."""
        among, may_run, worked = self._now_among(reader), self._may_run(), False
        for run in self._runs.values():
            on = run.stage.is_on(reader)
            if not (on or run.waited_for):
                run.failure = run.rests_among = None  # so that it is tried again once it is switched on
                if run.paused:
                    self._pause(run.stage.key, False)
            run.running = (
                may_run and not worked and on and not (run.paused or run.failure or run.rests_among == among)
            )
            if run.running:
                worked = run.running = self._step(run, run.stage.do_some)
                if not worked:
                    run.rests_among = among
        self._tell(reader)
        return worked

    def _step(self, run: _Run, do_some: Callable[[], bool]) -> bool:
        """False where nothing is left to do, or it cannot be done."""
        with run.one_at_a_time:
            if self._closing:
                raise Cancelled
            self._wait_for_queries()
            try:
                return do_some()
            except Cancelled:
                raise
            except Exception as error:  # noqa: BLE001  (the other stages go on)
                known = error if isinstance(error, KnownError) else own_fault(self._library, error)
                run.failure = known
                self._publish(Problem(known.sentence))
                return False

    def _tell(self, reader: Reader) -> None:
        states = self._states(reader)
        if states != self._told:
            self._told = states
            self._publish(StagesChanged(states))


def _paused_key(key: str) -> str:
    """Of the setting that keeps whether a stage is paused."""
    return f"paused_{key}"


def switched_on(key: str, reader: Reader) -> bool:
    """Whether the switch in the settings with this key is on."""
    return settings.value(key, reader.setting(key)) == settings.YES


class _Run:
    """A stage, and how it goes."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.one_at_a_time = threading.Lock()
        self.paused = False
        self.running = False
        self.waited_for = 0  # by so many who have it brought to its end at once
        self.failure: KnownError | None = None
        self.rests_among: object = None  # what there was when nothing was left to do
        self._measuring = threading.Lock()
        self._rate, self._measured = Rate(), 0

    @property
    def at_work(self) -> bool:
        """Whether it goes on, by itself or as somebody waits for it."""
        return self.running or self.waited_for > 0

    def measured(self, done: int) -> float:
        """How many photos it takes a second, now that so many are done; 0 while it takes none."""
        with self._measuring:
            if not self.at_work or self.stage.prepared < 1 or done < self._measured:
                self._rate = Rate()  # a rest, or a new beginning, is no slowness
            self._measured = done
            return self._rate.add(done)
