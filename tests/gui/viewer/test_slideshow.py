"""Photos that go on by themselves, over the whole screen, until one says otherwise."""

import io
from itertools import pairwise

import pytest
from PIL import Image
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QPalette
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from photosearch.core import messages
from photosearch.core.errors import KnownError
from photosearch.gui.desktop.preferences import Preferences
from photosearch.gui.shell.window import Window
from photosearch.gui.viewer.detail import DetailView
from photosearch.gui.viewer.slideshow import Slideshow
from photosearch.gui.widgets import theme
from tests.helpers.fake_engine import FakeEngine
from tests.helpers.mouse import send_mouse
from tests.helpers.shelf import Shelf
from tests.helpers.windows import MakeWindow


def preview(request: messages.Preview) -> messages.Previewed:
    jpeg = io.BytesIO()
    Image.new("RGB", (90, 60), "white").save(jpeg, "JPEG")
    return messages.Previewed(jpeg.getvalue(), 90, 60)


@pytest.fixture
def ids(shelf: Shelf) -> list[int]:
    return shelf.add(3)[::-1]


@pytest.fixture
def window(qtbot: QtBot, ids: list[int], engine: FakeEngine, make_window: MakeWindow) -> Window:
    engine.preview = preview
    window = make_window()
    qtbot.waitUntil(lambda: window.grid.ids.tolist() == ids)
    return window


@pytest.fixture
def detail(qtbot: QtBot, window: Window, ids: list[int]) -> DetailView:
    window.viewer.open(ids[0])
    detail = window.viewer.detail
    qtbot.waitUntil(lambda: detail.picture.image.width() == 90)
    return detail


def press(detail: DetailView, key: Qt.Key) -> None:
    QTest.keyClick(detail.picture, key)


@pytest.mark.parametrize("key", [Qt.Key.Key_P, Qt.Key.Key_F11])
def test_the_panel_rests_while_the_photo_fills_the_screen(detail: DetailView, key: Qt.Key) -> None:
    press(detail, Qt.Key.Key_I)
    assert detail.panel.isVisible()
    press(detail, key)
    assert detail.panel.isHidden()
    press(detail, Qt.Key.Key_Escape)
    assert detail.panel.isVisible() and detail.isVisible()


def test_the_next_photo_is_wanted_once_one_was_seen_and_not_in_a_pause(qtbot: QtBot) -> None:
    picture = QWidget()
    qtbot.addWidget(picture)
    paused, going = Slideshow(picture), Slideshow(picture)
    wanted: list[Slideshow] = []
    for slideshow in (paused, going):
        slideshow.next_wanted.connect(lambda slideshow=slideshow: wanted.append(slideshow))
        slideshow.seconds.setValue(1)
        slideshow.start_or_pause()
    paused.start_or_pause()
    paused.count_down()  # another photo, on which one went by hand
    going.count_down()
    qtbot.waitUntil(lambda: bool(wanted))
    assert wanted == [going]
    paused.start_or_pause()
    qtbot.waitUntil(lambda: paused in wanted)


def test_it_fills_the_screen_and_escape_ends_it_at_the_photo_in_view(
    window: Window, detail: DetailView, ids: list[int]
) -> None:
    press(detail, Qt.Key.Key_P)
    assert detail.slideshow.running
    assert window.isFullScreen()
    assert detail.bar.isHidden()
    assert detail.slideshow.isVisible()
    press(detail, Qt.Key.Key_Escape)
    assert not detail.slideshow.running
    assert not window.isFullScreen()
    assert detail.isVisible()
    assert detail.slideshow.isHidden()


def test_it_goes_round(detail: DetailView, ids: list[int]) -> None:
    press(detail, Qt.Key.Key_P)
    for expected in (ids[1], ids[2], ids[0]):
        detail.slideshow.next_wanted.emit()
        assert detail.photo_id == expected


def test_a_photo_that_cannot_be_shown_does_not_hold_it_up(
    qtbot: QtBot, window: Window, detail: DetailView, engine: FakeEngine, ids: list[int]
) -> None:
    def refuses(request: messages.Preview) -> messages.Previewed:
        raise KnownError("/photos/1.jpg cannot be shown: the file is damaged.")

    engine.preview = refuses
    window.viewer.previews.forget_failures()
    detail.slideshow.seconds.setValue(1)
    press(detail, Qt.Key.Key_End)
    press(detail, Qt.Key.Key_P)
    qtbot.waitUntil(lambda: detail.photo_id == ids[0])


