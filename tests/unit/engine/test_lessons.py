"""Lessons over a real library, with the small encoder: kept, used, edited, given away and taken."""

import os
from pathlib import Path

import msgspec
import numpy as np
import pytest

from photosearch.core import messages, search_messages
from photosearch.core import teaching_messages as asked
from photosearch.core.teaching import LearntUse, LessonInfo, QueryChange, Recalls, TeachReport, Word
from photosearch.engine.kept_lessons import REPORT
from photosearch.engine.service import Engine
from photosearch.models import catalog
from photosearch.models.lesson import LESSON, Lesson, read_lesson, write_lesson
from photosearch.paths import Library
from photosearch.store.rows import Edit
from photosearch.store.writer import Writer
from tests.helpers.colour_library import make_colour_library
from tests.helpers.colour_model import MODEL, describe_model, load_colours
from tests.helpers.engine import ask, engine_of, first, refusal, scores, search, words
from tests.helpers.heard import Heard
from tests.helpers.library import indexed_file


@pytest.fixture
def library(tmp_path: Path) -> Library:
    library = Library(tmp_path / "library")
    make_colour_library(library, 20)
    return library


@pytest.fixture
def file(library: Library, tmp_path: Path) -> Path:
    """A lesson that somebody gave away: Rusty is red."""
    return lesson_file(tmp_path / "Rusty.safetensors", catalog.find(MODEL, library).model_id)


def lesson_file(path: Path, base: str, *words: Word, name: str = "") -> Path:
    lesson = Lesson(
        base, name, created_at=1.7e9, captions=40, words=words or (Word("Rusty", "red", captions=9),)
    )
    write_lesson(path, lesson)
    return path


def taken(engine: Engine, file: Path) -> LessonInfo:
    found: LessonInfo = ask(engine, asked.ImportLesson(os.fsencode(file))).lesson
    return found


def test_a_lesson_is_used_at_once_rolled_back_and_used_again(engine: Engine, file: Path) -> None:
    before = scores(engine)
    lesson = taken(engine, file)
    assert (lesson.name, lesson.captions, lesson.verdict, lesson.in_use, lesson.fits) == (
        "Rusty", 40, None, False, True,
    )  # fmt: skip
    assert scores(engine) == before

    ask(engine, asked.UseLesson(lesson.lesson))
    assert first(engine, "Rusty") == "red"
    ask(engine, asked.RollBack())
    assert scores(engine) == before
    ask(engine, asked.RollBack())
    assert first(engine, "Rusty") == "red"
    ask(engine, asked.UseLesson(""))
    assert scores(engine) == before


def test_names_are_told_with_their_places(engine: Engine, file: Path) -> None:
    ask(engine, asked.UseLesson(taken(engine, file).lesson))
    typed = "  my  rusty -(green Rusty) date:2020 orientation:portrait"
    assert [(use.name, use.phrase, typed[slice(*use.span)]) for use in search(engine, typed).learnt] == [
        ("Rusty", "red", "rusty"), ("Rusty", "red", "Rusty"),
    ]  # fmt: skip
    assert search(engine, "Rusty").learnt == (LearntUse("Rusty", "red", (0, 5)),)
    assert search(engine, "trusty").learnt == ()
    assert search(engine, '"Rusty"').learnt == ()  # exact words of captions


def test_an_explanation_reads_as_the_search_does(engine: Engine, library: Library, tmp_path: Path) -> None:
    base = catalog.find(MODEL, library).model_id
    file = lesson_file(tmp_path / "a", base, Word("Clover Meadow", "green"))
    ask(engine, asked.UseLesson(taken(engine, file).lesson))
    query = search_messages.Search("at Clover  Meadow today")
    best = ask(engine, query).hits[0]
    explanation = ask(engine, search_messages.Explain(query, best.photo_id))
    assert explanation.score == pytest.approx(best.score)
    assert [pull.text for pull in explanation.words] == ["Clover Meadow", "today"]
    assert max(explanation.words, key=lambda pull: pull.score).text == "Clover Meadow"


def test_a_lesson_stays_in_use_in_the_next_engine(library: Library, file: Path) -> None:
    with engine_of(library) as engine:
        ask(engine, asked.UseLesson(taken(engine, file).lesson))
    with engine_of(library) as engine:
        assert first(engine, "Rusty") == "red"
        (lesson,) = ask(engine, asked.GetLessons()).lessons
        assert lesson.in_use


