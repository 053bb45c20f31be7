"""Teaching over a real library: the engine's side, with a trainer of the tests' in a real child process."""

import errno
import json
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import msgspec
import psutil
import pytest
from safetensors import SafetensorError

from photosearch.core import messages, model_messages, note_messages, search_messages
from photosearch.core import teaching_messages as asked
from photosearch.core.teaching import TeachingState, TeachReport
from photosearch.engine import lessons, teaching, teaching_material
from photosearch.engine.service import Engine
from photosearch.models import catalog
from photosearch.paths import Library
from photosearch.store.writer import Writer
from tests.helpers import fake_trainer
from tests.helpers.colour_library import add_photos, caption, make_colour_library
from tests.helpers.colour_model import MODEL, describe_model, load_colours
from tests.helpers.engine import ask, first, refusal, scores, words
from tests.helpers.heard import Heard
from tests.helpers.photos import make_photo
from tests.helpers.processes import start, wait_for

SECONDS = 60.0


@pytest.fixture
def library(tmp_path: Path) -> Library:
    library = Library(tmp_path / "library")
    make_colour_library(library, 40, captioned=25)
    return library


def engine_of(library: Library, how: str, *, background: bool = False) -> Engine:
    return Engine(library, MODEL, background=background, load=load_colours, trainer=fake_trainer.command(how))


class Taught(Heard):
    """Follows a teaching."""

    def __init__(self, engine: Engine) -> None:
        super().__init__()
        engine.subscribe(self)

    def until_it(self, is_so: Callable[[TeachingState], bool]) -> TeachingState:
        def wanted(event: messages.AnyEvent) -> bool:
            return isinstance(event, asked.TeachingChanged) and is_so(event.state)

        heard = self.until_any(wanted)
        states = [event.state for event in heard if isinstance(event, asked.TeachingChanged)]
        return next(state for state in states if is_so(state))

    def until_over(self) -> TeachingState:
        return self.until_it(lambda state: state.phase not in ("idle", "running"))


def state(engine: Engine) -> TeachingState:
    found: TeachingState = ask(engine, asked.GetTeaching()).state
    return found


def taught(engine: Engine) -> TeachingState:
    heard = Taught(engine)
    ask(engine, asked.StartTeaching())
    return heard.until_over()


@pytest.fixture
def patient(library: Library) -> Iterator[tuple[Engine, Taught, psutil.Process]]:
    """An engine that is learning, and the child that learns."""
    with engine_of(library, "patient") as engine:
        heard = Taught(engine)
        ask(engine, asked.StartTeaching())
        heard.until_it(lambda state: bool(state.curve))
        yield engine, heard, the_child()


def the_child() -> psutil.Process:
    (child,) = [
        child for child in psutil.Process().children() if "fake_trainer.py" in " ".join(child.cmdline())
    ]
    return child


def test_a_better_lesson_is_used_at_once(library: Library) -> None:
    with engine_of(library, "better") as engine:
        before = scores(engine)
        over = taught(engine)
        assert (over.phase, over.verdict, over.sentence) == ("done", "better", None)
        assert state(engine) == over
        assert first(engine, "Rusty") == "red"
        (lesson,) = ask(engine, asked.GetLessons()).lessons
        assert (lesson.lesson, lesson.verdict, lesson.in_use, lesson.fits, lesson.captions) == (
            over.lesson, "better", True, True, 25,
        )  # fmt: skip
        assert lesson.name
        report: TeachReport = ask(engine, asked.GetReport(over.lesson)).report
        assert (report.captions, report.photos, report.gallery) == (25, 25, 40)
        ask(engine, asked.RollBack())
        assert scores(engine) == before
        assert not library.teaching.exists()


def test_a_report_of_an_older_program_reads_as_it_did(library: Library) -> None:
    with engine_of(library, "better") as engine:
        lesson = taught(engine).lesson
        file = library.lessons / lesson / "report.json"
        older = json.loads(file.read_text()) | {"format": 1, "skipped": ["2 caption(s) {were} left out."]}
        file.write_text(json.dumps(older))
        report: TeachReport = ask(engine, asked.GetReport(lesson)).report
        assert [str(sentence) for sentence in report.skipped] == ["2 caption(s) {were} left out."]


