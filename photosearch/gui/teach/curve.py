"""The curve of a teaching: how many of the set-aside photos are missed, as learning goes on."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPalette, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from photosearch.core.teaching import CurvePoint
from photosearch.gui.widgets import theme
from photosearch.i18n import tr

_HEIGHT = 240
_LEFT, _RIGHT, _TOP, _BOTTOM = 48, 16, 16, 24
_STEPS = (0.02, 0.05, 0.1, 0.2, 0.25)  # between lines of the axis
_LINES = 5
_DOT, _RING = 3.0, 6.0


class Curve(QWidget):
    """Draws how many of the set-aside photos are missed, as learning goes on.

    Mistakes are a line from 0 up, those before learning dashed, the best point ringed.
    """

    def __init__(self) -> None:
        super().__init__()
        self._points: Sequence[CurvePoint] = ()
        self._with_loss = False
        self.setMinimumHeight(_HEIGHT)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.retranslate()

    def show_points(self, points: Sequence[CurvePoint]) -> None:
        """Show how far the scores came."""
        self._points = points
        self.retranslate()

    def show_loss(self, shown: bool) -> None:
        """Draw the loss as well, or no longer do."""
        self._with_loss = shown
        self.update()

    @property
    def best(self) -> CurvePoint | None:
        """The point with the fewest mistakes, the earliest of several."""
        return min(self._points, key=lambda point: point.mistakes, default=None)

    def retranslate(self) -> None:
        best = self.best
        self.setAccessibleName(tr("Mistakes on the set-aside photos (lower is better)"))
        self.setAccessibleDescription(
            tr(
                "before {base}, now {now}, best {best}",
                base=percent(best.base_mistakes),
                now=percent(self._points[-1].mistakes),
                best=percent(best.mistakes),
            )
            if best is not None
            else ""
        )
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(560, _HEIGHT)

    def paintEvent(self, event: QPaintEvent) -> None:
        plot = QRectF(self.rect()).adjusted(_LEFT, _TOP, -_RIGHT, -_BOTTOM)
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setFont(theme.scaled_font(0.85))
            self._paint_axis(painter, plot)
            best = self.best
            if best is None:
                painter.setPen(self._colour(QPalette.ColorRole.PlaceholderText))
                text = tr("The curve begins when the first photos have been checked.")
                painter.drawText(plot, Qt.AlignmentFlag.AlignCenter, text)
                return
            self._paint_base(painter, plot)
            if self._with_loss:
                self._paint_loss(painter, plot)
            self._paint_mistakes(painter, plot, best)

    # --- where things stand

    @property
    def _top(self) -> float:
        """The value at the upper end of the axis."""
        most = max((max(point.mistakes, point.base_mistakes) for point in self._points), default=1.0)
        step = self._step(most)
        return min(1.0, step * max(1, -(-most * 1.02 // step)))

    @staticmethod
    def _step(most: float) -> float:
        return next((step for step in _STEPS if most / step <= _LINES), _STEPS[-1])

    def _x(self, plot: QRectF, step: int) -> float:
        first, last = self._points[0].step, self._points[-1].step
        return plot.left() + plot.width() * (step - first) / max(last - first, 1)

    def _y(self, plot: QRectF, share: float) -> float:
        return plot.bottom() - plot.height() * share / self._top

    # --- layers

    def _paint_axis(self, painter: QPainter, plot: QRectF) -> None:
        step = self._step(self._top)
        for line in range(round(self._top / step) + 1):
            y = round(self._y(plot, line * step)) + 0.5
            painter.setPen(self._colour(QPalette.ColorRole.Dark if line == 0 else QPalette.ColorRole.Mid))
            painter.drawLine(QPointF(plot.left(), y), QPointF(plot.right(), y))
            painter.setPen(self._colour(QPalette.ColorRole.PlaceholderText))
            label = QRectF(0, y - 10, _LEFT - 8, 20)
            right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(label, right, percent(line * step))
        below = QRectF(plot.left(), plot.bottom() + 4, plot.width(), 20)
        painter.drawText(below, Qt.AlignmentFlag.AlignRight, tr("learning →"))

    def _paint_base(self, painter: QPainter, plot: QRectF) -> None:
        base = self._points[-1].base_mistakes
        y = self._y(plot, base)
        painter.setPen(QPen(self._colour(QPalette.ColorRole.PlaceholderText), 1.5, Qt.PenStyle.DashLine))
        painter.drawLine(QPointF(plot.left(), y), QPointF(plot.right(), y))
        text = tr("before: {share}", share=percent(base))
        self._label(painter, plot, QPointF(plot.right(), y - 11), text, QPalette.ColorRole.PlaceholderText)

    def _paint_loss(self, painter: QPainter, plot: QRectF) -> None:
        """On a scale of its own: only its shape says something."""
        most = max(point.loss for point in self._points) or 1.0
        places = [
            QPointF(
                self._x(plot, point.step), plot.bottom() - plot.height() * 0.9 * max(point.loss, 0) / most
            )
            for point in self._points
        ]
        painter.setPen(QPen(self._colour(QPalette.ColorRole.Dark), 1.25, Qt.PenStyle.DotLine))
        painter.drawPolyline(QPolygonF(places))
        at = places[-1] - QPointF(0, 12)
        self._label(painter, plot, at, tr("loss"), QPalette.ColorRole.PlaceholderText)

    def _paint_mistakes(self, painter: QPainter, plot: QRectF, best: CurvePoint) -> None:
        accent = self._colour(QPalette.ColorRole.Highlight)
        places = [QPointF(self._x(plot, point.step), self._y(plot, point.mistakes)) for point in self._points]
        pen = QPen(accent, 2.25)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        painter.setPen(pen)
        painter.drawPolyline(QPolygonF(places))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(accent)
        painter.drawEllipse(places[-1], _DOT, _DOT)
        at = places[list(self._points).index(best)]
        painter.setPen(QPen(accent, 2))
        painter.setBrush(self._colour(QPalette.ColorRole.Base))
        painter.drawEllipse(at, _RING, _RING)
        text = tr("best so far: {share}", share=percent(best.mistakes))
        self._label(painter, plot, at + QPointF(0, 18), text, QPalette.ColorRole.WindowText, centred=True)

    def _label(
        self,
        painter: QPainter,
        plot: QRectF,
        at: QPointF,
        text: str,
        role: QPalette.ColorRole,
        *,
        centred: bool = False,
    ) -> None:
        """A text that ends or has its middle at a point, and stays within the plot."""
        width = painter.fontMetrics().horizontalAdvance(text) + 8
        left = at.x() - (width / 2 if centred else width)
        left = min(max(left, plot.left() + 4), plot.right() - width)
        top = min(max(at.y() - 10, plot.top() - 8), plot.bottom() - 20)
        painter.setPen(self._colour(role))
        painter.drawText(QRectF(left, top, width, 20), Qt.AlignmentFlag.AlignCenter, text)

    def _colour(self, role: QPalette.ColorRole) -> QColor:
        return self.palette().color(role)


def percent(share: float) -> str:
    """Return a share (0 to 1) in whole percent."""
    return tr("{share} %", share=f"{100 * share:.0f}")
