"""How one cell of the grid looks: photo, placeholder, hover, selection, focus. Device pixels throughout."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPalette, QPen, QPixmap

from photosearch.gui.icons import icon
from photosearch.gui.layout import Rect
from photosearch.gui.theme import THUMBNAIL_RADIUS

_RING = 3
_INNER_RING = 2
_TICK = 20
_MISSING = 28
_HOVER = QColor(255, 255, 255, 38)


class CellPainter:
    """Paints cells with a painter whose unit is the device pixel, `scale` of them to a logical one."""

    def __init__(self, painter: QPainter, palette: QPalette, scale: float) -> None:
        self._painter = painter
        self._palette = palette
        self._scale = scale
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)

    def photo(self, cell: Rect, pixmap: QPixmap) -> None:
        if (pixmap.width(), pixmap.height()) == (cell.width, cell.height):
            self._painter.drawPixmap(cell.x, cell.y, pixmap)
        else:  # rough until the one of this size comes
            self._painter.drawPixmap(cell.x, cell.y, cell.width, cell.height, pixmap)

    def placeholder(self, cell: Rect, *, missing: bool) -> None:
        self._fill(cell, self._palette.color(QPalette.ColorRole.AlternateBase))
        if missing:
            edge = round(_MISSING * self._scale)
            if edge <= min(cell.width, cell.height):
                left, top = cell.x + (cell.width - edge) // 2, cell.y + (cell.height - edge) // 2
                pixmap = icon("image-off", QPalette.ColorRole.Dark).pixmap(edge, edge)
                self._painter.drawPixmap(left, top, edge, edge, pixmap)

    def hover(self, cell: Rect) -> None:
        self._fill(cell, _HOVER)

    def selected(self, cell: Rect) -> None:
        accent = self._palette.color(QPalette.ColorRole.Highlight)
        surface = self._palette.color(QPalette.ColorRole.Base)
        self._ring(cell, surface, _RING, _INNER_RING)
        self._ring(cell, accent, 0, _RING)
        self._tick(cell, accent, self._palette.color(QPalette.ColorRole.HighlightedText), surface)

    def focus(self, cell: Rect) -> None:
        """On a photo that has the keyboard but is not selected."""
        self._ring(cell, self._palette.color(QPalette.ColorRole.Window), 2, 2)
        self._ring(cell, self._palette.color(QPalette.ColorRole.Highlight), 0, 2)

    def _fill(self, cell: Rect, colour: QColor) -> None:
        radius = THUMBNAIL_RADIUS * self._scale
        self._painter.setPen(Qt.PenStyle.NoPen)
        self._painter.setBrush(colour)
        self._painter.drawRoundedRect(QRectF(*cell), radius, radius)

    def _ring(self, cell: Rect, colour: QColor, inset: float, thickness: float) -> None:
        inset, thickness = inset * self._scale, thickness * self._scale
        middle = inset + thickness / 2
        radius = max(0.0, THUMBNAIL_RADIUS * self._scale - middle / 2)
        self._painter.setPen(QPen(colour, thickness))
        self._painter.setBrush(Qt.BrushStyle.NoBrush)
        self._painter.drawRoundedRect(
            QRectF(*cell).adjusted(middle, middle, -middle, -middle), radius, radius
        )

    def _tick(self, cell: Rect, accent: QColor, on_accent: QColor, surface: QColor) -> None:
        size = _TICK * self._scale
        margin = 9 * self._scale
        if cell.width < size + 2 * margin or cell.height < size + 2 * margin:
            return
        disc = QRectF(cell.x + cell.width - margin - size, cell.y + cell.height - margin - size, size, size)
        self._painter.setPen(QPen(surface, 2 * self._scale))
        self._painter.setBrush(accent)
        self._painter.drawEllipse(disc)
        pen = QPen(on_accent, 2 * self._scale)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        self._painter.setPen(pen)
        points = ((0.29, 0.52), (0.44, 0.67), (0.72, 0.36))
        self._painter.drawPolyline([QPointF(disc.x() + x * size, disc.y() + y * size) for x, y in points])