def test_the_space_bar_pauses_it_and_its_controls_stay(detail: DetailView) -> None:
    press(detail, Qt.Key.Key_P)
    press(detail, Qt.Key.Key_Space)
    assert detail.slideshow.paused
    assert detail.slideshow.isVisible()
    assert detail.slideshow.pause.accessibleName() == "Go on (P)"
    press(detail, Qt.Key.Key_Space)
    assert detail.slideshow.running and not detail.slideshow.paused


def test_ending_it_from_its_own_controls_leaves_the_keyboard_with_the_photo(
    window: Window, detail: DetailView
) -> None:
    press(detail, Qt.Key.Key_P)
    detail.slideshow.seconds.setFocus(Qt.FocusReason.TabFocusReason)
    QTest.keyClick(detail.slideshow.seconds, Qt.Key.Key_Escape)
    assert not detail.slideshow.running
    assert detail.isVisible()
    assert window.focusWidget() is detail.picture


def test_tab_leads_through_its_controls_as_they_stand(window: Window, detail: DetailView) -> None:
    press(detail, Qt.Key.Key_P)
    slideshow = detail.slideshow
    stops = [detail.picture, slideshow.pause, slideshow.seconds, slideshow.stop, detail.picture]
    for here, following in pairwise(stops):
        assert window.focusWidget() is here
        QTest.keyClick(here, Qt.Key.Key_Tab)
        assert window.focusWidget() is following
    for here, before in pairwise(reversed(stops)):
        QTest.keyClick(here, Qt.Key.Key_Backtab)
        assert window.focusWidget() is before


def test_the_box_of_its_seconds_takes_digits_and_leaves_all_other_keys_to_the_photo(
    window: Window, detail: DetailView, ids: list[int]
) -> None:
    press(detail, Qt.Key.Key_P)
    seconds = detail.slideshow.seconds
    seconds.setFocus(Qt.FocusReason.TabFocusReason)
    QTest.keyClick(seconds, Qt.Key.Key_P)
    assert detail.slideshow.paused
    QTest.keyClick(seconds, Qt.Key.Key_Right)
    assert detail.photo_id == ids[1]
    QTest.keyClicks(seconds, "7")
    QTest.keyClick(seconds, Qt.Key.Key_Up)
    assert seconds.value() == 8
    QTest.keyClick(seconds, Qt.Key.Key_Return)
    assert window.focusWidget() is detail.picture
    assert detail.slideshow.paused and detail.isVisible()


def test_a_digit_that_is_selected_is_as_bright_as_one_that_is_not(detail: DetailView) -> None:
    colours = detail.slideshow.seconds.palette()
    assert colours.color(QPalette.ColorRole.HighlightedText).name() == theme.DARKROOM.text.lower()
    assert colours.color(QPalette.ColorRole.Highlight).name() == theme.DARKROOM.soft.lower()


def test_the_ring_of_the_photo_goes_as_one_goes_on(qtbot: QtBot, detail: DetailView) -> None:
    edge = QPoint(1, detail.picture.height() // 2)
    plain = detail.picture.grab().toImage().pixelColor(edge)
    detail.picture.setFocus(Qt.FocusReason.TabFocusReason)
    detail.picture.clearFocus()
    detail.picture.setFocus(Qt.FocusReason.TabFocusReason)
    assert detail.picture.grab().toImage().pixelColor(edge) != plain
    press(detail, Qt.Key.Key_Down)
    qtbot.waitUntil(lambda: detail.picture.grab().toImage().pixelColor(edge) == plain)


def test_the_pointer_rests_and_comes_back_when_it_moves(qtbot: QtBot, detail: DetailView) -> None:
    press(detail, Qt.Key.Key_P)
    hidden = Qt.CursorShape.BlankCursor
    qtbot.waitUntil(lambda: detail.picture.cursor().shape() == hidden)
    assert detail.slideshow.isHidden()
    send_mouse(detail.picture, QEvent.Type.MouseMove, QPoint(30, 30))
    send_mouse(detail.picture, QEvent.Type.MouseMove, QPoint(50, 50))
    qtbot.waitUntil(detail.slideshow.isVisible)
    assert detail.picture.cursor().shape() != hidden
    press(detail, Qt.Key.Key_Escape)
    assert detail.picture.cursor().shape() != hidden


def test_the_seconds_and_the_filmstrip_are_remembered(
    qtbot: QtBot, make_window: MakeWindow, preferences: Preferences
) -> None:
    first = make_window()
    first.viewer.detail.slideshow.seconds.setValue(9)
    first.viewer.detail.filmstrip.want(False)
    first.close()
    second = make_window().viewer.detail
    assert second.slideshow.seconds.value() == 9
    assert not second.filmstrip.wanted
