"""The sidebar on a real library, and the window that follows it."""

import os
from pathlib import Path
from typing import Any

import msgspec
import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QFocusEvent, QTextDocument
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog, QFileDialog, QInputDialog, QLineEdit, QMenu, QMessageBox, QWidget
from pytestqt.qtbot import QtBot

from photosearch.core import messages
from photosearch.core.errors import Sentence
from photosearch.core.note_messages import (
    AlbumsChanged,
    ChangeAlbum,
    CreateAlbum,
    DeleteAlbum,
    DeleteSearch,
    RenameAlbum,
    RenameSearch,
)
from photosearch.core.tag_messages import AddTag, DenyTag, RemoveTag, RenameTag, RestoreTag, TagsChanged
from photosearch.core.tags import shipped
from photosearch.gui.desktop import files
from photosearch.gui.library.places import ALL, FAVOURITES, Place
from photosearch.gui.library.sidebar_nodes import DUPLICATES
from photosearch.gui.library.sidebar_row import node_of
from photosearch.gui.shell.window import Window
from photosearch.paths import Library
from photosearch.store.rows import Failure, SavedSearch
from photosearch.store.writer import Writer
from tests.helpers.fake_engine import FakeEngine, result
from tests.helpers.shelf import Shelf
from tests.helpers.windows import MakeWindow, click_row, shows

FOLDER = Place("folder", path=b"/photos")


LIBRARY = ["All photos", "Favourites", "Recently added", "Map", "Duplicates"]


@pytest.fixture
def album(library: Library, shelf: Shelf) -> tuple[Place, list[int]]:
    """An album of the first two of six photos."""
    ids = shelf.add(6)
    with Writer.open(library) as writer:
        album_id = writer.create_album("Lake")
        writer.add_to_album(album_id, ids[:2])
    return Place("album", album_id), ids


def names(window: Window) -> list[str]:
    tree = window.library.sidebar.tree
    tops = [tree.topLevelItem(row) for row in range(tree.topLevelItemCount())]
    return [node_of(top.child(row)).name for top in tops if top for row in range(top.childCount())]  # type: ignore[arg-type]


def order_of(engine: FakeEngine) -> Any:
    return engine.orders.get(timeout=5)


def test_it_names_what_the_library_has(
    qtbot: QtBot, library: Library, album: object, make_window: MakeWindow
) -> None:
    with Writer.open(library) as writer:
        writer.save_search("Dogs", "two dogs")
        writer.fail([Failure(1, b"/photos/bad.jpg", "decode", Sentence("the file is truncated"), 1, 1)])
    window = make_window()
    qtbot.waitUntil(lambda: names(window) == [*LIBRARY, "photos", "Lake", "Dogs", "Problems"])


def test_a_click_shows_a_place_and_a_query_leaves_it(
    qtbot: QtBot, engine: FakeEngine, album: tuple[Place, list[int]], make_window: MakeWindow
) -> None:
    place, ids = album
    engine.search = lambda question: result(ids[3:5])
    window = make_window()
    qtbot.waitUntil(lambda: window.library.sidebar.tree.item_of(place) is not None)
    click_row(window, place)
    qtbot.waitUntil(shows(window, ids[:2]))
    window.library.search_chosen.emit("two dogs")
    qtbot.waitUntil(shows(window, ids[3:5]))
    click_row(window, place)  # though it is lit up already
    qtbot.waitUntil(shows(window, ids[:2]))
    assert window.header.field.text() == ""
    click_row(window, FOLDER)
    qtbot.waitUntil(shows(window, ids[::-1]))


