from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMessageBox, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from photosearch import i18n
from photosearch.core import messages, note_messages
from photosearch.core import teaching_messages as teaching
from photosearch.core.errors import Sentence
from photosearch.core.teaching import (
    CurvePoint,
    LearntUse,
    LearntWord,
    LessonInfo,
    Phase,
    QueryChange,
    Recalls,
    TeachingState,
    TeachProgress,
    TeachReport,
    Verdict,
    Word,
)
from photosearch.gui.desktop import language
from photosearch.gui.shell.window import Window
from photosearch.gui.teach import teach_controller
from photosearch.gui.teach.dialog import TeachDialog
from photosearch.gui.teach.teach_controller import OFFERED_FROM, TeachController
from photosearch.paths import Library
from photosearch.store.writer import Writer
from tests.helpers.fake_engine import FakeEngine, result
from tests.helpers.shelf import Shelf
from tests.helpers.shown_words import shown_words

RUSTY = Word("Rusty", "brown dog", captions=9, choices=("dog", "fox"))
READY = teaching.Readiness(60, 60, "few", 40, ("Rusty", "Clover Meadow"), (1,))


def report(verdict: Verdict = "better") -> TeachReport:
    change = QueryChange("Rusty runs", "brown dog runs", "1", 12, 2, ("1",), ("1",))
    return TeachReport(
        base="model",
        captions=60,
        photos=60,
        gallery=100,
        verdict=verdict,
        before=Recalls(60, 5, 16, 31, 0.2),
        after=Recalls(60, 18, 30, 42, 0.4),
        gain=0.1,
        gain_low=0.05,
        gain_high=0.15,
        improved=12,
        worsened=1,
        unchanged=47,
        general_before=Recalls(50, 20, 40, 48, 0.5),
        general_after=Recalls(50, 20, 40, 47, 0.5),
        general_low=-0.04,
        general_high=0.02,
        words=(LearntWord("Rusty", "brown dog", "phrase", 9, 0.2, ("dog",)),),
        changes=(change,),
        skipped=(Sentence("{captions} empty caption(s) were left out.", captions=2),),
    )


def info(
    lesson: str, *, in_use: bool = False, verdict: Verdict | None = "better", fits: bool = True
) -> LessonInfo:
    return LessonInfo(lesson, f"Lesson {lesson}", 1e9, 60, verdict, in_use, fits)


def have(engine: FakeEngine, *lessons: LessonInfo) -> None:
    engine.replies[teaching.GetLessons] = teaching.LessonList(lessons, True)


@pytest.fixture
def window(
    qtbot: QtBot,
    shelf: Shelf,
    engine: FakeEngine,
    make_window: Callable[[], Window],
    monkeypatch: pytest.MonkeyPatch,
) -> Window:
    """On three photos; it offers to teach at once."""
    monkeypatch.setattr(teach_controller, "OFFER_MS", 0)
    shelf.add(3)
    engine.status = messages.Status(
        "model", True, "cpu", "float32", 3, 3, 0, [], messages.Progress("idle"), True
    )
    engine.replies[teaching.GetReadiness] = READY
    window = make_window()
    qtbot.waitUntil(lambda: len(window.grid.ids) == 3)
    return window


@pytest.fixture
def teach(qtbot: QtBot, window: Window) -> TeachController:
    found = window.findChild(TeachController)
    assert found is not None
    qtbot.waitUntil(lambda: found.client.here)
    return found


@pytest.fixture
def dialog(qtbot: QtBot, teach: TeachController) -> TeachDialog:
    teach.open.trigger()
    qtbot.waitUntil(lambda: teach.client.readiness is not None)
    return teach.dialog


def tell(engine: FakeEngine, phase: Phase, **more: object) -> None:
    engine.tell(teaching.TeachingChanged(TeachingState(phase, **more)))  # type: ignore[arg-type]


def page(dialog: TeachDialog) -> QWidget | None:
    return dialog.learn_pages.currentWidget()


