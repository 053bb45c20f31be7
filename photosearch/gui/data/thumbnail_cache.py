"""Thumbnails for the grid: read and scaled in a few threads, most wanted first, kept by bytes.

The grid says which it wants, in order; whatever it no longer wants is never read. A pixmap has the exact
device pixels of its cell, so that painting is a copy.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from PySide6.QtCore import QBuffer, QIODevice, QObject, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QImage, QImageReader, QPainter, QPainterPath, QPixmap

from photosearch.core.errors import KnownError
from photosearch.gui.data.background import faults_reported
from photosearch.gui.data.wish_queue import WishQueue
from photosearch.paths import Library
from photosearch.store.reader import Reader

CACHE_BYTES = 256 << 20
_THREADS = 2
_BATCH_MS = 16


class ThumbnailWish(NamedTuple):
    """A photo at the size of its cell, device pixels."""

    photo_id: int
    width: int
    height: int
    radius: int = 0
    at_ms: int | None = None  # of a video, from its beginning; None: its poster


class ThumbnailCache(QObject):
    """Keeps pixmaps of photos, up to `cache_bytes` bytes. It lives in the GUI thread.

    `arrived` says that some of what was wished for can be painted now.
    """

    arrived = Signal(object)  # list[int], photo ids
    _fetched = Signal(object, object)  # ThumbnailWish, QImage or None

    def __init__(self, library: Library, cache_bytes: int = CACHE_BYTES) -> None:
        super().__init__()
        self.library = library
        self._cache: OrderedDict[int, tuple[ThumbnailWish, QPixmap]] = OrderedDict()
        self._cache_bytes = cache_bytes
        self._bytes = 0
        self._missing: set[int] = set()
        self._done: list[tuple[ThumbnailWish, QImage | None]] = []
        self._closed = False
        self._queue = WishQueue("thumbnails", _THREADS, self._fetch)
        self._batch = QTimer(self, interval=_BATCH_MS, singleShot=True)
        self._batch.timeout.connect(self._deliver)
        self._fetched.connect(self._on_fetched, Qt.ConnectionType.QueuedConnection)

    @property
    def bytes(self) -> int:
        """What the pixmaps kept take up."""
        return self._bytes

    def get(self, photo_id: int) -> QPixmap | None:
        """The newest pixmap of a photo, perhaps of another size or time than last wished for."""
        found = self._cache.get(photo_id)
        if found is None:
            return None
        self._cache.move_to_end(photo_id)
        return found[1]

    def is_missing(self, photo_id: int) -> bool:
        """The library has no thumbnail that can be shown."""
        return photo_id in self._missing

    def want(self, wishes: Sequence[ThumbnailWish]) -> None:
        """Replace what is wanted, most wanted first."""
        self._queue.want(wish for wish in wishes if self._lacks(wish))

    def forget_missing(self) -> None:
        """The library changed: what was missing may be there now."""
        self._missing.clear()

    def close(self) -> None:
        """End the threads; what they are at does not arrive any more."""
        self._closed = True
        self._queue.close()
        self._batch.stop()

    def _lacks(self, wish: ThumbnailWish) -> bool:
        if wish.photo_id in self._missing:
            return False
        found = self._cache.get(wish.photo_id)
        return found is None or found[0] != wish

    def _fetch(self, wishes: Iterator[ThumbnailWish]) -> None:
        reader: Reader | None = None
        for wish in wishes:
            image: QImage | None = None
            try:
                with faults_reported():
                    reader = reader or Reader.open(self.library)
                    frame = wish.at_ms is not None and reader.frame_thumbnail(wish.photo_id, wish.at_ms)
                    jpeg = frame or reader.thumbnail(wish.photo_id)
                    image = scaled(jpeg, wish) if jpeg else None
            except KnownError:
                pass  # a library that cannot be read is told of by whoever lists the photos
            if not self._closed:
                self._fetched.emit(wish, image)
        if reader is not None:
            reader.close()

    def _on_fetched(self, wish: ThumbnailWish, image: QImage | None) -> None:
        self._done.append((wish, image))
        if not self._closed and not self._batch.isActive():
            self._batch.start()

    def _deliver(self) -> None:
        done, self._done = self._done, []
        self._queue.done(wish for wish, _ in done)
        for wish, image in done:
            if image is None:
                self._missing.add(wish.photo_id)
            else:
                self._keep(wish, QPixmap.fromImage(image))
        self.arrived.emit([wish.photo_id for wish, _ in done])

    def _keep(self, wish: ThumbnailWish, pixmap: QPixmap) -> None:
        old = self._cache.pop(wish.photo_id, None)
        if old is not None:
            self._bytes -= _size(old[0])
        self._cache[wish.photo_id] = wish, pixmap
        self._bytes += _size(wish)
        while self._bytes > self._cache_bytes and len(self._cache) > 1:
            _, (evicted, _) = self._cache.popitem(last=False)
            self._bytes -= _size(evicted)


def _size(wish: ThumbnailWish) -> int:
    return wish.width * wish.height * 4


def scaled(jpeg: bytes, wish: ThumbnailWish) -> QImage | None:
    """A JPEG that covers the cell, cropped at its middle, with rounded corners; None when it is damaged."""
    buffer = QBuffer()
    buffer.setData(jpeg)
    buffer.open(QIODevice.OpenModeFlag.ReadOnly)
    # Told of the format, Qt asks no other plugin: SVG's takes a lock of Qt's while this thread holds Python's
    # own, and the window waits for that with Qt's in hand where it destroys a widget.
    reader = QImageReader(buffer, b"jpeg")
    reader.setAutoDetectImageFormat(False)
    cell = QSize(wish.width, wish.height)
    cover = reader.size().scaled(cell, Qt.AspectRatioMode.KeepAspectRatioByExpanding)
    reader.setScaledSize(cover)
    image = reader.read()
    if image.isNull():
        return None
    left, top = (image.width() - wish.width) // 2, (image.height() - wish.height) // 2
    shown = QImage(cell, QImage.Format.Format_ARGB32_Premultiplied)
    shown.fill(Qt.GlobalColor.transparent)
    with QPainter(shown) as painter:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        path = QPainterPath()
        path.addRoundedRect(QRectF(0, 0, wish.width, wish.height), wish.radius, wish.radius)
        painter.setClipPath(path)
        painter.drawImage(-left, -top, image)
    return shown
