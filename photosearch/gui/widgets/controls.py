"""Controls drawn in the palette's colours: a switch, a choice, a number, lines to write, a line to read."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QPainter, QPaintEvent, QPalette, QPen, QWheelEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QLabel,
    QPlainTextEdit,
    QSizePolicy,
    QSpinBox,
    QStyle,
    QStyleOptionButton,
    QWidget,
)

_WIDTH, _HEIGHT, _TARGET = 40, 22, 28
_ARROW, _FROM_RIGHT = 4, 16
_SHORTEST_LINE = 160


class CheckBox(QCheckBox):
    """A checkbox whose mark is drawn in the palette's colours, in the square of the style sheet."""

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self.isChecked():
            return
        option = QStyleOptionButton()
        self.initStyleOption(option)
        square = self.style().subElementRect(QStyle.SubElement.SE_CheckBoxIndicator, option, self)
        middle = QPointF(QRectF(square).center())
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(self.palette().color(QPalette.ColorRole.HighlightedText), 2))
            mark = [middle + QPointF(x, y) for x, y in ((-4, 0), (-1, 3), (4, -3))]
            painter.drawPolyline(mark)


class ToggleSwitch(QCheckBox):
    """A checkbox that looks like a switch."""

    def sizeHint(self) -> QSize:
        return QSize(_WIDTH, _TARGET)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def hitButton(self, pos: QPoint) -> bool:
        return self.rect().contains(pos)

    def paintEvent(self, event: QPaintEvent) -> None:
        role, colours = QPalette.ColorRole, self.palette()
        on, enabled = self.isChecked(), self.isEnabled()
        track = QRectF(0, (self.height() - _HEIGHT) / 2, _WIDTH, _HEIGHT)
        edge = colours.color(role.Highlight if on and enabled else role.Dark if enabled else role.Mid)
        knob = QPointF(track.right() - _HEIGHT / 2 if on else track.left() + _HEIGHT / 2, track.center().y())
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(edge, 1.5))
            painter.setBrush(edge if on else colours.color(role.Base))
            painter.drawRoundedRect(track.adjusted(1, 1, -1, -1), _HEIGHT / 2 - 1, _HEIGHT / 2 - 1)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colours.color(role.HighlightedText) if on else edge)
            painter.drawEllipse(knob, _HEIGHT / 2 - 5, _HEIGHT / 2 - 5)
            if self.hasFocus():
                painter.setPen(QPen(colours.color(role.WindowText), 2))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawRoundedRect(track.adjusted(1, 1, -1, -1), _HEIGHT / 2 - 1, _HEIGHT / 2 - 1)


class ChoiceBox(QComboBox):
    """A combo box with a chevron. The wheel scrolls what it stands in, and changes nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)  # not the wheel's

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        _arrow(self, self.height() / 2, 1)


class NumberBox(QSpinBox):
    """A spin box with chevrons. The wheel scrolls what it stands in, and changes nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)  # not the wheel's

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        _arrow(self, self.height() / 2 - 5, -1)
        _arrow(self, self.height() / 2 + 5, 1)


class LinesBox(QPlainTextEdit):
    """A few lines to write; Tab leaves it."""

    written = Signal(str)  # once it is left

    def __init__(self, lines: int) -> None:
        super().__init__(tabChangesFocus=True)
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        around = 2 * (self.frameWidth() + round(self.document().documentMargin()))
        self.setFixedHeight(lines * self.fontMetrics().lineSpacing() + around)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.written.emit(self.toPlainText())


class Line(QLabel):
    """A text that is shortened where it has no room, unless it may wrap."""

    def __init__(self) -> None:
        super().__init__(textFormat=Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)

    def sizeHint(self) -> QSize:
        width = self.fontMetrics().horizontalAdvance(self.text()) + 2
        return QSize(width, self.heightForWidth(width) if self.wordWrap() else super().sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        hint = self.sizeHint()
        return QSize(min(hint.width(), _SHORTEST_LINE), hint.height())

    def paintEvent(self, event: QPaintEvent) -> None:
        if self.wordWrap():
            super().paintEvent(event)
            return
        text = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, self.width())
        with QPainter(self) as painter:
            painter.setPen(self.palette().color(self.foregroundRole()))
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignVCenter, text)


def _arrow(widget: QWidget, middle: float, down: int) -> None:
    """A chevron at the right, pointing down for 1 and up for -1."""
    role = QPalette.ColorRole.PlaceholderText if widget.isEnabled() else QPalette.ColorRole.Mid
    centre = QPointF(widget.width() - _FROM_RIGHT, middle)
    with QPainter(widget) as painter:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(widget.palette().color(role), 1.75))
        painter.drawPolyline(
            [
                centre + QPointF(-_ARROW, -down * _ARROW / 2),
                centre + QPointF(0, down * _ARROW / 2),
                centre + QPointF(_ARROW, -down * _ARROW / 2),
            ]
        )
