"""The map of the window: marks that open as photos, circles, the keyboard."""

import math

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QRectF, Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from photosearch.core import messages, search_messages
from photosearch.gui.library.places import ALL
from photosearch.gui.library.sidebar_nodes import MAP
from photosearch.gui.map import marks, town_names
from photosearch.gui.map.clusters import Circle
from photosearch.gui.map.map_page import MapPage, as_query
from photosearch.gui.map.map_view import MapView
from photosearch.gui.map.mercator import TILE, Spot, projected
from photosearch.gui.shell.window import Window
from photosearch.gui.widgets import theme
from photosearch.search.query import parse
from tests.helpers.fake_engine import FakeEngine, result
from tests.helpers.mouse import send_mouse
from tests.helpers.shelf import Shelf
from tests.helpers.windows import MakeWindow, click_row, shows

PRESS, MOVE, RELEASE = QEvent.Type.MouseButtonPress, QEvent.Type.MouseMove, QEvent.Type.MouseButtonRelease


class Atlas:
    """A window that shows the map of three photos in Lisbon and one in Sydney."""

    def __init__(self, shelf: Shelf, engine: FakeEngine, make_window: MakeWindow, qtbot: QtBot) -> None:
        self.lisbon = shelf.add(3, latitude=38.72, longitude=-9.14)
        self.sydney = shelf.add(1, latitude=-33.87, longitude=151.21)
        self.nowhere = shelf.add(1)
        self.engine, self.qtbot = engine, qtbot
        engine.search = lambda question: result(self.lisbon)
        self.window: Window = make_window()
        click_row(self.window, MAP)
        qtbot.waitUntil(lambda: len(self.view.clusters) == 2)

    @property
    def page(self) -> MapPage:
        return self.window.library.map

    @property
    def view(self) -> MapView:
        return self.page.view

    def point_of(self, photo_id: int) -> QPoint:
        """Where the mark is that shows a photo."""
        (cluster,) = (cluster for cluster in self.view.clusters if cluster.newest == photo_id)
        return self.view.viewport.point_of(cluster.spot).toPoint()

    def asked(self) -> str:
        """What was asked once photos stand in the map's place."""
        self.qtbot.waitUntil(shows(self.window, self.lisbon))
        question = self.window.search.runner.question
        assert isinstance(question, search_messages.Search)
        return question.text


@pytest.fixture
def atlas(shelf: Shelf, engine: FakeEngine, make_window: MakeWindow, qtbot: QtBot) -> Atlas:
    return Atlas(shelf, engine, make_window, qtbot)


def near(text: str) -> tuple[int, int]:
    """The whole degrees of a query for what lies around a place."""
    latitude, longitude, _ = text.removeprefix("near:").split(",")
    return round(float(latitude)), round(float(longitude))


def test_a_click_on_a_mark_shows_its_photos_and_escape_leads_back(atlas: Atlas) -> None:
    QTest.mouseClick(atlas.view, Qt.MouseButton.LeftButton, pos=atlas.point_of(atlas.lisbon[-1]))
    assert near(atlas.asked()) == (39, -9)
    atlas.window.step_back()
    atlas.qtbot.waitUntil(atlas.page.isVisible)
    assert atlas.window.search.runner.question is None


def test_the_keyboard_is_on_the_map_again_after_escape(atlas: Atlas) -> None:
    atlas.view.setFocus()
    QTest.keyClick(atlas.view, Qt.Key.Key_Left)
    QTest.keyClick(atlas.view, Qt.Key.Key_Return)
    atlas.asked()
    atlas.window.step_back()
    atlas.qtbot.waitUntil(atlas.page.isVisible)
    assert atlas.window.focusWidget() is atlas.view


def test_the_keyboard_is_on_the_map_again_after_a_circle_without_photos(atlas: Atlas) -> None:
    atlas.engine.search = lambda question: result([])
    atlas.view.setFocus()
    atlas.view.chosen.emit(Circle(0.0, -30.0, 100.0))
    atlas.qtbot.waitUntil(lambda: not atlas.page.isVisible())
    atlas.window.step_back()
    atlas.qtbot.waitUntil(atlas.page.isVisible)
    assert atlas.window.focusWidget() is atlas.view


