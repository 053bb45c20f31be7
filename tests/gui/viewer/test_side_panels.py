"""The panels beside photos: one at a time, closed alike, the keyboard back where it was."""

import pytest
from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QSize, Qt
from PySide6.QtGui import QFocusEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot

from photosearch.core import search_messages
from photosearch.core.photo import Confidence, Hit
from photosearch.gui.library.sidebar_nodes import DUPLICATES, PROBLEMS
from photosearch.gui.shell.window import Window
from photosearch.gui.widgets.side_panel import SidePanel
from tests.helpers.fake_engine import FakeEngine
from tests.helpers.shelf import Shelf
from tests.helpers.windows import MakeWindow

NO_FOCUS = Qt.FocusPolicy.NoFocus


@pytest.fixture
def window(qtbot: QtBot, shelf: Shelf, engine: FakeEngine, make_window: MakeWindow) -> Window:
    """With an answer of three photos."""
    ids = shelf.add(3)
    hits = [Hit(photo_id, b"/photos/%d.jpg" % photo_id, 0.3, Confidence.STRONG) for photo_id in ids]
    engine.search = lambda asked: search_messages.SearchResult(asked.text, "m", 0, 0, 3, hits)
    engine.replies[search_messages.Explain] = search_messages.Explanation(
        0.3, 0.0, Confidence.STRONG, 2, 3, (), (), (1, 4, 7), 0.0, 0.4
    )
    window = make_window()
    window.search.submit("two dogs")
    qtbot.waitUntil(lambda: window.search.shown is not None and window.grid.ids.tolist() == ids)
    window.grid.enter()
    return window


def panels(window: Window) -> dict[Qt.Key, SidePanel]:
    return {Qt.Key.Key_I: window.viewer.panel, Qt.Key.Key_W: window.search.why}


@pytest.mark.parametrize("key", [Qt.Key.Key_I, Qt.Key.Key_W])
def test_its_letter_its_cross_and_escape_close_a_panel(window: Window, key: Qt.Key) -> None:
    panel = panels(window)[key]
    for close in (
        lambda: QTest.keyClick(window.grid, key),
        panel.close_button.click,
        lambda: QTest.keyClick(window.grid, Qt.Key.Key_Escape),
    ):
        QTest.keyClick(window.grid, key)
        assert panel.isVisible()
        close()
        assert panel.isHidden()
    assert window.search.shown is not None


@pytest.mark.parametrize("key", [Qt.Key.Key_I, Qt.Key.Key_W])
def test_the_keyboard_returns_to_the_photos(window: Window, key: Qt.Key) -> None:
    panel = panels(window)[key]
    QTest.keyClick(window.grid, key)
    panel.close_button.setFocus(Qt.FocusReason.TabFocusReason)
    QTest.keyClick(panel.close_button, Qt.Key.Key_Space)
    assert panel.isHidden()
    assert window.focusWidget() is window.grid


def test_one_takes_the_place_of_the_other(window: Window) -> None:
    information, why = panels(window).values()
    QTest.keyClick(window.grid, Qt.Key.Key_I)
    QTest.keyClick(window.grid, Qt.Key.Key_W)
    assert why.isVisible() and information.isHidden()
    QTest.keyClick(window.grid, Qt.Key.Key_I)
    assert information.isVisible() and why.isHidden()


def test_information_rests_while_no_photos_are_shown(qtbot: QtBot, window: Window) -> None:
    panel = window.viewer.panel
    QTest.keyClick(window.grid, Qt.Key.Key_I)
    for key in (PROBLEMS, DUPLICATES):
        window.library.sidebar.tree.chosen.emit(key)
        assert panel.isHidden()
    window.step_back()
    qtbot.waitUntil(panel.isVisible)
    panel.leave()
    window.library.sidebar.tree.chosen.emit(PROBLEMS)
    window.step_back()
    qtbot.waitUntil(window.grid.isVisible)
    assert panel.isHidden()


