"""Where one searches is what the sidebar shows."""

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QCheckBox, QInputDialog, QLabel
from pytestqt.qtbot import QtBot

from photosearch.core import search_messages
from photosearch.core.errors import Sentence
from photosearch.core.history_messages import Change, HistoryChanged
from photosearch.core.messages import PhotosChanged
from photosearch.core.note_messages import AlbumsChanged, SaveSearch
from photosearch.core.photo import Confidence
from photosearch.core.query import Favourite, InAlbum, InFolder
from photosearch.core.search_messages import Suggestion, Suggestions
from photosearch.gui.library.places import ALL, Place
from photosearch.paths import Library
from photosearch.search.query import parse
from photosearch.store.rows import SavedSearch
from photosearch.store.writer import Writer
from tests.helpers.fake_engine import FakeEngine, result
from tests.helpers.shelf import Shelf
from tests.helpers.windows import MakeWindow, click_row, shows

FAVOURITES, FOLDER = Place("favourites"), Place("folder", path=b"/photos")


class Desk:
    """A window on six photos: an album of two, one favourite, a saved search; the engine finds the others."""

    def __init__(
        self, library: Library, shelf: Shelf, engine: FakeEngine, make_window: MakeWindow, qtbot: QtBot
    ) -> None:
        self.library, self.engine, self.qtbot = library, engine, qtbot
        self.ids = shelf.add(6)
        shelf.favourite(self.ids[:1])
        with Writer.open(library) as writer:
            self.album = Place("album", writer.create_album("Lake"))
            writer.add_to_album(self.album.album_id, self.ids[:2])
            self.saved = SavedSearch(writer.save_search("Dogs", "two dogs"), "Dogs", "two dogs")
        engine.search = lambda question: result(self.ids[2:])
        self.window = window = make_window()
        self.field, self.tree = window.header.field, window.library.sidebar.tree
        qtbot.waitUntil(lambda: self.tree.item_of(self.saved) is not None)

    def go(self, row: object) -> None:
        click_row(self.window, row)

    def search(self, text: str) -> None:
        self.field.setText(text)
        QTest.keyClick(self.field, Qt.Key.Key_Return)
        self.shows_answer()

    def shows_answer(self) -> None:
        self.qtbot.waitUntil(lambda: self.window.search.shown == self.window.search.runner.question)

    def step_back(self) -> None:
        QTest.keyClick(self.field, Qt.Key.Key_Escape)

    @property
    def asked(self) -> search_messages.Search:
        question = self.engine.asked[-1]
        assert isinstance(question, search_messages.Search)
        return question

    @property
    def chip(self) -> str:
        return self.field.scope.understood.text if self.field.scope else ""


@pytest.fixture
def desk(library: Library, shelf: Shelf, engine: FakeEngine, make_window: MakeWindow, qtbot: QtBot) -> Desk:
    return Desk(library, shelf, engine, make_window, qtbot)


def test_one_searches_the_place_that_is_lit_up(desk: Desk) -> None:
    for row, chip, within in (
        (FOLDER, "in: photos", (InFolder((b"/photos",)),)),
        (desk.album, "in: Lake", (InAlbum(desk.album.album_id),)),
        (FAVOURITES, "in: Favourites", (Favourite(),)),
        (Place("recent"), "", ()),
        (ALL, "", ()),
    ):
        desk.go(row)
        desk.search("dogs")
        lit = row if within else ALL  # photos added last are all photos, in another order
        assert (desk.asked.within, desk.chip, desk.tree.chosen_key) == (within, chip, lit)
        desk.step_back()
        assert (desk.chip, desk.tree.chosen_key) == (chip, row)


