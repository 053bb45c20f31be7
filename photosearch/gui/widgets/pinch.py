"""Two fingers that move apart, on a touchpad or a touch screen."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPointF, Qt, Signal
from PySide6.QtGui import QNativeGestureEvent
from PySide6.QtWidgets import QGestureEvent, QPinchGesture, QWidget


class Pinch(QObject):
    """Tells of pinches on a widget: touchpads send native gestures, touch screens one of Qt's own."""

    pinched = Signal(object, object)  # float: by how much since the last; QPointF: where, in the widget

    def __init__(self, widget: QWidget) -> None:
        super().__init__(widget)
        self._widget = widget
        widget.grabGesture(Qt.GestureType.PinchGesture)
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QNativeGestureEvent):
            if event.gestureType() == Qt.NativeGestureType.ZoomNativeGesture:
                self.pinched.emit(1 + event.value(), event.position())
                return True
        elif isinstance(event, QGestureEvent):
            pinch = event.gesture(Qt.GestureType.PinchGesture)
            if isinstance(pinch, QPinchGesture):
                event.accept(pinch)
                middle = self._widget.mapFromGlobal(pinch.centerPoint())
                self.pinched.emit(pinch.scaleFactor(), QPointF(middle))
                return True
        return False