@pytest.mark.parametrize("verdict", ["unclear", "worse"])
def test_one_that_is_not_better_is_kept_and_not_used(library: Library, verdict: str) -> None:
    with engine_of(library, verdict) as engine:
        before = scores(engine)
        over = taught(engine)
        assert (over.phase, over.verdict) == ("done", verdict)
        assert scores(engine) == before
        (lesson,) = ask(engine, asked.GetLessons()).lessons
        assert not lesson.in_use
        ask(engine, asked.UseLesson(lesson.lesson))  # the person may think otherwise
        assert first(engine, "Rusty") == "red"


def test_what_the_person_said_of_names_outlives_teaching(library: Library) -> None:
    with engine_of(library, "patient") as engine:
        ask(engine, asked.SetWord("Rusty", "blue"))
        heard = Taught(engine)
        ask(engine, asked.StartTeaching())
        heard.until_it(lambda state: bool(state.curve))
        ask(engine, asked.SetWord("Kit", "green"))  # while it learns
        ask(engine, asked.StopTeaching(keep=True))
        assert heard.until_over().phase == "done"
        assert words(engine) == {"Rusty": "blue", "Kit": "green"}


def test_progress_and_curve_are_told(patient: tuple[Engine, Taught, psutil.Process]) -> None:
    engine, heard, _ = patient
    shown = heard.until_it(lambda state: len(state.curve) > 1)
    assert shown.phase == "running"
    assert shown.progress is not None
    assert (shown.progress.stage, shown.progress.total) == ("words", 2)
    assert (shown.curve[0].mistakes, shown.curve[0].base_mistakes) == (0.4, 0.8)
    ask(engine, asked.StartTeaching())  # as where an engine that was ending was asked before
    assert state(engine).curve[: len(shown.curve)] == shown.curve


def test_searches_go_on_meanwhile(patient: tuple[Engine, Taught, psutil.Process]) -> None:
    engine, _, child = patient
    assert scores(engine)
    assert child.nice() == min(19, psutil.Process().nice() + 10)


def test_stopping_keeps_what_is_best_so_far(patient: tuple[Engine, Taught, psutil.Process]) -> None:
    engine, heard, child = patient
    ask(engine, asked.StopTeaching(keep=True))
    assert heard.until_over().verdict == "better"
    assert first(engine, "Rusty") == "red"
    assert not child.is_running()


def test_cancelling_leaves_no_trace(patient: tuple[Engine, Taught, psutil.Process], library: Library) -> None:
    engine, heard, child = patient
    ask(engine, asked.StopTeaching())
    assert state(engine).phase == "cancelled"  # when it is answered, it is over
    assert not child.is_running()
    assert heard.until_over().phase == "cancelled"
    assert ask(engine, asked.GetLessons()).lessons == ()
    assert not library.teaching.exists()
    ask(engine, asked.StopTeaching())  # once more harms nothing
    ask(engine, asked.StartTeaching())
    assert state(engine).phase == "running"


def test_a_trainer_that_does_not_listen_is_ended(library: Library) -> None:
    with engine_of(library, "deaf") as engine:
        heard = Taught(engine)
        ask(engine, asked.StartTeaching())
        heard.until_it(lambda state: bool(state.curve))
        child = the_child()
        ask(engine, asked.StopTeaching())
        assert state(engine).phase == "cancelled"
        assert not child.is_running()


@pytest.mark.parametrize(
    ("how", "says"),
    [("fails", "gallery holds no photos."), ("crashes", "teaching.txt says more")],
)
def test_a_failure_is_one_sentence_and_harms_nothing(library: Library, how: str, says: str) -> None:
    with engine_of(library, how) as engine:
        before = scores(engine)
        over = taught(engine)
        assert over.phase == "failed"
        assert says in str(over.sentence)
        assert "else" not in str(over.sentence)
        assert scores(engine) == before
        assert ask(engine, asked.GetLessons()).lessons == ()
        assert not library.teaching.exists()


