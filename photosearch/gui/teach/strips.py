"""The first photos of a search as two short rows, the right one outlined: before, and after."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QImage, QPainter, QPainterPath, QPaintEvent, QPalette, QPen, QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QLabel, QVBoxLayout, QWidget

from photosearch.core.teaching import QueryChange
from photosearch.gui.data.library_reader import LibraryReader
from photosearch.gui.query import examples
from photosearch.gui.widgets import theme
from photosearch.i18n import tr

_COLUMNS, _ROWS = 4, 2
_EDGE, _GAP = 84, 6  # as large as there is room, and no larger
_SMALLEST = 40
_LEAST_BESIDE = 72  # in smaller ones no photo can be judged: the strips go one above the other
_RING = 3
_INDENT, _RIGHT, _BETWEEN = 36, 8, 24
SHOWN = _COLUMNS * _ROWS


class Strip(QWidget):
    """A few photos of a search as squares, best first, the right one outlined."""

    def __init__(self, photos: Sequence[str], right: str) -> None:
        super().__init__()
        self._photos, self._right = photos[:SHOWN], right
        self.images: dict[str, QImage] = {}
        self._edge = _EDGE
        self.setFixedSize(self.sizeHint())

    def load(self, reader: LibraryReader) -> None:
        """Read the thumbnails that are not here yet."""
        edge = round(_EDGE * self.devicePixelRatioF())
        for label in self._photos:
            if label not in self.images and label.isdecimal():
                self._load(reader, label, edge)

    def _load(self, reader: LibraryReader, label: str, edge: int) -> None:
        def show(image: QImage | None) -> None:
            if image is not None:
                self.images[label] = image
                self.update()

        reader.ask(self, lambda opened: examples.tiny(opened, int(label), edge), show)

    def sizeHint(self) -> QSize:
        return QSize(_COLUMNS * (self._edge + _GAP) - _GAP, _ROWS * (self._edge + _GAP) - _GAP)

    def fit(self, width: int) -> None:
        """Be no wider."""
        self._edge = min(max(_edge_within(width), _SMALLEST), _EDGE)
        self.setFixedSize(self.sizeHint())

    def paintEvent(self, event: QPaintEvent) -> None:
        colours = self.palette()
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            for place, label in enumerate(self._photos):
                row, column = divmod(place, _COLUMNS)
                edge, pitch = self._edge, self._edge + _GAP
                square = QRectF(column * pitch, row * pitch, edge, edge)
                outline = QPainterPath()
                outline.addRoundedRect(square, theme.THUMBNAIL_RADIUS, theme.THUMBNAIL_RADIUS)
                painter.save()
                painter.setClipPath(outline)
                painter.fillRect(square, colours.color(QPalette.ColorRole.AlternateBase))
                if label in self.images:
                    painter.drawImage(square, self.images[label])
                painter.restore()
                if label == self._right:
                    self._outline(painter, square)

    def _outline(self, painter: QPainter, square: QRectF) -> None:
        """As a selected photo: accent outside, surface inside, so that it is seen on any photo."""
        colours = self.palette()
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for role, inset, width in (
            (QPalette.ColorRole.Highlight, _RING / 2, _RING),
            (QPalette.ColorRole.Base, _RING + 1.0, 2.0),
        ):
            painter.setPen(QPen(colours.color(role), width))
            inner = square.adjusted(inset, inset, -inset, -inset)
            painter.drawRoundedRect(inner, theme.THUMBNAIL_RADIUS - 1, theme.THUMBNAIL_RADIUS - 1)


def _edge_within(width: int) -> int:
    """Of a strip's squares."""
    return (width + _GAP) // _COLUMNS - _GAP


class SideBySide(QBoxLayout):
    """Two strips, each below its title; one above the other where they would be small."""

    def __init__(self, titles: Sequence[QLabel], strips: Sequence[Strip], reader: LibraryReader) -> None:
        super().__init__(QBoxLayout.Direction.LeftToRight)
        self._strips = strips
        self.setSpacing(_BETWEEN)
        for title, strip in zip(titles, strips, strict=True):
            side = QVBoxLayout()
            side.setSpacing(6)
            side.addWidget(title)
            side.addWidget(strip)
            self.addLayout(side)
            strip.load(reader)
        self.addStretch(1)

    def fit(self, width: int) -> None:
        """Be no wider."""
        half = (width - _BETWEEN) // 2
        beside = _edge_within(half) >= _LEAST_BESIDE
        self.setDirection(QBoxLayout.Direction.LeftToRight if beside else QBoxLayout.Direction.TopToBottom)
        for strip in self._strips:
            strip.fit(half if beside else width)

    @property
    def beside(self) -> bool:
        """Whether the second is at the right of the first; else it is below."""
        return self.direction() == QBoxLayout.Direction.LeftToRight


class Strips(QWidget):
    """The strips of a search before and after, with what was read and where the right photo stood."""

    def __init__(self, change: QueryChange, reader: LibraryReader) -> None:
        super().__init__()
        self._change = change
        self.before = Strip(change.before, change.photo)
        self.after = Strip(change.after, change.photo)
        self._titles = (QLabel(), QLabel())
        self._read_as = QLabel(textFormat=Qt.TextFormat.PlainText, wordWrap=True)
        self._read_as.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        for title in self._titles:
            title.setForegroundRole(QPalette.ColorRole.PlaceholderText)
            title.setFont(theme.scaled_font(0.9))
        self._sides = SideBySide(self._titles, (self.before, self.after), reader)
        self.setMinimumWidth(1)  # its strips follow it, not it them
        column = QVBoxLayout(self)
        column.setContentsMargins(_INDENT, 0, _RIGHT, 16)
        column.setSpacing(10)
        column.addWidget(self._read_as)
        column.addLayout(self._sides)
        self.retranslate()

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._sides.fit(event.size().width() - _INDENT - _RIGHT)

    def retranslate(self) -> None:
        change = self._change
        self._read_as.setText(tr("Read as: {caption}", caption=change.read_as))
        self._read_as.setVisible(bool(change.read_as) and change.read_as != change.caption)
        texts = (
            tr("Before: the right photo is number {rank}", rank=change.rank_before),
            tr("After: the right photo is number {rank}", rank=change.rank_after),
        )
        for title, strip, text in zip(self._titles, (self.before, self.after), texts, strict=True):
            title.setText(text)
            strip.setAccessibleName(text)
