"""Searching in the window: chips, errors in place, suggestions, pictures, marks, why, saving."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPoint, QRect, Qt, QUrl
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QFileDialog,
    QInputDialog,
    QLineEdit,
    QMenu,
    QPushButton,
    QToolButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from photosearch.core import messages, search_messages
from photosearch.core.errors import QueryError
from photosearch.core.note_messages import (
    AlbumsChanged,
    ClearSearches,
    NotesChanged,
    RememberSearch,
    SaveSearch,
)
from photosearch.core.photo import Confidence, Hit
from photosearch.core.search_messages import Labels, Suggestion, Suggestions
from photosearch.core.tag_messages import TagsChanged
from photosearch.gui.query import header, runner
from photosearch.gui.query.chips import Glance
from photosearch.gui.query.runner import BEST, MOST
from photosearch.paths import Library
from photosearch.search.query import parse
from photosearch.store.writer import Writer
from tests.helpers.fake_engine import FakeEngine, ranked, result
from tests.helpers.shelf import Shelf
from tests.helpers.windows import MakeWindow

Question = search_messages.Search | search_messages.Similar


class Desk:
    """A window on twelve photos, and an engine that understands queries."""

    def __init__(self, shelf: Shelf, engine: FakeEngine, make_window: MakeWindow, qtbot: QtBot) -> None:
        self.ids = shelf.add(12)
        self.engine, self.qtbot = engine, qtbot
        self.weak = 0  # of the hits
        self.hits = 12
        engine.search = self._search
        self.window = make_window()
        self.header, self.grid, self.search = self.window.header, self.window.grid, self.window.search
        qtbot.waitUntil(lambda: len(self.grid.ids) == 12)

    def _search(self, question: Question) -> search_messages.SearchResult:
        text = question.text if isinstance(question, search_messages.Search) else ""
        pieces = parse(text).pieces if text else ()
        sure = self.hits - self.weak
        hits = [
            Hit(photo_id, b"", 0.5, Confidence.STRONG if place < sure else Confidence.WEAK)
            for place, photo_id in enumerate(self.ids[: self.hits])
        ]
        return search_messages.SearchResult(
            text, "model", 1, 1, 12, hits[: question.k], pieces, Labels(sure, 0, self.weak)
        )

    def type(self, text: str) -> None:
        self.header.field.setText(text)
        QTest.keyClick(self.header.field, Qt.Key.Key_Return)
        self.wait(lambda: self.asked.text == text and self.search.shown == self.search.runner.question)

    @property
    def asked(self) -> search_messages.Search:
        question = self.engine.asked[-1] if self.engine.asked else None
        return question if isinstance(question, search_messages.Search) else search_messages.Search("?")

    def wait(self, condition: Callable[[], object]) -> None:
        self.qtbot.waitUntil(lambda: bool(condition()))

    def orders(self, kind: type) -> list[object]:
        return [order for order in list(self.engine.orders.queue) if isinstance(order, kind)]

    @property
    def chips(self) -> list[str]:
        return [chip.understood.text for chip in self.header.chips.chips]


@pytest.fixture
def desk(shelf: Shelf, engine: FakeEngine, make_window: MakeWindow, qtbot: QtBot) -> Desk:
    return Desk(shelf, engine, make_window, qtbot)


def test_tab_leads_through_chips_and_buttons_as_they_stand(desk: Desk) -> None:
    desk.type("dogs -people date:2023")
    desk.header.field.setFocus()
    met = []
    for _ in range(8):
        QTest.keyClick(desk.window.focusWidget(), Qt.Key.Key_Tab)
        met.append(desk.window.focusWidget())
    wanted = [desk.header.add_folder, *desk.header.chips.chips, desk.header.order, desk.grid]
    assert [widget for widget in met if widget in wanted] == wanted


def test_chips_leave_the_text_by_key_and_by_click(desk: Desk) -> None:
    desk.type("  dogs -people date:2023 snow".strip())
    assert desk.chips == ["away from: people", "date: 2023"]
    first, second = desk.header.chips.chips
    QTest.mouseClick(first, Qt.MouseButton.LeftButton, pos=first.rect().center())
    assert desk.header.field.selectedText() == "-people"
    second.setFocus()
    QTest.keyClick(second, Qt.Key.Key_Backspace)
    desk.wait(lambda: desk.chips == ["away from: people"])
    assert desk.header.field.text() == "dogs -people snow"
    assert desk.header.chips.chips[0].hasFocus()
    chip = desk.header.chips.chips[0]
    QTest.mouseClick(chip, Qt.MouseButton.LeftButton, pos=chip.cross.center())
    desk.wait(lambda: not desk.chips)
    assert desk.header.field.text() == "dogs snow"
    assert desk.window.focusWidget() is desk.header.field


def test_enter_in_the_empty_field_leads_into_the_photos(desk: Desk) -> None:
    desk.header.field.setFocus()
    QTest.keyClick(desk.header.field, Qt.Key.Key_Return)
    assert desk.window.focusWidget() is desk.grid
    assert desk.grid.current == 0


def test_an_error_stands_where_it_is_and_the_old_results_stay(desk: Desk) -> None:
    desk.hits = 5
    desk.type("dogs date:2023")
    shown = desk.grid.ids.tolist()
    desk.header.field.setText("🐕 date:yesterda")
    QTest.keyClick(desk.header.field, Qt.Key.Key_Return)
    desk.wait(lambda: "yesterda" in desk.header.count.text())
    assert desk.grid.ids.tolist() == shown
    assert not desk.header.chips.isVisible()
    assert desk.header.field.underlined == (2 + 5, 2 + 13)
    desk.header.field.setText("🐕 date:yesterday")
    assert desk.header.field.underlined is None
    assert desk.orders(RememberSearch) == [RememberSearch("dogs date:2023")]
    desk.wait(lambda: desk.chips == ["date: yesterday"])


@pytest.mark.parametrize("by", ["click", "key"])
def test_what_was_probably_meant_is_a_click_or_a_key_away(desk: Desk, by: str) -> None:
    header = desk.header
    header.field.setText("🐕 dat:2023")
    QTest.keyClick(header.field, Qt.Key.Key_Return)
    desk.wait(header.mend.isVisible)
    assert header.mend.text() == "Search for 🐕 date:2023"
    if by == "click":
        QTest.mouseClick(header.mend, Qt.MouseButton.LeftButton)
    else:
        QTest.keyClick(header.field, Qt.Key.Key_Return, Qt.KeyboardModifier.AltModifier)
    desk.wait(lambda: desk.asked.text == "🐕 date:2023")
    assert (header.field.text(), header.mend.isVisible()) == ("🐕 date:2023", False)
    assert header.field.hasFocus()
    QTest.keyClick(header.field, Qt.Key.Key_Return, Qt.KeyboardModifier.AltModifier)
    assert header.field.text() == "🐕 date:2023"


def test_an_error_stays_while_the_library_grows(desk: Desk, shelf: Shelf) -> None:
    desk.header.field.setText("date:soon")
    QTest.keyClick(desk.header.field, Qt.Key.Key_Return)
    desk.wait(lambda: desk.header.field.underlined)
    sentence = desk.header.count.text()
    shelf.add(1)
    desk.engine.tell(messages.PhotosChanged(13))
    desk.wait(lambda: len(desk.grid.ids) == 13)
    assert desk.header.field.underlined == (5, 9)
    assert desk.header.count.text() == sentence
    desk.header.field.clear()
    assert desk.header.count.text() == "13 photos"


def test_an_error_that_waits_for_more_to_be_typed_goes_on_waiting_as_the_library_grows(
    desk: Desk, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(header, "ERROR_WHILE_TYPING_MS", 86_400_000)
    with desk.qtbot.waitSignal(desk.search.runner.failed):
        desk.header.field.setText("date:soon")
    shelf.add(1)
    desk.engine.tell(messages.PhotosChanged(13))
    desk.wait(lambda: desk.header.count.text() == "13 photos")
    assert desk.header.field.underlined is None
    QTest.keyClick(desk.header.field, Qt.Key.Key_Return)
    desk.wait(lambda: desk.header.field.underlined)


def test_what_could_not_be_answered_is_asked_again_by_enter(desk: Desk, tmp_path: Path) -> None:
    picture = tmp_path / "later.jpg"

    def search(question: Question) -> search_messages.SearchResult:
        if not picture.exists():
            raise QueryError("It is not there.", (0, 4))
        return result(desk.ids[:2])

    desk.engine.search = search
    desk.header.field.setText(f"like:{picture}")
    QTest.keyClick(desk.header.field, Qt.Key.Key_Return)
    desk.wait(lambda: desk.header.field.underlined)
    picture.touch()
    QTest.keyClick(desk.header.field, Qt.Key.Key_Return)
    desk.wait(lambda: desk.grid.ids.tolist() == desk.ids[:2])
    assert desk.header.field.underlined is None


def test_another_question_is_walked_from_its_best_answer(desk: Desk) -> None:
    desk.type("dogs")
    desk.grid.enter()
    QTest.keyClick(desk.grid, Qt.Key.Key_Right)
    desk.header.field.setFocus()
    desk.type("cats")
    QTest.keyClick(desk.header.field, Qt.Key.Key_Down)
    desk.wait(lambda: desk.grid.current == 0)
    desk.grid.select_all()
    desk.header.field.setFocus()
    desk.type("birds")
    assert len(desk.grid.selected_ids) == 12  # of several, one means to keep them


def test_weak_hits_follow_and_are_selected_only_when_asked_for_again(desk: Desk) -> None:
    desk.weak = 4
    desk.type("dogs")
    desk.wait(lambda: len(desk.grid.ids) == 12)
    assert [section.heading for section in desk.grid.sections] == ["Strong matches  8", "Less likely  4"]
    desk.grid.select_all()
    assert desk.grid.selected_ids.tolist() == desk.ids[:8]
    desk.grid.select_all()
    assert desk.grid.selected_ids.tolist() == desk.ids


def test_results_go_on_to_the_last_photo_and_nothing_moves(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def search(question: Question) -> search_messages.SearchResult:
        hits = [Hit(number, b"", 0.5, Confidence.STRONG) for number in range(1, 201)]
        return search_messages.SearchResult("x", "model", 1, 1, 900, hits, labels=Labels(300, 200, 400))

    ids = [901, *range(1, 901)]  # one came since
    desk.engine.search = search
    desk.engine.rank_all = lambda asked: search_messages.Ranked(
        np.array(ids, np.int64).tobytes(), np.ones(901, np.float32).tobytes(), Labels(301, 200, 400)
    )
    desk.type("x")
    desk.grid.verticalScrollBar().setValue(900)
    desk.wait(lambda: len(desk.grid.ids) == 900)
    assert desk.grid.ids.tolist() == list(range(1, 901))
    assert desk.grid.verticalScrollBar().value() == 900
    assert [(section.start, section.heading) for section in desk.grid.sections] == [
        (0, "Strong matches  300"),
        (300, "Likely matches  200"),
        (500, "Less likely  400"),
    ]


def test_filters_that_leave_nothing_can_be_taken_away(desk: Desk) -> None:
    desk.hits = 0
    desk.type("dogs type:raw")
    desk.wait(lambda: desk.window.pages.currentWidget() is desk.search.nothing)
    (button,) = desk.search.nothing.buttons
    assert button.text() == "Remove “type: raw”"
    desk.hits = 3
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert desk.window.focusWidget() is desk.header.field
    desk.wait(lambda: desk.grid.ids.tolist() == desk.ids[:3])
    assert desk.header.field.text() == "dogs"
    desk.hits = 0
    desk.type('"dogs"')
    desk.wait(lambda: desk.window.pages.currentWidget() is desk.search.nothing)
    assert [button.text() for button in desk.search.nothing.buttons] == ["Remove “dogs”"]


def test_the_filter_whose_removal_helps_most_comes_first(desk: Desk) -> None:
    typed = "dogs type:raw rating:5 date:2023"
    desk.engine.search = lambda question: search_messages.SearchResult(
        typed, "model", 1, 1, 0, [], parse(typed).pieces, without_piece=(0, 0, 2, 1204)
    )
    desk.type(typed)
    desk.wait(lambda: desk.window.pages.currentWidget() is desk.search.nothing)
    assert [button.text() for button in desk.search.nothing.buttons] == [
        "Remove “date: 2023”  ·  1,204 photos",
        "Remove “rating: 5”  ·  2 photos",
    ]


def test_suggestions_open_with_a_key_and_are_taken_with_another(desk: Desk) -> None:
    former = [Suggestion("recent", text, text) for text in ("two dogs", "snow", "lake")]
    desk.engine.replies[search_messages.Suggest] = Suggestions(
        (*former, Suggestion("date", "date:2023", "2023", 4))
    )
    popup, field = desk.search.suggestions, desk.header.field
    field.setFocus()
    QTest.keyClick(field, Qt.Key.Key_Down)
    desk.wait(popup.isVisible)
    QTest.keyClick(field, Qt.Key.Key_Escape)
    assert not popup.isVisible()
    popup.open()
    desk.wait(popup.isVisible)
    desk.grid.enter()
    assert not popup.isVisible()
    field.setFocus()
    QTest.keyClick(field, Qt.Key.Key_Space, Qt.KeyboardModifier.ControlModifier)
    desk.wait(popup.isVisible)
    for _ in range(4):  # over the heading between them
        QTest.keyClick(field, Qt.Key.Key_Down)
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert (field.text(), popup.isVisible()) == ("date:2023", False)
    desk.wait(lambda: desk.asked.text == "date:2023")
    desk.wait(lambda: desk.orders(RememberSearch) == [RememberSearch("date:2023")])


@pytest.mark.parametrize(
    "by", ["click", "click where it had the keyboard", "tab", "shortcut", "shortcut where it had it"]
)
def test_suggestions_open_where_an_empty_field_is_entered(desk: Desk, by: str) -> None:
    desk.engine.replies[search_messages.Suggest] = Suggestions((Suggestion("date", "date:2023", "2023", 4),))
    popup, field = desk.search.suggestions, desk.header.field
    assert popup.isHidden()  # though the keyboard is there as the window opens
    if by in ("click where it had the keyboard", "shortcut where it had it"):
        assert field.hasFocus()
    else:
        desk.grid.setFocus()
    match by:
        case "tab":
            field.setFocus(Qt.FocusReason.TabFocusReason)
        case "shortcut":
            QTest.keyClick(desk.grid, Qt.Key.Key_Slash)
        case "shortcut where it had it":
            QTest.keyClick(field, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
        case _:
            QTest.mouseClick(field, Qt.MouseButton.LeftButton)
    desk.wait(popup.isVisible)
    rows = [popup.list.item(row).text() for row in range(popup.list.count())]
    assert rows[:2] == ["For example", "two dogs on a beach"]
    assert rows[-2:] == ["Dates", "2023"]
    QTest.keyClick(field, Qt.Key.Key_Down)
    QTest.keyClick(field, Qt.Key.Key_Return)
    desk.wait(lambda: desk.asked.text == "two dogs on a beach")
    assert popup.isHidden()


def test_suggestions_stay_below_the_field_as_the_window_gets_narrow(desk: Desk) -> None:
    desk.engine.replies[search_messages.Suggest] = Suggestions((Suggestion("date", "date:2023", "2023", 4),))
    popup, field = desk.search.suggestions, desk.header.field
    popup.open()
    desk.wait(popup.isVisible)
    desk.window.resize(500, 600)
    desk.wait(lambda: field.width() < 400)
    assert popup.geometry().left() >= 0
    assert popup.geometry().right() < desk.window.width()
    assert popup.y() > field.mapTo(desk.window, field.rect().bottomLeft()).y()


def test_suggestions_leave_what_is_wrong_to_be_read(desk: Desk) -> None:
    desk.engine.replies[search_messages.Suggest] = Suggestions(
        (Suggestion("album", "dat:2022 album:Dogs", "Dogs"),)
    )
    popup, header = desk.search.suggestions, desk.header
    header.field.setFocus()
    QTest.keyClicks(header.field, "dat:2022 dog")
    desk.wait(popup.isVisible)
    desk.wait(header.mend.isVisible)
    for said in (header.count, header.mend):
        place = QRect(said.mapTo(desk.window, QPoint()), said.size())
        desk.wait(lambda place=place: not popup.geometry().intersects(place))
    QTest.keyClicks(header.field, "s")  # and comes back to the field where nothing is said
    below_field = header.field.mapTo(desk.window, header.field.rect().bottomLeft()).y()
    desk.wait(lambda: popup.y() - below_field < 8)


def test_photos_are_made_smaller_from_the_field(desk: Desk) -> None:
    field, grid = desk.header.field, desk.grid
    field.setFocus()
    before = grid.row_height
    QTest.keyClick(field, Qt.Key.Key_Minus, Qt.KeyboardModifier.ControlModifier)
    assert grid.row_height < before
    QTest.keyClick(field, Qt.Key.Key_0, Qt.KeyboardModifier.ControlModifier)
    assert (grid.row_height, field.text()) == (before, "")


def test_suggestions_make_way_for_a_picture_that_is_pasted(desk: Desk) -> None:
    desk.engine.replies[search_messages.Suggest] = Suggestions((Suggestion("date", "date:2023", "2023", 4),))
    popup, field = desk.search.suggestions, desk.header.field
    field.setFocus()
    popup.open()
    desk.wait(popup.isVisible)
    pasted = QMimeData()
    pasted.setUrls([QUrl.fromLocalFile("/elsewhere/dog.jpg")])
    QGuiApplication.clipboard().setMimeData(pasted)
    QTest.keyClick(field, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert field.text() == "like:/elsewhere/dog.jpg"
    assert popup.isHidden()
    desk.type("two dogs")
    field.selectAll()
    QTest.keyClick(field, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert field.text() == "like:/elsewhere/dog.jpg"


def test_a_library_without_photos_suggests_nothing(desk: Desk) -> None:
    popup = desk.search.suggestions
    with desk.qtbot.waitSignal(popup.nothing_to_suggest):
        popup.open()
    assert popup.isHidden()


def test_names_are_offered_while_one_types_and_take_the_place_of_what_was_begun(desk: Desk) -> None:
    desk.engine.replies[search_messages.Suggest] = Suggestions(
        (Suggestion("folder", "dogs folder:Norway", "Norway", 40),)
    )
    popup, field = desk.search.suggestions, desk.header.field
    field.setFocus()
    QTest.keyClicks(field, "dogs norw")
    desk.wait(popup.isVisible)
    assert not popup.forget.isVisible()
    QTest.keyClick(field, Qt.Key.Key_Escape)
    assert popup.isHidden() and field.text() == "dogs norw"
    QTest.keyClicks(field, "a")
    desk.wait(popup.isVisible)
    QTest.keyClick(field, Qt.Key.Key_Down)
    QTest.keyClick(field, Qt.Key.Key_Return)
    desk.wait(lambda: desk.asked.text == field.text() == "dogs folder:Norway")
    assert popup.isHidden()


@pytest.mark.parametrize("move", ["enter", "elsewhere"])
def test_suggestions_that_come_late_open_nothing(desk: Desk, move: str) -> None:
    desk.engine.replies[search_messages.Suggest] = Suggestions(
        (Suggestion("date", "date:2023", "date:2023", 4),)
    )
    popup, field = desk.search.suggestions, desk.header.field
    desk.engine.may_answer.clear()
    field.setFocus()
    QTest.keyClicks(field, "date:")
    if move == "enter":
        QTest.keyClick(field, Qt.Key.Key_Return)
    else:
        desk.grid.enter()
    desk.window.status.pause_wanted.emit(
        True
    )  # an order that is carried out after the suggestions were given
    desk.engine.may_answer.set()
    desk.wait(lambda: desk.orders(messages.SetPaused))
    desk.qtbot.wait(20)
    assert popup.isHidden()


def test_recent_searches_are_forgotten_and_no_more_kept(desk: Desk) -> None:
    desk.engine.replies[search_messages.Suggest] = Suggestions((Suggestion("recent", "snow", "snow"),))
    popup = desk.search.suggestions
    desk.header.field.setFocus()
    popup.open()
    desk.wait(popup.isVisible)
    QTest.mouseClick(popup.forget, Qt.MouseButton.LeftButton)
    QTest.mouseClick(popup.remember, Qt.MouseButton.LeftButton)
    desk.wait(lambda: desk.orders(ClearSearches) and desk.orders(messages.ChangeSetting))
    assert desk.orders(messages.ChangeSetting) == [messages.ChangeSetting("remember_searches", "no")]
    assert popup.remember.text() == "Remember searches"
    desk.wait(popup.isVisible)


def test_pictures_become_queries(desk: Desk, tmp_path: Path) -> None:
    clipboard = QGuiApplication.clipboard()
    image = QImage(40, 30, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.red)
    clipboard.setImage(image)
    QTest.keyClick(desk.header.field, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    desk.wait(lambda: desk.chips == ["Like this picture"])
    assert QImage.fromData(desk.asked.images[0]).size() == image.size()
    chip = desk.header.chips.chips[0]
    QTest.mouseClick(chip, Qt.MouseButton.LeftButton, pos=chip.rect().center() - QPoint(10, 0))
    desk.wait(lambda: any(glance.isVisible() for glance in chip.findChildren(Glance)))
    glance = chip.findChild(Glance)
    assert isinstance(glance, Glance)
    assert glance.pixmap().toImage().size() == image.size()
    QTest.keyClick(glance, Qt.Key.Key_Escape)
    assert not glance.isVisible()
    file = QMimeData()
    file.setUrls([QUrl.fromLocalFile("/photos/my lake.jpg")])
    clipboard.setMimeData(file)
    QTest.keyClick(desk.header.field, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    desk.wait(lambda: desk.chips == ["like: my lake.jpg", "Like this picture"])
    assert desk.header.field.text() == 'like:"/photos/my lake.jpg"'
    QTest.keyClick(desk.header.chips.chips[1], Qt.Key.Key_Delete)
    desk.wait(lambda: desk.chips == ["like: my lake.jpg"])


def test_a_picture_whose_name_cannot_be_typed_is_dropped_by_its_uri(desk: Desk) -> None:
    file = QMimeData()
    file.setUrls([QUrl.fromEncoded(b"file:///photos/my%FF%0Alake.jpg")])
    QGuiApplication.clipboard().setMimeData(file)
    QTest.keyClick(desk.header.field, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    desk.wait(lambda: desk.header.chips.chips != [])
    assert desk.header.field.text() == "like:file:///photos/my%FF%0Alake.jpg"
    assert desk.chips == ["like: my\ufffd lake.jpg"]


def test_the_button_in_the_field_searches_by_a_picture(desk: Desk, tmp_path: Path) -> None:
    field, clipboard = desk.header.field, QGuiApplication.clipboard()
    clipboard.setText("no picture")
    choose, paste = field.picture_menu().actions()
    assert not paste.isEnabled()
    image = QImage(40, 30, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.red)
    clipboard.setImage(image)
    _, paste = field.picture_menu().actions()
    paste.trigger()
    desk.wait(lambda: desk.chips == ["Like this picture"])
    choose.trigger()
    dialog = field.findChild(QFileDialog)
    assert isinstance(dialog, QFileDialog)
    lake = tmp_path / "my lake.jpg"
    lake.touch()
    line = dialog.findChild(QLineEdit)
    assert isinstance(line, QLineEdit)
    line.setText(str(lake))
    dialog.accept()
    desk.wait(lambda: desk.chips == ["like: my lake.jpg", "Like this picture"])
    assert desk.window.focusWidget() is field


@pytest.mark.parametrize("by", ["click", "key"])
def test_the_menu_of_pictures_opens_under_the_field(desk: Desk, by: str) -> None:
    field = desk.header.field
    if by == "click":
        (button,) = (b for b in field.findChildren(QToolButton) if "picture" in b.toolTip())
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    else:
        both = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
        QTest.keyClick(field, Qt.Key.Key_P, both)
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    assert [action.text() for action in menu.actions()] == ["Choose a picture…", "Paste a picture"]
    menu.close()


def test_marks_refine_and_belong_to_what_was_searched(desk: Desk) -> None:
    desk.type("two dogs")
    desk.grid.enter()
    QTest.keyClick(desk.grid, Qt.Key.Key_Plus)
    desk.wait(lambda: desk.chips == ["like 1"])
    assert desk.asked == search_messages.Search("two dogs", BEST, liked=(desk.ids[0],))
    QTest.keyClick(desk.grid, Qt.Key.Key_Minus)
    desk.wait(lambda: desk.chips == ["unlike 1"])
    desk.type("two dogs date:2023")
    desk.wait(lambda: desk.chips == ["date: 2023", "unlike 1"])
    desk.type("two dogs and one cat")
    assert desk.asked.disliked
    desk.type("one cat")
    assert desk.asked.disliked == ()
    desk.search.find_similar([desk.ids[3]])
    desk.wait(lambda: desk.chips == ["Similar to this photo"])
    desk.header.order.chosen.emit(("date", "day"))
    desk.wait(
        lambda: desk.engine.asked[-1] == search_messages.Similar(desk.ids[3], BEST, "date", "day", MOST)
    )
    desk.header.order.chosen.emit(("relevance", "none"))
    desk.wait(lambda: desk.engine.asked[-1] == search_messages.Similar(desk.ids[3], BEST))
    QTest.keyClick(desk.grid, Qt.Key.Key_Minus)
    both = search_messages.Search("", BEST, liked=(desk.ids[3],), disliked=(desk.ids[0],))
    desk.wait(lambda: desk.asked == both)
    desk.wait(lambda: desk.chips == ["like 1, unlike 1"])
    desk.header.chips.chips[0].setFocus()
    QTest.keyClick(desk.header.chips.chips[0], Qt.Key.Key_Delete)
    desk.wait(lambda: desk.search.shown is None)
    assert desk.window.focusWidget() is desk.header.field


def test_escape_leads_from_photos_like_one_back_to_the_search(desk: Desk) -> None:
    desk.type("two dogs")
    for photo_id in desk.ids[3], desk.ids[4]:
        desk.search.find_similar([photo_id])
        desk.wait(lambda photo_id=photo_id: desk.search.shown == search_messages.Similar(photo_id, BEST))
    desk.grid.setFocus()
    desk.grid.clear_selection()
    QTest.keyClick(desk.grid, Qt.Key.Key_Escape)
    desk.wait(lambda: desk.search.shown == search_messages.Search("two dogs", BEST))
    assert desk.header.field.text() == "two dogs" and desk.grid.hasFocus()
    QTest.keyClick(desk.grid, Qt.Key.Key_Escape)
    desk.wait(lambda: desk.search.shown is None)


def test_escape_leads_from_photos_like_several_back_to_the_search_without_marks(desk: Desk) -> None:
    desk.type("two dogs")
    desk.search.find_similar(desk.ids[3:6])
    desk.wait(lambda: desk.chips == ["like 3"])
    desk.grid.setFocus()
    desk.grid.clear_selection()
    QTest.keyClick(desk.grid, Qt.Key.Key_Escape)
    desk.wait(lambda: desk.search.shown == search_messages.Search("two dogs", BEST))
    assert desk.header.field.text() == "two dogs" and desk.chips == []


def test_what_was_selected_among_answers_is_let_go_with_them(desk: Desk) -> None:
    desk.hits = 4
    desk.type("two dogs")
    desk.grid.select_all()
    desk.header.field.clear()
    desk.wait(lambda: len(desk.grid.ids) == 12)
    assert not len(desk.grid.selection) and desk.grid.current is None


def test_why_this_photo(desk: Desk) -> None:
    pulls = (search_messages.Pull("two", 0.1), search_messages.Pull("dogs", -0.2))
    desk.engine.replies[search_messages.Explain] = search_messages.Explanation(
        0.3, 0.0, Confidence.STRONG, 3, 12, pulls, pulls, (1, 4, 7), 0.0, 0.4
    )
    desk.type("two dogs")
    desk.grid.enter()
    QTest.keyClick(desk.grid, Qt.Key.Key_W)
    desk.wait(lambda: desk.search.why.verdict.text().startswith("Strong match, number 3 of 12 photos"))
    QTest.keyClick(desk.grid, Qt.Key.Key_Right)
    desk.wait(lambda: len(desk.orders(search_messages.Explain)) == 2)
    assert desk.orders(search_messages.Explain)[1] == search_messages.Explain(desk.asked, desk.ids[1])
    desk.window.grab()
    QTest.keyClick(desk.grid, Qt.Key.Key_Escape)
    assert not desk.search.why.isVisible()


def test_a_search_is_saved_under_a_name(desk: Desk) -> None:
    desk.type("two dogs")
    QTest.keyClick(desk.window, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    (dialog,) = desk.window.findChildren(QInputDialog)
    assert dialog.textValue() == "two dogs"
    chain: list[QWidget] = [dialog.findChildren(QLineEdit)[0]]
    while len(chain) < 4:
        QTest.keyClick(chain[-1], Qt.Key.Key_Tab)
        focused = dialog.focusWidget()
        assert focused is not None
        chain.append(focused)
    assert [each.text() for each in chain[2:] if isinstance(each, QPushButton)] == ["Save", "Cancel"]
    assert isinstance(chain[1], QCheckBox)
    dialog.setTextValue("Dogs")
    dialog.accept()
    desk.wait(lambda: desk.orders(SaveSearch) == [SaveSearch("Dogs", "two dogs")])


def test_order_and_groups_are_asked_for(desk: Desk) -> None:
    desk.type("dogs")
    assert desk.header.order.text() == "Best match"
    date = next(a for a in desk.header.order.menu().actions() if a.data() == "date")
    date.trigger()
    desk.wait(lambda: desk.asked == search_messages.Search("dogs", BEST, sort="date", most=MOST))
    assert desk.header.order.text() == "Newest first"
    desk.type("cats")
    assert desk.asked.sort == "date"
    desk.search.find_similar([desk.ids[3]])
    desk.wait(lambda: desk.engine.asked[-1] == search_messages.Similar(desk.ids[3], BEST))
    assert desk.header.order.text() == "Best match"
    desk.header.order.chosen.emit(("date", "none"))
    desk.search.clear()
    desk.type("dogs")
    assert desk.asked == search_messages.Search("dogs", BEST)


def test_the_order_of_what_filters_alone_chose_is_said_as_it_is(desk: Desk) -> None:
    desk.type("date:2023")
    assert desk.header.order.text() == "Newest first"
    desk.type("dogs date:2023")
    assert desk.header.order.text() == "Best match"


def test_new_matches_wait_until_they_are_wanted(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "RECHECK_MS", 0)
    desk.hits = 4
    desk.engine.rank_all = lambda asked: ranked(result(desk.ids[:4]))  # of before, however late it is asked
    desk.type("dogs")
    desk.hits = 6
    desk.engine.tell(messages.PhotosChanged(14))
    desk.wait(desk.header.news.isVisible)
    assert desk.header.news.text() == "2 new matches"
    assert len(desk.grid.ids) == 4
    QTest.mouseClick(desk.header.news, Qt.MouseButton.LeftButton)
    desk.wait(lambda: len(desk.grid.ids) == 6)
    assert not desk.header.news.isVisible()


def test_enter_brings_new_matches_too(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "RECHECK_MS", 0)
    desk.hits = 4
    desk.engine.rank_all = lambda asked: ranked(result(desk.ids[:4]))
    desk.type("dogs")
    desk.hits = 6
    desk.engine.tell(messages.PhotosChanged(14))
    desk.wait(desk.header.news.isVisible)
    QTest.keyClick(desk.header.field, Qt.Key.Key_Return)
    desk.wait(lambda: len(desk.grid.ids) == 6)
    assert not desk.header.news.isVisible()


@pytest.mark.parametrize("event", [NotesChanged((1,)), TagsChanged(), AlbumsChanged()])
def test_an_answer_that_has_lost_some_says_so(
    event: messages.AnyEvent, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "RECHECK_MS", 0)
    desk.hits = 4
    desk.engine.rank_all = lambda asked: ranked(result(desk.ids[:4]))
    desk.type("dogs")
    asked = len(desk.engine.asked)
    desk.engine.tell(event)
    desk.wait(lambda: len(desk.engine.asked) > asked)
    desk.hits = 3
    desk.engine.tell(event)
    desk.wait(desk.header.news.isVisible)
    assert desk.header.news.text() == "The answer has changed"
    assert len(desk.grid.ids) == 4
    QTest.mouseClick(desk.header.news, Qt.MouseButton.LeftButton)
    desk.wait(lambda: desk.header.count.text().startswith("3 strong matches"))
    assert not desk.header.news.isVisible()


def test_what_found_nothing_yet_is_answered_by_itself(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "RECHECK_MS", 0)
    desk.hits = 0
    desk.type("dogs")
    assert desk.window.pages.currentWidget() is desk.window.pages.message
    desk.hits = 4
    desk.engine.tell(messages.PhotosChanged(12))
    desk.wait(lambda: len(desk.grid.ids) == 4 and desk.grid.isVisible())
    assert not desk.header.news.isVisible()


def test_a_photo_that_has_gone_leaves_the_answer(desk: Desk, library: Library) -> None:
    desk.hits = 4
    desk.type("dogs")
    with Writer.open(library) as writer:
        writer.forget([b"/photos/1.jpg"])
    desk.engine.tell(messages.PhotosChanged(11))
    desk.wait(lambda: desk.grid.ids.tolist() == [desk.ids[0], *desk.ids[2:4]])
    assert desk.header.count.text().startswith("3 strong matches among ")


def test_what_is_to_be_arranged_comes_at_once_and_as_wide_as_the_engine_says(desk: Desk) -> None:
    def search(question: Question) -> search_messages.SearchResult:
        count = max(question.k, min(question.most, 450))
        hits = [Hit(number, b"", 0.5, Confidence.STRONG, 2.0) for number in range(count)]
        return search_messages.SearchResult("x", "model", 1, 1, 450, hits, labels=Labels(strong=450))

    desk.engine.search = search
    desk.search.runner.set_order("date", "none")
    desk.type("x")
    assert len(desk.grid.ids) == 450
    cell = desk.grid.cell_of(0)
    assert cell.width() == pytest.approx(2 * cell.height(), abs=2)
    assert len(desk.engine.asked) == 1
