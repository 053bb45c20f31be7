"""A window whose person wants to see each stack as one photo: places, answers, what is asked for by name."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from photosearch import settings
from photosearch.core.note_messages import SetRating
from photosearch.core.stack_messages import StacksChanged
from photosearch.gui.shell.window import Window
from photosearch.paths import Library
from photosearch.store.writer import Writer
from tests.helpers.fake_engine import FakeEngine, result
from tests.helpers.shelf import Shelf
from tests.helpers.windows import MakeWindow, shows


@pytest.fixture
def ids(shelf: Shelf, library: Library) -> list[int]:
    """Of five photos, newest first; the second and the fourth are behind the third."""
    ids = shelf.add(5)[::-1]
    with Writer.open(library) as writer:
        writer.keep_stacks([(ids[2], ids[1], ids[3])], "these")
        writer.set_setting(settings.STACK, settings.YES)
    return ids


@pytest.fixture
def window(qtbot: QtBot, ids: list[int], make_window: MakeWindow) -> Window:
    window = make_window()
    qtbot.waitUntil(shows(window, [ids[0], ids[2], ids[4]]))
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    return window


def test_they_are_folded_from_the_start_and_counted_whole(window: Window) -> None:
    assert "5 photos" in window.header.count.text()


def test_the_setting_counts_at_once(
    qtbot: QtBot, window: Window, ids: list[int], library: Library, engine: FakeEngine
) -> None:
    for value, shown in ((settings.NO, ids), (settings.YES, [ids[0], ids[2], ids[4]])):
        with Writer.open(library) as writer:
            writer.set_setting(settings.STACK, value)
        engine.tell(StacksChanged())
        qtbot.waitUntil(shows(window, shown))


def test_an_answer_has_the_best_in_the_place_of_the_first(
    qtbot: QtBot, window: Window, ids: list[int], engine: FakeEngine
) -> None:
    engine.search = lambda question: result([ids[3], ids[4], ids[2]])
    window.search.submit("two dogs")
    qtbot.waitUntil(shows(window, [ids[2], ids[4]]))
    assert "3 strong" in window.header.count.text()
    window.search.leave()
    qtbot.waitUntil(shows(window, [ids[0], ids[2], ids[4]]))


def test_stars_are_for_what_is_shown(
    qtbot: QtBot, window: Window, ids: list[int], engine: FakeEngine
) -> None:
    window.grid.enter()
    QTest.keyClick(window.grid, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: window.selection.count.text() == "3 photos selected, without 2 behind them")
    QTest.keyClick(window.grid, Qt.Key.Key_5)
    assert engine.orders.get(timeout=5) == SetRating((ids[0], ids[2], ids[4]), 5)


def test_a_photo_that_is_asked_for_is_shown_though_it_is_behind_another(
    qtbot: QtBot, window: Window, ids: list[int]
) -> None:
    window.viewer.open(ids[3])
    qtbot.waitUntil(lambda: window.viewer.detail.photo_id == ids[3])
    assert window.grid.ids.tolist() == [ids[0], ids[2], ids[1], ids[3], ids[4]]
