"""Albums that fill themselves, in the sidebar and in the window."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QInputDialog, QLabel, QLineEdit, QMenu, QPushButton
from pytestqt.qtbot import QtBot

from photosearch.core import note_messages
from photosearch.core.errors import Sentence
from photosearch.core.query import InLiveAlbum
from photosearch.gui.library.places import Place
from photosearch.gui.library.sidebar_nodes import MAP
from photosearch.gui.library.sidebar_row import Node, node_of
from photosearch.paths import Library
from photosearch.store.reader import Reader
from photosearch.store.rows import LiveAlbum, SavedSearch
from photosearch.store.writer import Writer
from tests.helpers.fake_engine import FakeEngine, result
from tests.helpers.shelf import Shelf
from tests.helpers.windows import MakeWindow, click_row, shows


class Desk:
    """A window on four photos, an album that has two of them, and another saved search."""

    def __init__(
        self, library: Library, shelf: Shelf, engine: FakeEngine, make_window: MakeWindow, qtbot: QtBot
    ) -> None:
        self.library, self.shelf, self.engine, self.qtbot = library, shelf, engine, qtbot
        self.ids = shelf.add(4)
        with Writer.open(library) as writer:
            writer.create_album("Zoo")
            self.place = Place("live", search_id=writer.save_search("Dogs", "two dogs", live=True))
            self.saved = SavedSearch(writer.save_search("Cats", "cats"), "Cats", "cats")
        self.fill(self.ids[:2])
        self.window = make_window()
        self.tree = self.window.library.sidebar.tree
        qtbot.waitUntil(lambda: self.tree.item_of(self.place) is not None)

    @property
    def album(self) -> LiveAlbum:
        with Reader.open(self.library) as reader:
            (album,) = reader.live_albums()
        return album

    def fill(self, ids: list[int], problem: Sentence | None = None) -> None:
        """As the engine does."""
        with Writer.open(self.library) as writer:
            writer.fill_live_album(self.album, np.array(ids, dtype=np.int64), max(self.shelf_ids()))
            if problem:
                writer.note_live_problem(self.album, problem)
        self.engine.tell(note_messages.AlbumsChanged())

    def shelf_ids(self) -> list[int]:
        with Reader.open(self.library) as reader:
            return reader.living().tolist()

    @property
    def node(self) -> Node:
        item = self.tree.item_of(self.place)
        assert item is not None
        return node_of(item)

    def order(self) -> Any:
        return self.engine.orders.get(timeout=5)

    def menu(self, key: object) -> dict[str, QAction]:
        menu = self.window.library.sidebar.menu(key)
        assert menu is not None
        self.opened: QMenu = menu  # as long as its actions are
        return {action.text(): action for action in menu.actions() if not action.isSeparator()}


@pytest.fixture
def desk(library: Library, shelf: Shelf, engine: FakeEngine, make_window: MakeWindow, qtbot: QtBot) -> Desk:
    return Desk(library, shelf, engine, make_window, qtbot)


def test_it_stands_among_the_albums_with_its_count_and_what_is_new(desk: Desk) -> None:
    heading = desk.tree.item_of("albums")
    assert heading is not None
    rows = [node_of(heading.child(row)).name for row in range(heading.childCount())]  # type: ignore[arg-type]
    assert rows == ["Dogs", "Zoo"]
    assert (desk.node.count, desk.node.new, desk.node.tip) == ("2", "", "Fills itself with: two dogs")
    more = desk.shelf.add(1)
    desk.fill(desk.ids[:2] + more)
    desk.qtbot.waitUntil(lambda: desk.node.new == "+1")
    assert desk.node.count == "3" and "1 photo is new since you looked" in desk.node.tip


def test_what_is_new_stands_first_until_one_leaves(desk: Desk) -> None:
    more = desk.shelf.add(1)
    desk.fill(desk.ids[:2] + more)
    desk.qtbot.waitUntil(lambda: desk.node.new == "+1")
    click_row(desk.window, desk.place)
    desk.qtbot.waitUntil(shows(desk.window, [*more, *desk.ids[1::-1]]))
    assert desk.order() == note_messages.LookAtLiveAlbum(desk.place.search_id)
    sections = desk.window.grid.sections
    assert sections[0].heading == "New since you looked" and all(section.day for section in sections[1:])
    assert desk.window.library.title.name == "Dogs"
    with Writer.open(desk.library) as writer:
        writer.look_at_live_album(desk.place.search_id)
    more += desk.shelf.add(1)
    desk.fill(desk.ids[:2] + more)  # another one comes meanwhile
    desk.qtbot.waitUntil(shows(desk.window, [*more[::-1], *desk.ids[1::-1]]))
    desk.qtbot.waitUntil(lambda: desk.node.new == "+1")
    click_row(desk.window, desk.place)  # where one is already
    assert desk.order() == note_messages.LookAtLiveAlbum(desk.place.search_id)
    with Writer.open(desk.library) as writer:
        writer.look_at_live_album(desk.place.search_id)
    desk.engine.tell(note_messages.AlbumsChanged())
    desk.qtbot.waitUntil(lambda: desk.node.new == "")
    with desk.qtbot.waitSignal(desk.window.browsing.read):
        click_row(desk.window, desk.place)
    assert desk.window.grid.sections[0].heading == "New since you looked"
    click_row(desk.window, MAP)
    click_row(desk.window, desk.place)
    desk.qtbot.waitUntil(lambda: desk.window.grid.sections[0].day is not None)


def test_one_searches_in_it(desk: Desk) -> None:
    click_row(desk.window, desk.place)
    desk.engine.search = lambda question: result(desk.ids[:1])
    desk.window.header.field.setText("beach")
    desk.window.search.runner.submit()
    desk.qtbot.waitUntil(shows(desk.window, desk.ids[:1]))
    assert getattr(desk.engine.asked[-1], "within", None) == (InLiveAlbum(desk.place.search_id),)


def test_a_saved_search_is_kept_as_one_and_made_a_search_again(desk: Desk) -> None:
    desk.menu(desk.saved)["Keep as a live album"].trigger()
    assert desk.order() == note_messages.SetLive(desk.saved.search_id, live=True)
    desk.menu(desk.place)["Make it a saved search again"].trigger()
    assert desk.order() == note_messages.SetLive(desk.place.search_id, live=False)
    desk.menu(desk.place)["Delete album"].trigger()
    assert desk.order() == note_messages.DeleteSearch(desk.place.search_id)


def test_one_is_told_of_new_photos_where_one_wants_that(desk: Desk) -> None:
    tell = desk.menu(desk.place)["Tell me of new photos"]
    assert tell.isEnabled() and not tell.isChecked()
    tell.trigger()
    assert desk.order() == note_messages.SetLive(desk.place.search_id, live=True, notifies=True)
    desk.window.library.sidebar.may_tell = lambda: False
    assert not desk.menu(desk.place)["Tell me of new photos (off in the settings)"].isEnabled()


@pytest.mark.parametrize(
    ("entry", "order"),
    [
        ("Rename…", lambda id_: note_messages.RenameSearch(id_, "Ours")),
        ("Keep these photos as an album…", lambda id_: note_messages.FreezeAlbum(id_, "Ours")),
    ],
)
def test_a_name_is_asked_for(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, entry: str, order: Callable[[int], object]
) -> None:
    monkeypatch.setattr(QInputDialog, "open", lambda dialog: (dialog.setTextValue("Ours"), dialog.accept()))
    desk.menu(desk.place)[entry].trigger()
    assert desk.order() == order(desk.place.search_id)


def test_no_album_is_kept_without_a_name(desk: Desk) -> None:
    desk.menu(desk.place)["Keep these photos as an album…"].trigger()
    dialog = desk.window.findChild(QInputDialog)
    assert dialog is not None
    save = next(button for button in dialog.findChildren(QPushButton) if button.text() == "Save")
    assert not save.isEnabled()
    dialog.setTextValue("  ")
    desk.qtbot.keyClick(dialog.findChild(QLineEdit), Qt.Key.Key_Return)
    assert dialog.isVisible() and not save.isEnabled()
    desk.qtbot.keyClicks(dialog.findChild(QLineEdit), "Ours")
    save.click()
    assert desk.order() == note_messages.FreezeAlbum(desk.place.search_id, "Ours")


def test_its_search_is_changed_and_saved_under_its_name(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(QInputDialog, "open", lambda dialog: dialog.accept())
    field = desk.window.header.field
    with desk.qtbot.waitSignal(desk.window.search.told) as told:
        desk.menu(desk.place)["Change its search"].trigger()
    assert field.text() == "two dogs" and "save it by Ctrl+S" in told.args[0]
    field.setText("three dogs")
    desk.window.search.runner.submit()
    desk.qtbot.waitUntil(lambda: getattr(desk.window.search.shown, "text", "") == "three dogs")
    desk.window.search.ask_for_name()
    assert desk.order() == note_messages.SaveSearch("Dogs", "three dogs", live=True)
    desk.window.search.submit("cats")
    desk.qtbot.waitUntil(lambda: getattr(desk.window.search.shown, "text", "") == "cats")
    desk.window.search.ask_for_name()
    assert desk.order() == note_messages.SaveSearch("cats", "cats")


def test_why_it_cannot_be_filled_is_said(desk: Desk) -> None:
    desk.fill(desk.ids[:2], Sentence("There is no album “{name}”.", name="Lake"))
    desk.qtbot.waitUntil(lambda: desk.node.mark == "alert")
    assert desk.node.tip.endswith("There is no album “Lake”.")
    click_row(desk.window, desk.place)
    desk.qtbot.waitUntil(shows(desk.window, desk.ids[1::-1]))
    desk.qtbot.waitUntil(lambda: "There is no album “Lake”." in desk.window.header.count.text())


def test_one_that_has_no_photos_and_cannot_be_filled_says_only_that(desk: Desk) -> None:
    desk.fill([], Sentence("There is no album “{name}”.", name="Lake"))
    desk.qtbot.waitUntil(lambda: desk.node.mark == "alert" and desk.node.count == "")
    click_row(desk.window, desk.place)
    message = desk.window.pages.message
    desk.qtbot.waitUntil(lambda: desk.window.pages.currentWidget() is message)
    said = [label.text() for label in message.findChildren(QLabel) if label.text()]
    assert said == ["This album cannot be filled", "There is no album “Lake”."]
    assert desk.window.header.count.text() == ""


def test_one_that_is_ended_while_it_is_shown_leads_to_all_photos(desk: Desk) -> None:
    click_row(desk.window, desk.place)
    desk.qtbot.waitUntil(shows(desk.window, desk.ids[1::-1]))
    with Writer.open(desk.library) as writer:
        writer.set_live(desk.place.search_id, live=False)
    desk.engine.tell(note_messages.AlbumsChanged())
    desk.qtbot.waitUntil(shows(desk.window, desk.ids[::-1]))
    assert desk.tree.item_of(SavedSearch(desk.place.search_id, "Dogs", "two dogs")) is not None


def test_a_menu_of_an_empty_one_opens_where_it_is_asked_for(desk: Desk) -> None:
    desk.fill([])
    desk.qtbot.waitUntil(lambda: desk.node.count == "")
    click_row(desk.window, desk.place)
    desk.qtbot.waitUntil(lambda: desk.window.pages.currentWidget() is desk.window.pages.message)
    desk.window.library.sidebar.show_menu(desk.place, QPoint(10, 10))
    assert desk.window.library.sidebar.findChild(QMenu) is not None