def test_the_keyboard_walks_through_it(
    qtbot: QtBot, album: tuple[Place, list[int]], make_window: MakeWindow
) -> None:
    window = make_window()
    tree = window.library.sidebar.tree
    qtbot.waitUntil(lambda: tree.item_of(album[0]) is not None)
    tree.setFocus()
    assert node_of(tree.currentItem()).key == ALL
    QTest.keyClick(tree, Qt.Key.Key_Down)
    assert window.library.place == Place("favourites")
    qtbot.waitUntil(lambda: window.pages.currentWidget() is window.pages.message)  # there are none
    assert window.focusWidget() is tree
    QTest.keyClick(tree, Qt.Key.Key_Down)
    assert window.library.place == Place("recent")
    QTest.keyClick(tree, Qt.Key.Key_Down)
    assert window.pages.currentWidget() is window.library.map and window.focusWidget() is tree
    QTest.keyClick(tree, Qt.Key.Key_Down)
    assert window.pages.currentWidget() is window.library.duplicates and window.focusWidget() is tree
    QTest.keyClick(tree, Qt.Key.Key_Down)  # the heading has a plus
    assert node_of(tree.currentItem()).key == "folders" and tree.chosen_key == DUPLICATES
    QTest.keyClick(tree, Qt.Key.Key_Down)
    assert window.library.place == FOLDER
    QTest.keyClick(tree, Qt.Key.Key_Left)
    QTest.keyClick(tree, Qt.Key.Key_Left)  # a heading would fold
    assert window.library.place == FOLDER and names(window)[5] == "photos"
    QTest.keyClick(tree, Qt.Key.Key_Home)
    assert window.library.place == ALL
    QTest.keyClick(tree, Qt.Key.Key_Up)
    assert window.library.place == ALL and node_of(tree.currentItem()).key == ALL
    QTest.keyClick(tree, Qt.Key.Key_End)
    assert window.library.place == album[0]


def test_what_is_typed_on_a_row_is_searched_for_there(
    qtbot: QtBot, shelf: Shelf, make_window: MakeWindow
) -> None:
    shelf.add(2)
    window = make_window()
    tree = window.library.sidebar.tree
    window.library.go(FAVOURITES)
    tree.setFocus()
    QTest.keyClicks(tree, "d")
    assert window.focusWidget() is window.header.field
    QTest.keyClicks(window.header.field, "og")
    assert (window.header.field.text(), tree.chosen_key) == ("dog", FAVOURITES)


def test_a_menu_leaves_the_ring_as_it_was(make_window: MakeWindow) -> None:
    tree = make_window().library.sidebar.tree
    back = QFocusEvent(QEvent.Type.FocusIn, Qt.FocusReason.PopupFocusReason)
    QTest.keyClick(tree, Qt.Key.Key_Down)
    tree.focusInEvent(back)
    assert tree.ringed
    QTest.mouseClick(tree.viewport(), Qt.MouseButton.LeftButton)
    tree.focusInEvent(back)
    assert not tree.ringed


def test_enter_leads_into_what_a_row_shows(qtbot: QtBot, shelf: Shelf, make_window: MakeWindow) -> None:
    shelf.add(2)
    window = make_window()
    tree = window.library.sidebar.tree
    qtbot.waitUntil(lambda: window.pages.currentWidget() is window.grid)
    tree.setFocus()
    QTest.keyClick(tree, Qt.Key.Key_Return)
    assert window.focusWidget() is window.grid
    window.library.sidebar.page_chosen.emit(DUPLICATES)
    tree.setFocus()
    QTest.keyClick(tree, Qt.Key.Key_Enter)
    assert window.focusWidget() is window.library.duplicates.list


def test_the_mouse_leaves_no_ring_in_it(qtbot: QtBot, make_window: MakeWindow) -> None:
    window = make_window()
    tree = window.library.sidebar.tree
    click_row(window, Place("favourites"))
    assert window.focusWidget() is tree and not tree.ringed
    QTest.keyClick(tree, Qt.Key.Key_Down)
    assert tree.ringed
    click_row(window, Place("favourites"))
    assert not tree.ringed


def test_counts_change_in_place_and_tell_nobody(
    qtbot: QtBot, engine: FakeEngine, shelf: Shelf, make_window: MakeWindow
) -> None:
    shelf.add(3)
    window = make_window()
    tree = window.library.sidebar.tree
    qtbot.waitUntil(lambda: tree.item_of(FOLDER) is not None)
    item = tree.item_of(FOLDER)
    assert item is not None
    chosen: list[object] = []
    tree.chosen.connect(chosen.append)
    shelf.add(2)
    engine.tell(messages.PhotosChanged(5))
    qtbot.waitUntil(lambda: node_of(item).count == "5")
    assert tree.item_of(FOLDER) is item
    assert chosen == []


def test_photos_dropped_on_an_album_are_added_to_it(
    qtbot: QtBot, engine: FakeEngine, album: tuple[Place, list[int]], make_window: MakeWindow
) -> None:
    place, ids = album
    window = make_window()
    qtbot.waitUntil(lambda: window.library.sidebar.tree.item_of(place) is not None)
    qtbot.waitUntil(shows(window, ids[::-1]))
    window.grid.select_all()
    window.library.sidebar.tree.photos_dropped.emit(place)
    assert order_of(engine) == ChangeAlbum(place.album_id, tuple(window.grid.selected_ids.tolist()))


