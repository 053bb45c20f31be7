"""Mouse events sent to a widget. QTest moves the cursor instead, and where it is already Qt sends no move."""

from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QApplication, QWidget


def send_mouse(
    widget: QWidget,
    kind: QEvent.Type,
    point: QPoint,
    *,
    held: bool = False,
    modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier,
) -> None:
    """An event of the left button, or a move; with the button down where it is `held`."""
    left, none = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton
    button = none if kind == QEvent.Type.MouseMove else left
    there = QPointF(widget.mapToGlobal(point))
    event = QMouseEvent(kind, QPointF(point), there, button, left if held else none, modifiers)
    QApplication.sendEvent(widget, event)


def turn_wheel(widget: QWidget, notches: int) -> None:
    """The wheel over the middle of a widget, away from the person for notches above 0."""
    at = QPointF(widget.rect().center())
    buttons, keys = Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier
    phase, turned = Qt.ScrollPhase.NoScrollPhase, QPoint(0, 120 * notches)
    event = QWheelEvent(at, widget.mapToGlobal(at), QPoint(), turned, buttons, keys, phase, False)
    QApplication.sendEvent(widget, event)
