"""Widgets in as many rows as they need."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, QRect, QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget


class Rows(QWidget):
    """Holds widgets side by side, and in another row below where there is no room.

    It places them itself: a QLayout in Python holds items that Qt deletes, and one that did met such an item
    and took the window down.
    """

    def __init__(self, spacing: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._spacing = spacing
        self._widgets: list[QWidget] = []
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def add(self, widget: QWidget) -> None:
        """Put a widget behind the others."""
        widget.setParent(self)
        self._widgets.append(widget)
        self._changed()

    def remove(self, widget: QWidget) -> None:
        """Take a widget out, hide it and delete it."""
        self._widgets.remove(widget)
        widget.hide()
        widget.deleteLater()
        self._changed()

    def heightForWidth(self, width: int) -> int:
        return self._place(width, move=False)

    def sizeHint(self) -> QSize:
        hints = [_size(widget) for widget in self._shown()]
        width = sum(hint.width() for hint in hints) + self._spacing * max(0, len(hints) - 1)
        return QSize(width, max((hint.height() for hint in hints), default=0))

    def minimumSizeHint(self) -> QSize:
        widest = max((widget.minimumSizeHint().width() for widget in self._shown()), default=0)
        return QSize(widest, self.sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._place(event.size().width(), move=True)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.LayoutRequest:  # one of them has another size, came or went
            self._changed()
        return super().event(event)

    def _changed(self) -> None:
        self.updateGeometry()
        self._place(self.width(), move=True)

    def _shown(self) -> list[QWidget]:
        """Those that nobody hid, whether they are on the screen yet or not."""
        by_hand = Qt.WidgetAttribute.WA_WState_ExplicitShowHide
        return [
            widget for widget in self._widgets if not (widget.isHidden() and widget.testAttribute(by_hand))
        ]

    def _place(self, width: int, *, move: bool) -> int:
        """-> the height that is needed."""
        x, y, row = 0, 0, 0
        for widget in self._shown():
            size = _size(widget)
            size.setWidth(min(size.width(), width))
            if x > 0 and x + size.width() > width:
                x, y, row = 0, y + row + self._spacing, 0
            if move:
                widget.setGeometry(QRect(QPoint(x, y), size))
            x += size.width() + self._spacing
            row = max(row, size.height())
        return y + row


def _size(widget: QWidget) -> QSize:
    """What a widget would have, within its bounds."""
    return widget.sizeHint().expandedTo(widget.minimumSize()).boundedTo(widget.maximumSize())