def test_a_folder_inside_another_can_be_left_out(
    qtbot: QtBot, engine: FakeEngine, shelf: Shelf, make_window: MakeWindow
) -> None:
    shelf.add(1, name=b"trip/%d.jpg")
    window = make_window()
    inner = Place("folder", path=b"/photos/trip")
    qtbot.waitUntil(lambda: window.library.sidebar.tree.item_of(FOLDER) is not None)
    menu = window.library.sidebar.menu(inner)
    assert menu is not None
    menu.actions()[-1].trigger()
    assert order_of(engine) == messages.LeaveOut(b"/photos/trip")
    menu.close()


def test_what_can_be_done_with_a_folder(
    qtbot: QtBot, engine: FakeEngine, shelf: Shelf, make_window: MakeWindow
) -> None:
    shelf.add(1)
    window = make_window()
    qtbot.waitUntil(lambda: window.library.sidebar.tree.item_of(FOLDER) is not None)
    menu = window.library.sidebar.menu(FOLDER)
    assert menu is not None
    texts = [action.text() for action in menu.actions() if not action.isSeparator()]
    assert texts == ["Look through again", "Show in file manager", "Rename…", "Remove from library…"]
    menu.actions()[0].trigger()
    assert order_of(engine) == messages.AddFolder(b"/photos")
    menu.actions()[-1].trigger()
    menu.close()
    box = opened(window, QMessageBox)
    assert "stay on the disk" in box.informativeText()
    assert engine.orders.empty()  # nothing before the person says yes
    next(button for button in box.buttons() if button.text() == "Remove").click()
    assert order_of(engine) == messages.RemoveFolder(b"/photos")
    qtbot.waitUntil(lambda: window.status.text.text() == "“photos” is no longer in the library.")
    assert window.status.offer.text() == "Add it again"
    window.status.offer.click()
    assert order_of(engine) == messages.AddFolder(b"/photos")


def test_albums_are_made_renamed_and_deleted(
    qtbot: QtBot, engine: FakeEngine, album: tuple[Place, list[int]], make_window: MakeWindow
) -> None:
    place, _ = album
    window = make_window()
    sidebar = window.library.sidebar
    qtbot.waitUntil(lambda: sidebar.tree.item_of(place) is not None)
    sidebar.tree.plus_clicked.emit("albums")
    answer(window, "  Winter ")
    assert order_of(engine) == CreateAlbum("Winter", ())
    menu = sidebar.menu(place)
    assert menu is not None
    menu.actions()[0].trigger()
    answer(window, "Sea")
    assert order_of(engine) == RenameAlbum(place.album_id, "Sea")
    menu.actions()[1].trigger()
    menu.close()
    assert order_of(engine) == DeleteAlbum(place.album_id)


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Space])
def test_the_keyboard_makes_an_empty_album(
    qtbot: QtBot, engine: FakeEngine, album: tuple[Place, list[int]], make_window: MakeWindow, key: Qt.Key
) -> None:
    window = make_window()
    tree = window.library.sidebar.tree
    qtbot.waitUntil(lambda: tree.item_of(album[0]) is not None and len(window.grid.ids) == 6)
    window.grid.enter()  # a photo is selected, and does not go into it
    tree.setFocus(Qt.FocusReason.TabFocusReason)
    QTest.keyClick(tree, Qt.Key.Key_End)
    QTest.keyClick(tree, Qt.Key.Key_Up)
    assert node_of(tree.currentItem()).key == "albums" and window.library.place == album[0]
    QTest.keyClick(tree, key)
    answer(window, "Winter")
    assert order_of(engine) == CreateAlbum("Winter", ())


def test_a_place_that_is_gone_is_left(
    qtbot: QtBot,
    library: Library,
    engine: FakeEngine,
    album: tuple[Place, list[int]],
    make_window: MakeWindow,
) -> None:
    place, ids = album
    window = make_window()
    qtbot.waitUntil(lambda: window.library.sidebar.tree.item_of(place) is not None)
    window.library.go(place)
    qtbot.waitUntil(shows(window, ids[:2]))
    with Writer.open(library) as writer:
        writer.delete_album(place.album_id)
    engine.tell(AlbumsChanged())
    qtbot.waitUntil(shows(window, ids[::-1]))
    assert window.library.place == ALL