def learn(qtbot: QtBot, engine: FakeEngine, dialog: TeachDialog, verdict: Verdict, *, in_use: bool) -> None:
    """Go through a teaching to its report."""
    engine.replies[teaching.GetReport] = teaching.LessonReport(report(verdict))
    have(engine, info("a", in_use=in_use, verdict=verdict))
    engine.replies[teaching.GetWords] = teaching.Words((RUSTY,) if in_use else ())
    tell(engine, "running")
    qtbot.waitUntil(lambda: page(dialog) is dialog.running)
    tell(engine, "done", lesson="a", verdict=verdict)
    qtbot.waitUntil(lambda: page(dialog) is dialog.report)
    qtbot.waitUntil(lambda: len(dialog.client.lessons) == 1)
    while not engine.orders.empty():
        engine.orders.get()


# --- before


def test_the_checklist_says_what_there_is_and_starts(
    qtbot: QtBot, engine: FakeEngine, dialog: TeachDialog
) -> None:
    before = dialog.before
    qtbot.waitUntil(lambda: before.captions.name.text() == "60 photos have captions")
    assert "40 more" in before.captions.text.text()
    assert before.names.text.text() == "Rusty, Clover Meadow"
    assert "never learns from these" in before.test.text.text()
    QTest.keyClick(before.start, Qt.Key.Key_Return)
    assert engine.orders.get(timeout=5) == teaching.StartTeaching()


def test_with_too_few_captions_it_cannot_start_and_offers_more(
    qtbot: QtBot, engine: FakeEngine, teach: TeachController
) -> None:
    engine.replies[teaching.GetReadiness] = teaching.Readiness(3, 3, "no", 17, (), ())
    teach.open.trigger()
    before = teach.dialog.before
    qtbot.waitUntil(lambda: before.captions.text.text().startswith("17 more photos need a caption"))
    assert not before.start.isEnabled()
    engine.tell(note_messages.NotesChanged((1,)))  # captions are written meanwhile
    engine.replies[teaching.GetReadiness] = READY
    qtbot.waitUntil(before.start.isEnabled)


def test_a_library_without_photos_asks_for_a_folder(
    qtbot: QtBot, engine: FakeEngine, make_window: Callable[[], Window]
) -> None:
    teach = make_window().findChild(TeachController)
    assert teach is not None
    teach.open.trigger()
    qtbot.waitUntil(lambda: teach.dialog.before.captions.name.text() == "There are no photos yet")
    assert not teach.dialog.before.start.isEnabled()
    teach.dialog.folder_wanted.disconnect()  # a dialog of the system's would open
    with qtbot.waitSignal(teach.dialog.folder_wanted):
        teach.dialog.before.more.click()


def test_captions_are_imported_and_what_came_of_them_is_told(
    qtbot: QtBot, engine: FakeEngine, dialog: TeachDialog, tmp_path: Path
) -> None:
    engine.replies[note_messages.ImportCaptions] = note_messages.CaptionsImported(
        5, 2, 1, 0, (Sentence("Row 7 has no photo."),), 5, "csv"
    )
    file = str(tmp_path / "été.csv")
    dialog.files.import_captions(file)
    assert engine.orders.get(timeout=5) == note_messages.ImportCaptions(file.encode())
    qtbot.waitUntil(lambda: dialog.before.remark.text.text().startswith("5 captions were taken in."))
    said = dialog.before.remark.text.text()
    assert "2 were known already." in said and "1 is of a photo that is not in the library." in said
    assert said.endswith("Row 7 has no photo.")


def test_a_refusal_is_told_where_one_looks(qtbot: QtBot, engine: FakeEngine, dialog: TeachDialog) -> None:
    engine.refusal = "It learns already."
    dialog.before.start.click()
    qtbot.waitUntil(lambda: dialog.before.remark.text.text() == "It learns already.")
    engine.refusal = None


# --- running