@pytest.mark.parametrize("by", ["cross", "backspace in the field", "backspace on the chip", "key", "button"])
def test_one_click_or_key_searches_everywhere_and_the_place_comes_back_with_the_end_of_the_query(
    desk: Desk, by: str
) -> None:
    desk.go(desk.album)
    desk.engine.search = lambda question: result(desk.ids[2:], confidence=Confidence.WEAK)
    desk.search("dogs")
    chip, button = desk.field.scope, desk.window.header.everywhere
    assert chip is not None and button.isVisible()
    match by:
        case "cross":
            QTest.mouseClick(chip, Qt.MouseButton.LeftButton, pos=chip.cross.center())
        case "backspace in the field":
            desk.field.setCursorPosition(0)
            QTest.keyClick(desk.field, Qt.Key.Key_Backspace)
        case "backspace on the chip":
            QTest.keyClick(chip, Qt.Key.Key_Backspace)
        case "key":
            QTest.keyClick(
                desk.field,
                Qt.Key.Key_F,
                Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier,
            )
        case "button":
            QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    desk.qtbot.waitUntil(lambda: desk.asked == search_messages.Search("dogs", desk.asked.k))
    desk.shows_answer()
    assert (desk.chip, desk.tree.chosen_key, desk.field.text()) == ("", ALL, "dogs")
    assert desk.field.hasFocus() and not button.isVisible()
    desk.step_back()
    desk.qtbot.waitUntil(shows(desk.window, desk.ids[:2]))
    assert (desk.chip, desk.tree.chosen_key) == ("in: Lake", desk.album)


def test_what_has_left_a_folder_leaves_the_answer_there_though_a_copy_stays(desk: Desk, shelf: Shelf) -> None:
    shelf.copy([2, 3], b"/copies")
    for name, left in ((b"2.jpg", desk.ids[3:]), (b"3.jpg", desk.ids[4:])):
        desk.go(FOLDER)
        desk.search("dogs")
        with Writer.open(desk.library) as writer:
            writer.forget([b"/photos/" + name])
        desk.engine.tell(PhotosChanged(6))
        desk.qtbot.waitUntil(shows(desk.window, left))
    assert desk.window.header.count.text().startswith("2 strong matches")
    desk.go(ALL)
    desk.search("dogs")
    desk.engine.tell(PhotosChanged(6))
    desk.qtbot.waitUntil(shows(desk.window, desk.ids[2:]))


def test_where_the_last_photo_of_an_answer_has_gone_it_is_said_that_none_match(desk: Desk) -> None:
    def search(question: search_messages.Search | search_messages.Similar) -> search_messages.SearchResult:
        assert isinstance(question, search_messages.Search)
        return msgspec.structs.replace(result(desk.ids[2:3]), pieces=parse(question.text).pieces)

    desk.engine.search = search
    nothing, pages = desk.window.search.nothing, desk.window.pages
    for place, title in ((ALL, "No photos match the filters"), (FOLDER, "Nothing found in photos")):
        desk.go(place)
        desk.search("type:jpeg")
        with Writer.open(desk.library) as writer:
            writer.forget([b"/photos/2.jpg"])
            desk.engine.tell(PhotosChanged(5))
            desk.qtbot.waitUntil(lambda: pages.currentWidget() is nothing)
            assert title in [label.text() for label in nothing.findChildren(QLabel)]
            assert desk.window.header.count.text() == ""
            folder = writer.add_folder(b"/photos", "a volume")
            writer.link(folder.folder_id, b"/photos/2.jpg", 1, 1, desk.ids[2])  # as by undo
            desk.engine.tell(PhotosChanged(6))
            desk.qtbot.waitUntil(lambda: pages.currentWidget() is desk.window.grid)


def test_where_a_name_is_searched_a_photo_goes_by_its_file_of_that_name(desk: Desk) -> None:
    with Writer.open(desk.library) as writer:
        folder = writer.add_folder(b"/photos", "a volume")
        writer.link(folder.folder_id, b"/photos/red bicycle.jpg", 1, 1, desk.ids[2])
    detail = desk.window.viewer.detail
    for typed, name in (('"red bicycle"', "red bicycle"), ("bicycle", "red bicycle"), ("dogs", "2.jpg")):
        desk.search(typed)
        desk.window.viewer.open(desk.ids[2])
        desk.qtbot.waitUntil(lambda name=name: name in detail.bar.name.text())
        desk.window.viewer.close_detail()


def test_without_a_query_the_cross_leads_to_all_photos(desk: Desk) -> None:
    desk.go(desk.album)
    desk.qtbot.waitUntil(shows(desk.window, desk.ids[:2]))
    assert desk.field.scope is not None
    desk.field.scope.removed.emit()
    desk.qtbot.waitUntil(shows(desk.window, desk.ids[::-1]))
    assert (desk.chip, desk.tree.chosen_key) == ("", ALL)


