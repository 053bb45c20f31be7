"""The strip of neighbours under a photo: where they lie, what leads to them, what it asks for."""

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from photosearch.gui.data.thumbnail_cache import ThumbnailCache
from photosearch.gui.shell.window import Window
from photosearch.gui.viewer.detail import DetailView
from photosearch.gui.viewer.filmstrip import Filmstrip
from tests.helpers.mouse import turn_wheel
from tests.helpers.shelf import Shelf
from tests.helpers.windows import MakeWindow

PHOTOS = 40


@pytest.fixture
def ids(shelf: Shelf) -> list[int]:
    return shelf.add(PHOTOS)[::-1]


@pytest.fixture
def window(qtbot: QtBot, ids: list[int], make_window: MakeWindow) -> Window:
    window = make_window()
    qtbot.waitUntil(lambda: window.grid.ids.tolist() == ids)
    return window


@pytest.fixture
def detail(qtbot: QtBot, window: Window, ids: list[int]) -> DetailView:
    window.viewer.open(ids[0])
    detail = window.viewer.detail
    qtbot.waitUntil(lambda: detail.details is not None)
    return detail


def test_a_click_leads_to_a_neighbour_and_the_strip_stays(detail: DetailView, ids: list[int]) -> None:
    strip = detail.filmstrip
    place = strip.rect_of(3).center()
    QTest.mouseClick(strip, Qt.MouseButton.LeftButton, pos=place)
    assert detail.photo_id == ids[3]
    assert strip.rect_of(3).center() == place


def test_the_photo_in_view_is_always_in_the_strip_with_those_beside_it(
    detail: DetailView, ids: list[int]
) -> None:
    strip = detail.filmstrip
    for _ in range(PHOTOS - 1):
        QTest.keyClick(detail.picture, Qt.Key.Key_Right)
        at = ids.index(detail.photo_id or 0)
        for beside in range(max(at - 1, 0), min(at + 2, PHOTOS)):
            assert strip.rect().contains(strip.rect_of(beside))


def test_keys_walk_along_the_strip_and_enter_returns_to_the_photo(
    window: Window, detail: DetailView, ids: list[int]
) -> None:
    strip = detail.filmstrip
    strip.setFocus(Qt.FocusReason.TabFocusReason)
    QTest.keyClick(strip, Qt.Key.Key_Right)
    assert detail.photo_id == ids[1]
    QTest.keyClick(strip, Qt.Key.Key_End)
    assert detail.photo_id == ids[-1]
    QTest.keyClick(strip, Qt.Key.Key_PageUp)
    assert ids.index(detail.photo_id or 0) < PHOTOS - 5
    QTest.keyClick(strip, Qt.Key.Key_Return)
    assert window.focusWidget() is detail.picture
    assert detail.isVisible()


def test_the_wheel_moves_the_strip_and_no_further_than_its_photos(detail: DetailView, ids: list[int]) -> None:
    strip = detail.filmstrip
    first = strip.rect_of(0).left()
    turn_wheel(strip, 1)
    assert strip.rect_of(0).left() == first
    turn_wheel(strip, -2)
    assert strip.rect_of(0).left() < first
    assert detail.photo_id == ids[0]
    turn_wheel(strip, -100)
    assert strip.rect_of(PHOTOS - 1).right() < strip.width()


def test_few_photos_lie_in_the_middle(qtbot: QtBot, shelf: Shelf, thumbnails: ThumbnailCache) -> None:
    strip = Filmstrip(thumbnails)
    qtbot.addWidget(strip)
    strip.resize(600, strip.sizeHint().height())
    strip.show()
    strip.show_photos(np.array(shelf.add(3), dtype=np.int64), 0)
    assert abs(strip.rect_of(1).center().x() - 300) <= 1


def test_thumbnails_come_and_are_painted(qtbot: QtBot, detail: DetailView) -> None:
    strip = detail.filmstrip

    def painted() -> bool:
        colour = strip.grab().toImage().pixelColor(strip.rect_of(2).center())
        return colour != strip.palette().color(strip.palette().ColorRole.Mid) and colour != QColor("black")

    qtbot.waitUntil(painted)


def test_t_hides_it_for_good_and_full_screen_for_a_while(
    window: Window, detail: DetailView, ids: list[int]
) -> None:
    assert detail.filmstrip.isVisible()
    window.viewer.toggle_full_screen()
    assert detail.filmstrip.isHidden()
    window.viewer.toggle_full_screen()
    assert detail.filmstrip.isVisible()
    QTest.keyClick(detail.picture, Qt.Key.Key_T)
    detail.walk(1)
    assert detail.filmstrip.isHidden()
    QTest.keyClick(detail.picture, Qt.Key.Key_T)
    assert detail.filmstrip.isVisible()


def test_a_low_window_gives_the_photo_all_the_room(window: Window, detail: DetailView) -> None:
    window.resize(800, 400)
    assert detail.filmstrip.isHidden()
