"""A check box that looks like the switch it is."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QCheckBox

_WIDTH, _HEIGHT, _RING = 40, 22, 3


class Switch(QCheckBox):
    def sizeHint(self) -> QSize:
        return QSize(_WIDTH + 2 * _RING, _HEIGHT + 2 * _RING)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def hitButton(self, pos: QPoint) -> bool:
        return self.rect().contains(pos)

    def paintEvent(self, event: QPaintEvent) -> None:
        role, colours = QPalette.ColorRole, self.palette()
        on, enabled = self.isChecked(), self.isEnabled()
        track = QRectF(_RING, _RING, _WIDTH, _HEIGHT)
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
                painter.setPen(QPen(colours.color(role.Highlight), 2))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 13, 13)
