"""Mouse events sent to a widget. QTest moves the cursor instead, and where it is already Qt sends no move."""

from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent
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