def test_while_it_learns_the_curve_grows_and_it_can_be_stopped(
    qtbot: QtBot, engine: FakeEngine, dialog: TeachDialog
) -> None:
    running = dialog.running
    tell(engine, "running", progress=TeachProgress("words", 0, 0, 40.0))
    qtbot.waitUntil(lambda: page(dialog) is running)
    assert running.where.text() == "Finding the words that are yours  ·  about 40 seconds left"
    assert not running.keep.isEnabled()  # there is nothing to keep yet
    tell(engine, "running", progress=TeachProgress("adapter", 1, 9), curve=(CurvePoint(0, 1.0, 0.5, 0.7),))
    qtbot.waitUntil(running.keep.isEnabled)
    running.keep.click()
    assert engine.orders.get(timeout=5) == teaching.StopTeaching(True)
    assert running.where.text() == "Stopping…"
    assert not running.cancel.isEnabled()


def test_cancelled_it_says_that_nothing_changed(
    qtbot: QtBot, engine: FakeEngine, dialog: TeachDialog
) -> None:
    tell(engine, "running")
    qtbot.waitUntil(lambda: page(dialog) is dialog.running)
    dialog.running.cancel.click()
    assert engine.orders.get(timeout=5) == teaching.StopTeaching(False)
    tell(engine, "cancelled")
    qtbot.waitUntil(lambda: page(dialog) is dialog.before)
    assert dialog.before.remark.text.text() == "Learning was stopped. Nothing has changed."


def test_failed_it_says_why_and_can_be_started_again(
    qtbot: QtBot, engine: FakeEngine, dialog: TeachDialog
) -> None:
    tell(engine, "running")
    qtbot.waitUntil(lambda: page(dialog) is dialog.running)
    tell(engine, "failed", sentence=Sentence("The disk is full."))
    qtbot.waitUntil(lambda: page(dialog) is dialog.before)
    assert dialog.before.remark.text.text() == "The disk is full."
    assert dialog.before.start.isEnabled()


def test_an_engine_that_goes_and_comes_back_is_told_and_followed(
    qtbot: QtBot, engine: FakeEngine, window: Window, dialog: TeachDialog
) -> None:
    tell(engine, "running")
    qtbot.waitUntil(lambda: page(dialog) is dialog.running)
    engine.unreachable = "The search engine could not start."
    engine.die()
    qtbot.waitUntil(lambda: dialog.running.remark.isVisible())
    assert not dialog.running.cancel.isEnabled()
    engine.unreachable = None
    window.status.retry.click()
    qtbot.waitUntil(dialog.running.cancel.isEnabled)
    tell(engine, "idle")
    qtbot.waitUntil(lambda: page(dialog) is dialog.before)


def test_closed_meanwhile_the_line_at_the_foot_goes_on_and_leads_to_the_report(
    qtbot: QtBot, engine: FakeEngine, teach: TeachController, dialog: TeachDialog
) -> None:
    tell(engine, "running", progress=TeachProgress("checking"))
    qtbot.waitUntil(lambda: page(dialog) is dialog.running)
    assert teach.bar.isHidden()
    dialog.close()
    assert "Checking on the set-aside captions" in teach.bar.text.text()
    assert teach.bar.isVisible()
    engine.replies[teaching.GetReport] = teaching.LessonReport(report())
    have(engine, info("a", in_use=True))
    tell(engine, "done", lesson="a", verdict="better")
    qtbot.waitUntil(lambda: teach.bar.text.text() == "Your words were learnt: Better")
    teach.bar.go.click()
    qtbot.waitUntil(lambda: dialog.isVisible() and page(dialog) is dialog.report)
    assert teach.bar.isHidden()


def test_what_was_learnt_while_no_window_was_there_is_told_once(
    qtbot: QtBot, engine: FakeEngine, teach: TeachController
) -> None:
    engine.replies[teaching.GetReport] = teaching.LessonReport(report())
    tell(engine, "done", lesson="a", verdict="better")
    qtbot.waitUntil(teach.bar.isVisible)
    teach.open.trigger()
    qtbot.waitUntil(lambda: page(teach.dialog) is teach.dialog.report)
    teach.dialog.close()
    assert teach.bar.isHidden()


# --- the report


