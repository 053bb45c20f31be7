"""How one cell of the grid looks: photo, placeholder, marks, hover, selection. Device pixels throughout."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, lru_cache
from typing import NamedTuple

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QImage, QPainter, QPalette, QPen, QPixmap
from PySide6.QtWidgets import QApplication

from photosearch.gui.grid.layout import Rect
from photosearch.gui.widgets.icons import icon, tinted
from photosearch.gui.widgets.theme import THUMBNAIL_RADIUS

BOX = 24  # logical pixels: the checkbox in a photo's corner
BOX_MARGIN = 8

_RING = 3
_INNER_RING = 2
_BADGE = 24
_PROGRESS = 3
_MISSING = 28
_HOVER = QColor(255, 255, 255, 26)
_VEIL = 150  # opacity of the ground over a photo whose drive is away
_SHADE = QColor(0, 0, 0, 115)  # under white marks, which lie on any photo
_SHADE_POINTED = QColor(0, 0, 0, 190)


class Badge(NamedTuple):
    """A mark on a photo."""

    picture: str
    text: str = ""  # behind it
    pointed: bool = False  # it can be pressed, and the pointer is over it

    def within(self, width: int, size: int) -> Badge:
        """With as much of its text as leaves it so wide, where it is `size` pixels high."""
        room = width - size - size // 6
        return self._replace(text=_font(size)[1].elidedText(self.text, Qt.TextElideMode.ElideRight, room))

    def width(self, size: int) -> int:
        """How wide it is where it is `size` pixels high."""
        return size + (_font(size)[1].horizontalAdvance(self.text) + size // 6 if self.text else 0)


class CellPainter:
    """Paints cells with a painter whose unit is the device pixel, `scale` of them to a logical one."""

    def __init__(self, painter: QPainter, palette: QPalette, scale: float) -> None:
        self._painter = painter
        self._palette = palette
        self._scale = scale
        self._radius = THUMBNAIL_RADIUS * scale
        self._size, self._margin = round(_BADGE * scale), round(BOX_MARGIN * scale)
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

    def heart(self, cell: Rect, *, filled: bool, pointed: bool) -> None:
        """Paint the heart in the lower left corner: of a favourite, or to make it one."""
        if self._has_room(cell):
            left, top = cell.x + self._margin, cell.y + cell.height - self._margin - self._size
            self._button(left, top, "heart-filled" if filled else "heart", pointed=pointed)

    def more(self, cell: Rect, *, pointed: bool) -> None:
        """Paint the button of the menu in the upper right corner."""
        if self._has_room(cell):
            left, top = cell.x + cell.width - self._margin - self._size, cell.y + self._margin
            self._button(left, top, "more", pointed=pointed)

    def badges(self, cell: Rect, badges: Sequence[Badge], *, heart: bool) -> None:
        """Paint marks from the lower right corner on to the left, as many as leave room for the heart.

        The last may be longer than there is room, and takes the heart's where there is no `heart`.
        """
        if not self._has_room(cell):
            return
        least = cell.x + self._margin + self._size + self._margin // 2
        right = cell.x + cell.width - self._margin
        for badge in badges:
            if badge is badges[-1]:
                least = least if heart else cell.x + self._margin
                badge = badge.within(right - least, self._size)
            image = _badge(badge, self._size)
            if right - image.width() < least:
                return
            right -= image.width()
            self._painter.drawImage(right, cell.y + cell.height - self._margin - self._size, image)
            right -= self._margin // 2

    def progress(self, cell: Rect, share: float) -> None:
        """Paint along the lower edge how far into a video its picture is."""
        high = max(2, round(_PROGRESS * self._scale))
        left, width = cell.x + self._radius, cell.width - 2 * self._radius
        for colour, end in ((_SHADE_POINTED, 1.0), (QColor(Qt.GlobalColor.white), share)):
            self._painter.fillRect(QRectF(left, cell.y + cell.height - high, width * end, high), colour)

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

    def _has_room(self, cell: Rect) -> bool:
        return min(cell.width, cell.height) >= self._size + 2 * self._margin

    def _button(self, left: int, top: int, picture: str, *, pointed: bool) -> None:
        self._painter.drawImage(left, top, _badge(Badge(picture, pointed=pointed), self._size))


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
def _font(size: int) -> tuple[QFont, QFontMetrics]:
    """Of the text of a badge that is so high."""
    font = QFont(QApplication.font())
    font.setPixelSize(max(1, round(size * 0.54)))
    font.setWeight(QFont.Weight.DemiBold)
    return font, QFontMetrics(font)


@lru_cache(maxsize=512)
def _badge(badge: Badge, size: int) -> QImage:
    """A white mark, and its text, on a dark ground as high as `size` in device pixels."""
    inset = size // 6
    width = badge.width(size)
    image = QImage(width, size, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    with QPainter(image) as painter:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(_SHADE_POINTED if badge.pointed else _SHADE)
        painter.drawRoundedRect(image.rect(), size / 2, size / 2)
        painter.drawImage(inset, inset, tinted(badge.picture, Qt.GlobalColor.white, size - 2 * inset))
        if badge.text:
            painter.setPen(Qt.GlobalColor.white)
            painter.setFont(_font(size)[0])
            painter.drawText(
                QRectF(size - inset / 2, 0, width - size, size), Qt.AlignmentFlag.AlignVCenter, badge.text
            )
    return image