def test_a_right_click_chooses_nothing(
    qtbot: QtBot, album: tuple[Place, list[int]], make_window: MakeWindow
) -> None:
    window = make_window()
    tree = window.library.sidebar.tree
    qtbot.waitUntil(lambda: tree.item_of(album[0]) is not None)
    item = tree.item_of(album[0])
    assert item is not None
    QTest.mousePress(tree.viewport(), Qt.MouseButton.RightButton, pos=tree.visualItemRect(item).center())
    assert window.library.place == ALL
    QTest.mouseClick(tree.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(30, tree.height() - 2))
    assert window.library.place == ALL


def test_it_hides_where_there_is_no_room_and_comes_back(qtbot: QtBot, make_window: MakeWindow) -> None:
    window = make_window()
    sidebar = window.library.sidebar
    assert sidebar.isVisible()
    window.resize(880, 600)
    qtbot.waitUntil(sidebar.isHidden)
    window.splitter.toggle()  # by hand it can be had all the same
    assert sidebar.isVisible()
    window.resize(1200, 600)
    qtbot.waitUntil(sidebar.isVisible)
    window.splitter.toggle()
    window.resize(880, 600)
    window.resize(1200, 600)
    assert sidebar.isHidden()  # the person's wish


def test_busy_and_away_folders_are_marked(
    qtbot: QtBot, library: Library, engine: FakeEngine, shelf: Shelf, make_window: MakeWindow
) -> None:
    shelf.add(1)
    window = make_window()
    tree = window.library.sidebar.tree
    qtbot.waitUntil(lambda: tree.item_of(FOLDER) is not None)
    item = tree.item_of(FOLDER)
    assert item is not None
    engine.tell(messages.JobsChanged((messages.Job(1, (b"/photos",), True),)))
    qtbot.waitUntil(lambda: node_of(item).mark == "refresh")
    engine.tell(messages.JobsChanged(()))
    qtbot.waitUntil(lambda: node_of(item).mark == "")
    why = Sentence("It cannot be watched.")
    engine.tell(messages.FoldersChanged([messages.FolderStatus(b"/photos", 1, "here", why)]))
    qtbot.waitUntil(lambda: node_of(item).tip == "/photos\nIt cannot be watched.")
    with Writer.open(library) as writer:
        writer.set_away(1, True)
    engine.tell(messages.FoldersChanged([messages.FolderStatus(b"/photos", 1, "gone")]))
    qtbot.waitUntil(lambda: node_of(item).mark == "drive-away")
    assert "It is not there any more" in node_of(item).tip


def test_a_folder_that_went_before_the_window_came_is_told_apart_from_a_drive(
    qtbot: QtBot, library: Library, engine: FakeEngine, shelf: Shelf, make_window: MakeWindow
) -> None:
    shelf.add(1)
    with Writer.open(library) as writer:
        writer.set_away(1, True)
    gone = [messages.FolderStatus(b"/photos", 1, "gone")]
    engine.status = msgspec.structs.replace(engine.status, folders=gone)
    window = make_window()
    tree = window.library.sidebar.tree
    qtbot.waitUntil(lambda: tree.item_of(FOLDER) is not None)
    qtbot.waitUntil(lambda: "It is not there any more" in node_of(tree.item_of(FOLDER)).tip)  # type: ignore[arg-type]
    assert window.library.duplicates.list.gone == {b"/photos"}


def test_a_folder_whose_name_is_no_text_is_shown(
    qtbot: QtBot, library: Library, make_window: MakeWindow, tmp_path: Path
) -> None:
    with Writer.open(library) as writer:
        writer.add_folder(b"/caf\xe9 \xff", "v")
    window = make_window()
    qtbot.waitUntil(lambda: "caf\ufffd \ufffd" in names(window))


def test_a_name_in_a_tool_tip_is_no_markup(
    qtbot: QtBot, library: Library, make_window: MakeWindow, tmp_path: Path
) -> None:
    with Writer.open(library) as writer:
        writer.add_folder(b"/<b>bold</b> & more", "v")
    window = make_window()
    tree = window.library.sidebar.tree
    place = Place("folder", path=b"/<b>bold</b> & more")
    qtbot.waitUntil(lambda: tree.item_of(place) is not None)
    item = tree.item_of(place)
    assert item is not None
    shown = QTextDocument()
    shown.setHtml(item.toolTip(0))
    assert shown.toPlainText() == "/<b>bold</b> & more"