def test_too_few_captions_are_refused_with_how_many_more(tmp_path: Path) -> None:
    library = Library(tmp_path)
    make_colour_library(library, 30, captioned=13)
    with engine_of(library, "better") as engine:
        assert "7 more" in refusal(engine, asked.StartTeaching())
        assert state(engine).phase == "idle"
        assert not library.teaching.exists()


def test_photos_of_another_model_are_to_be_read_first(library: Library) -> None:
    describe_model(library, "newer")
    with Writer.open(library) as writer:
        writer.set_setting("model", catalog.find("newer", library).model_id)
    with Engine(library, background=False, load=load_colours) as engine:
        assert "not indexed yet" in refusal(engine, asked.StartTeaching())


def test_an_engine_that_ends_ends_it_and_the_next_one_begins_again(library: Library) -> None:
    for _ in range(4):  # as often as the person likes
        with engine_of(library, "patient", background=True) as engine:
            heard = Taught(engine)
            if not library.teaching.exists():
                ask(engine, asked.StartTeaching())
            heard.until_it(lambda state: bool(state.curve))
            child = the_child()
        assert not child.is_running()
    with engine_of(library, "better", background=True) as engine:
        assert Taught(engine).until_over().verdict == "better"
        assert first(engine, "Rusty") == "red"


def test_one_that_kills_the_engine_each_time_is_given_up(library: Library) -> None:
    library.teaching.mkdir()
    (library.teaching / "wanted").write_text("3")
    with engine_of(library, "better", background=True) as engine:
        over = Taught(engine).until_over()
        assert over.phase == "failed"
        assert "several times" in str(over.sentence)
        assert not library.teaching.exists()
        assert taught_again(engine).verdict == "better"


def test_a_killed_engine_takes_its_trainer_along_and_the_next_one_begins_again(library: Library) -> None:
    killed = start("tests.helpers.teach_forever", library.root)
    assert killed.stdout is not None
    child = psutil.Process(int(killed.stdout.readline()))
    killed.kill()
    killed.communicate()
    child.wait(SECONDS)
    with engine_of(library, "better", background=True) as engine:
        assert Taught(engine).until_over().verdict == "better"


def taught_again(engine: Engine) -> TeachingState:
    heard = Taught(engine)
    ask(engine, asked.StartTeaching())
    return heard.until_it(lambda state: state.phase == "done")


def test_a_command_that_only_searches_begins_nothing(library: Library) -> None:
    library.teaching.mkdir()
    (library.teaching / "wanted").write_text("1")
    with engine_of(library, "better") as engine:
        assert state(engine).phase == "idle"
    assert library.teaching.exists()


def test_a_library_that_changes_meanwhile_does_no_harm(
    patient: tuple[Engine, Taught, psutil.Process], library: Library
) -> None:
    engine, heard, _ = patient
    (hit, *_) = ask(engine, search_messages.Search("red")).hits
    ask(engine, note_messages.SetCaption((hit.photo_id,), "Bella"))
    ask(engine, messages.RemoveFolder(b"/photos"))
    ask(engine, asked.StopTeaching(keep=True))
    assert heard.until_over().phase == "done"


