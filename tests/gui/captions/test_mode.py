import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from photosearch.core import note_messages
from photosearch.core import teaching_messages as teaching
from photosearch.gui.captions.mode import CaptionMode
from photosearch.gui.shell.window import Window
from photosearch.gui.teach.teach_controller import TeachController
from photosearch.paths import Library
from photosearch.store.writer import Writer
from tests.helpers.fake_engine import FakeEngine
from tests.helpers.shelf import Shelf
from tests.helpers.windows import MakeWindow


@pytest.fixture
def ids(shelf: Shelf, library: Library) -> list[int]:
    """Six photos; the first has a caption."""
    ids = shelf.add(6)
    with Writer.open(library) as writer:
        writer.set_caption(ids[0], "Rusty at Clover Meadow")
    return ids


@pytest.fixture
def window(qtbot: QtBot, make_window: MakeWindow, ids: list[int]) -> Window:
    window = make_window()
    qtbot.waitUntil(lambda: len(window.grid.ids) == len(ids))
    return window


def mode_of(window: Window) -> CaptionMode:
    teach = window.findChild(TeachController)
    assert teach is not None
    return teach.captions


def begin(qtbot: QtBot, window: Window, ids: list[int]) -> CaptionMode:
    mode = mode_of(window)
    mode.start(ids)
    qtbot.waitUntil(lambda: not mode.picture.image.isNull())
    return mode


def press(mode: CaptionMode, key: Qt.Key, modifier: Qt.KeyboardModifier | None = None) -> None:
    QTest.keyClick(mode.line, key, modifier or Qt.KeyboardModifier.NoModifier)


