"""A grid with photos in it, and what a person's hands do to it."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtTest import QTest

from photosearch.gui.grid.grid import PhotoGrid
from tests.helpers.mouse import send_mouse

ASPECTS = np.array([1.5, 0.67, 1.0, 1.33, 1.78], dtype=np.float32)
NONE, CTRL, SHIFT = (
    Qt.KeyboardModifier.NoModifier,
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.ShiftModifier,
)
LEFT = Qt.MouseButton.LeftButton


def many(count: int, first: int = 1) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    return np.arange(first, first + count, dtype=np.int64), np.resize(ASPECTS, count)


def press(grid: PhotoGrid, key: Qt.Key, modifiers: Qt.KeyboardModifier = NONE) -> None:
    QTest.keyClick(grid, key, modifiers)


def middle_of(grid: PhotoGrid, position: int) -> QPoint:
    return grid.cell_of(position).center().toPoint()


def click(grid: PhotoGrid, position: int, modifiers: Qt.KeyboardModifier = NONE) -> None:
    QTest.mouseClick(grid.viewport(), LEFT, modifiers, middle_of(grid, position))


def point_at(grid: PhotoGrid, point: QPoint) -> None:
    send_mouse(grid.viewport(), QEvent.Type.MouseMove, point)


def drag(grid: PhotoGrid, *points: QPoint, modifiers: Qt.KeyboardModifier = NONE, drop: bool = True) -> None:
    """Press at the first point and move over the others."""
    view, (first, *others) = grid.viewport(), points
    send_mouse(view, QEvent.Type.MouseButtonPress, first, held=True, modifiers=modifiers)
    for point in others:
        send_mouse(view, QEvent.Type.MouseMove, point, held=True, modifiers=modifiers)
    if drop:
        send_mouse(view, QEvent.Type.MouseButtonRelease, points[-1], modifiers=modifiers)