def opened(window: Window, kind: type[Any]) -> Any:
    found: list[QWidget] = [box for box in window.findChildren(kind) if box.isVisible()]
    return found[-1]


def answer(window: Window, name: str, wording: str = "") -> None:
    dialog = opened(window, QInputDialog)
    dialog.setTextValue(name)
    for field in dialog.findChildren(QLineEdit)[1:]:
        field.setText(wording)
    dialog.accept()


def test_photos_are_taken_out_of_the_album_one_looks_at(
    qtbot: QtBot, shelf: Shelf, library: Library, engine: FakeEngine, make_window: MakeWindow
) -> None:
    ids = shelf.add(3)
    with Writer.open(library) as writer:
        album_id = writer.create_album("Sea")
        writer.add_to_album(album_id, ids)
    window = make_window()
    qtbot.waitUntil(lambda: len(window.grid.ids) == 3)
    assert not window.library.leave_album.isEnabled()
    window.library.go(Place("album", album_id))
    qtbot.waitUntil(lambda: window.grid.ids.tolist() == ids)
    window.grid.enter()
    window.grid.set_current(ids[1])
    QTest.keyClick(window.grid, Qt.Key.Key_Backspace)
    assert engine.orders.get(timeout=5) == ChangeAlbum(album_id, (ids[1],), "remove")
    window.search.submit("dogs")
    qtbot.waitUntil(lambda: window.search.shown is not None)
    assert not window.library.leave_album.isEnabled()
    window.search.clear()
    qtbot.waitUntil(window.library.leave_album.isEnabled)


def test_what_is_shown_has_its_title_above_it(
    qtbot: QtBot,
    library: Library,
    engine: FakeEngine,
    album: tuple[Place, list[int]],
    make_window: MakeWindow,
) -> None:
    place, ids = album
    with Writer.open(library) as writer:
        writer.save_search("Dogs", "two dogs")
    engine.search = lambda question: result(ids[3:5])
    window = make_window()
    title = window.library.title
    qtbot.waitUntil(lambda: "Dogs" in names(window))
    assert not title.isVisible()
    click_row(window, place)
    qtbot.waitUntil(shows(window, ids[:2]))
    assert title.name == "Lake" and title.menu.isVisible()
    assert window.header.count.text().startswith("2 photos · ")
    click_row(window, Place("favourites"))
    qtbot.waitUntil(lambda: window.pages.currentWidget() is window.pages.message)
    assert title.name == "Favourites" and title.menu.isVisible()
    click_row(window, Place("recent"))
    qtbot.waitUntil(shows(window, ids[::-1]))
    assert title.name == "Recently added" and not title.menu.isVisible()
    window.library.search_chosen.emit("two dogs")
    qtbot.waitUntil(shows(window, ids[3:5]))
    assert title.name == "Dogs" and title.menu.isVisible()
    window.search.submit("two cats")
    qtbot.waitUntil(lambda: not title.isVisible())
    window.search.clear()
    qtbot.waitUntil(title.isVisible)
    assert title.name == "Recently added"
    window.library.go(ALL)
    assert not title.isVisible()


def test_the_menu_of_a_title_is_that_of_its_row_and_follows_a_new_name(
    qtbot: QtBot,
    library: Library,
    engine: FakeEngine,
    album: tuple[Place, list[int]],
    make_window: MakeWindow,
) -> None:
    place, ids = album
    window = make_window()
    qtbot.waitUntil(lambda: "Lake" in names(window))
    window.library.go(place)
    qtbot.waitUntil(shows(window, ids[:2]))
    window.library.title.menu.click()
    menu = opened(window, QMenu)
    texts = [action.text() for action in menu.actions() if not action.isSeparator()]
    assert texts == ["Rename…", "Delete album", "As arranged", "Newest first", "Oldest first"]
    menu.close()
    with Writer.open(library) as writer:
        writer.rename_album(place.album_id, "Sea")
    engine.tell(AlbumsChanged())
    qtbot.waitUntil(lambda: window.library.title.name == "Sea")
    assert window.grid.ids.tolist() == ids[:2]