def test_a_place_where_nothing_is_found_offers_to_search_everywhere(desk: Desk) -> None:
    def search(question: search_messages.Search | search_messages.Similar) -> search_messages.SearchResult:
        assert isinstance(question, search_messages.Search)
        found = result([] if question.within else desk.ids[:3], query=question.text)
        pieces = parse(question.text).pieces
        counts = () if found.hits else (0, 2)
        why = Sentence("Videos are switched off.")
        return msgspec.structs.replace(found, pieces=pieces, without_piece=counts, everywhere=3, caveat=why)

    desk.engine.search = search
    desk.go(FAVOURITES)
    desk.search("dogs type:jpeg")
    page = desk.window.search.nothing
    assert desk.window.pages.currentWidget() is page
    assert "Videos are switched off." in [label.text() for label in page.findChildren(QLabel)]
    assert [button.text() for button in page.buttons] == [
        "Search everywhere  ·  3 photos",
        "Remove “type: jpeg”  ·  2 photos",
    ]
    QTest.mouseClick(page.buttons[0], Qt.MouseButton.LeftButton)
    desk.qtbot.waitUntil(shows(desk.window, desk.ids[:3]))
    assert desk.field.text() == "dogs type:jpeg"


def test_what_is_nowhere_is_not_offered_to_be_looked_for_everywhere(desk: Desk) -> None:
    def search(question: search_messages.Search | search_messages.Similar) -> search_messages.SearchResult:
        assert isinstance(question, search_messages.Search)
        pieces = parse(question.text).pieces
        return msgspec.structs.replace(result([], query=question.text), pieces=pieces, without_piece=(0, 2))

    desk.engine.search = search
    desk.go(FAVOURITES)
    desk.search("dogs type:jpeg")
    buttons = desk.window.search.nothing.buttons
    assert [button.text() for button in buttons] == ["Remove “type: jpeg”  ·  2 photos"]


def test_a_saved_search_is_lit_up_as_long_as_it_is_shown(desk: Desk) -> None:
    desk.go(desk.album)
    desk.go(desk.saved)
    desk.shows_answer()
    assert (desk.asked.text, desk.asked.within) == ("two dogs", ())
    assert (desk.chip, desk.tree.chosen_key) == ("", desk.saved)
    desk.search("two dogs on a beach")
    assert desk.tree.chosen_key == ALL
    desk.search("two dogs")
    assert desk.tree.chosen_key == desk.saved
    desk.step_back()
    desk.qtbot.waitUntil(shows(desk.window, desk.ids[:2]))
    assert (desk.chip, desk.tree.chosen_key) == ("in: Lake", desk.album)


def test_a_search_that_was_saved_in_a_place_is_lit_up_there_too(desk: Desk) -> None:
    text = "two dogs folder:/photos"
    with Writer.open(desk.library) as writer:
        ours = SavedSearch(writer.save_search("Ours", text), "Ours", text)
    desk.go(FOLDER)
    desk.search("two dogs")
    desk.engine.tell(AlbumsChanged())
    desk.qtbot.waitUntil(lambda: desk.tree.chosen_key == ours)
    assert (desk.chip, desk.window.library.title.name) == ("in: photos", "Ours")
    desk.search("dogs")
    assert desk.tree.chosen_key == FOLDER
    desk.go(ours)
    desk.shows_answer()
    assert (desk.asked.text, desk.chip, desk.tree.chosen_key) == (text, "", ours)


def test_a_saved_search_is_not_lit_up_for_what_marks_made_of_it(desk: Desk) -> None:
    desk.go(desk.saved)
    desk.shows_answer()
    desk.window.search.runner.mark((desk.ids[3],), liked=True)
    desk.shows_answer()
    assert desk.tree.chosen_key == ALL
    desk.go(desk.saved)
    desk.shows_answer()
    assert desk.asked.liked == ()
    assert desk.tree.chosen_key == desk.saved


def test_a_saved_search_among_the_suggestions_asks_everywhere_too(desk: Desk) -> None:
    desk.engine.replies[search_messages.Suggest] = Suggestions((Suggestion("saved", "two dogs", "Dogs"),))
    desk.go(desk.album)
    desk.field.setFocus()
    QTest.keyClick(desk.field, Qt.Key.Key_Down)
    desk.qtbot.waitUntil(desk.window.search.suggestions.isVisible)
    assert desk.engine.suggested[-1].within == (InAlbum(desk.album.album_id),)
    QTest.keyClick(desk.field, Qt.Key.Key_Down)
    QTest.keyClick(desk.field, Qt.Key.Key_Return)
    desk.shows_answer()
    assert (desk.asked.text, desk.asked.within, desk.tree.chosen_key) == ("two dogs", (), desk.saved)


