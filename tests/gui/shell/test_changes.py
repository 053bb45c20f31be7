"""What the person changed is said as it happens, and taken back by one key."""

import os
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu, QWidget
from pytestqt.qtbot import QtBot

from photosearch.core import messages
from photosearch.core.errors import Sentence
from photosearch.core.history_messages import (
    Change,
    HistoryChanged,
    RecordTrash,
    Redo,
    TrashedFile,
    Turned,
    Undo,
)
from photosearch.gui.desktop import language
from photosearch.gui.desktop.trash_journal import TrashJournal, left_behind
from photosearch.gui.shell.window import Window
from photosearch.gui.viewer.zoom import Size
from photosearch.paths import Library
from tests.helpers.fake_engine import FakeEngine
from tests.helpers.shelf import Shelf
from tests.helpers.windows import MakeWindow, shows

STARS = Change(
    4,
    Sentence("{stars} for {photos}", stars=Sentence("{n} stars", n=5), photos=Sentence("{n:,} photos", n=51)),
)
HEARTS = Change(3, Sentence("{photos} added to Favourites", photos=Sentence("{n:,} photo", n=1)))
SAID = "5 stars for 51 photos"


@pytest.fixture
def window(qtbot: QtBot, shelf: Shelf, make_window: MakeWindow) -> Window:
    ids = shelf.add(3)
    window = make_window()
    qtbot.waitUntil(shows(window, ids[::-1]))
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    return window


def line(window: Window) -> tuple[str, str]:
    """What the window's line says, and its button."""
    return window.status.text.text(), window.status.offer.text() if window.status.offer.isVisible() else ""


def test_a_change_is_said_with_its_undo(qtbot: QtBot, engine: FakeEngine, window: Window) -> None:
    engine.tell(HistoryChanged(undo=HEARTS))
    engine.tell(HistoryChanged(undo=STARS))
    qtbot.waitUntil(lambda: line(window) == (SAID, "Undo"))
    engine.replies[Undo] = Turned(STARS)
    QTest.mouseClick(window.status.offer, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: line(window) == (f"Undone: {SAID}", "Redo"))
    assert engine.orders.get(timeout=5) == Undo(STARS.change_id)
    engine.replies[Redo] = Turned(STARS)
    QTest.mouseClick(window.status.offer, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: line(window) == (f"Redone: {SAID}", "Undo"))
    assert engine.orders.get(timeout=5) == Redo(STARS.change_id)


@pytest.mark.parametrize("shown_large", [False, True])
def test_a_line_goes_once_its_undo_would_take_back_another_change(
    qtbot: QtBot, engine: FakeEngine, window: Window, shown_large: bool
) -> None:
    def said() -> str:
        note = window.viewer.detail.note
        if shown_large:
            return note.text.text() if note.button.isVisible() else ""
        return line(window)[0]

    engine.tell(HistoryChanged(undo=HEARTS))
    qtbot.waitUntil(window.changes.undo.isEnabled)
    if shown_large:
        window.viewer.open(int(window.grid.ids[0]))
    engine.tell(HistoryChanged(undo=STARS))
    qtbot.waitUntil(lambda: said() == SAID)
    engine.tell(HistoryChanged(undo=HEARTS, redo=STARS))  # undone from the shell
    qtbot.waitUntil(lambda: said() == "")
    engine.replies[Redo] = Turned(STARS)
    window.changes.redo.trigger()
    qtbot.waitUntil(lambda: said() == f"Redone: {SAID}")
    engine.tell(HistoryChanged(undo=STARS))
    qtbot.waitUntil(lambda: not window.changes.redo.isEnabled())
    assert said() == f"Redone: {SAID}"
    engine.tell(HistoryChanged(undo=HEARTS, redo=STARS))
    qtbot.waitUntil(lambda: said() == "")
    engine.replies[Undo] = Turned(HEARTS)
    window.changes.undo.trigger()
    qtbot.waitUntil(lambda: said().startswith("Undone: "))
    engine.tell(HistoryChanged(undo=STARS))  # both made again
    qtbot.waitUntil(lambda: said() == "")


def test_a_line_of_something_else_stays_when_a_change_is_undone_elsewhere(
    qtbot: QtBot, engine: FakeEngine, window: Window
) -> None:
    engine.tell(HistoryChanged(undo=HEARTS))
    engine.tell(HistoryChanged(undo=STARS))
    qtbot.waitUntil(lambda: line(window) == (SAID, "Undo"))
    window.status.show_message("Copied.")
    engine.tell(HistoryChanged(undo=HEARTS, redo=STARS))
    qtbot.waitUntil(window.changes.redo.isEnabled)
    assert line(window)[0] == "Copied."


def test_what_was_done_before_the_window_came_is_not_said_but_can_be_undone(
    qtbot: QtBot, engine: FakeEngine, window: Window
) -> None:
    assert not window.changes.undo.isEnabled()
    engine.tell(HistoryChanged(undo=HEARTS, redo=STARS))
    qtbot.waitUntil(window.changes.undo.isEnabled)
    assert line(window)[0] == ""
    assert window.changes.undo.text() == "Undo: 1 photo added to Favourites"
    assert window.changes.redo.text() == f"Redo: {SAID}"
    engine.tell(HistoryChanged(undo=STARS))  # done again, in another window
    qtbot.waitUntil(lambda: not window.changes.redo.isEnabled())
    assert line(window)[0] == ""


