"""The stage that reads what is written in photos, and the child that does it."""

import contextlib
import os
import sys
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import psutil
import pytest
from msgspec.structs import replace
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from photosearch import settings
from photosearch.core import messages
from photosearch.core.errors import Cancelled, KnownError
from photosearch.core.lines import Line
from photosearch.core.stage_messages import FinishStage, GetStages, ReadText, StagesChanged
from photosearch.decode.pool import DecodedPreview, DecoderPool
from photosearch.engine import text_in_photos
from photosearch.engine.reading_child import ReadingChild, Unreadable
from photosearch.engine.text_in_photos import TextStage
from photosearch.index import watcher
from photosearch.index.looked_at import LookedAt
from photosearch.paths import Library
from photosearch.search.query import Query
from photosearch.store.reader import Reader
from photosearch.store.writer import Writer
from photosearch.text.reading import VERSION
from tests.helpers.colour_model import describe_model
from tests.helpers.engine import ask, engine_of, refusal, search
from tests.helpers.heard import Heard
from tests.helpers.indexed import Indexed
from tests.helpers.library import DIM, MODEL, indexed_file, indexed_video
from tests.helpers.videos import make_video, scene

# Says how wide each picture is; one of 13 pixels it does not survive, over one of 77 it never ends.
CHILD = """
import io, os, sys, time
from PIL import Image
from photosearch.core.lines import Line
from photosearch.text import frames
answers = sys.stdout.buffer
frames.send(answers, frames.Ready())
while True:
    try:
        width = Image.open(io.BytesIO(frames.receive(sys.stdin.buffer))).width
    except EOFError:
        break
    if width == 13:
        os._exit(3)
    if width == 77:
        time.sleep(600)
    box = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))
    frames.send(answers, frames.Lines((Line(f"wide {width}", box, 1.0),)))
"""
COMMAND = (sys.executable, "-c", CHILD)


def jpeg(width: int, path: Path) -> bytes:
    Image.new("RGB", (width, 40), (width, 90, 120)).save(path, "JPEG")
    return path.read_bytes()


@pytest.fixture
def shelf(tmp_path: Path) -> Iterator[Indexed]:
    library = Library(tmp_path / "library")
    (tmp_path / "photos").mkdir()
    with Writer.open(library) as writer:
        writer.register_model(MODEL, "tiny", DIM)
        yield Indexed(tmp_path / "photos", library, writer)


@pytest.fixture
def looked_at() -> LookedAt:
    return LookedAt()