def test_the_map_goes_on_beyond_the_date_line(atlas: Atlas, shelf: Shelf) -> None:
    """Photos of one place on both sides of it are one mark, which is whole wherever it is."""
    shelf.add(1, latitude=10.2, longitude=-179.9)
    (atoll,) = shelf.add(1, latitude=10.2, longitude=179.99)
    atlas.engine.tell(messages.PhotosChanged(7))
    view = atlas.view
    atlas.qtbot.waitUntil(lambda: any(mark.newest == atoll for mark in view.clusters))
    view.zoom_by(math.log2(view.width() / TILE) - view.viewport.zoom)
    for _ in range(2 * round(view.viewport.scale) // 80):
        assert (2, atoll) in [(mark.photos, mark.newest) for mark in view.clusters]
        QTest.keyClick(view, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    view.viewport.pan(view.rect().right() - 5 - atlas.point_of(atoll).x(), 0)
    whole = QPoint(view.rect().right() - 45, atlas.point_of(atoll).y())
    QTest.mouseClick(view, Qt.MouseButton.LeftButton, pos=whole)
    latitude, longitude = near(atlas.asked())
    assert (latitude, abs(longitude)) == (10, 180)


def test_all_of_them_are_in_view_up_to_both_poles(atlas: Atlas, shelf: Shelf) -> None:
    for latitude in (90, -90):
        shelf.add(1, latitude=latitude, longitude=20)
    atlas.engine.tell(messages.PhotosChanged(7))
    view = atlas.view
    atlas.qtbot.waitUntil(lambda: len(view.clusters) == 4)
    view.zoom_by(3)
    QTest.keyClick(view, Qt.Key.Key_Home)
    assert sum(mark.photos for mark in view.clusters) == 6
    ends = [view.viewport.point_of(mark.spot) for mark in view.clusters]
    assert all(QRectF(view.rect()).adjusted(-1, -1, 1, 1).contains(point) for point in ends)


def test_the_keyboard_stays_in_the_sidebar_until_it_is_led_on(atlas: Atlas) -> None:
    tree = atlas.window.library.sidebar.tree
    assert atlas.window.focusWidget() is not atlas.view
    tree.setFocus()
    QTest.keyClick(tree, Qt.Key.Key_Return)
    assert atlas.window.focusWidget() is atlas.view


def test_a_mark_that_the_keyboard_is_at_comes_whole_into_view(atlas: Atlas) -> None:
    atlas.view.zoom_by(2, atlas.point_of(atlas.sydney[0]).toPointF())
    edge = atlas.view.rect().right() - 5
    atlas.view.viewport.pan(edge - atlas.point_of(atlas.sydney[0]).x(), 0)
    QTest.keyClick(atlas.view, Qt.Key.Key_Right)
    assert atlas.point_of(atlas.sydney[0]).x() <= atlas.view.rect().right() - marks.REACH + 1


def test_a_label_at_an_edge_is_whole() -> None:
    room = QRectF(0, 0, 200, 100)
    for box in (QRectF(190, 95, 60, 20), QRectF(-30, -5, 60, 20), QRectF(40, 40, 60, 20)):
        assert room.contains(box.translated(marks.into(box, room)))
    assert marks.into(QRectF(40, 40, 60, 20), room).isNull()


@pytest.mark.parametrize(("colours", "least"), [(theme.LIGHT, 16), (theme.DARK, 30)])
def test_land_and_sea_are_told_apart(atlas: Atlas, colours: theme.Theme, least: int) -> None:
    view = atlas.view
    view.setPalette(theme.palette(colours))
    picture = view.grab().toImage()
    spots = projected(np.array([20.0, -10.0]), np.array([20.0, 80.0])).tolist()
    land, sea = (picture.pixelColor(view.viewport.point_of(Spot(*spot)).toPoint()) for spot in spots)
    assert land.lightness() - sea.lightness() >= least


def test_no_empty_line_stands_above_it(atlas: Atlas) -> None:
    assert atlas.window.header.count.isHidden()
    atlas.window.library.go(ALL)
    atlas.qtbot.waitUntil(lambda: not atlas.window.header.count.isHidden())


def test_towns_are_looked_up_for_a_view_and_not_for_each_paint(
    atlas: Atlas, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[object] = []
    monkeypatch.setattr(town_names, "largest_towns", lambda *where: looked.append(where) or [])
    atlas.view.zoom_by(6)
    for _ in range(3):
        atlas.view.grab()
    assert len(looked) == 1


def test_the_part_that_one_looks_at_is_there_again_after_its_photos(atlas: Atlas) -> None:
    atlas.view.zoom_by(3, atlas.point_of(atlas.lisbon[-1]).toPointF())
    part = atlas.view.viewport.view
    QTest.mouseClick(atlas.view, Qt.MouseButton.LeftButton, pos=atlas.point_of(atlas.lisbon[-1]))
    atlas.asked()
    atlas.window.resize(atlas.window.width() - 40, atlas.window.height())  # while the map is out of sight
    atlas.window.step_back()
    atlas.qtbot.waitUntil(atlas.page.isVisible)
    again = atlas.view.viewport.view
    assert again.zoom == part.zoom
    assert (again.left + again.right, again.top + again.bottom) == pytest.approx(
        (part.left + part.right, part.top + part.bottom), abs=1e-3
    )


def test_tab_leads_through_its_buttons_to_the_map(atlas: Atlas) -> None:
    page = atlas.page
    page.circle.setFocus(Qt.FocusReason.TabFocusReason)
    for following in (page.here, page.closer, page.farther, page.whole, page.view):
        QTest.keyClick(atlas.window.focusWidget(), Qt.Key.Key_Tab)
        assert atlas.window.focusWidget() is following


def test_arrows_lead_from_mark_to_mark_and_return_opens_one(atlas: Atlas) -> None:
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Return):
        QTest.keyClick(atlas.view, key)
    assert near(atlas.asked()) == (-34, 151)


def test_a_drag_with_shift_asks_for_what_is_in_the_circle(atlas: Atlas) -> None:
    middle, shift = atlas.point_of(atlas.sydney[0]), Qt.KeyboardModifier.ShiftModifier
    send_mouse(atlas.view, PRESS, middle, held=True, modifiers=shift)
    send_mouse(atlas.view, MOVE, middle + QPoint(30, 0), held=True, modifiers=shift)
    atlas.view.grab()
    send_mouse(atlas.view, RELEASE, middle + QPoint(30, 0), modifiers=shift)
    assert near(atlas.asked()) == (-34, 151)


def test_a_large_circle_is_drawn_as_it_lies_on_the_earth(atlas: Atlas) -> None:
    atlas.view.viewport.look_at(Spot(0.5, 0.5), 0)
    spots = projected(np.array([-1.3, -1.3, -77.85, 38.72]), np.array([165.0, 85.0, 166.67, -9.14]))
    middle, edge, mcmurdo, lisbon = (
        atlas.view.viewport.point_of(Spot(*spot)).toPoint() + QPoint(0, 1) for spot in spots.tolist()
    )

    def colours() -> list[QColor]:
        image = atlas.view.grab().toImage()
        return [image.pixelColor(at * image.devicePixelRatio()) for at in (mcmurdo, lisbon)]

    before, shift = colours(), Qt.KeyboardModifier.ShiftModifier
    send_mouse(atlas.view, PRESS, middle, held=True, modifiers=shift)
    send_mouse(atlas.view, MOVE, edge, held=True, modifiers=shift)
    assert [one == other for one, other in zip(before, colours(), strict=True)] == [False, True]


def test_the_button_lets_a_circle_be_drawn_once_and_escape_gives_it_up(atlas: Atlas) -> None:
    atlas.page.circle.click()
    assert atlas.view.drawing
    QTest.keyClick(atlas.view, Qt.Key.Key_Escape)
    assert not atlas.view.drawing and not atlas.page.circle.isChecked()
    atlas.page.circle.click()
    middle = atlas.point_of(atlas.sydney[0])
    send_mouse(atlas.view, PRESS, middle, held=True)
    send_mouse(atlas.view, MOVE, middle + QPoint(0, 40), held=True)
    send_mouse(atlas.view, RELEASE, middle + QPoint(0, 40))
    assert near(atlas.asked()) == (-34, 151)
    assert not atlas.page.circle.isChecked()


def test_a_drag_moves_the_map_and_opens_nothing(atlas: Atlas) -> None:
    for _ in range(4):
        atlas.page.closer.click()
    before, start = atlas.view.viewport.view, QPoint(200, 200)
    send_mouse(atlas.view, PRESS, start, held=True)
    send_mouse(atlas.view, MOVE, start + QPoint(60, 0), held=True)
    send_mouse(atlas.view, RELEASE, start + QPoint(60, 0))
    assert atlas.view.viewport.view.left < before.left
    assert atlas.window.search.runner.question is None


def test_zooming_keeps_what_is_at_the_pointer_and_home_shows_all_again(atlas: Atlas) -> None:
    whole, at = atlas.view.viewport.view, atlas.point_of(atlas.sydney[0])
    before = atlas.view.viewport.spot_at(at.toPointF())
    atlas.view.zoom_by(3, at.toPointF())
    assert atlas.view.viewport.spot_at(at.toPointF()) == pytest.approx(before)
    assert [cluster.newest for cluster in atlas.view.clusters] == atlas.sydney
    QTest.keyClick(atlas.view, Qt.Key.Key_Home)
    assert atlas.view.viewport.view == pytest.approx(whole)


def test_photos_that_come_while_one_looks_are_on_the_map(atlas: Atlas, shelf: Shelf) -> None:
    shelf.add(2, latitude=28.61, longitude=77.21)
    atlas.engine.tell(messages.PhotosChanged(7))
    atlas.qtbot.waitUntil(lambda: len(atlas.view.clusters) == 3)


@pytest.mark.parametrize("kilometres", [0.1, 0.123456, 7.0099, 12.34, 438.7, 20015.0])
def test_a_circle_is_typed_as_a_filter_that_holds_all_of_it(kilometres: float) -> None:
    text = as_query(Circle(48.123456, 2.5, kilometres))
    (piece,) = parse(text).filters
    assert kilometres <= piece.kilometres <= kilometres * 1.02
