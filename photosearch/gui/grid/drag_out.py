"""Photos dragged to other programs, as their files."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QPoint, QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QDrag, QFontMetricsF, QGuiApplication, QPainter, QPalette, QPixmap
from PySide6.QtWidgets import QWidget

from photosearch.core.photo import Photo
from photosearch.gui.data.library_reader import LibraryReader
from photosearch.gui.desktop import files
from photosearch.gui.widgets import theme

QUIET_MS = 120  # after which the paths of what is selected are read
_READ_AHEAD = 500  # photos whose paths are read before a drag begins; of more, when it does
_PICTURE = 96  # logical pixels
_BADGE = 24


class DragOut(QObject):
    """Reads the paths of what is selected ahead, so that a drag begins without waiting for a disk."""

    def __init__(self, source: QWidget, reader: LibraryReader) -> None:
        super().__init__(source)
        self._source, self._reader = source, reader
        self._ids: NDArray[np.int64] = np.empty(0, dtype=np.int64)
        self._photos: list[Photo] | None = None  # of self._ids
        self._picture: QPixmap | None = None  # of a drag that waits for its paths
        self._quiet = QTimer(self, interval=QUIET_MS, singleShot=True)
        self._quiet.timeout.connect(self._read)

    def prepare(self, photo_ids: NDArray[np.int64]) -> None:
        """Get ready to drag these photos, (N,): they are selected now."""
        self._ids, self._photos, self._picture = photo_ids, None, None
        self._quiet.stop()
        if 0 < len(photo_ids) <= _READ_AHEAD:
            self._quiet.start()

    def begin(self, pixmap: QPixmap | None) -> None:
        """Drag what was prepared, under a picture of `pixmap`; as soon as the paths are here."""
        self._picture = drag_picture(
            pixmap, len(self._ids), self._source.palette(), self._source.devicePixelRatioF()
        )
        if self._photos is None:
            self._read()
        else:
            self._drag()

    def _read(self) -> None:
        self._quiet.stop()
        photo_ids = self._ids

        def then(photos: list[Photo]) -> None:
            if photo_ids is self._ids:
                self._photos = photos
                if self._picture is not None:
                    self._drag()

        self._reader.ask(self, lambda reader: reader.photos(photo_ids, self._reader.choice), then)

    def _drag(self) -> None:
        picture, self._picture = self._picture, None
        here = [photo for photo in self._photos or () if not photo.away]
        still_held = QGuiApplication.mouseButtons() & Qt.MouseButton.LeftButton
        if picture is None or not here or not still_held:
            return
        drag = QDrag(self._source)
        drag.setMimeData(files.mime_data(here))
        drag.setPixmap(picture)
        drag.setHotSpot(QPoint(_BADGE // 2, _BADGE // 2))
        drag.exec(Qt.DropAction.CopyAction)


def drag_picture(pixmap: QPixmap | None, count: int, palette: QPalette, scale: float) -> QPixmap:
    """Return a small picture of a photo with how many are carried; `scale` is the screen's pixel ratio."""
    size = QSize(_PICTURE + _BADGE // 2, _PICTURE + _BADGE // 2)
    picture = QPixmap(size * scale)
    picture.setDevicePixelRatio(scale)
    picture.fill(Qt.GlobalColor.transparent)
    with QPainter(picture) as painter:
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        photo = QRectF(_BADGE / 2, _BADGE / 2, _PICTURE, _PICTURE)
        if pixmap is None:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(palette.color(QPalette.ColorRole.AlternateBase))
            painter.drawRoundedRect(photo, theme.THUMBNAIL_RADIUS, theme.THUMBNAIL_RADIUS)
        else:
            fitted = pixmap.size().scaled(photo.size().toSize(), Qt.AspectRatioMode.KeepAspectRatio)
            photo.setSize(fitted.toSizeF())
            painter.drawPixmap(photo, pixmap, QRectF(pixmap.rect()))
        if count > 1:
            _paint_count(painter, photo.topLeft().toPoint(), count, palette)
    return picture


def _paint_count(painter: QPainter, middle: QPoint, count: int, palette: QPalette) -> None:
    text = f"{count:,}"
    font = theme.scaled_font(0.85, semibold=True)
    width = max(_BADGE, QFontMetricsF(font).horizontalAdvance(text) + 16)
    badge = QRectF(middle.x() - _BADGE / 2, middle.y() - _BADGE / 2, width, _BADGE)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(palette.color(QPalette.ColorRole.Highlight))
    painter.drawRoundedRect(badge, _BADGE / 2, _BADGE / 2)
    painter.setFont(font)
    painter.setPen(palette.color(QPalette.ColorRole.HighlightedText))
    painter.drawText(badge, Qt.AlignmentFlag.AlignCenter, text)
