"""The page that explains what may be typed."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu, QPushButton
from pytestqt.qtbot import QtBot

from photosearch.core import search_messages
from photosearch.core.query import Says
from photosearch.core.search_messages import Suggestion, Suggestions
from photosearch.gui.desktop import language
from photosearch.gui.query.how_to import HowToSearch, exact_words
from photosearch.gui.shell.commands import Commands
from photosearch.gui.shell.window import Window
from photosearch.paths import Library
from photosearch.search.query import parse
from photosearch.store.reader import Reader
from photosearch.store.writer import Writer
from tests.helpers.fake_engine import FakeEngine, result
from tests.helpers.shelf import Shelf
from tests.helpers.windows import MakeWindow, shows

OWN = ("date:2024", 'folder:"At home"', "album:Lake", "camera:Canon")


@pytest.fixture
def sheet(engine: FakeEngine, make_window: MakeWindow, qtbot: QtBot) -> HowToSearch:
    engine.replies[search_messages.Suggest] = Suggestions(
        tuple(Suggestion("value", text, text) for text in OWN)
    )
    commands = make_window().findChild(Commands)
    assert isinstance(commands, Commands)
    commands.how_to.trigger()
    made = commands.show_how_to_search()
    assert isinstance(made, HowToSearch) and not made.isModal()
    qtbot.waitUntil(lambda: "date:2024" in examples(made))
    return made


def examples(sheet: HowToSearch) -> dict[str, QPushButton]:
    """Buttons by the queries that they run."""
    return {button.toolTip(): button for button in sheet.findChildren(QPushButton) if button.toolTip()}


def test_a_click_runs_an_example_in_the_window_beside(
    sheet: HowToSearch, engine: FakeEngine, shelf: Shelf, qtbot: QtBot
) -> None:
    ids = shelf.add(3)
    engine.search = lambda question: result(ids[:2])
    window = sheet.parentWidget()
    assert isinstance(window, Window)
    for query, found in (("two dogs on a beach", ids[:2]), ("date:2024", ids[1:])):
        engine.search = lambda question, found=found: result(found)  # type: ignore[misc]
        QTest.mouseClick(examples(sheet)[query], Qt.MouseButton.LeftButton)
        qtbot.waitUntil(shows(window, found))
        assert window.header.field.text() == query
        assert sheet.isVisible()


@pytest.mark.parametrize("spoken", ["en", "zh_CN"])
def test_every_example_is_a_query(sheet: HowToSearch, spoken: str) -> None:
    language.change(spoken)
    queries = list(examples(sheet))
    assert len(queries) == 12
    for query in queries:
        assert parse(query).pieces
    filters = [piece.text for query in queries for piece in parse(query).pieces if piece.kind == "filter"]
    assert set(OWN) <= set(filters)
    language.change("en")


def test_exact_words_of_the_library_are_on_the_sheet(
    library: Library, shelf: Shelf, make_window: MakeWindow, qtbot: QtBot
) -> None:
    (photo_id,) = shelf.add(1)
    with Writer.open(library) as writer:
        writer.set_caption(photo_id, "Pelican Cove")
    commands = make_window().findChild(Commands)
    assert isinstance(commands, Commands)
    sheet = commands.show_how_to_search()
    assert isinstance(sheet, HowToSearch)
    qtbot.waitUntil(lambda: '"Pelican Cove"' in examples(sheet))


def test_a_picture_is_chosen_in_the_field(sheet: HowToSearch, qtbot: QtBot) -> None:
    (button,) = (b for b in sheet.findChildren(QPushButton) if b.text() == "Search by a picture")
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    assert menu.pos() == button.mapToGlobal(button.rect().bottomLeft())
    menu.close()


def test_exact_words_are_such_that_stand_in_the_library(library: Library, shelf: Shelf) -> None:
    def tried() -> str:
        with Reader.open(library) as reader:
            words = exact_words(reader)
            if words:
                assert reader.matching([Says(phrase=words)]).size
            return words

    first, second = shelf.add(2)
    assert tried()  # a file's name
    with Writer.open(library) as writer:
        writer.set_caption(first, "A dog, and two, more of them")
        assert tried() == "A dog, and"
        writer.set_caption(second, "我们在海边的房子里")
        assert tried() == "我们在海边的"
