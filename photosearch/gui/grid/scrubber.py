"""The strip at the right of a timeline: years along it, the month under the mouse, a line where one is."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from typing import NamedTuple

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QFontMetricsF,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QPen,
    QWheelEvent,
)
from PySide6.QtWidgets import QLabel, QWidget

from photosearch.gui.grid.sections import month_name
from photosearch.gui.widgets import theme
from photosearch.gui.widgets.announce import announce
from photosearch.i18n import tr

WIDTH = 56
_LABELS_APART = 16  # logical pixels
_DOTS_APART = 6
_INSET = 12  # above the first place and below the last
_SAME = 1e-4  # places as near as this are one: scrolling is in whole pixels
_STEPS = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}


class MonthStop(NamedTuple):
    """Where a month begins: 0 is the top of all photos, 1 the end of scrolling."""

    at: float
    year: int
    month: int


class Scrubber(QWidget):
    """A timeline beside photos that go from new to old; a click or a drag on it says where to scroll."""

    jumped = Signal(object)  # float from 0 to 1: where to scroll

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._stops: Sequence[MonthStop] = ()
        self._place = 0.0
        self._at: int | None = None  # the stop that a key led to: several may lie at the end
        self._pointed: float | None = None
        self._bubble = QLabel(parent, textFormat=Qt.TextFormat.PlainText)
        self._bubble.setObjectName("bubble")
        self._bubble.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._bubble.hide()
        self.setFixedWidth(WIDTH)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.retranslate()

    def retranslate(self) -> None:
        self.setAccessibleName(tr("Timeline"))
        self.update()

    @property
    def stops(self) -> Sequence[MonthStop]:
        """The months shown."""
        return self._stops

    def set_stops(self, stops: Sequence[MonthStop]) -> None:
        """Show these months, from the newest to the oldest."""
        self._stops, self._at = stops, None
        self.update()

    def set_place(self, place: float) -> None:
        """Mark where one is, from 0 at the top to 1 at the end."""
        self._place = min(max(place, 0.0), 1.0)
        if self._at is not None and abs(self._stops[self._at].at - self._place) > _SAME:
            self._at = None
        self.update()

    def labels(self) -> list[tuple[int, float]]:
        """Return the years that have room, and the heights of their middles."""
        shown: list[tuple[int, float]] = []
        year = None
        for stop in self._stops:
            if stop.year != year:
                year, y = stop.year, self._y_of(stop.at)
                if not shown or y - shown[-1][1] >= _LABELS_APART:
                    shown.append((year, y))
        return shown

    def month_at(self, place: float) -> MonthStop | None:
        """Return the month in which a place from 0 to 1 lies."""
        return self._stops[self._index_at(place)] if self._stops else None

    def _index_at(self, place: float) -> int:
        return max(0, bisect_right(self._stops, place + _SAME, key=lambda stop: stop.at) - 1)

    def _y_of(self, place: float) -> float:
        return _INSET + place * max(1, self.height() - 2 * _INSET)

    def _place_of(self, y: float) -> float:
        return min(max((y - _INSET) / max(1, self.height() - 2 * _INSET), 0.0), 1.0)

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.fillRect(event.rect(), self.palette().color(QPalette.ColorRole.Window))
            labels = self.labels()
            self._paint_dots(painter, [y for _, y in labels])
            self._paint_years(painter, labels)
            self._paint_line(painter, self._y_of(self._place), QPalette.ColorRole.Highlight)
            if self._pointed is not None:
                self._paint_line(painter, self._y_of(self._pointed), QPalette.ColorRole.Dark)
            if self.hasFocus():
                painter.setPen(QPen(self.palette().color(QPalette.ColorRole.Highlight), 2))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                radius = theme.CONTROL_RADIUS
                painter.drawRoundedRect(QRectF(self.rect()).adjusted(3, 3, -3, -3), radius, radius)

    def _paint_years(self, painter: QPainter, labels: Sequence[tuple[int, float]]) -> None:
        font = theme.scaled_font(0.85)
        height = QFontMetricsF(font).height()
        painter.setFont(font)
        painter.setPen(self.palette().color(QPalette.ColorRole.PlaceholderText))
        for year, y in labels:
            box = QRectF(0, y - height / 2, self.width() - 12, height)
            painter.drawText(box, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, str(year))

    def _paint_dots(self, painter: QPainter, labels: Sequence[float]) -> None:
        """Months, where neither a year nor another month is near."""
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self.palette().color(QPalette.ColorRole.Dark))
        last = -_DOTS_APART * 1.0
        for stop in self._stops:
            y = self._y_of(stop.at)
            if y - last >= _DOTS_APART and all(abs(y - label) >= _LABELS_APART * 0.75 for label in labels):
                painter.drawEllipse(QPointF(self.width() - 14, y), 1.5, 1.5)
                last = y

    def _paint_line(self, painter: QPainter, y: float, role: QPalette.ColorRole) -> None:
        pen = QPen(self.palette().color(role), 2)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter.setPen(pen)
        painter.drawLine(QPointF(self.width() - 9, y), QPointF(self.width() - 3, y))

    # --- events

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._jump(event.position().y())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._jump(event.position().y())
        else:
            self._point(event.position().y())

    def leaveEvent(self, event: QEvent) -> None:
        self._pointed = None
        self._bubble.hide()
        self.update()

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()  # the grid scrolls

    def focusInEvent(self, event: QFocusEvent) -> None:
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self._bubble.hide()
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        if not self._stops:
            super().keyPressEvent(event)
        elif key in _STEPS:
            index = self._index_at(self._place) if self._at is None else self._at
            # Up from within a month leads to its beginning first.
            back = key == Qt.Key.Key_Up and self._place > self._stops[index].at + _SAME
            self._go_to(index if back else index + _STEPS[key])
        elif key in (Qt.Key.Key_Home, Qt.Key.Key_End):
            self._go_to(0 if key == Qt.Key.Key_Home else len(self._stops) - 1)
        else:
            super().keyPressEvent(event)

    def _go_to(self, index: int) -> None:
        index = min(max(index, 0), len(self._stops) - 1)
        stop = self._stops[index]
        self.jumped.emit(stop.at)
        self._place, self._at = stop.at, index
        self._show_bubble(stop, self._y_of(stop.at))
        announce(self, month_name(stop.year, stop.month))
        self.update()

    def _jump(self, y: float) -> None:
        self._point(y)
        self.jumped.emit(self._place_of(y))

    def _point(self, y: float) -> None:
        self._pointed = self._place_of(y)
        if (stop := self.month_at(self._pointed)) is not None:
            self._show_bubble(stop, self._y_of(self._pointed))
        self.update()

    def _show_bubble(self, stop: MonthStop, y: float) -> None:
        """The month, at the left of a height."""
        bubble = self._bubble
        bubble.setText(month_name(stop.year, stop.month))
        bubble.adjustSize()
        top = min(max(round(y - bubble.height() / 2), 0), self.height() - bubble.height())
        bubble.move(self.x() - bubble.width() - 4, self.y() + top)
        bubble.raise_()
        bubble.show()