def edited(photos: int, change_id: int = 5) -> HistoryChanged:
    counted = Sentence("{n:,} photo" if photos == 1 else "{n:,} photos", n=photos)
    says = Sentence("{photos} edited by another program, notes kept", photos=counted)
    return HistoryChanged(undo=Change(change_id, says, by_itself=True))


def test_what_came_about_by_itself_is_said_once_also_from_before_the_window_came(
    qtbot: QtBot, engine: FakeEngine, window: Window
) -> None:
    engine.tell(edited(1))
    qtbot.waitUntil(lambda: line(window) == ("1 photo edited by another program, notes kept", "Undo"))
    engine.tell(edited(1200))  # more of them followed
    qtbot.waitUntil(lambda: line(window) == ("1,200 photos edited by another program, notes kept", "Undo"))
    window.status.show_message("")
    engine.tell(HistoryChanged(undo=HEARTS, redo=edited(1200).undo))
    engine.tell(edited(1200))  # made again
    qtbot.waitUntil(lambda: window.changes.redo.text() == "Redo")
    assert line(window)[0] == ""


def test_what_came_about_while_nobody_looked_is_said_when_somebody_does(
    qtbot: QtBot, engine: FakeEngine, window: Window
) -> None:
    other = QWidget()
    qtbot.addWidget(other)
    other.show()
    other.activateWindow()
    qtbot.waitUntil(other.isActiveWindow)
    engine.tell(edited(3))
    qtbot.waitUntil(window.changes.undo.isEnabled)
    assert line(window)[0] == ""
    window.activateWindow()
    qtbot.waitUntil(lambda: line(window) == ("3 photos edited by another program, notes kept", "Undo"))


@pytest.mark.parametrize(
    ("key", "order"),
    [
        (Qt.KeyboardModifier.ControlModifier, Undo),
        (Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier, Redo),
    ],
)
def test_keys(
    qtbot: QtBot, engine: FakeEngine, window: Window, key: Qt.KeyboardModifier, order: type[Undo | Redo]
) -> None:
    engine.replies[order] = Turned(STARS, kept=2)
    engine.tell(HistoryChanged(undo=HEARTS, redo=STARS))
    qtbot.waitUntil(window.changes.undo.isEnabled)
    window.grid.setFocus()
    QTest.keyClick(window.grid, Qt.Key.Key_Z, key)
    assert engine.orders.get(timeout=5) == order()
    qtbot.waitUntil(lambda: line(window)[0].endswith("– 2 were changed again since and stay as they are."))
    window.viewer.open(int(window.grid.ids[0]))
    QTest.keyClick(window.viewer.detail.picture, Qt.Key.Key_Z, key)
    assert engine.orders.get(timeout=5) == order()
    qtbot.waitUntil(lambda: SAID in window.viewer.detail.note.text.text())


