"""What can be done with several photos: the bar below them, the menu of albums, copies in a folder."""

import os
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog, QInputDialog, QToolButton
from pytestqt.qtbot import QtBot

from photosearch.core import search_messages
from photosearch.core.note_messages import ChangeAlbum, CreateAlbum, SetFavourite, SetRating
from photosearch.gui.desktop.export import copy_into
from photosearch.gui.library.places import Place
from photosearch.gui.shell.window import Window
from photosearch.paths import Library
from photosearch.store.writer import Writer
from tests.helpers.fake_engine import FakeEngine, result
from tests.helpers.mouse import send_mouse
from tests.helpers.photos import make_photo
from tests.helpers.shelf import Shelf
from tests.helpers.windows import MakeWindow, shows

CTRL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def ids(shelf: Shelf) -> list[int]:
    """Of five photos, newest first."""
    return shelf.add(5)[::-1]


@pytest.fixture
def window(qtbot: QtBot, ids: list[int], library: Library, make_window: MakeWindow) -> Window:
    with Writer.open(library) as writer:
        writer.create_album("Cats & dogs", ids[:1])
    window = make_window()
    qtbot.waitUntil(shows(window, ids))
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    window.grid.enter()
    return window


@pytest.fixture
def selected(qtbot: QtBot, window: Window, ids: list[int]) -> list[int]:
    """The first three, by the keyboard."""
    for _ in range(2):
        QTest.keyClick(window.grid, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    qtbot.waitUntil(window.selection.isVisible)
    return ids[:3]


def press(window: Window, text: str) -> None:
    QTest.mouseClick(button(window, text), Qt.MouseButton.LeftButton)


def button(window: Window, text: str) -> QToolButton:
    return next(found for found in window.selection.buttons if found.text().rstrip("…") == text)


def order_of(engine: FakeEngine) -> object:
    return engine.orders.get(timeout=5)


@pytest.mark.parametrize("key", [Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter])
def test_its_buttons_are_pressed_by_keys(
    key: Qt.Key, window: Window, selected: list[int], engine: FakeEngine
) -> None:
    heart = button(window, "Favourite")
    heart.setFocus(Qt.FocusReason.TabFocusReason)
    QTest.keyClick(heart, key)
    assert order_of(engine) == SetFavourite(tuple(selected), True)


@pytest.mark.skipif(sys.platform != "linux", reason="other systems ask for the menu themselves")
def test_the_menu_of_what_has_the_keyboard_opens(qtbot: QtBot, window: Window) -> None:
    with qtbot.waitSignal(window.grid.menu_wanted):
        QTest.keyClick(window.grid, Qt.Key.Key_F10, Qt.KeyboardModifier.ShiftModifier)


def test_it_comes_with_the_second_photo_and_goes_with_the_selection(
    qtbot: QtBot, window: Window, selected: list[int]
) -> None:
    assert window.selection.count.text() == "3 photos selected"
    assert window.grid.hasFocus()
    QTest.keyClick(window.grid, Qt.Key.Key_Escape)
    qtbot.waitUntil(window.selection.isHidden)
    window.grid.select_all()
    qtbot.waitUntil(lambda: window.selection.count.text() == "5 photos selected")
    press(window, "Select none")
    qtbot.waitUntil(window.selection.isHidden)


def test_it_waits_for_a_rubber_band_to_end(qtbot: QtBot, window: Window) -> None:
    viewport = window.grid.viewport()
    bottom = QPoint(5, viewport.height() - 5)
    QTest.mousePress(viewport, Qt.MouseButton.LeftButton, pos=bottom)
    send_mouse(viewport, QEvent.Type.MouseMove, QPoint(viewport.width() - 60, 60), held=True)
    qtbot.waitUntil(lambda: len(window.grid.selection) > 1)
    qtbot.wait(300)
    assert window.selection.isHidden()
    QTest.mouseRelease(viewport, Qt.MouseButton.LeftButton, pos=QPoint(200, 60))
    qtbot.waitUntil(window.selection.isVisible)


def test_its_buttons_act_on_all_of_them(
    qtbot: QtBot, window: Window, engine: FakeEngine, selected: list[int]
) -> None:
    press(window, "Favourite")
    assert order_of(engine) == SetFavourite(tuple(selected), True)
    stars = window.selection.stars
    next(action for action in stars.actions() if action.text() == "5 stars").trigger()
    assert order_of(engine) == SetRating(tuple(selected), 5)
    engine.search = lambda _: result(selected)
    press(window, "Find similar photos")
    qtbot.waitUntil(lambda: isinstance(window.search.shown, search_messages.Search))
    assert isinstance(window.search.shown, search_messages.Search)
    assert window.search.shown.liked == tuple(selected)


def test_photos_go_to_an_album_that_is_there_or_a_new_one_by_keys_alone(
    qtbot: QtBot, window: Window, engine: FakeEngine, selected: list[int]
) -> None:
    menu = window.viewer.actions.albums
    QTest.keyClick(window.grid, Qt.Key.Key_A)
    qtbot.waitUntil(menu.isVisible)
    assert [action.text() for action in menu.actions() if action.text()] == ["Cats && dogs", "New album…"]
    QTest.keyClick(menu, Qt.Key.Key_Return)
    assert order_of(engine) == ChangeAlbum(1, tuple(selected))
    QTest.keyClick(window.grid, Qt.Key.Key_A)
    qtbot.waitUntil(menu.isVisible)
    QTest.keyClick(menu, Qt.Key.Key_Down)
    QTest.keyClick(menu, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: window.findChild(QInputDialog) is not None)
    dialog = window.findChild(QInputDialog)
    assert isinstance(dialog, QInputDialog)
    dialog.setTextValue("Norway")
    dialog.accept()
    assert order_of(engine) == CreateAlbum("Norway", tuple(selected))


def test_the_photo_in_view_goes_to_an_album_too(
    qtbot: QtBot, window: Window, engine: FakeEngine, ids: list[int]
) -> None:
    window.viewer.open(ids[3])
    menu = window.viewer.actions.albums
    QTest.keyClick(window.viewer.detail.picture, Qt.Key.Key_A)
    qtbot.waitUntil(menu.isVisible)
    QTest.keyClick(menu, Qt.Key.Key_Return)
    assert order_of(engine) == ChangeAlbum(1, (ids[3],))


def test_photos_of_an_album_can_be_taken_out_there_only(
    qtbot: QtBot, window: Window, selected: list[int]
) -> None:
    texts = [found.text() for found in window.selection.buttons if not found.isHidden()]
    assert "Remove from album" not in texts
    window.library.go(Place("album", 1))
    qtbot.waitUntil(shows(window, selected[:1]))
    assert not button(window, "Remove from album").isHidden()
    qtbot.waitUntil(window.selection.isHidden)  # one photo of it is left in view


@pytest.mark.parametrize("width", [480, 1400])
def test_words_stand_where_there_is_room(
    qtbot: QtBot, window: Window, selected: list[int], width: int
) -> None:
    window.resize(width, 500)
    bar = window.selection
    wordy = Qt.ToolButtonStyle.ToolButtonTextBesideIcon
    qtbot.waitUntil(lambda: (bar.buttons[0].toolButtonStyle() == wordy) == (width > 1000))
    assert all(bar.rect().contains(found.geometry()) for found in bar.buttons if not found.isHidden())
    assert bar.buttons[0].toolTip() == "Favourite (F)"


def test_copies_of_photos_in_a_folder(
    qtbot: QtBot, window: Window, library: Library, ids: list[int], tmp_path: Path
) -> None:
    photos, copies = tmp_path / "photos", tmp_path / "copies"
    for folder in (photos, copies):
        folder.mkdir()
    make_photo(photos / "a.jpg", 1)
    (copies / "a.jpg").write_bytes(b"another")
    with Writer.open(library) as writer:
        folder_id = writer.add_folder(os.fsencode(photos), "").folder_id
        writer.forget([b"/photos/4.jpg"])
        writer.link(folder_id, os.fsencode(photos / "a.jpg"), 1, 1, ids[0])
    window.grid.set_current(ids[0])
    QTest.keyClick(window.grid, Qt.Key.Key_E, CTRL)
    qtbot.waitUntil(lambda: window.findChild(QFileDialog) is not None)
    dialog = window.findChild(QFileDialog)
    assert isinstance(dialog, QFileDialog)
    dialog.fileSelected.emit(os.fspath(copies))
    dialog.reject()
    qtbot.waitUntil(lambda: window.status.text.text() == "1 photo copied to copies")
    assert window.status.offer.text() == "Show"
    assert (copies / "a.jpg").read_bytes() == b"another"
    assert (copies / "a (2).jpg").read_bytes() == (photos / "a.jpg").read_bytes()


def test_a_photo_that_cannot_be_copied_is_named(
    qtbot: QtBot, window: Window, library: Library, ids: list[int], tmp_path: Path
) -> None:
    window.viewer.export.copy_to(tmp_path, ids[:2])
    qtbot.waitUntil(lambda: "could not be copied" in window.status.text.text())
    assert window.status.text.text().endswith(": No such file or directory.")
    with Writer.open(library) as writer:
        writer.set_away(writer.add_folder(b"/photos", "a volume").folder_id, True)
    window.viewer.export.copy_to(tmp_path, ids[:2])
    told = "2 photos were not copied: their folders or drives are not there."
    qtbot.waitUntil(lambda: window.status.text.text() == told)
    assert list(tmp_path.glob("*.jpg")) == []


def test_half_a_copy_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    photo, copies = make_photo(tmp_path / "a.jpg", 1), tmp_path / "copies"
    copies.mkdir()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("photosearch.gui.desktop.export.shutil.copyfileobj", full)
    with pytest.raises(OSError, match="No space"):
        copy_into(copies, photo)
    assert list(copies.iterdir()) == []


def test_it_is_away_while_months_are_looked_at(qtbot: QtBot, window: Window, selected: list[int]) -> None:
    window.grid.overview.zoom(-1)
    qtbot.waitUntil(lambda: window.grid.overview.isVisible() and not window.selection.isVisible())
    window.grid.overview.hide()
    qtbot.waitUntil(window.selection.isVisible)
