from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QNativeGestureEvent, QPointingDevice
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from photosearch.gui.grid.grid import PhotoGrid
from photosearch.gui.grid.justified_view import LOWEST
from photosearch.gui.widgets.pinch import Pinch
from tests.helpers.grids import many


def pinch(widget: QWidget, factor: float, at: QPointF) -> None:
    """As a touchpad tells it."""
    QApplication.sendEvent(
        widget,
        QNativeGestureEvent(
            Qt.NativeGestureType.ZoomNativeGesture,
            QPointingDevice.primaryPointingDevice(),
            2,
            at,
            at,
            QPointF(widget.mapToGlobal(at)),
            factor - 1,
            QPointF(),
        ),
    )


def test_a_pinch_says_by_how_much_and_where(qtbot: QtBot) -> None:
    widget = QWidget()
    qtbot.addWidget(widget)
    told: list[tuple[float, QPointF]] = []
    Pinch(widget).pinched.connect(lambda factor, at: told.append((round(factor, 6), at)))
    pinch(widget, 1.25, QPointF(3, 4))
    QApplication.sendEvent(widget, QEvent(QEvent.Type.Enter))
    assert told == [(1.25, QPointF(3, 4))]


def test_small_steps_add_up_in_the_grid(grid: PhotoGrid) -> None:
    grid.show_photos(*many(200), keep_place=False)
    before = grid.row_height
    for _ in range(20):
        pinch(grid.viewport(), 1.002, QPointF(200, 200))
    assert grid.row_height == round(before * 1.002**20)
    for _ in range(200):
        pinch(grid.viewport(), 0.9, QPointF(200, 200))
    assert grid.row_height == LOWEST
