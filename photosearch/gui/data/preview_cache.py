"""Photos to look at: asked of the engine, the one in view first, its neighbours ahead; kept by bytes."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QImage

from photosearch.core import messages
from photosearch.core.errors import Cancelled, KnownError
from photosearch.engine.client import Client
from photosearch.gui.data.background import faults_reported
from photosearch.gui.data.engine_link import EngineLink
from photosearch.gui.data.wish_queue import WishQueue
from photosearch.i18n import tr, translated

CACHE_BYTES = 384 << 20
_THREADS = 2  # as many as the engine decodes at the same time


class PreviewWish(NamedTuple):
    """A photo, and the pixels that its longer edge is to have."""

    photo_id: int
    longest_edge: int
    at_ms: int | None = None  # of a video, from its beginning; None: where its poster is


class PreviewImage(NamedTuple):
    """A photo as the engine decoded it, perhaps smaller than it is."""

    image: QImage
    width: int  # of the photo in full, pixels
    height: int


class PreviewCache(QObject):
    """Keeps photos as the engine decoded them, up to `cache_bytes` bytes. It lives in the GUI thread.

    Its threads end with the link or close().
    """

    arrived = Signal(object)  # photo id
    failed = Signal(object)  # photo id; failure() says why
    _fetched = Signal(object, object)  # PreviewWish, PreviewImage or the sentence of what went wrong

    def __init__(self, link: EngineLink, cache_bytes: int = CACHE_BYTES) -> None:
        super().__init__()
        self._link = link
        self._cache: OrderedDict[tuple[int, int | None], PreviewImage] = OrderedDict()  # by photo, at_ms
        self._cache_bytes = cache_bytes
        self._failures: dict[int, str] = {}
        self._closed = False
        self._queue = WishQueue("previews", _THREADS, self._fetch)
        self._fetched.connect(self._on_fetched, Qt.ConnectionType.QueuedConnection)

    def get(self, photo_id: int, at_ms: int | None = None) -> PreviewImage | None:
        """The largest image that has come of a photo, or of a video at a time; None while none has."""
        found = self._cache.get((photo_id, at_ms))
        if found is not None:
            self._cache.move_to_end((photo_id, at_ms))
        return found

    def failure(self, photo_id: int) -> str:
        """Why a photo has no image; empty where nothing went wrong."""
        return self._failures.get(photo_id, "")

    def want(self, wishes: Sequence[PreviewWish]) -> None:
        """Replace what is wanted, most wanted first."""
        self._queue.want(wish for wish in wishes if self._lacks(wish))

    def keep(self, wish: PreviewWish) -> None:
        """Have this photo come or fail, whatever is wanted later."""
        self._queue.keep(wish)

    def forget_failures(self) -> None:
        """The library or the engine is another now: what failed may succeed."""
        self._failures.clear()

    def close(self) -> None:
        """End the threads. The link is closed before: that frees those which wait for an answer."""
        self._closed = True
        self._queue.close()

    def _lacks(self, wish: PreviewWish) -> bool:
        if wish.photo_id in self._failures:
            return False
        found = self._cache.get((wish.photo_id, wish.at_ms))
        if found is None:
            return True
        whole = min(max(found.width, found.height), messages.LONGEST_PREVIEW)
        return max(found.image.width(), found.image.height()) < min(wish.longest_edge, whole)

    def _fetch(self, wishes: Iterator[PreviewWish]) -> None:
        client: Client | None = None
        for wish in wishes:
            fetched: PreviewImage | str
            try:
                with faults_reported():
                    client = client or self._link.client()
                    fetched = _image_of(client.call(messages.Preview(*wish)))
            except KnownError as error:
                fetched = translated(error.sentence)
            except Cancelled:
                return
            if not self._closed:
                self._fetched.emit(wish, fetched)

    def _on_fetched(self, wish: PreviewWish, fetched: PreviewImage | str) -> None:
        self._queue.done([wish])
        if isinstance(fetched, str):
            self._failures[wish.photo_id] = fetched
            self.failed.emit(wish.photo_id)
            return
        key = (wish.photo_id, wish.at_ms)
        before = self._cache.get(key)
        if before is None or before.image.width() <= fetched.image.width():
            self._cache[key] = fetched
        self._cache.move_to_end(key)
        while len(self._cache) > 1 and self._bytes() > self._cache_bytes:
            self._cache.popitem(last=False)
        self.arrived.emit(wish.photo_id)

    def _bytes(self) -> int:
        return sum(preview.image.sizeInBytes() for preview in self._cache.values())


def decoded(jpeg: bytes) -> QImage:
    """A JPEG that the engine made; null where it is none."""
    return QImage.fromData(jpeg, "JPG")  # type: ignore[arg-type]  # PySide takes text, its stubs say bytes


def _image_of(reply: messages.Previewed) -> PreviewImage:
    """
    Raises:
        KnownError: what the engine sent is no picture.
    """
    image = decoded(reply.jpeg)
    if image.isNull():
        raise KnownError(tr("This photo cannot be shown."))
    return PreviewImage(image, reply.width, reply.height)
