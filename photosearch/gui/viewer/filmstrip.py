"""The photos before and after the one in view, small, in one row."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QPen,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from photosearch.gui.data.thumbnail_cache import ThumbnailCache, ThumbnailWish
from photosearch.gui.widgets.focus import came_by_key
from photosearch.gui.widgets.icons import icon
from photosearch.gui.widgets.theme import THUMBNAIL_RADIUS
from photosearch.i18n import tr

_SIDE, _GAP, _MARGIN = 56, 4, 8
_PITCH = _SIDE + _GAP
_NOTCH = 120  # of a wheel, as Qt counts
_PHOTOS_A_NOTCH = 3


class Filmstrip(QWidget):
    """Shows the neighbours of a photo among those that one walks through; a click or a key leads to one.

    It moves only where the photo in view would come too near to its ends, or by the wheel.
    """

    chosen = Signal(object)  # int: a position among the photos
    left = Signal()  # the keyboard is no longer wanted here

    def __init__(self, thumbnails: ThumbnailCache) -> None:
        super().__init__()
        self._thumbnails = thumbnails
        self._ids: NDArray[np.int64] = np.empty(0, dtype=np.int64)
        self._position = 0
        self._offset = 0.0  # of the first photo, to the left of the strip's margin
        self._wanted = self._allowed = True
        self._ringed = False
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        thumbnails.arrived.connect(lambda _: self.update())
        self.retranslate()

    def retranslate(self) -> None:
        self.setAccessibleName(tr("Filmstrip"))
        self._describe()

    def show_photos(self, ids: NDArray[np.int64], position: int) -> None:
        """Show these photos, one of which is in view."""
        if ids is self._ids and position == self._position:
            return
        self._ids, self._position = ids, position
        self._update_visible()
        self._bring_into_view()
        self._describe()

    @property
    def wanted(self) -> bool:
        """Whether it is shown where it is allowed and there are neighbours."""
        return self._wanted

    def want(self, wanted: bool) -> None:
        """Be shown where there are neighbours and room, or never."""
        self._wanted = wanted
        self._update_visible()

    def toggle(self) -> None:
        """Be shown from now on, or no longer; where there is no room nothing changes unseen."""
        if self._allowed:
            self.want(not self._wanted)

    def allow(self, allowed: bool) -> None:
        """Heed whether there is room."""
        self._allowed = allowed
        self._update_visible()

    def _update_visible(self) -> None:
        self.setVisible(self._wanted and self._allowed and len(self._ids) > 1)

    def sizeHint(self) -> QSize:
        return QSize(_SIDE, _SIDE + 2 * _MARGIN)

    def rect_of(self, position: int) -> QRect:
        """Where a photo lies in the strip."""
        return QRect(round(_MARGIN + position * _PITCH - self._offset), _MARGIN, _SIDE, _SIDE)

    def _describe(self) -> None:
        at, count = self._position + 1, len(self._ids)
        self.setAccessibleDescription(tr("{position} of {count}", position=at, count=count))

    def _visible(self) -> range:
        first = int((self._offset - _MARGIN) // _PITCH)
        last = int((self._offset - _MARGIN + self.width()) // _PITCH)
        return range(max(first, 0), min(last + 1, len(self._ids)))

    def _bring_into_view(self) -> None:
        """To the middle, if the photo in view or one beside it is not whole in the strip."""
        cell = self.rect_of(self._position)
        if cell.left() < _PITCH or cell.right() > self.width() - _PITCH:
            self._offset += cell.center().x() - self.width() / 2
        self._scroll(0)

    def _scroll(self, by: float) -> None:
        """So far to the left, as far as there are photos; few of them lie in the middle."""
        room = len(self._ids) * _PITCH - _GAP + 2 * _MARGIN - self.width()
        self._offset = min(max(self._offset + by, 0.0), room) if room > 0 else room / 2
        self._request()
        self.update()

    def _request(self) -> None:
        if not self.isVisible():
            return
        scale = self.devicePixelRatioF()
        side, radius = round(_SIDE * scale), round(THUMBNAIL_RADIUS * scale)
        nearest = sorted(self._visible(), key=lambda position: abs(position - self._position))
        self._thumbnails.want(
            [ThumbnailWish(int(self._ids[position]), side, side, radius) for position in nearest]
        )

    # --- painting

    def paintEvent(self, event: QPaintEvent) -> None:
        colours, role = self.palette(), QPalette.ColorRole
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            for position in self._visible():
                self._paint_photo(painter, position)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(colours.color(role.Highlight), 2))
            if len(self._ids):
                current = QRectF(self.rect_of(self._position)).adjusted(-3, -3, 3, 3)
                painter.drawRoundedRect(current, THUMBNAIL_RADIUS + 2, THUMBNAIL_RADIUS + 2)
            if self._ringed:
                painter.drawRect(QRectF(self.rect()).adjusted(1, 1, -1, -1))

    def _paint_photo(self, painter: QPainter, position: int) -> None:
        cell, photo_id = self.rect_of(position), int(self._ids[position])
        pixmap = self._thumbnails.get(photo_id)
        if pixmap is not None:
            painter.drawPixmap(cell, pixmap)
            return
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self.palette().color(QPalette.ColorRole.Mid))
        painter.drawRoundedRect(cell, THUMBNAIL_RADIUS, THUMBNAIL_RADIUS)
        if self._thumbnails.is_missing(photo_id):
            mark = QRect(0, 0, 24, 24)
            mark.moveCenter(cell.center())
            icon("image-off", QPalette.ColorRole.PlaceholderText, self).paint(painter, mark)

    # --- events

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._bring_into_view()

    def event(self, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.Show, QEvent.Type.DevicePixelRatioChange):
            self._request()
        return super().event(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            position = self._at(event.position().toPoint())
            if position is not None:
                self.chosen.emit(position)

    def _at(self, where: QPoint) -> int | None:
        return next((place for place in self._visible() if self.rect_of(place).contains(where)), None)

    def wheelEvent(self, event: QWheelEvent) -> None:
        moved = event.pixelDelta()
        if moved.isNull():
            moved = event.angleDelta() * (_PHOTOS_A_NOTCH * _PITCH / _NOTCH)
        self._scroll(-(moved.x() or moved.y()))
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        page = max(self.width() // _PITCH - 1, 1)
        key, last = Qt.Key, len(self._ids) - 1
        to = {
            key.Key_Left: self._position - 1,
            key.Key_Right: self._position + 1,
            key.Key_PageUp: self._position - page,
            key.Key_PageDown: self._position + page,
            key.Key_Home: 0,
            key.Key_End: last,
        }.get(key(event.key()))
        if to is not None:
            self.chosen.emit(min(max(to, 0), last))
        elif event.key() in (key.Key_Return, key.Key_Enter, key.Key_Space):
            self.left.emit()
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        self._ring(came_by_key(event))

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self._ring(False)

    def _ring(self, ringed: bool) -> None:
        self._ringed = ringed
        self.update()