def test_rows_are_renamed_and_deleted_by_key(
    qtbot: QtBot,
    library: Library,
    engine: FakeEngine,
    album: tuple[Place, list[int]],
    make_window: MakeWindow,
) -> None:
    place, _ = album
    with Writer.open(library) as writer:
        saved = writer.save_search("Dogs", "two dogs")
    window = make_window()
    tree = window.library.sidebar.tree
    qtbot.waitUntil(lambda: "Dogs" in names(window))
    tree.setFocus()
    tree.choose(place)
    QTest.keyClick(tree, Qt.Key.Key_F2)
    answer(window, "Sea")
    assert order_of(engine) == RenameAlbum(place.album_id, "Sea")
    tree.choose(SavedSearch(saved, "Dogs", "two dogs"))
    QTest.keyClick(tree, Qt.Key.Key_F2)
    answer(window, "Puppies")
    assert order_of(engine) == RenameSearch(saved, "Puppies")
    QTest.keyClick(tree, Qt.Key.Key_Delete)
    assert order_of(engine) == DeleteSearch(saved)
    window.library.go(place)
    qtbot.waitUntil(lambda: window.library.title.name != "")
    tree.setFocus()
    QTest.keyClick(tree, Qt.Key.Key_Return)
    QTest.keyClick(window.grid, Qt.Key.Key_F2)
    answer(window, "Lake")
    assert order_of(engine) == RenameAlbum(place.album_id, "Lake")
    window.library.go(ALL)
    QTest.keyClick(window.grid, Qt.Key.Key_F2)
    tree.setFocus()
    for key in (Qt.Key.Key_F2, Qt.Key.Key_Delete):  # all photos are neither renamed nor deleted
        QTest.keyClick(tree, key)
    assert all(dialog.isHidden() for dialog in window.findChildren(QDialog)) and engine.orders.empty()


@pytest.mark.parametrize("path", [b"/photos", b"/photos/2023"], ids=["added", "inside"])
def test_who_would_rename_a_folder_is_led_to_where_it_has_its_name(
    qtbot: QtBot,
    shelf: Shelf,
    make_window: MakeWindow,
    monkeypatch: pytest.MonkeyPatch,
    path: bytes,
) -> None:
    shelf.add(1, name=b"2023/%d.jpg")
    shown: list[bytes] = []
    monkeypatch.setattr(files, "reveal", shown.append)
    window = make_window()
    tree = window.library.sidebar.tree
    qtbot.waitUntil(lambda: tree.item_of(Place("folder", path=path)) is not None)
    tree.setFocus()
    tree.choose(Place("folder", path=path))
    QTest.keyClick(tree, Qt.Key.Key_F2)
    box = opened(window, QMessageBox)
    assert "PhotoSearch changes nothing there." in box.informativeText()
    next(button for button in box.buttons() if button.text() == "Show in file manager").click()
    assert shown == [path]


def test_photos_are_sorted_as_one_chose(
    qtbot: QtBot,
    library: Library,
    engine: FakeEngine,
    album: tuple[Place, list[int]],
    make_window: MakeWindow,
) -> None:
    place, ids = album
    with Writer.open(library) as writer:
        writer.order_album(place.album_id, ids[1::-1])
    window = make_window()
    days, own = window.library.orders["days"], window.library.orders["album"]
    qtbot.waitUntil(shows(window, ids[::-1]))
    assert days.isVisible() and days.text() == "Newest first"
    days.choose("oldest")
    qtbot.waitUntil(shows(window, ids))
    window.library.go(place)
    qtbot.waitUntil(shows(window, ids[1::-1]))
    assert own.isVisible() and own.text() == "As arranged" and not days.isVisible()
    window.library.title.menu.click()
    menu = opened(window, QMenu)
    next(action for action in menu.actions() if action.text() == "Oldest first").trigger()
    menu.close()
    qtbot.waitUntil(shows(window, ids[:2]))
    assert window.grid.sections[0].day
    own.choose("newest")
    qtbot.waitUntil(lambda: window.grid.ids.tolist() == ids[1::-1] and len(window.grid.sections) > 0)
    window.library.go(Place("recent"))
    qtbot.waitUntil(lambda: len(window.grid.ids) == 6)
    assert not own.isVisible() and not days.isVisible()
    window.library.go(ALL)
    qtbot.waitUntil(shows(window, ids))
    engine.search = lambda question: result(ids[3:5])
    window.search.submit("dogs")
    qtbot.waitUntil(shows(window, ids[3:5]))
    assert window.header.order.isVisible() and not days.isVisible()