@pytest.fixture
def order(shelf: Indexed, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The lines that are read, as they come."""
    order: list[str] = []
    keep_lines = shelf.writer.keep_lines

    def kept(read: Sequence[tuple[int, Sequence[Line]]], version: int) -> None:
        order.extend(line.text for _, lines in read for line in lines)
        keep_lines(read, version)

    monkeypatch.setattr(shelf.writer, "keep_lines", kept)
    return order


@pytest.fixture
def gone() -> list[bytes]:
    """Paths at which the stage found no file."""
    return []


@pytest.fixture
def stage(shelf: Indexed, looked_at: LookedAt, gone: list[bytes]) -> Iterator[TextStage]:
    stage = TextStage(shelf.library, shelf.writer, lambda: None, looked_at, gone.extend, COMMAND)
    yield stage
    stage.close()


@pytest.fixture
def child(tmp_path: Path) -> Iterator[ReadingChild]:
    child = ReadingChild(Library(tmp_path), 1, seconds=30.0, command=COMMAND)
    yield child
    child.end()


def add(shelf: Indexed, **widths: int) -> None:
    for name, width in widths.items():
        jpeg(width, shelf.folder / f"{name}.jpg")
    shelf.add(*(f"{name}.jpg" for name in widths))


def read(shelf: Indexed) -> dict[str, list[str]]:
    """The lines of photos that were read, by the names of their files."""
    with Reader.open(shelf.library) as reader:
        names = {Path(os.fsdecode(path)).stem: photo_id for photo_id, path in reader.paths().items()}
        return {
            name: [line.text for line in reader.lines(photo_id)]
            for name, photo_id in names.items()
            if reader.text_was_read(photo_id)
        }


def test_of_a_long_picture_more_pixels_are_read(shelf: Indexed, stage: TextStage) -> None:
    path = os.fsencode(shelf.folder / "wide.png")
    Image.new("RGB", (4000, 40)).save(path)
    folder_id = shelf.writer.add_folder(os.fsencode(shelf.folder), "disk").folder_id
    file = indexed_file(1, folder_id=folder_id, path=path, width=4000, height=40)
    shelf.writer.commit([file], MODEL)
    stage.do_some()
    assert read(shelf) == {"wide": ["wide 4000"]}


def id_of(shelf: Indexed, name: str) -> int:
    with Reader.open(shelf.library) as reader:
        known = reader.photo_at(os.fsencode(shelf.folder / f"{name}.jpg"))
    assert known is not None
    return known


def counts(shelf: Indexed, stage: TextStage) -> tuple[int, int]:
    with Reader.open(shelf.library) as reader:
        return stage.count(reader)


def run_to_its_end(stage: TextStage) -> None:
    while stage.do_some():
        pass


def test_an_engine_reads_a_sign_with_its_own_child_and_finds_it(shelf: Indexed) -> None:
    image = Image.new("RGB", (420, 130), (60, 100, 80))
    ImageDraw.Draw(image).text((30, 40), "Pelican Cove", (250, 250, 240), ImageFont.load_default(40))
    image.save(shelf.folder / "sign.jpg")
    shelf.add("sign.jpg")
    describe_model(shelf.library)
    with engine_of(shelf.library) as engine:
        assert refusal(engine, FinishStage(settings.TEXT)) == "“Read text in photos” is switched off."
        ask(engine, messages.ChangeSetting(settings.TEXT, settings.YES))
        ask(engine, FinishStage(settings.TEXT))
        (state,) = (one for one in ask(engine, GetStages()).stages if one.key == settings.TEXT)
        assert (state.phase, state.done, state.total) == ("done", 1, 1)
        assert [hit.line for hit in search(engine, "text:pelican").hits] == ["Pelican Cove"]


@pytest.mark.parametrize("noticed", [True, False])
def test_photos_of_a_folder_that_left_are_read_once_it_is_back(
    shelf: Indexed, noticed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watcher, "LOOK_EVERY", 3600.0)
    add(shelf, a=100, b=110)
    describe_model(shelf.library)
    elsewhere = shelf.folder.with_name("elsewhere")
    heard = Heard()
    with engine_of(shelf.library, background=True) as engine:
        engine.subscribe(heard)
        ask(engine, messages.Index([os.fsencode(shelf.folder)]))
        shelf.folder.rename(elsewhere)
        if noticed:
            ask(engine, messages.Rescan())
            heard.until_any(is_gone)
        ask(engine, messages.ChangeSetting(settings.TEXT, settings.YES))
        heard.until_any(lambda event: text_is(event, "done", 0))
        heard.until_any(is_gone)  # as the stage met no file, where nobody had looked
        elsewhere.rename(shelf.folder)
        ask(engine, messages.Rescan())
        heard.until_any(lambda event: text_is(event, "done", 2))


def is_gone(event: messages.AnyEvent) -> bool:
    return isinstance(event, messages.FoldersChanged) and event.folders[0].state == "gone"


def text_is(event: messages.AnyEvent, phase: str, done: int) -> bool:
    return isinstance(event, StagesChanged) and any(
        (one.key, one.phase, one.done) == (settings.TEXT, phase, done) for one in event.stages
    )


def test_photos_that_are_asked_for_are_read_though_it_is_off(shelf: Indexed) -> None:
    add(shelf, a=100, b=110)
    describe_model(shelf.library)
    with engine_of(shelf.library) as engine:
        ask(engine, ReadText((id_of(shelf, "b"),)))
        (state,) = (one for one in ask(engine, GetStages()).stages if one.key == settings.TEXT)
        assert (state.phase, state.done, state.total) == ("off", 1, 2)
    assert set(read(shelf)) == {"b"}


def test_photos_that_come_later_are_read_and_others_are_not_read_again(
    shelf: Indexed, stage: TextStage
) -> None:
    add(shelf, a=100, b=110)
    run_to_its_end(stage)
    assert read(shelf) == {"a": ["wide 100"], "b": ["wide 110"]}
    shelf.writer.keep_lines([(id_of(shelf, "a"), [])], VERSION)
    add(shelf, c=120)
    run_to_its_end(stage)
    assert read(shelf) == {"a": [], "b": ["wide 110"], "c": ["wide 120"]}
    assert counts(shelf, stage) == (3, 3)


class Guess:
    """A searcher by which later photos likelier hold text; it does not know the first."""

    def first(self, query: Query, k: int, among: NDArray[np.int64]) -> NDArray[np.int64]:
        assert query.sentence and k == len(among)
        return among[:0:-1]


def guessing(shelf: Indexed, looked_at: LookedAt) -> TextStage:
    return TextStage(shelf.library, shelf.writer, lambda: Guess(), looked_at, print, COMMAND)  # type: ignore[arg-type,return-value]


def test_photos_that_likely_hold_text_are_read_first(
    shelf: Indexed, looked_at: LookedAt, order: list[str]
) -> None:
    add(shelf, a=100, b=110, c=120)
    with contextlib.closing(guessing(shelf, looked_at)) as stage:
        run_to_its_end(stage)
    assert order == ["wide 120", "wide 110", "wide 100"]


def test_photos_that_somebody_looks_at_go_before_those_and_of_them_the_likeliest(
    shelf: Indexed, looked_at: LookedAt, order: list[str]
) -> None:
    add(shelf, a=100, b=110, c=120, d=130)
    looked_at.add([id_of(shelf, "b"), id_of(shelf, "a"), id_of(shelf, "c")])
    with contextlib.closing(guessing(shelf, looked_at)) as stage:
        run_to_its_end(stage)
    assert order == ["wide 120", "wide 110", "wide 100", "wide 130"]


def test_a_look_counts_while_others_are_read(
    shelf: Indexed, looked_at: LookedAt, order: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(text_in_photos, "_SECONDS_AT_ONCE", 0.0)  # a photo
    add(shelf, a=100, b=110, c=120)
    with contextlib.closing(guessing(shelf, looked_at)) as stage:
        stage.do_some()
        looked_at.add([id_of(shelf, "a")])
        run_to_its_end(stage)
    assert order == ["wide 120", "wide 100", "wide 110"]


def test_photos_that_are_asked_for_are_read_alone_then_the_rest_once(
    shelf: Indexed, stage: TextStage, order: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(text_in_photos, "_SECONDS_AT_ONCE", 0.0)
    add(shelf, a=100, b=110, c=120, d=130)
    stage.do_some()
    some = stage.first([id_of(shelf, "b"), id_of(shelf, "c")])
    others = stage.first([id_of(shelf, "b"), id_of(shelf, "a")])
    began = list(order)
    while others():
        pass
    assert sorted(order) == sorted({*began, "wide 100", "wide 110"})
    while some():
        pass
    assert set(order) >= {"wide 100", "wide 110", "wide 120"}
    run_to_its_end(stage)
    assert sorted(order) == ["wide 100", "wide 110", "wide 120", "wide 130"]


def test_a_photo_whose_file_was_gone_is_read_once_it_is_back(
    shelf: Indexed, stage: TextStage, gone: list[bytes]
) -> None:
    add(shelf, a=100)
    away = (shelf.folder / "a.jpg").rename(shelf.folder / "away")
    run_to_its_end(stage)
    assert read(shelf) == {}
    run_to_its_end(stage)
    assert gone == [os.fsencode(shelf.folder / "a.jpg")]
    away.rename(shelf.folder / "a.jpg")
    run_to_its_end(stage)
    assert read(shelf) == {"a": ["wide 100"]}


def test_a_photo_that_could_not_be_read_is_tried_again_where_it_is_asked_for(
    shelf: Indexed, stage: TextStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(shelf, a=100)
    with monkeypatch.context() as context:
        context.setattr(ReadingChild, "lines", unreadable)
        run_to_its_end(stage)
    assert not stage.do_some() and read(shelf) == {}
    some = stage.first([id_of(shelf, "a")])
    while some():
        pass
    assert read(shelf) == {"a": ["wide 100"]}


def unreadable(*_: object) -> Sequence[Line]:
    raise Unreadable("for now")


def test_what_gives_no_picture_is_not_tried_again(shelf: Indexed, stage: TextStage) -> None:
    (shelf.folder / "a.jpg").write_bytes(b"no picture")
    shelf.add("a.jpg")
    run_to_its_end(stage)
    assert read(shelf) == {"a": []}


def test_a_photo_that_the_child_does_not_survive_waits_for_the_next_start(
    shelf: Indexed, stage: TextStage
) -> None:
    add(shelf, a=100, b=13, c=120)
    run_to_its_end(stage)
    assert read(shelf) == {"a": ["wide 100"], "c": ["wide 120"]}
    assert counts(shelf, stage) == (2, 3)


def test_a_file_that_is_gone_waits_too(shelf: Indexed, stage: TextStage) -> None:
    add(shelf, a=100, b=110)
    (shelf.folder / "b.jpg").unlink()
    run_to_its_end(stage)
    assert read(shelf) == {"a": ["wide 100"]}


def test_closing_ends_it_in_the_middle_of_a_photo(shelf: Indexed, stage: TextStage) -> None:
    add(shelf, a=77)
    ended: list[Exception] = []

    def work() -> None:
        try:
            stage.do_some()
        except Cancelled as error:
            ended.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    while not [one for one in psutil.Process().children() if CHILD in one.cmdline()]:
        thread.join(0.05)
    stage.close()
    thread.join()
    assert len(ended) == 1 and read(shelf) == {}
    with pytest.raises(Cancelled):
        stage.do_some()


def test_the_child_starts_again_after_it_died(child: ReadingChild, tmp_path: Path) -> None:
    assert [line.text for line in child.lines(jpeg(50, tmp_path / "x"))] == ["wide 50"]
    with pytest.raises(Unreadable):
        child.lines(jpeg(13, tmp_path / "x"))
    assert [line.text for line in child.lines(jpeg(60, tmp_path / "x"))] == ["wide 60"]


def test_a_picture_that_takes_too_long_costs_the_child(tmp_path: Path) -> None:
    child = ReadingChild(Library(tmp_path), 1, seconds=0.2, command=COMMAND)
    with pytest.raises(Unreadable):
        child.lines(jpeg(77, tmp_path / "x"))
    child.end()


@pytest.mark.parametrize("code", ["raise SystemExit(1)", "import sys; sys.stdout.write('nonsense' * 99)"])
def test_a_child_that_does_not_start_is_said_to(tmp_path: Path, code: str) -> None:
    child = ReadingChild(Library(tmp_path), 1, command=(sys.executable, "-c", code))
    with pytest.raises(KnownError, match="does not start"):
        child.lines(b"")


def test_a_program_that_is_not_there_is_said_to(tmp_path: Path) -> None:
    child = ReadingChild(Library(tmp_path), 1, command=(str(tmp_path / "nothing"),))
    with pytest.raises(KnownError, match="could not be started"):
        child.lines(b"")


def test_of_a_video_the_poster_is_read(
    shelf: Indexed, stage: TextStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = make_video(shelf.folder / "clip.mp4", [scene(1), scene(2)])
    folder_id = shelf.writer.add_folder(os.fsencode(shelf.folder), "disk").folder_id
    video = indexed_video(1, folder_id=folder_id, frames=2)  # the second, after three seconds, is its poster
    shelf.writer.commit([replace(video, path=os.fsencode(path))], MODEL)
    asked = []
    shown = DecoderPool.preview

    def preview(pool: DecoderPool, path: bytes, longest_edge: int, at_ms: int) -> DecodedPreview:
        asked.append(at_ms)
        return shown(pool, path, longest_edge, at_ms)

    monkeypatch.setattr(DecoderPool, "preview", preview)
    run_to_its_end(stage)
    assert asked == [3000]
    assert read(shelf) == {"clip": ["wide 160"]}