@pytest.mark.parametrize("by", ["backspace", "key", "before they come"])
def test_suggestions_of_a_place_that_is_left_are_asked_for_anew(desk: Desk, by: str) -> None:
    desk.engine.replies[search_messages.Suggest] = Suggestions((Suggestion("date", "date:2023", "2023", 4),))
    popup = desk.window.search.suggestions
    desk.go(FOLDER)
    desk.field.setFocus()
    if by == "before they come":
        desk.engine.may_answer.clear()
    popup.open()
    desk.qtbot.waitUntil(
        lambda: bool(desk.engine.suggested) if by == "before they come" else popup.isVisible()
    )
    assert desk.engine.suggested[-1].within == FOLDER.filters
    if by == "backspace":
        QTest.keyClick(desk.field, Qt.Key.Key_Backspace)
    else:
        desk.window.search.search_everywhere()
    desk.engine.may_answer.set()
    desk.qtbot.waitUntil(lambda: desk.engine.suggested[-1].within == ())
    desk.qtbot.waitUntil(popup.isVisible)


def test_a_search_is_saved_with_its_place(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(QInputDialog, "open", lambda dialog: (dialog.setTextValue("Ours"), dialog.accept()))
    for row, piece in (
        (desk.album, "album:Lake"),
        (FOLDER, "folder:/photos"),
        (FAVOURITES, "has:favourite"),
    ):
        desk.go(row)
        desk.search("dogs")
        desk.window.search.ask_for_name()
        orders: list[object] = []
        desk.qtbot.waitUntil(
            lambda orders=orders: (
                orders.append(desk.engine.orders.get(timeout=5))  # type: ignore[misc]
                or isinstance(orders[-1], SaveSearch)
            )
        )
        assert orders[-1] == SaveSearch("Ours", f"dogs {piece}")


def test_a_search_is_saved_as_an_album_that_fills_itself(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def answer(dialog: QInputDialog) -> None:
        dialog.setTextValue("Ours")
        choice = dialog.findChild(QCheckBox)
        assert isinstance(choice, QCheckBox)
        choice.setChecked(True)
        dialog.accept()

    monkeypatch.setattr(QInputDialog, "open", answer)
    desk.go(desk.album)
    desk.search("dogs")
    said = "New album “Ours”, which fills itself"  # by the engine, before it answers
    desk.engine.tell(HistoryChanged())
    desk.engine.tell(HistoryChanged(undo=Change(1, Sentence(said))))
    desk.qtbot.waitUntil(lambda: desk.window.status.text.text() == said)
    desk.window.search.ask_for_name()
    desk.qtbot.waitUntil(lambda: SaveSearch("Ours", "dogs album:Lake", live=True) in desk.engine.orders.queue)
    desk.qtbot.wait(50)  # for whatever else would be said in its place
    assert (desk.window.status.text.text(), desk.window.status.offer.text()) == (said, "Undo")


def test_a_place_that_cannot_be_typed_is_not_saved(desk: Desk) -> None:
    with Writer.open(desk.library) as writer:
        writer.rename_album(desk.album.album_id, 'The "Lake"')
    desk.engine.tell(AlbumsChanged())
    desk.go(desk.album)
    desk.qtbot.waitUntil(lambda: desk.chip == 'in: The "Lake"')
    desk.search("dogs")
    with desk.qtbot.waitSignal(desk.window.search.told) as told:
        desk.window.search.ask_for_name()
    assert "cannot be typed" in told.args[0]


def test_similar_photos_are_looked_for_everywhere(desk: Desk) -> None:
    desk.go(desk.album)
    desk.window.search.find_similar([desk.ids[0]])
    desk.shows_answer()
    assert (desk.chip, desk.tree.chosen_key) == ("", ALL)
    desk.step_back()
    assert (desk.chip, desk.tree.chosen_key) == ("in: Lake", desk.album)


def test_similar_photos_lead_to_no_search_in_a_place_that_is_gone(desk: Desk) -> None:
    desk.go(desk.album)
    desk.search("dogs")
    desk.window.search.find_similar([desk.ids[0]])
    desk.shows_answer()
    with Writer.open(desk.library) as writer:
        writer.delete_album(desk.album.album_id)
    desk.engine.tell(AlbumsChanged())
    desk.qtbot.waitUntil(lambda: desk.window.library.place == ALL)
    desk.step_back()
    assert (desk.window.search.runner.question, desk.field.text(), desk.tree.chosen_key) == (None, "", ALL)
    desk.qtbot.waitUntil(shows(desk.window, desk.ids[::-1]))


def test_a_folder_that_is_typed_is_lit_up(desk: Desk) -> None:
    for typed, lit in (
        ("folder:photos", FOLDER),
        ("folder:PHO", FOLDER),
        ('folder:"/photos"', FOLDER),
        ("folder:/elsewhere", ALL),
        ("-folder:photos", ALL),
        ("folder:photos dogs", ALL),
        ("folder:", ALL),
    ):
        desk.search(typed)
        assert (desk.tree.chosen_key, desk.chip) == (lit, ""), typed
    desk.search("folder:photos")
    desk.step_back()
    assert desk.tree.chosen_key == ALL
    desk.search("folder:photos")
    desk.go(FOLDER)  # the row that is lit up is chosen all the same
    assert (desk.tree.chosen_key, desk.chip, desk.field.text()) == (FOLDER, "in: photos", "")


def test_problems_are_of_no_place(desk: Desk) -> None:
    desk.go(desk.album)
    desk.window.library.page_wanted.emit(desk.window.library.problems)
    assert (desk.chip, desk.tree.chosen_key) == ("", None)
    desk.search("dogs")
    assert (desk.asked.within, desk.tree.chosen_key) == ((), ALL)
    desk.step_back()  # to where one was
    assert (desk.chip, desk.tree.chosen_key) == ("", None)
    assert desk.window.library.problems.isVisible()


@pytest.mark.parametrize("page", [True, False])
def test_a_place_that_goes_ends_no_search_elsewhere(desk: Desk, page: bool) -> None:
    library = desk.window.library
    desk.go(desk.album)
    if page:
        library.page_wanted.emit(library.map)
    library.search_chosen.emit("near:1,2,3")
    desk.shows_answer()
    with Writer.open(desk.library) as writer:
        writer.delete_album(desk.album.album_id)
    desk.engine.tell(AlbumsChanged())
    desk.qtbot.waitUntil(lambda: library.place == ALL)
    assert desk.field.text() == "near:1,2,3" and desk.window.search.shown is not None
    desk.step_back()
    assert library.map.isVisible() == page
    if not page:
        desk.qtbot.waitUntil(shows(desk.window, desk.ids[::-1]))


def test_a_place_that_goes_takes_no_page_away_but_ends_a_search_in_it(desk: Desk) -> None:
    desk.go(desk.album)
    desk.search("dogs")
    with Writer.open(desk.library) as writer:
        writer.delete_album(desk.album.album_id)
        other = Place("album", writer.create_album("Sea", desk.ids[:1]))
    desk.engine.tell(AlbumsChanged())
    desk.qtbot.waitUntil(shows(desk.window, desk.ids[::-1]))
    assert not desk.field.text()
    desk.qtbot.waitUntil(lambda: desk.tree.item_of(other) is not None)
    desk.go(other)
    desk.window.library.page_wanted.emit(desk.window.library.map)
    with Writer.open(desk.library) as writer:
        writer.delete_album(other.album_id)
    desk.engine.tell(AlbumsChanged())
    desk.qtbot.waitUntil(lambda: desk.window.library.place == ALL)
    assert desk.window.library.map.isVisible()


def test_the_chip_leaves_room_to_type_in_a_narrow_field(desk: Desk, library: Library) -> None:
    with Writer.open(desk.library) as writer:
        writer.rename_album(desk.album.album_id, "A long week at the lake, with everybody")
    desk.engine.tell(AlbumsChanged())
    desk.go(desk.album)
    desk.qtbot.waitUntil(lambda: "long week" in desk.chip)
    desk.window.resize(480, 600)
    chip = desk.field.scope
    assert chip is not None
    desk.qtbot.waitUntil(lambda: chip.width() <= desk.field.width() / 2)
    assert desk.field.cursorRect().left() > chip.geometry().right()
    assert chip.geometry().left() >= 32