def test_the_engine_is_told_of_a_place_that_is_opened_so_that_it_is_read_first(
    qtbot: QtBot, engine: FakeEngine, shelf: Shelf, make_window: MakeWindow
) -> None:
    shelf.add(1)
    window = make_window()
    window.library.go(FOLDER)
    window.library.go(ALL)
    qtbot.waitUntil(lambda: bool(engine.looked_at))
    assert engine.looked_at == [messages.LookAt(FOLDER.filters)]


def test_a_folder_that_is_gone_is_told_where_it_is(
    qtbot: QtBot,
    library: Library,
    engine: FakeEngine,
    shelf: Shelf,
    make_window: MakeWindow,
    tmp_path: Path,
) -> None:
    shelf.add(1)
    with Writer.open(library) as writer:
        writer.set_away(1, True)
    window = make_window()
    qtbot.waitUntil(lambda: window.library.sidebar.tree.item_of(FOLDER) is not None)
    window.library.sidebar.show_status([messages.FolderStatus(b"/photos", 1, "gone")])
    window.library.go(FOLDER)
    menu = window.library.sidebar.menu(FOLDER)
    assert menu is not None
    offered = [action for action in menu.actions() if not action.isSeparator()]
    assert [action.text() for action in offered] == ["It is elsewhere now…", "Remove from library…"]
    offered[0].trigger()
    menu.close()
    dialog = opened(window, QFileDialog)
    assert "photos" in dialog.windowTitle()
    assert dialog.directory().path() == "/"  # the nearest that is there
    dialog.fileSelected.emit(str(tmp_path))
    assert order_of(engine) == messages.RelocateFolder(b"/photos", os.fsencode(tmp_path))
    qtbot.waitUntil(lambda: window.status.text.text() == f"“photos” is {tmp_path} now.")
    assert window.library.place == Place("folder", path=os.fsencode(tmp_path))
    dialog.close()


def test_a_sidebar_that_was_called_goes_once_it_has_led_somewhere(
    qtbot: QtBot, shelf: Shelf, make_window: MakeWindow
) -> None:
    ids = shelf.add(2)
    window = make_window()
    sidebar, tree = window.library.sidebar, window.library.sidebar.tree
    qtbot.waitUntil(shows(window, ids[::-1]))
    window.resize(480, 600)
    qtbot.waitUntil(sidebar.isHidden)
    window.splitter.toggle()
    tree.setFocus()
    QTest.keyClick(tree, Qt.Key.Key_Down)
    assert sidebar.isVisible() and window.library.place == FAVOURITES
    QTest.keyClick(tree, Qt.Key.Key_Return)
    assert sidebar.isHidden()
    window.splitter.toggle()
    click_row(window, ALL)
    assert sidebar.isHidden() and window.library.place == ALL
    window.splitter.toggle()
    window.step_back()
    assert sidebar.isHidden()
    window.resize(1200, 600)
    qtbot.waitUntil(sidebar.isVisible)
    click_row(window, FAVOURITES)
    assert sidebar.isVisible()


def test_the_keyboard_goes_on_to_the_photos_from_a_sidebar_that_hides(
    qtbot: QtBot, shelf: Shelf, make_window: MakeWindow
) -> None:
    ids = shelf.add(2)
    window = make_window()
    qtbot.waitUntil(shows(window, ids[::-1]))
    window.library.sidebar.tree.setFocus()
    window.splitter.toggle()
    assert window.focusWidget() is window.grid
    assert window.search.suggestions.isHidden()
    assert not len(window.grid.selected_ids)


def test_arrows_lead_through_the_buttons_below_the_tree(qtbot: QtBot, make_window: MakeWindow) -> None:
    window = make_window()
    sidebar = window.library.sidebar
    teach, settings, help_ = sidebar.teach, sidebar.settings, sidebar.help
    up, down, right = Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Right
    for begin, key, end in (
        (teach, down, settings),
        (settings, down, settings),
        (settings, right, help_),
        (help_, right, help_),
        (help_, up, teach),
        (teach, up, sidebar.tree),
    ):
        begin.setFocus()
        QTest.keyClick(begin, key)
        assert window.focusWidget() is end
    help_.setFocus()
    with qtbot.waitSignal(help_.clicked):  # its menu opens
        QTest.keyClick(help_, down)