def test_the_report_says_it_in_words_and_in_counts(
    qtbot: QtBot, engine: FakeEngine, dialog: TeachDialog
) -> None:
    learn(qtbot, engine, dialog, "better", in_use=True)
    shown = dialog.report
    assert shown.verdict.text() == "Better"
    assert shown.counts.text() == "Improved 12  ·  Worse 1  ·  Unchanged 47"
    assert shown.general.text() == "Ordinary searches, not yours: 48 → 47 of 50"
    assert list(shown.words.boxes) == ["Rusty"]
    assert shown.skipped.text() == "2 empty caption(s) were left out."
    language.change("zh_CN")
    assert shown.skipped.text() == "有 2 条空白说明，未计入。"


@pytest.mark.parametrize(
    ("verdict", "in_use", "main", "other", "does"),
    [
        ("better", False, "Use it", "Keep the old one", teaching.UseLesson("a")),
        ("better", True, "Keep using it", "Switch back", None),
        ("unclear", False, "Keep the old one", "Use it all the same", None),
        ("worse", False, "Keep the old one", "Use it all the same", None),
        ("too_few", False, "Keep the old one", "Use it all the same", None),
    ],
)
def test_the_default_follows_the_verdict(
    qtbot: QtBot,
    engine: FakeEngine,
    dialog: TeachDialog,
    verdict: Verdict,
    in_use: bool,
    main: str,
    other: str,
    does: messages.AnyRequest | None,
) -> None:
    learn(qtbot, engine, dialog, verdict, in_use=in_use)
    shown = dialog.report
    qtbot.waitUntil(lambda: shown.main.text() == main)
    assert shown.other.text() == other
    assert shown.main.isDefault()
    assert shown.dots.isHidden() == (verdict == "too_few")
    QTest.keyClick(shown.main, Qt.Key.Key_Return)
    if does is not None:
        assert engine.orders.get(timeout=5) == does
    else:
        assert dialog.isHidden()


def test_a_report_that_comes_late_turns_no_page(
    qtbot: QtBot, engine: FakeEngine, dialog: TeachDialog
) -> None:
    learn(qtbot, engine, dialog, "worse", in_use=False)
    engine.may_answer.clear()
    dialog.show_report()
    dialog.report.again.click()
    engine.may_answer.set()
    dialog.before.start.click()  # orders are answered in turn
    while engine.orders.get(timeout=5) != teaching.StartTeaching():
        pass
    qtbot.wait(20)
    assert page(dialog) is dialog.before


def test_what_was_learnt_can_be_used_all_the_same_and_left_again(
    qtbot: QtBot, engine: FakeEngine, dialog: TeachDialog
) -> None:
    learn(qtbot, engine, dialog, "worse", in_use=False)
    have(engine, info("a", in_use=True, verdict="worse"))
    dialog.report.other.click()
    assert engine.orders.get(timeout=5) == teaching.UseLesson("a")
    qtbot.waitUntil(lambda: dialog.report.other.text() == "Switch back")
    dialog.report.other.click()
    assert engine.orders.get(timeout=5) == teaching.RollBack()


def test_a_word_changed_in_the_report_stays_changed(
    qtbot: QtBot, engine: FakeEngine, dialog: TeachDialog
) -> None:
    learn(qtbot, engine, dialog, "better", in_use=True)
    engine.replies[teaching.GetWords] = teaching.Words((Word("Rusty", "fox", edited=True),))
    engine.replies[teaching.GetLessons] = teaching.LessonList(
        (LessonInfo("b", "Lesson a", 2e9, 60, None, True, True, edited=True), info("a")), True
    )
    box = dialog.report.words.boxes["Rusty"]
    box.setCurrentIndex(2)
    box.activated.emit(2)
    assert engine.orders.get(timeout=5) == teaching.SetWord("Rusty", "fox")
    qtbot.waitUntil(lambda: dialog.report.words.boxes["Rusty"].phrase == "fox")
    assert dialog.report.main.text() == "Keep using it"  # the lesson is in use, with a change
    dialog.report.words.removers["Rusty"].click()
    assert engine.orders.get(timeout=5) == teaching.RemoveWord("Rusty")


# --- versions and words


