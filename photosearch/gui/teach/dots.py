"""Two arrays of dots: the same captions before and after, each dot filled whose photo was found."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from photosearch.core.teaching import Recalls
from photosearch.gui.widgets import theme
from photosearch.i18n import tr, tr_n

MOST = 60
_COLUMNS = 20
_PITCH, _RADIUS = 16, 5.5


class Dots(QWidget):
    """Draws `filled` of `total` dots, in rows of twenty."""

    def __init__(self) -> None:
        super().__init__()
        self.filled = self.total = 0
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def show_share(self, filled: int, total: int) -> None:
        """Fill so many of all dots."""
        self.filled, self.total = filled, total
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        rows = max(1, -(-self.total // _COLUMNS))
        return QSize(_PITCH * _COLUMNS, _PITCH * rows)

    def paintEvent(self, event: QPaintEvent) -> None:
        colours = self.palette()
        accent = colours.color(QPalette.ColorRole.Highlight)
        edge = colours.color(QPalette.ColorRole.Dark)
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            for place in range(self.total):
                row, column = divmod(place, _COLUMNS)
                middle = QPointF((column + 0.5) * _PITCH, (row + 0.5) * _PITCH)
                if place < self.filled:
                    painter.setPen(Qt.PenStyle.NoPen)
                    painter.setBrush(accent)
                    painter.drawEllipse(middle, _RADIUS, _RADIUS)
                else:
                    painter.setPen(QPen(edge, 1))
                    painter.setBrush(Qt.BrushStyle.NoBrush)
                    painter.drawEllipse(middle, _RADIUS - 0.5, _RADIUS - 0.5)


class BeforeAndAfter(QWidget):
    """Recalls as two arrays under one sentence, of one denominator."""

    def __init__(self) -> None:
        super().__init__()
        self._before: Recalls | None = None
        self._after: Recalls | None = None
        self.sentence = QLabel(textFormat=Qt.TextFormat.PlainText, wordWrap=True)
        self.sentence.setFont(theme.scaled_font(1.0, semibold=True))
        self.scale = QLabel(textFormat=Qt.TextFormat.PlainText, wordWrap=True)
        self.scale.setFont(theme.scaled_font(0.85))
        self.scale.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self.dots = (Dots(), Dots())
        self._names = (QLabel(), QLabel())
        sides = QHBoxLayout()
        sides.setSpacing(40)
        for name, dots in zip(self._names, self.dots, strict=True):
            name.setForegroundRole(QPalette.ColorRole.PlaceholderText)
            side = QVBoxLayout()
            side.setSpacing(8)
            side.addWidget(name)
            side.addWidget(dots)
            sides.addLayout(side)
        sides.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        column.addWidget(self.sentence)
        column.addLayout(sides)
        column.addWidget(self.scale)

    def show_recalls(self, before: Recalls, after: Recalls) -> None:
        """Show how many captions found their photo, before and after."""
        self._before, self._after = before, after
        self.retranslate()

    def retranslate(self) -> None:
        before, after = self._before, self._after
        self._names[0].setText(tr("Before"))
        self._names[1].setText(tr("After"))
        if before is None or after is None:
            return
        queries = max(before.queries, after.queries)
        total = min(queries, MOST)
        for dots, found in zip(self.dots, (before.in10, after.in10), strict=True):
            dots.show_share(round(found * total / queries) if queries else 0, total)
            dots.setAccessibleName(tr("{n} of {total}", n=found, total=queries))
        self.sentence.setText(
            tr(
                "Right photo among the first ten: {before} before, {after} after, of {total}",
                before=before.in10,
                after=after.in10,
                total=queries,
            )
        )
        self.scale.setVisible(queries > total)
        self.scale.setText(
            tr_n(
                "Each dot is {n} set-aside caption.",
                "Each dot is about {n} set-aside captions.",
                round(queries / total) if total else 1,
            )
        )