@pytest.fixture
def tagged(library: Library, shelf: Shelf) -> list[int]:
    """Three photos: of dogs, of dogs in the snow, and of a dozen other things."""
    ids = shelf.add(3)
    others = [tag.name for tag in shipped() if tag.name not in ("dog", "snow")][:12]
    with Writer.open(library) as writer:
        writer.keep_tags([(ids[0], ["dog"]), (ids[1], ["dog", "snow"]), (ids[2], ["snow", *others])], 7)
        writer.keep_tags([(ids[2], ["dog", "snow", *others])], 8)
    return ids


def test_things_stand_with_their_photos_the_commonest_first_and_more_below_a_click(
    qtbot: QtBot, tagged: list[int], make_window: MakeWindow
) -> None:
    window = make_window()
    tree = window.library.sidebar.tree
    qtbot.waitUntil(lambda: "More" in names(window))
    shown = names(window)[names(window).index("dog") :]
    assert (shown[:2], len(shown)) == (["dog", "snow"], 9)
    more = tree.item_of("more tags")
    assert more is not None and not more.isExpanded()
    assert [node_of(more.child(row)).name for row in range(more.childCount())] == sorted(
        node_of(more.child(row)).name for row in range(more.childCount())
    )
    click_row(window, "more tags")
    assert more.isExpanded()
    assert tree.chosen_key == ALL
    click_row(window, Place("tag", tag="snow"))
    qtbot.waitUntil(lambda: window.grid.ids.tolist() == [tagged[2], tagged[1]])
    assert window.library.title.name == "snow"


def test_what_is_wrong_there_goes_by_a_key(
    qtbot: QtBot, tagged: list[int], engine: FakeEngine, make_window: MakeWindow
) -> None:
    window = make_window()
    qtbot.waitUntil(lambda: "dog" in names(window))
    window.library.go(Place("tag", tag="dog"))
    qtbot.waitUntil(lambda: len(window.grid.ids) == 3)
    assert window.library.leave_album.text() == "This is not “dog”"
    window.grid.enter()
    window.grid.set_current(tagged[1])
    QTest.keyClick(window.grid, Qt.Key.Key_Backspace)
    assert engine.orders.get(timeout=5) == DenyTag((tagged[1],), "dog")


def test_tags_come_onto_the_list_go_off_it_and_come_back(
    qtbot: QtBot, library: Library, tagged: list[int], engine: FakeEngine, make_window: MakeWindow
) -> None:
    with Writer.open(library) as writer:
        writer.remove_tag("snow")
        writer.add_tag("Rusty")
        writer.add_tag("a tent")  # that no photo shows can be reworded
        writer.keep_tags([(tagged[0], ["Rusty"])], 9)
    window = make_window()
    sidebar = window.library.sidebar
    rusty = Place("tag", tag="Rusty")
    qtbot.waitUntil(lambda: sidebar.tree.item_of(rusty) is not None)
    assert "snow" not in names(window)
    more, tent = (sidebar.tree.item_of(key) for key in ("more tags", Place("tag", tag="a tent")))
    assert more and tent and tent.parent() is more
    for key, says, order in (
        (rusty, "Delete this tag", RemoveTag("Rusty")),
        (Place("tag", tag="dog"), "Do not look for this", RemoveTag("dog")),
        ("tags", "Look for “snow” again", RestoreTag("snow")),
    ):
        menu = sidebar.menu(key)
        assert menu
        (action,) = (action for action in menu.actions() if action.text() == says)
        action.trigger()
        assert engine.orders.get(timeout=5) == order
    sidebar.tree.plus_clicked.emit("tags")
    answer(window, "Sofa", "red sofa; red couch")
    assert engine.orders.get(timeout=5) == AddTag("Sofa", ("red sofa", "red couch"))
    menu = sidebar.menu(rusty)
    assert menu
    change, _ = menu.actions()
    assert change.text().startswith("Rename")
    change.trigger()
    answer(window, "Max", "a brown dog")
    both = [RenameTag("Rusty", "Max"), AddTag("Max", ("a brown dog",))]
    qtbot.waitUntil(lambda: list(engine.orders.queue) == both)
    engine.orders.queue.clear()
    change.trigger()
    answer(window, "Rusty", "a brown dog; a dog with a red collar")
    assert engine.orders.get(timeout=5) == AddTag("Rusty", ("a brown dog", "a dog with a red collar"))
    with Writer.open(library) as writer:
        writer.restore_tag("snow")
    engine.tell(TagsChanged())
    qtbot.waitUntil(lambda: "snow" in names(window))