def test_a_full_disk_is_a_sentence(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    write = Path.write_bytes

    def full(path: Path, data: bytes) -> int:
        if path.name == teaching_material.GALLERY:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return write(path, data)

    monkeypatch.setattr(Path, "write_bytes", full)
    with engine_of(library, "better") as engine:
        over = taught(engine)
        assert over.phase == "failed"
        assert "is full" in str(over.sentence)
        assert not library.teaching.exists()


def test_an_unforeseen_error_ends_it_and_it_can_begin_again(
    library: Library, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> None:
        raise SafetensorError("the header is too large")

    with engine_of(library, "better") as engine:
        with monkeypatch.context() as patched:
            patched.setattr(teaching, "gather", broken)
            over = taught(engine)
        assert over.phase == "failed"
        assert "logs says more" in str(over.sentence)
        assert "the header is too large" in caplog.text
        assert taught(engine).phase == "done"


def test_indexing_yields(
    patient: tuple[Engine, Taught, psutil.Process], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine, heard, _ = patient
    monkeypatch.setattr(teaching, "LONGEST_WAIT", SECONDS)
    (tmp_path / "photos").mkdir()
    make_photo(tmp_path / "photos" / "red.png", color="red")
    with ThreadPoolExecutor(1) as thread:
        index = messages.Index([os.fsencode(tmp_path / "photos")])
        indexing = thread.submit(ask, engine, index)
        heard.until_any(lambda event: isinstance(event, messages.JobsChanged) and bool(event.jobs))
        assert not indexing.done()
        ask(engine, asked.StopTeaching())
        assert indexing.result(SECONDS).report.indexed == 1


def test_the_gallery_has_every_captioned_photo_and_others_by_chance(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    library = Library(tmp_path / "library")
    ids = make_colour_library(library, 60)
    model = catalog.find(MODEL, library)
    with Writer.open(library) as writer:
        caption(writer, ids[-10:])
        writer.forget([b"/photos/59-brown"])
        add_photos(writer, model, range(60, 61))
    monkeypatch.setattr(teaching_material, "LARGEST_GALLERY", 25)
    teaching_material.gather(library, model.model_id, tmp_path, [], lambda: None)
    from safetensors import safe_open

    with safe_open(tmp_path / "gallery.safetensors", framework="numpy") as file:
        labels: list[str] = msgspec.json.decode(file.metadata()["labels"])
        assert file.get_tensor("vectors").shape == (25, 32)
        assert str(file.get_tensor("vectors").dtype) == "float16"
    assert len(set(labels)) == 25
    assert {str(photo_id) for photo_id in ids[-10:-1]} <= set(labels)
    assert str(ids[-1]) not in labels  # no file holds it any more
    lines: list[dict[str, Any]] = [
        msgspec.json.decode(line) for line in (tmp_path / "captions.jsonl").read_bytes().splitlines()
    ]
    assert {line["photo"] for line in lines} == {str(photo_id) for photo_id in ids[-10:-1]}


def test_a_lesson_is_learnt_anew_for_another_model(library: Library) -> None:
    describe_model(library, "other")
    with Writer.open(library) as writer:
        add_photos(writer, catalog.find("other", library), range(40))  # as indexing does
    with engine_of(library, "better", background=True) as engine:
        taught = Taught(engine)
        ask(engine, asked.StartTeaching())
        old = taught.until_it(lambda state: state.phase == "done").lesson
        ask(engine, asked.SetWord("Minka", "grey cat"))
        ask(engine, model_messages.ChangeModel("other"))
        assert words(engine)["Minka"] == "grey cat", "what the person said holds at once"
        new = taught.until_it(lambda state: state.phase == "done" and state.lesson != old).lesson
        wait_for(lambda: in_use(engine) == new)
        assert set(words(engine)) == {"Rusty", "Minka"}
        ask(engine, model_messages.ChangeModel(MODEL))  # back
        assert in_use(engine).endswith(lessons.EDITED)
        assert words(engine)["Minka"] == "grey cat"
        ask(engine, model_messages.ChangeModel("other"))
        assert in_use(engine) == new
        assert len(ask(engine, asked.GetLessons()).lessons) == 4, "nothing is learnt twice"


def test_what_was_no_better_for_another_model_is_not_learnt_again(library: Library) -> None:
    describe_model(library, "other")
    with engine_of(library, "better") as engine:
        taught = Taught(engine)
        ask(engine, asked.StartTeaching())
        old = taught.until_it(lambda state: state.phase == "done").lesson
    with Writer.open(library) as writer:
        add_photos(writer, catalog.find("other", library), range(40))
    with engine_of(library, "unclear", background=True) as engine:
        taught = Taught(engine)
        ask(engine, model_messages.ChangeModel("other"))
        new = taught.until_it(lambda state: state.phase == "done").lesson
        assert in_use(engine) == old
        ask(engine, model_messages.ChangeModel(MODEL))
        ask(engine, model_messages.ChangeModel("other"))
        assert {one.lesson for one in ask(engine, asked.GetLessons()).lessons} == {old, new}


def in_use(engine: Engine) -> str:
    return next(lesson.lesson for lesson in ask(engine, asked.GetLessons()).lessons if lesson.in_use)