def test_of_another_model_it_is_kept_and_not_used(engine: Engine, tmp_path: Path) -> None:
    lesson = taken(engine, lesson_file(tmp_path / "other", "f" * 16, name="Other"))
    assert (lesson.name, lesson.fits) == ("Other", False)
    assert "another model" in refusal(engine, asked.UseLesson(lesson.lesson))


def test_when_the_model_changes_a_lesson_rests_and_its_words_can_be_kept(
    library: Library, file: Path
) -> None:
    describe_model(library, "newer")
    with engine_of(library) as engine:
        ask(engine, asked.UseLesson(taken(engine, file).lesson))
        ask(engine, asked.SetWord("Bella", "blue"))
    with Writer.open(library) as writer:
        writer.set_setting("model", catalog.find("newer", library).model_id)
    with Engine(library, background=False, load=load_colours) as engine:
        assert [lesson.fits for lesson in ask(engine, asked.GetLessons()).lessons] == [False, False]
        search(engine, "Rusty")
        assert search(engine, "Bella").learnt == ()
        ask(engine, asked.SetWord("Kit", "white"))
        assert words(engine) == {"Bella": "blue", "Kit": "white"}  # what the person said, not what was learnt
    with Engine(library, MODEL, background=False, load=load_colours) as engine:
        assert first(engine, "Kit") == "white"


def test_words_can_be_set_without_any_teaching(engine: Engine) -> None:
    ask(engine, asked.SetWord("  Rusty ", "red"))
    assert first(engine, "RUSTY") == "red"
    ask(engine, asked.SetWord("rusty", "blue"))
    ask(engine, asked.SetWord("Kit", "green"))
    assert words(engine) == {"Kit": "green", "Rusty": "blue"}
    assert len(ask(engine, asked.GetLessons()).lessons) == 1
    ask(engine, asked.RemoveWord("Kit"))
    assert words(engine) == {"Rusty": "blue"}
    assert refusal(engine, asked.SetWord("Kit", " "))
    assert refusal(engine, asked.SetWord("", "red"))


def test_an_edit_leaves_what_was_learnt_to_go_back_to(engine: Engine, file: Path) -> None:
    learnt = taken(engine, file).lesson
    ask(engine, asked.UseLesson(learnt))
    ask(engine, asked.SetWord("Rusty", "blue"))
    ask(engine, asked.SetWord("Kit", "green"))
    assert (first(engine, "Rusty"), first(engine, "Kit")) == ("blue", "green")
    assert ask(engine, asked.GetWords()).words[1].choices[0] == "red"
    edited, original = ask(engine, asked.GetLessons()).lessons
    assert (original.lesson, original.edited, edited.edited, edited.in_use) == (learnt, False, True, True)
    ask(engine, asked.RollBack())
    assert first(engine, "Rusty") == "red"
    assert words(engine) == {"Rusty": "red"}


def test_lessons_are_given_away_renamed_and_deleted(engine: Engine, file: Path, tmp_path: Path) -> None:
    lesson = taken(engine, file).lesson
    ask(engine, asked.RenameLesson(lesson, "  Our   dogs "))
    ask(engine, asked.UseLesson(lesson))
    given = tmp_path / "given.safetensors"
    given.write_bytes(file.read_bytes())  # an older export
    ask(engine, asked.ExportLesson(lesson, os.fsencode(given)))
    assert read_lesson(given).words == read_lesson(file).words
    again = taken(engine, given)
    assert again.name == "Our dogs"
    assert again.lesson != lesson

    ask(engine, asked.DeleteLesson(lesson))
    assert search(engine, "Rusty").learnt == ()
    assert [found.lesson for found in ask(engine, asked.GetLessons()).lessons] == [again.lesson]
    for request in (
        asked.UseLesson(lesson),
        asked.DeleteLesson(lesson),
        asked.DeleteLesson(".."),
        asked.RenameLesson(lesson, "x"),
        asked.RenameLesson(again.lesson, " "),
        asked.ExportLesson(lesson, os.fsencode(given)),
        asked.ExportLesson(again.lesson, os.fsencode(tmp_path / "none" / "x")),
        asked.ExportLesson(again.lesson, os.fsencode(tmp_path)),
        asked.ImportLesson(os.fsencode(tmp_path)),
        asked.ImportLesson(os.fsencode(tmp_path / "none")),
        asked.GetReport(again.lesson),
    ):
        assert refusal(engine, request)


