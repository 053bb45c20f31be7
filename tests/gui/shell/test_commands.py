"""Keys, the sheet of them, and how the window is remembered."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QByteArray, Qt, QUrl
from PySide6.QtGui import QAction, QDesktopServices
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QScrollArea, QWidget
from pytestqt.qtbot import QtBot

from photosearch.gui import app
from photosearch.gui.desktop.preferences import Preferences
from photosearch.gui.library.places import Place
from photosearch.gui.library.sidebar_tree import SidebarTree
from photosearch.gui.shell.commands import Commands
from photosearch.gui.shell.shortcuts import ShortcutSheet, shortcuts
from photosearch.gui.shell.window import Window
from photosearch.paths import Library
from tests.helpers.fake_engine import FakeEngine
from tests.helpers.shelf import Shelf
from tests.helpers.windows import MakeWindow


def commands_of(window: Window) -> Commands:
    commands = window.findChild(Commands)
    assert isinstance(commands, Commands)
    return commands


def test_the_sheet_names_every_key_there_is(qtbot: QtBot, make_window: MakeWindow) -> None:
    window = make_window()
    told = {text: keys for group in shortcuts(window).values() for keys, text in group}
    assert told["Settings"] == "Ctrl+,"
    assert told["Keyboard shortcuts"].split() == ["?", "F1"]
    with_keys = [
        action
        for widget in (window, *window.findChildren(QWidget))
        for action in widget.actions()
        if not action.shortcut().isEmpty()
    ]
    assert all(action.text() for action in with_keys), "a key without a text is missing from the sheet"
    added = QAction("Dance", window, shortcut="Ctrl+Alt+D")
    window.addAction(added)
    assert any(text == "Dance" for group in shortcuts(window).values() for _, text in group)


def test_a_question_mark_shows_the_sheet_and_the_field_takes_one(
    qtbot: QtBot, make_window: MakeWindow
) -> None:
    window = make_window()
    QTest.keyClicks(window.header.field, "who?")
    assert window.header.field.text() == "who?"
    sheet = commands_of(window).show_shortcuts()
    assert isinstance(sheet, ShortcutSheet) and sheet.isVisible()
    sheet.accept()


def test_home_and_end_lead_through_the_sheet(make_window: MakeWindow) -> None:
    sheet = commands_of(make_window()).show_shortcuts()
    sheet.resize(600, 200)
    (area,) = sheet.findChildren(QScrollArea)
    bar = area.verticalScrollBar()
    assert bar.maximum() > 0
    QTest.keyClick(area, Qt.Key.Key_End)
    assert bar.value() == bar.maximum()
    QTest.keyClick(area, Qt.Key.Key_Home)
    assert bar.value() == 0
    sheet.accept()


@pytest.mark.parametrize("width", [1200, 700])
def test_a_button_brings_the_sidebar_where_it_is_hidden(
    qtbot: QtBot, make_window: MakeWindow, width: int
) -> None:
    window = make_window()
    window.resize(width, 600)
    sidebar, menu = window.library.sidebar, window.header.menu
    qtbot.waitUntil(lambda: sidebar.isVisible() == (width >= 900))
    if width >= 900:
        assert menu.isHidden()
        window.splitter.toggle()
    assert menu.isVisible()
    menu.click()
    assert sidebar.isVisible()
    assert menu.isVisible() == (width < 900)


def test_ctrl_b_hides_the_sidebar(qtbot: QtBot, make_window: MakeWindow) -> None:
    window = make_window()
    qtbot.waitUntil(window.isActiveWindow)
    QTest.keyClick(window.header.field, Qt.Key.Key_B, Qt.KeyboardModifier.ControlModifier)
    assert window.library.sidebar.isHidden()


def test_the_logs_can_be_reached(
    library: Library, make_window: MakeWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []

    def open_url(url: QUrl) -> bool:
        opened.append(url.toLocalFile())
        return True

    monkeypatch.setattr(QDesktopServices, "openUrl", open_url)
    commands_of(make_window()).logs.trigger()
    assert opened == [str(library.logs)]


@pytest.fixture
def again(library: Library, engine: FakeEngine, tmp_path: Path) -> Iterator[Callable[[], Window]]:
    """Start after start of the program."""
    windows: list[Window] = []

    def start() -> Window:
        if windows:
            windows[-1].close()
        preferences = Preferences(tmp_path / "photosearch.ini")
        windows.append(app.build(library, connect=engine.connect, preferences=preferences))
        windows[-1].show()
        return windows[-1]

    yield start
    for window in windows:
        window.close()
        window.deleteLater()


def test_the_window_stands_as_it_stood(qtbot: QtBot, again: Callable[[], Window]) -> None:
    window = again()
    window.resize(760, 640)  # the screen of tests has 800 pixels
    window.splitter.want(False)
    window.grid.set_row_height(240)
    window.header.order.chosen.emit(("date", "day"))
    window.library.orders["days"].choose("oldest")
    window.library.orders["album"].choose("newest")
    window = again()
    assert [button.values for button in window.library.orders.values()] == [("oldest",), ("newest",)]
    assert (window.width(), window.height()) == (760, 640)
    assert not window.splitter.wanted
    assert window.grid.row_height == 240
    assert window.header.order.values == ("relevance", "none"), "that was of one search"


def test_the_sidebar_has_its_width_again_after_a_narrow_window(
    qtbot: QtBot, again: Callable[[], Window]
) -> None:
    window = again()
    window.resize(1200, 640)
    window.splitter.set_sidebar_width(300)
    qtbot.waitUntil(lambda: window.library.sidebar.width() == 300)
    window.resize(480, 640)
    qtbot.waitUntil(lambda: not window.library.sidebar.isVisible())
    again()
    window = again()
    window.resize(1200, 640)
    qtbot.waitUntil(lambda: window.library.sidebar.width() == 300)
    window.splitter.set_sidebar_width(1)
    foot = window.library.sidebar.settings
    qtbot.waitUntil(lambda: window.library.sidebar.width() < 300)
    assert foot.width() >= foot.sizeHint().width()


def test_folders_that_were_open_are_open_again(
    qtbot: QtBot, shelf: Shelf, again: Callable[[], Window]
) -> None:
    shelf.add(2, name=b"inner/%d.jpg")
    shelf.add(2, folder=b"/more", name=b"inner/%d.jpg")
    photos, more = (Place("folder", path=path) for path in (b"/photos", b"/more"))

    def started() -> SidebarTree:
        tree = again().library.sidebar.tree
        qtbot.waitUntil(lambda: tree.item_of(photos) is not None and tree.item_of(more) is not None)
        return tree

    tree = started()
    assert tree.opened == []
    item = tree.item_of(photos)
    assert item is not None
    item.setExpanded(True)
    assert started().opened == started().opened == [photos]


def test_a_damaged_memory_is_no_harm(qtbot: QtBot, again: Callable[[], Window], tmp_path: Path) -> None:
    preferences = Preferences(tmp_path / "photosearch.ini")
    preferences.note_state("geometry", QByteArray(b"\x01\xd9\xd0\xcb nonsense"))
    for name, text in {
        "row_height": "9" * 40,
        "sidebar_width": "-3",
        "order_days": "x",
        "opened": "2f xx",
    }.items():
        preferences.note(name, text)
    preferences.save()
    window = again()
    assert window.isVisible()
    assert window.splitter.wanted


def test_a_folder_that_cannot_be_written_is_no_harm(
    qtbot: QtBot, again: Callable[[], Window], tmp_path: Path
) -> None:
    (tmp_path / "photosearch.ini").mkdir()  # no file can be there
    again()
    again()
    shutil.rmtree(tmp_path / "photosearch.ini")
