"""Thumbnails for the grid: read and scaled in a few threads, most wanted first, kept by bytes.

The grid says which it wants, in order; whatever it no longer wants is never read. A pixmap has the exact
device pixels of its cell, so that painting is a copy.
"""

from __future__ import annotations

import threading
from collections import OrderedDict, deque
from collections.abc import Sequence
from typing import NamedTuple

from PySide6.QtCore import QBuffer, QIODevice, QObject, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QImage, QImageReader, QPainter, QPainterPath, QPixmap

from photosearch.core.errors import KnownError
from photosearch.paths import Library
from photosearch.store.reader import Reader

THREADS = 2
CACHE_BYTES = 256 << 20
_BATCH_MS = 16


class Wish(NamedTuple):
    """A photo at the size of its cell, device pixels."""

    photo_id: int
    width: int
    height: int
    radius: int = 0


class Thumbnails(QObject):
    """Lives in the GUI thread. `arrived` says that some of what was wished for can be painted now."""

    arrived = Signal(object)  # list[int], photo ids
    _decoded = Signal()

    def __init__(self, library: Library, cache_bytes: int = CACHE_BYTES, threads: int = THREADS) -> None:
        super().__init__()
        self._library = library
        self._cache: OrderedDict[int, tuple[Wish, QPixmap]] = OrderedDict()
        self._cache_bytes = cache_bytes
        self._bytes = 0
        self._missing: set[int] = set()
        self._changed = threading.Condition()
        self._wanted: deque[Wish] = deque()
        self._working: set[Wish] = set()
        self._done: list[tuple[Wish, QImage | None]] = []
        self._closed = False
        self._batch = QTimer(self, interval=_BATCH_MS, singleShot=True)
        self._batch.timeout.connect(self._deliver)
        self._decoded.connect(self._soon, Qt.ConnectionType.QueuedConnection)
        self._threads = [
            threading.Thread(target=self._work, name=f"thumbnails-{n}", daemon=True) for n in range(threads)
        ]
        for thread in self._threads:
            thread.start()

    @property
    def bytes(self) -> int:
        return self._bytes

    def get(self, photo_id: int) -> QPixmap | None:
        """The newest pixmap of a photo, perhaps of another size than last wished for."""
        found = self._cache.get(photo_id)
        if found is None:
            return None
        self._cache.move_to_end(photo_id)
        return found[1]

    def is_missing(self, photo_id: int) -> bool:
        """The library has no thumbnail that can be shown."""
        return photo_id in self._missing

    def want(self, wishes: Sequence[Wish]) -> None:
        """Replace what is wanted, most wanted first."""
        with self._changed:
            self._wanted = deque(wish for wish in wishes if self._lacks(wish))
            if self._wanted:
                self._changed.notify_all()

    def forget_missing(self) -> None:
        """The library changed: what was missing may be there now."""
        self._missing.clear()

    def close(self) -> None:
        with self._changed:
            self._closed = True
            self._wanted.clear()
            self._changed.notify_all()
        for thread in self._threads:
            thread.join()
        self._batch.stop()

    def _lacks(self, wish: Wish) -> bool:
        if wish.photo_id in self._missing or wish in self._working:
            return False
        found = self._cache.get(wish.photo_id)
        return found is None or found[0] != wish

    def _work(self) -> None:
        reader: Reader | None = None
        while (wish := self._next()) is not None:
            image: QImage | None = None
            try:
                reader = reader or Reader.open(self._library)
                jpeg = reader.thumbnail(wish.photo_id)
                image = scaled(jpeg, wish) if jpeg else None
            except KnownError:
                pass  # a library that cannot be read is told of by whoever lists the photos
            with self._changed:
                self._done.append((wish, image))
                first = len(self._done) == 1
            if first and not self._closed:
                self._decoded.emit()
        if reader is not None:
            reader.close()

    def _next(self) -> Wish | None:
        with self._changed:
            while not self._wanted and not self._closed:
                self._changed.wait()
            if self._closed:
                return None
            wish = self._wanted.popleft()
            self._working.add(wish)
            return wish

    def _soon(self) -> None:
        if not self._closed:
            self._batch.start()

    def _deliver(self) -> None:
        with self._changed:
            done, self._done = self._done, []
            self._working.difference_update(wish for wish, _ in done)
        for wish, image in done:
            if image is None:
                self._missing.add(wish.photo_id)
            else:
                self._keep(wish, QPixmap.fromImage(image))
        self.arrived.emit([wish.photo_id for wish, _ in done])

    def _keep(self, wish: Wish, pixmap: QPixmap) -> None:
        old = self._cache.pop(wish.photo_id, None)
        if old is not None:
            self._bytes -= _size(old[0])
        self._cache[wish.photo_id] = wish, pixmap
        self._bytes += _size(wish)
        while self._bytes > self._cache_bytes and len(self._cache) > 1:
            _, (evicted, _) = self._cache.popitem(last=False)
            self._bytes -= _size(evicted)


def _size(wish: Wish) -> int:
    return wish.width * wish.height * 4


def scaled(jpeg: bytes, wish: Wish) -> QImage | None:
    """A JPEG that covers the cell, cropped at its middle, with rounded corners; None when it is damaged."""
    buffer = QBuffer()
    buffer.setData(jpeg)
    buffer.open(QIODevice.OpenModeFlag.ReadOnly)
    reader = QImageReader(buffer)
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