def test_versions_say_which_is_in_use_and_change_it(
    qtbot: QtBot, engine: FakeEngine, teach: TeachController
) -> None:
    engine.replies[teaching.GetLessons] = teaching.LessonList(
        (info("c", in_use=True), info("b", verdict=None), info("a", fits=False)), True
    )
    teach.open.trigger()
    versions = teach.dialog.versions
    qtbot.waitUntil(lambda: len(versions.rows) == 4)
    assert [row.use.isEnabled() for row in versions.rows] == [False, True, False, True]
    for row, order in ((1, teaching.UseLesson("b")), (3, teaching.UseLesson(""))):
        versions.rows[row].use.click()
        assert engine.orders.get(timeout=5) == order
        qtbot.waitUntil(versions.back.isEnabled)  # until it is done, nothing else can be wanted
    versions.back.click()
    assert not versions.back.isEnabled()
    assert engine.orders.get(timeout=5) == teaching.RollBack()
    menu = versions.menu(info("b"))
    assert [action.text() for action in menu.actions()] == [
        "Show the report",
        "Rename…",
        "Export…",
        "Delete…",
    ]
    menu.close()


def test_a_version_is_deleted_only_after_a_yes(qtbot: QtBot, engine: FakeEngine, dialog: TeachDialog) -> None:
    dialog.files.ask_to_delete(info("b"))
    box = dialog.findChild(QMessageBox)
    assert box is not None
    yes = next(button for button in box.findChildren(QPushButton) if button.text() == "Delete")
    assert not yes.isDefault()
    yes.click()
    assert engine.orders.get(timeout=5) == teaching.DeleteLesson("b")


def test_lessons_go_out_and_come_in_as_files(qtbot: QtBot, engine: FakeEngine, dialog: TeachDialog) -> None:
    chooser = dialog.files.choose_export(LessonInfo("b", "a/b: *?", 0.0, 1, None, False, True))
    assert chooser.selectedFiles()[0].endswith("a b.lesson.safetensors")
    chooser.fileSelected.emit("/tmp/x.safetensors")
    assert engine.orders.get(timeout=5) == teaching.ExportLesson("b", b"/tmp/x.safetensors")
    chooser.close()
    dialog.client.import_lesson("/tmp/x.safetensors")
    assert engine.orders.get(timeout=5) == teaching.ImportLesson(b"/tmp/x.safetensors")


def test_a_lesson_without_a_report_says_so(qtbot: QtBot, engine: FakeEngine, dialog: TeachDialog) -> None:
    dialog.show_tab(2)
    engine.refusal = "It has none."
    dialog.versions.report_wanted.emit(info("b"))
    qtbot.waitUntil(lambda: dialog.before.remark.text.text() == "This one came without a report.")
    engine.refusal = None


def test_words_are_added_by_hand(qtbot: QtBot, engine: FakeEngine, dialog: TeachDialog) -> None:
    dialog.show_tab(1)
    QTest.keyClicks(dialog.words.add.name, "Mabel")
    QTest.keyClicks(dialog.words.add.phrase, "old woman")
    QTest.keyClick(dialog.words.add.phrase, Qt.Key.Key_Return)
    assert engine.orders.get(timeout=5) == teaching.SetWord("Mabel", "old woman")
    assert dialog.isVisible()


# --- in the window