def test_a_turn_of_the_view_is_undone_before_what_was_changed_earlier(
    qtbot: QtBot, engine: FakeEngine, window: Window
) -> None:
    def press(key: Qt.Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> Size:
        QTest.keyClick(picture, key, modifiers)
        return picture.zoom.photo

    undo, redo = window.changes.undo, window.changes.redo
    picture = window.viewer.detail.picture
    control = Qt.KeyboardModifier.ControlModifier
    engine.tell(HistoryChanged(undo=HEARTS))
    qtbot.waitUntil(undo.isEnabled)
    window.viewer.open(int(window.grid.ids[0]))
    qtbot.waitUntil(lambda: picture.zoom.photo != Size(1, 1))
    picture.show_photo(picture.image, 80, 60)
    upright = picture.zoom.photo
    turned = press(Qt.Key.Key_R)
    assert turned != upright
    assert undo.text() == "Undo: view turned"
    assert press(Qt.Key.Key_Z, control) == upright
    assert (undo.text(), redo.text()) == ("Undo: 1 photo added to Favourites", "Redo: view turned")
    assert press(Qt.Key.Key_Y, control) == turned
    assert engine.orders.empty()
    engine.tell(HistoryChanged(undo=STARS))  # and what was changed later is undone before it
    qtbot.waitUntil(lambda: undo.text() == f"Undo: {SAID}")
    engine.replies[Undo] = Turned(STARS)
    assert press(Qt.Key.Key_Z, control) == turned
    assert engine.orders.get(timeout=5) == Undo()
    engine.tell(HistoryChanged(undo=HEARTS, redo=STARS))
    qtbot.waitUntil(lambda: undo.text() == "Undo: view turned")
    press(Qt.Key.Key_Right)
    assert undo.text() == "Undo: 1 photo added to Favourites"
    press(Qt.Key.Key_R)
    window.viewer.close_detail()
    assert undo.text() == "Undo: 1 photo added to Favourites"


def test_a_change_made_in_the_detail_view_is_said_there_with_its_undo(
    qtbot: QtBot, engine: FakeEngine, window: Window
) -> None:
    engine.tell(HistoryChanged(undo=HEARTS))
    qtbot.waitUntil(window.changes.undo.isEnabled)
    window.viewer.open(int(window.grid.ids[0]))
    note = window.viewer.detail.note
    engine.tell(HistoryChanged(undo=STARS))
    qtbot.waitUntil(lambda: (note.text.text(), note.button.text()) == (SAID, "Undo"))
    engine.replies[Undo] = Turned(STARS)
    QTest.mouseClick(note.button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: note.button.isVisible() and note.button.text() == "Redo")
    assert engine.orders.get(timeout=5) == Undo(STARS.change_id)
    assert window.focusWidget() is window.viewer.detail.picture
    window.viewer.detail.remark("Something else is wrong.")
    assert not note.button.isVisible()


def test_photos_in_the_trash_are_put_back_by_the_window(
    qtbot: QtBot, engine: FakeEngine, window: Window, tmp_path: Path
) -> None:
    (tmp_path / "bin.jpg").write_bytes(b"a dog")
    file = TrashedFile(os.fsencode(tmp_path / "dog.jpg"), os.fsencode(tmp_path / "bin.jpg"))
    gone = Change(9, Sentence("{photos} moved to the trash", photos=Sentence("{n:,} photo", n=1)))
    engine.replies[Undo] = engine.replies[Redo] = Turned(gone, files=(file,))
    window.changes.undo.setEnabled(True)
    window.changes.undo.trigger()
    qtbot.waitUntil((tmp_path / "dog.jpg").exists)
    qtbot.waitUntil(lambda: list(engine.orders.queue) == [Undo(), messages.Rescan()])
    window.changes.redo.setEnabled(True)
    with qtbot.waitSignal(window.changes.trash_wanted) as wanted:
        window.changes.redo.trigger()
    assert wanted.args is not None and wanted.args[:2] == [9, (file,)]


def test_what_cannot_be_put_back_is_not_said_to_be_undone(
    qtbot: QtBot, engine: FakeEngine, window: Window, tmp_path: Path
) -> None:
    lying, taken = tmp_path / "bin.jpg", tmp_path / "dog.jpg"
    for file in lying, taken:
        file.touch()
    trashed = TrashedFile(os.fsencode(taken), os.fsencode(lying))
    gone = Change(9, Sentence("{photos} moved to the trash", photos=Sentence("{n:,} photo", n=1)))
    engine.replies[Undo] = Turned(gone, files=(trashed,))
    window.changes.undo.setEnabled(True)
    window.changes.undo.trigger()
    qtbot.waitUntil(lambda: "dog.jpg was not put back: File exists" in line(window)[0])
    qtbot.waitUntil(lambda: list(engine.orders.queue) == [Undo(), RecordTrash((trashed,), 1, 9)])


def test_what_a_killed_window_moved_to_the_trash_is_told_once(
    qtbot: QtBot, engine: FakeEngine, library: Library, make_window: MakeWindow, tmp_path: Path
) -> None:
    paths = [os.fsencode(tmp_path / name) for name in ("dog.jpg", "lies.jpg")]
    for path in paths:
        Path(os.fsdecode(path)).touch()
    going = TrashJournal.new(library.trashing)
    going.noting(lambda path: paths[1])(paths[0])
    make_window()
    files = (TrashedFile(*paths),)
    qtbot.waitUntil(lambda: list(engine.orders.queue) == [RecordTrash(files, 0)])
    qtbot.waitUntil(lambda: not left_behind(library.trashing))


def test_the_menu_names_what_would_be_undone_and_follows_the_language(
    qtbot: QtBot, engine: FakeEngine, window: Window
) -> None:
    def texts() -> list[str]:
        menu = window.viewer.actions.menu()
        found = [action.text() for action in menu.actions() if not action.isSeparator()]
        menu.deleteLater()
        return found

    assert texts() == []  # nothing selected, nothing done
    engine.tell(HistoryChanged(undo=STARS))
    qtbot.waitUntil(window.changes.undo.isEnabled)
    assert texts() == [f"Undo: {SAID}"]
    language.change("zh_CN")
    assert texts() == ["撤销：5 星（51 张照片）"]


def test_an_empty_menu_is_not_shown(window: Window) -> None:
    window.viewer.actions.on_window = ()
    window.grid.menu_wanted.emit(window.mapToGlobal(window.rect().center()))
    assert not [menu for menu in window.grid.findChildren(QMenu) if menu.isVisible()]


def test_undo_is_the_windows_where_nothing_was_typed(
    qtbot: QtBot, engine: FakeEngine, window: Window
) -> None:
    engine.tell(HistoryChanged(undo=STARS))
    qtbot.waitUntil(window.changes.undo.isEnabled)
    engine.replies[Undo] = Turned(STARS)
    field = window.header.field
    field.setFocus()
    QTest.keyClicks(field, "two")
    QTest.keyClick(field, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert field.text() == "" and engine.orders.empty()
    QTest.keyClick(field, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert engine.orders.get(timeout=5) == Undo()
