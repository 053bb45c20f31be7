"""How one cell of the grid looks: photo, placeholder, marks, hover, selection. Device pixels throughout."""

from __future__ import annotations

from functools import cache

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPalette, QPen, QPixmap

from photosearch.gui.grid.layout import Rect
from photosearch.gui.widgets.icons import icon, tinted
from photosearch.gui.widgets.theme import THUMBNAIL_RADIUS

BOX = 24  # logical pixels: the checkbox in a photo's corner
BOX_MARGIN = 8

_RING = 3
_INNER_RING = 2
_BADGE = 24
_MISSING = 28
_HOVER = QColor(255, 255, 255, 26)
_VEIL = 150  # opacity of the ground over a photo whose drive is away
_SHADE = QColor(0, 0, 0, 115)  # under white marks, which lie on any photo
_SHADE_POINTED = QColor(0, 0, 0, 190)


class CellPainter:
    """Paints cells with a painter whose unit is the device pixel, `scale` of them to a logical one."""

    def __init__(self, painter: QPainter, palette: QPalette, scale: float) -> None:
        self._painter = painter
        self._palette = palette
        self._scale = scale
        self._radius = THUMBNAIL_RADIUS * scale
        self._unknown = palette.color(QPalette.ColorRole.AlternateBase)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)

    def photo(self, cell: Rect, pixmap: QPixmap) -> None:
        """Paint the photo, stretched where its pixmap is of another size."""
        if (pixmap.width(), pixmap.height()) == (cell.width, cell.height):
            self._painter.drawPixmap(cell.x, cell.y, pixmap)
        else:  # rough until the one of this size comes
            self._painter.drawPixmap(cell.x, cell.y, cell.width, cell.height, pixmap)

    def placeholder(self, cell: Rect, colour: QColor | None) -> None:
        """Paint a photo that has no picture yet, in its average colour where that is known."""
        self._painter.setBrush(colour or self._unknown)
        self._painter.drawRoundedRect(*cell, self._radius, self._radius)

    def missing(self, cell: Rect) -> None:
        """Paint the mark of a photo that has no thumbnail and will get none."""
        edge = round(_MISSING * self._scale)
        if edge <= min(cell.width, cell.height):
            left, top = cell.x + (cell.width - edge) // 2, cell.y + (cell.height - edge) // 2
            pixmap = icon("image-off", QPalette.ColorRole.Dark).pixmap(edge, edge)
            self._painter.drawPixmap(left, top, edge, edge, pixmap)

    def away(self, cell: Rect) -> None:
        """Dim a photo whose drive is not here and give it a small mark."""
        veil = QColor(self._palette.color(QPalette.ColorRole.Window))
        veil.setAlpha(_VEIL)
        self._fill(cell, veil)
        self._badge(cell, "drive-away", right=True)

    def favourite(self, cell: Rect) -> None:
        """Paint the heart."""
        self._badge(cell, "heart-filled", right=False)

    def hover(self, cell: Rect) -> None:
        """Paint what shows that the pointer is over the photo."""
        self._fill(cell, _HOVER)

    def box(self, cell: Rect, *, pointed: bool) -> None:
        """Paint the empty checkbox of a photo under the mouse; `pointed` where the box itself is under it."""
        if (disc := self._box_in(cell)) is None:
            return
        self._painter.setPen(QPen(Qt.GlobalColor.white, 2 * self._scale))
        self._painter.setBrush(_SHADE_POINTED if pointed else _SHADE)
        self._painter.drawEllipse(disc)

    def selected(self, cell: Rect) -> None:
        """Paint what shows that the photo is selected."""
        accent = self._palette.color(QPalette.ColorRole.Highlight)
        surface = self._palette.color(QPalette.ColorRole.Base)
        self._ring(cell, surface, _RING, _INNER_RING)
        self._ring(cell, accent, 0, _RING)
        if disc := self._box_in(cell):
            self._painter.setPen(QPen(surface, 2 * self._scale))
            self._painter.setBrush(accent)
            self._painter.drawEllipse(disc)
            draw_tick(
                self._painter, disc, self._palette.color(QPalette.ColorRole.HighlightedText), self._scale
            )

    def focus(self, cell: Rect, *, inside: bool) -> None:
        """Ring the photo that has the keyboard; `inside` the ring of one that is selected."""
        inset = _RING + _INNER_RING if inside else 0
        if not inside:
            self._ring(cell, self._palette.color(QPalette.ColorRole.Window), 2, 2)
        self._ring(cell, self._palette.color(QPalette.ColorRole.Highlight), inset, 2)

    def _fill(self, cell: Rect, colour: QColor) -> None:
        self._painter.setPen(Qt.PenStyle.NoPen)
        self._painter.setBrush(colour)
        self._painter.drawRoundedRect(*cell, self._radius, self._radius)

    def _ring(self, cell: Rect, colour: QColor, inset: float, thickness: float) -> None:
        inset, thickness = inset * self._scale, thickness * self._scale
        middle = inset + thickness / 2
        radius = max(0.0, THUMBNAIL_RADIUS * self._scale - middle / 2)
        self._painter.setPen(QPen(colour, thickness))
        self._painter.setBrush(Qt.BrushStyle.NoBrush)
        self._painter.drawRoundedRect(
            QRectF(*cell).adjusted(middle, middle, -middle, -middle), radius, radius
        )

    def _box_in(self, cell: Rect) -> QRectF | None:
        """The checkbox's disc; None where the cell is too small for it."""
        size, margin = (BOX - 2) * self._scale, (BOX_MARGIN + 1) * self._scale
        if min(cell.width, cell.height) < size + 2 * margin:
            return None
        return QRectF(cell.x + margin, cell.y + margin, size, size)

    def _badge(self, cell: Rect, name: str, *, right: bool) -> None:
        """A white mark in one of the lower corners."""
        size, margin = round(_BADGE * self._scale), round(BOX_MARGIN * self._scale)
        if min(cell.width, cell.height) < size + 2 * margin:
            return
        left = cell.x + cell.width - margin - size if right else cell.x + margin
        self._painter.drawImage(left, cell.y + cell.height - margin - size, _badge(name, size))


def draw_tick(painter: QPainter, disc: QRectF, colour: QColor, scale: float) -> None:
    """Draw a tick into a disc, `scale` device pixels to a logical one."""
    pen = QPen(colour, 2 * scale)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    painter.setPen(pen)
    points = ((0.29, 0.52), (0.44, 0.67), (0.72, 0.36))
    painter.drawPolyline(
        [QPointF(disc.x() + x * disc.width(), disc.y() + y * disc.height()) for x, y in points]
    )


@cache
def _badge(name: str, size: int) -> QImage:
    badge = QImage(size, size, QImage.Format.Format_ARGB32_Premultiplied)
    badge.fill(Qt.GlobalColor.transparent)
    inset = size // 6
    with QPainter(badge) as painter:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(_SHADE)
        painter.drawEllipse(0, 0, size, size)
        mark = tinted(name, Qt.GlobalColor.white, size - 2 * inset)
        painter.drawImage(inset, inset, mark)
    return badge