def test_enter_saves_and_goes_on_and_the_arrow_goes_back(
    qtbot: QtBot, window: Window, engine: FakeEngine, ids: list[int]
) -> None:
    mode = begin(qtbot, window, ids[1:4])
    assert mode.progress.text() == "1 of 3"
    QTest.keyClicks(mode.line, "Bella sleeps")
    press(mode, Qt.Key.Key_Return)
    assert engine.orders.get(timeout=5) == note_messages.SetCaption((ids[1],), "Bella sleeps", "")
    assert (mode.photo_id, mode.line.text(), mode.progress.text()) == (ids[2], "", "2 of 3")
    press(mode, Qt.Key.Key_Up)
    assert (mode.photo_id, mode.line.text()) == (ids[1], "Bella sleeps")
    press(mode, Qt.Key.Key_Return)  # nothing was changed, nothing is saved
    press(mode, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    assert mode.photo_id == ids[1]
    assert engine.orders.empty()


def test_whoever_is_faster_than_the_disk_loses_no_caption(
    qtbot: QtBot, window: Window, engine: FakeEngine, ids: list[int]
) -> None:
    mode = mode_of(window)
    mode.start(ids[1:])
    for text in ("Bella sleeps", "", "Bella wakes"):  # no event is heeded meanwhile
        QTest.keyClicks(mode.line, text)
        press(mode, Qt.Key.Key_Return)
    assert mode.photo_id == ids[4]
    assert engine.orders.get(timeout=5) == note_messages.SetCaption((ids[1],), "Bella sleeps")
    assert engine.orders.get(timeout=5) == note_messages.SetCaption((ids[3],), "Bella wakes")
    qtbot.wait(50)
    assert engine.orders.empty()


def test_what_is_there_already_can_be_changed_or_taken_away(
    qtbot: QtBot, window: Window, engine: FakeEngine, ids: list[int]
) -> None:
    mode = begin(qtbot, window, ids)
    qtbot.waitUntil(lambda: mode.line.text() == "Rusty at Clover Meadow")
    mode.line.clear()
    press(mode, Qt.Key.Key_Return)
    assert engine.orders.get(timeout=5) == note_messages.SetCaption((ids[0],), "", "Rusty at Clover Meadow")


def test_tab_completes_from_earlier_captions_and_again_takes_the_next(
    qtbot: QtBot, window: Window, library: Library, ids: list[int]
) -> None:
    with Writer.open(library) as writer:
        writer.set_caption(ids[1], "Rusty at Pelican Cove")
        writer.set_caption(ids[2], "Bella at Pelican Cove")
        writer.set_caption(ids[3], "Bella at Clover Meadow")
    mode = begin(qtbot, window, ids[4:])
    qtbot.waitUntil(lambda: bool(mode.line.vocabulary.complete("Bella at ")))
    QTest.keyClicks(mode.line, "Biscuit at ")
    assert {completion.shown for completion in mode.line.completions} == {"Clover Meadow", "Pelican Cove"}
    press(mode, Qt.Key.Key_Tab)
    first = mode.line.text()
    press(mode, Qt.Key.Key_Tab)
    assert {first, mode.line.text()} == {"Biscuit at Clover Meadow", "Biscuit at Pelican Cove"}
    press(mode, Qt.Key.Key_Return)
    assert mode.photo_id == ids[5]


def test_without_a_completion_tab_goes_on_to_the_button(qtbot: QtBot, window: Window, ids: list[int]) -> None:
    mode = begin(qtbot, window, ids[1:])
    press(mode, Qt.Key.Key_Tab)
    assert mode.window().focusWidget() is mode.done


def test_escape_saves_what_stands_there_and_leaves(
    qtbot: QtBot, window: Window, engine: FakeEngine, ids: list[int]
) -> None:
    mode = begin(qtbot, window, ids[1:])
    QTest.keyClicks(mode.line, "Bella")
    press(mode, Qt.Key.Key_Escape)
    assert mode.isHidden()
    assert engine.orders.get(timeout=5) == note_messages.SetCaption((ids[1],), "Bella", "")
    assert window.focusWidget() is window.grid


def test_after_the_last_photo_it_says_how_many_and_leads_on(
    qtbot: QtBot, window: Window, engine: FakeEngine, ids: list[int]
) -> None:
    mode = begin(qtbot, window, ids[1:2])
    QTest.keyClicks(mode.line, "Bella")
    press(mode, Qt.Key.Key_Return)
    assert mode.end.isVisible()
    assert window.focusWidget() is mode.end.teach
    mode.end.teach.click()
    teach = window.findChild(TeachController)
    assert teach is not None
    assert teach.dialog.isVisible()
    teach.dialog.close()


def test_a_refused_caption_is_told_over_the_photo(
    qtbot: QtBot, window: Window, engine: FakeEngine, ids: list[int]
) -> None:
    mode = begin(qtbot, window, ids[1:])
    engine.refusal = "The disk is full."
    QTest.keyClicks(mode.line, "Bella")
    press(mode, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: mode.note.text.text() == "The disk is full.")


def test_a_refused_caption_can_be_saved_again(
    qtbot: QtBot, window: Window, engine: FakeEngine, ids: list[int]
) -> None:
    mode = begin(qtbot, window, ids[1:3])
    engine.refusal = "The disk is full."
    QTest.keyClicks(mode.line, "Bella")
    press(mode, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: mode.note.text.text() == "The disk is full.")
    engine.refusal = None
    engine.orders.get(timeout=5)
    press(mode, Qt.Key.Key_Up)
    assert mode.line.text() == "Bella"
    press(mode, Qt.Key.Key_Return)
    assert engine.orders.get(timeout=5) == note_messages.SetCaption((ids[1],), "Bella")


def test_it_begins_with_the_selection_else_with_what_has_no_caption(
    qtbot: QtBot, window: Window, ids: list[int]
) -> None:
    mode = mode_of(window)
    window.grid.setFocus()
    window.grid.set_current(ids[2])
    QTest.keyClick(window.grid, Qt.Key.Key_C, Qt.KeyboardModifier.ShiftModifier)
    qtbot.waitUntil(mode.isVisible)
    assert mode.ids == [ids[2], ids[1], ids[5], ids[4], ids[3]]  # from where one is, round to it
    mode.leave()
    window.grid.select_all()
    QTest.keyClick(window.grid, Qt.Key.Key_C, Qt.KeyboardModifier.ShiftModifier)
    qtbot.waitUntil(mode.isVisible)
    assert len(mode.ids) == 6


def test_photos_that_help_most_come_first_from_the_teaching_window(
    qtbot: QtBot, window: Window, engine: FakeEngine, ids: list[int]
) -> None:
    teach = window.findChild(TeachController)
    assert teach is not None
    engine.replies[teaching.GetReadiness] = teaching.Readiness(1, 1, "no", 19, (), (ids[4], ids[2]))
    teach.open.trigger()
    qtbot.waitUntil(lambda: teach.client.readiness is not None)
    teach.dialog.before.more.click()
    qtbot.waitUntil(teach.captions.isVisible)
    assert teach.captions.ids == [ids[4], ids[2]]
    assert teach.dialog.isHidden()