def test_in_the_viewer_escape_closes_the_panel_that_has_the_keyboard(window: Window) -> None:
    QTest.keyClick(window.grid, Qt.Key.Key_Space)
    detail = window.viewer.detail
    QTest.keyClick(detail.picture, Qt.Key.Key_I)
    detail.panel.close_button.setFocus(Qt.FocusReason.TabFocusReason)
    QTest.keyClick(detail.panel.close_button, Qt.Key.Key_Escape)
    assert detail.panel.isHidden()
    assert not detail.bar.information.isChecked()
    assert detail.isVisible()
    assert window.focusWidget() is detail.picture


@pytest.mark.parametrize("size", [QSize(480, 360), QSize(480, 700)])
def test_a_narrow_window_cuts_nothing_off_a_panel(qtbot: QtBot, window: Window, size: QSize) -> None:
    window.resize(size)
    for key, panel in panels(window).items():
        QTest.keyClick(window.grid, key)
        qtbot.waitUntil(lambda panel=panel: whole(window, panel))
    qtbot.waitUntil(lambda: not window.zoom.isVisible())
    QTest.keyClick(window.grid, Qt.Key.Key_Space)
    detail = window.viewer.detail
    for key, panel in ((Qt.Key.Key_I, detail.panel), (Qt.Key.Key_W, detail.why)):
        QTest.keyClick(detail.picture, key)
        qtbot.waitUntil(lambda panel=panel: whole(window, panel))
    assert window.width() == size.width()


def test_a_narrow_window_with_its_sidebar_leaves_the_field_room(qtbot: QtBot, window: Window) -> None:
    window.resize(480, 700)
    adding = window.header.add_folder
    qtbot.waitUntil(lambda: not window.library.sidebar.isVisible() and adding.isVisible())
    window.splitter.toggle()
    qtbot.waitUntil(lambda: not adding.isVisible() and window.header.field.width() > 120)
    window.splitter.toggle()
    qtbot.waitUntil(adding.isVisible)


def whole(window: Window, panel: SidePanel) -> bool:
    return panel.isVisible() and window.rect().contains(
        QRect(panel.mapTo(window, QPoint(0, 0)), panel.size())
    )


def test_the_keyboard_returns_without_a_ring(qtbot: QtBot, window: Window) -> None:
    QTest.keyClick(window.grid, Qt.Key.Key_Space)
    detail = window.viewer.detail
    qtbot.waitUntil(detail.picture.hasFocus)
    detail.set_bare(True)  # as on the whole screen: what follows a text of the panel is the picture
    QTest.keyClick(detail.picture, Qt.Key.Key_I)
    fact = next(each for each in detail.panel.findChildren(QLabel) if each.focusPolicy() != NO_FOCUS)
    fact.setFocus(Qt.FocusReason.MouseFocusReason)
    reasons = Reasons(detail.picture)
    QTest.keyClick(fact, Qt.Key.Key_I)
    assert detail.picture.hasFocus() and detail.panel.isHidden()
    assert reasons.seen == [Qt.FocusReason.OtherFocusReason]


class Reasons(QObject):
    """Why a widget got the keyboard, each time."""

    def __init__(self, widget: QWidget) -> None:
        super().__init__(widget)
        self.seen: list[Qt.FocusReason] = []
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QFocusEvent) and event.gotFocus():
            self.seen.append(event.reason())
        return False


def test_a_key_that_a_panel_does_not_take_is_for_the_photos(window: Window) -> None:
    QTest.keyClick(window.grid, Qt.Key.Key_I)
    panel = window.viewer.panel
    panel.close_button.setFocus(Qt.FocusReason.TabFocusReason)
    QTest.keyClick(panel.close_button, Qt.Key.Key_W)
    assert window.search.why.isVisible() and panel.isHidden()
    QTest.keyClick(window.grid, Qt.Key.Key_I)
    panel.caption.setFocus()
    QTest.keyClick(panel.caption, Qt.Key.Key_I)
    assert panel.isVisible()