def test_a_report_names_the_photos_that_took_the_place_of_edited_ones(library: Library, file: Path) -> None:
    with Writer.open(library) as writer:
        folder = writer.add_folder(b"/photos", "")
        first = indexed_file(0, folder_id=folder.folder_id, path=b"/photos/0-black")
        values = {"content_hash": b"another", "edit": Edit(1, same_pixels=True)}
        model_id = catalog.find(MODEL, library).model_id
        (edited,) = writer.commit([msgspec.structs.replace(first, **values)], model_id)
    recalls = Recalls(1, 0, 0, 0, 0.0)
    change = QueryChange("Rusty", "red", "1", 9, 2, ("2", "1", "never asked"), ("1",))
    report = TeachReport(
        "0" * 16, 1, 1, 20, "unclear", recalls, recalls, 0.0, 0.0, 0.0, 1, 0, 0, recalls, recalls, 0.0, 0.0,
        changes=(change,),
    )  # fmt: skip
    with engine_of(library) as engine:
        lesson = taken(engine, file).lesson
        (library.lessons / lesson / REPORT).write_bytes(msgspec.json.encode(report))
        (now,) = ask(engine, asked.GetReport(lesson)).report.changes
    assert (now.photo, now.after) == (str(edited), (str(edited),))
    assert now.before == ("2", str(edited), "never asked")


def test_a_lesson_is_never_written_over_a_photo(engine: Engine, file: Path, tmp_path: Path) -> None:
    lesson = taken(engine, file).lesson
    photo = tmp_path / "beach.jpg"
    photo.write_bytes(b"\xff\xd8 the only copy")
    link = tmp_path / "link.safetensors"
    link.symlink_to(photo)
    for path in (photo, link):
        said = refusal(engine, asked.ExportLesson(lesson, os.fsencode(path)))
        assert "another kind of file" in said
    assert photo.read_bytes() == b"\xff\xd8 the only copy"
    assert link.is_symlink()


def test_nothing_to_go_back_to(engine: Engine) -> None:
    assert "nothing to go back" in refusal(engine, asked.RollBack())


def test_what_cannot_be_read_is_left_out_and_told_and_searches_go_on(library: Library, file: Path) -> None:
    with engine_of(library) as engine:
        lesson = taken(engine, file).lesson
        ask(engine, asked.UseLesson(lesson))
    (library.lessons / lesson / "lesson.safetensors").write_bytes(b"broken")
    (library.lessons / "notes.txt").touch()
    with engine_of(library) as engine:
        assert ask(engine, asked.GetLessons()).lessons == ()
        heard = Heard()
        engine.subscribe(heard)
        told = heard.until_any(lambda event: isinstance(event, messages.Problem))
        assert any("lesson" in str(event.sentence) for event in told if isinstance(event, messages.Problem))
        search(engine, "Rusty")


def test_everybody_hears_of_a_change(engine: Engine, file: Path) -> None:
    lesson = taken(engine, file).lesson
    heard = Heard()
    engine.subscribe(heard)
    ask(engine, asked.UseLesson(lesson))
    heard.until_any(lambda event: isinstance(event, asked.LessonsChanged))


def test_a_lesson_with_tensors_of_another_size_harms_no_search(
    engine: Engine, library: Library, tmp_path: Path
) -> None:
    path = tmp_path / "forged"
    base = catalog.find(MODEL, library).model_id
    vectors = np.eye(1, 8, dtype=np.float32)
    write_lesson(path, Lesson(base, words=(Word("Rusty", vector=0, weight=1.0),), vectors=vectors))
    lesson = taken(engine, path)
    assert "another model" in refusal(engine, asked.UseLesson(lesson.lesson))
    search(engine, "Rusty")


def test_a_lesson_that_came_with_the_model_gives_way_to_the_librarys(library: Library, file: Path) -> None:
    model = catalog.find(MODEL, library)
    lesson_file(model.path / LESSON, model.model_id, Word("Rusty", "green"), Word("Bella", "blue"))
    with engine_of(library) as engine:
        assert [first(engine, name) for name in ("Rusty", "Bella")] == ["green", "blue"]
        plain = [hit.score for hit in search(engine, "green").hits]
        assert scores(engine) == plain
        ask(engine, asked.UseLesson(taken(engine, file).lesson))
        assert first(engine, "Rusty") == "red"
        assert search(engine, "Bella").learnt == ()
        ask(engine, asked.UseLesson(""))
        assert first(engine, "Bella") == "blue"
