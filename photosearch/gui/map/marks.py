"""How photos stand on the map: a picture for each place, with how many they are."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPalette, QPen, QPixmap

from photosearch.gui.widgets import theme

EDGE = 44  # logical pixels of a picture
_FRAME = 2
_BADGE_HEIGHT, _BADGE_PADDING = 18, 6
_HALO = 3
REACH = EDGE / 2 + _FRAME + 8  # logical pixels from the middle of a mark to the end of its badge


def frame_of(middle: QPointF) -> QRectF:
    """Where the mark of a place lies, with its frame."""
    edge = EDGE + 2 * _FRAME
    return QRectF(middle.x() - edge / 2, middle.y() - edge / 2, edge, edge)


def paint_mark(
    painter: QPainter,
    palette: QPalette,
    middle: QPointF,
    picture: QPixmap | None,
    photos: int,
    *,
    lit: bool,
) -> None:
    """Paint the mark of a place.

    Args:
        picture: of one of its photos, EDGE pixels wide; None while it is being read.
        lit: the keyboard or the pointer is at it.
    """
    role = QPalette.ColorRole
    frame = frame_of(middle)
    painter.setPen(QPen(palette.color(role.Highlight if lit else role.Dark), 2 if lit else 1))
    painter.setBrush(palette.color(role.Base))
    radius = theme.THUMBNAIL_RADIUS + _FRAME
    painter.drawRoundedRect(frame, radius, radius)
    inside = frame.adjusted(_FRAME, _FRAME, -_FRAME, -_FRAME)
    if picture is not None:
        painter.drawPixmap(inside, picture, QRectF(picture.rect()))
    else:
        painter.fillRect(inside, palette.color(role.AlternateBase))
    if photos > 1:
        _paint_badge(painter, palette, frame, f"{photos:,}")


def _paint_badge(painter: QPainter, palette: QPalette, frame: QRectF, text: str) -> None:
    """Over the upper right corner of a mark."""
    painter.setFont(theme.scaled_font(0.85, semibold=True))
    width = max(_BADGE_HEIGHT, QFontMetricsF(painter.font()).horizontalAdvance(text) + 2 * _BADGE_PADDING)
    badge = QRectF(frame.right() - width + 8, frame.top() - 8, width, _BADGE_HEIGHT)
    painter.setPen(QPen(palette.color(QPalette.ColorRole.Base), 1))
    painter.setBrush(palette.color(QPalette.ColorRole.Highlight))
    painter.drawRoundedRect(badge, _BADGE_HEIGHT / 2, _BADGE_HEIGHT / 2)
    painter.setPen(palette.color(QPalette.ColorRole.HighlightedText))
    painter.drawText(badge, Qt.AlignmentFlag.AlignCenter, text)


def label_box(painter: QPainter, at: QPointF, text: str) -> QRectF:
    """Where a text that belongs to a place is written."""
    metrics = QFontMetricsF(painter.font())
    need = metrics.boundingRect(QRectF(0, 0, 1000, 1000), int(Qt.AlignmentFlag.AlignCenter), text)
    width = need.width() + 2 * _HALO
    return QRectF(at.x() - width / 2, at.y() + _HALO, width, max(metrics.height(), need.height()) + 2)


def into(box: QRectF, room: QRectF) -> QPointF:
    """By how much a box has to be moved to lie in a room that is larger."""
    return QPointF(
        max(0.0, room.left() - box.left()) - max(0.0, box.right() - room.right()),
        max(0.0, room.top() - box.top()) - max(0.0, box.bottom() - room.bottom()),
    )


def paint_label(painter: QPainter, palette: QPalette, at: QPointF, text: str, room: QRectF) -> None:
    """Write a text below the point that it belongs to, or where there is room for it."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(palette.color(QPalette.ColorRole.Dark))
    painter.drawEllipse(at, 2, 2)
    box = label_box(painter, at, text)
    box.translate(into(box, room))
    ground = QColor(palette.color(QPalette.ColorRole.Base))
    ground.setAlphaF(0.7)
    painter.setBrush(ground)
    painter.drawRoundedRect(box, _HALO, _HALO)
    painter.setPen(palette.color(QPalette.ColorRole.PlaceholderText))
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)