def test_words_in_a_search_are_chips_that_can_be_changed(
    qtbot: QtBot, engine: FakeEngine, window: Window, teach: TeachController
) -> None:
    use = LearntUse("Rusty", "brown dog", (0, 5))
    engine.replies[teaching.GetWords] = teaching.Words((RUSTY,))
    found = result(window.grid.ids.tolist(), query="Rusty")
    engine.search = lambda question: msgspec.structs.replace(found, learnt=(use, use))
    window.header.field.setText("Rusty")
    QTest.keyClick(window.header.field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: len(window.header.chips.chips) == 1)
    chip = window.header.chips.chips[0]
    assert chip.accessibleName() == "Rusty = brown dog"
    assert engine.orders.get(timeout=5) == note_messages.RememberSearch("Rusty")
    QTest.keyClick(chip, Qt.Key.Key_Return)
    qtbot.waitUntil(teach.popover.isVisible)
    QTest.keyClick(teach.popover.box.line, Qt.Key.Key_Escape)
    assert teach.popover.isHidden() and engine.orders.empty()
    QTest.mouseClick(chip, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(teach.popover.isVisible)
    teach.popover.box.line.selectAll()
    QTest.keyClicks(teach.popover.box.line, "fox")
    QTest.keyClick(teach.popover.box.line, Qt.Key.Key_Return)
    assert engine.orders.get(timeout=5) == teaching.SetWord("Rusty", "fox")
    assert teach.popover.isHidden()
    asked = len(engine.asked)
    engine.tell(teaching.LessonsChanged())
    qtbot.waitUntil(lambda: len(engine.asked) > asked)


def test_a_words_popover_takes_no_keyboard_from_the_photos(
    qtbot: QtBot, engine: FakeEngine, window: Window, teach: TeachController
) -> None:
    found = result(window.grid.ids.tolist(), query="Rusty")
    engine.search = lambda question: msgspec.structs.replace(
        found, learnt=(LearntUse("Rusty", "brown dog", (0, 5)),)
    )
    window.header.field.setText("Rusty")
    QTest.keyClick(window.header.field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: len(window.header.chips.chips) == 1)
    engine.may_answer.clear()
    QTest.keyClick(window.header.chips.chips[0], Qt.Key.Key_Return)
    window.grid.enter()
    engine.may_answer.set()
    window.add_folder("/photos")  # orders are answered in turn
    while not isinstance(engine.orders.get(timeout=5), messages.AddFolder):
        pass
    qtbot.wait(20)
    assert teach.popover.isHidden()
    assert window.focusWidget() is window.grid


def test_a_changed_word_goes_back_to_what_was_learnt(
    qtbot: QtBot, engine: FakeEngine, window: Window, teach: TeachController
) -> None:
    teach.popover.open_at(Word("Rusty", "fox", edited=True, choices=("brown dog",)), window.header)
    assert teach.popover.reset.text() == "Back to “brown dog”"
    teach.popover.reset.click()
    assert engine.orders.get(timeout=5) == teaching.SetWord("Rusty", "brown dog")
    teach.popover.open_at(RUSTY, window.header)
    teach.popover.reset.click()
    assert engine.orders.get(timeout=5) == teaching.RemoveWord("Rusty")


def test_why_it_failed_is_told_to_who_looks_later(
    qtbot: QtBot, engine: FakeEngine, teach: TeachController
) -> None:
    tell(engine, "running")
    qtbot.waitUntil(teach.bar.isVisible)
    tell(engine, "failed", sentence=Sentence("{file} holds no photos.", file="gallery"))
    qtbot.waitUntil(lambda: teach.bar.text.text() == "gallery holds no photos.")
    teach.bar.go.click()
    assert teach.dialog.before.remark.text.text() == "gallery holds no photos."
    language.change("zh_CN")
    assert teach.dialog.before.remark.text.text() == "gallery 中没有照片。"


def test_teaching_is_offered_once_after_some_captions(
    qtbot: QtBot, engine: FakeEngine, shelf: Shelf, library: Library, teach: TeachController
) -> None:
    ids = shelf.add(OFFERED_FROM)
    with Writer.open(library) as writer:
        for photo_id in ids:
            writer.set_caption(photo_id, "Rusty runs")
    engine.tell(note_messages.NotesChanged(tuple(ids)))
    qtbot.waitUntil(teach.bar.isVisible)
    assert teach.bar.text.text().startswith(f"You have written {OFFERED_FROM} captions")
    QTest.mouseClick(teach.bar.away, Qt.MouseButton.LeftButton)
    assert teach.bar.isHidden()
    engine.tell(note_messages.NotesChanged(tuple(ids)))
    engine.tell(teaching.LessonsChanged())
    qtbot.wait(50)
    assert teach.bar.isHidden()


def test_no_english_stays_in_the_teaching_window(
    qtbot: QtBot, engine: FakeEngine, dialog: TeachDialog
) -> None:
    learn(qtbot, engine, dialog, "better", in_use=True)
    english = set(i18n.load("zh_CN"))
    assert shown_words(dialog) & english
    language.change("zh_CN")
    assert shown_words(dialog) & english == set()
    language.change("en")
