"""Photos to look at: asked of the engine, the one in view first, its neighbours ahead; kept by bytes."""

from __future__ import annotations

import threading
from collections import OrderedDict, deque
from collections.abc import Sequence
from typing import NamedTuple

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QImage

from photosearch.core import messages
from photosearch.core.errors import Cancelled, KnownError
from photosearch.engine.client import Client
from photosearch.gui.data.engine_link import EngineLink
from photosearch.i18n import tr, translated

CACHE_BYTES = 384 << 20
_THREADS = 2  # as many as the engine decodes at the same time


class PreviewWish(NamedTuple):
    photo_id: int
    longest_edge: int  # pixels


class Picture(NamedTuple):
    image: QImage
    width: int  # of the photo in full, pixels
    height: int


class Previews(QObject):
    """Lives in the GUI thread. Threads start with the first wish, and end with the link or close()."""

    arrived = Signal(object)  # photo id
    failed = Signal(object)  # photo id; failure() says why
    _fetched = Signal(object, object)  # PreviewWish, Picture or the sentence of what went wrong

    def __init__(self, link: EngineLink, cache_bytes: int = CACHE_BYTES) -> None:
        super().__init__()
        self._link = link
        self._cache: OrderedDict[int, Picture] = OrderedDict()
        self._cache_bytes = cache_bytes
        self._failures: dict[int, str] = {}
        self._changed = threading.Condition()
        self._wanted: deque[PreviewWish] = deque()
        self._working: set[PreviewWish] = set()
        self._closed = False
        self._threads: list[threading.Thread] = []
        self._fetched.connect(self._take, Qt.ConnectionType.QueuedConnection)

    def get(self, photo_id: int) -> Picture | None:
        """The largest that has come."""
        found = self._cache.get(photo_id)
        if found is not None:
            self._cache.move_to_end(photo_id)
        return found

    def failure(self, photo_id: int) -> str:
        """Why there is none; empty where nothing went wrong."""
        return self._failures.get(photo_id, "")

    def want(self, wishes: Sequence[PreviewWish]) -> None:
        """Replace what is wanted, most wanted first."""
        with self._changed:
            self._wanted = deque(wish for wish in wishes if self._lacks(wish))
            if not self._wanted or self._closed:
                return
            self._changed.notify_all()
        if not self._threads:
            self._start()

    def forget_failures(self) -> None:
        """The library or the engine is another now: what failed may succeed."""
        self._failures.clear()

    def close(self) -> None:
        """After the link's end, which frees threads that wait for an answer."""
        with self._changed:
            self._closed = True
            self._wanted.clear()
            self._changed.notify_all()
        for thread in self._threads:
            thread.join()

    def _lacks(self, wish: PreviewWish) -> bool:
        if wish.photo_id in self._failures or wish in self._working:
            return False
        found = self._cache.get(wish.photo_id)
        if found is None:
            return True
        whole = min(max(found.width, found.height), messages.LONGEST_PREVIEW)
        return max(found.image.width(), found.image.height()) < min(wish.longest_edge, whole)

    def _start(self) -> None:
        self._threads = [
            threading.Thread(target=self._work, name=f"previews-{n}", daemon=True) for n in range(_THREADS)
        ]
        for thread in self._threads:
            thread.start()

    def _work(self) -> None:
        client: Client | None = None
        while (wish := self._next()) is not None:
            fetched: Picture | str
            try:
                client = client or self._link.client()
                fetched = _picture(client.call(messages.Preview(*wish)))
            except KnownError as error:
                fetched = translated(str(error))
            except Cancelled:
                return
            if not self._closed:
                self._fetched.emit(wish, fetched)

    def _next(self) -> PreviewWish | None:
        with self._changed:
            while not self._wanted and not self._closed:
                self._changed.wait()
            if self._closed:
                return None
            wish = self._wanted.popleft()
            self._working.add(wish)
            return wish

    def _take(self, wish: PreviewWish, fetched: Picture | str) -> None:
        with self._changed:
            self._working.discard(wish)
        if isinstance(fetched, str):
            self._failures[wish.photo_id] = fetched
            self.failed.emit(wish.photo_id)
            return
        before = self._cache.get(wish.photo_id)
        if before is None or before.image.width() <= fetched.image.width():
            self._cache[wish.photo_id] = fetched
        self._cache.move_to_end(wish.photo_id)
        while len(self._cache) > 1 and self._bytes() > self._cache_bytes:
            self._cache.popitem(last=False)
        self.arrived.emit(wish.photo_id)

    def _bytes(self) -> int:
        return sum(picture.image.sizeInBytes() for picture in self._cache.values())


def decoded(jpeg: bytes) -> QImage:
    """A JPEG that the engine made; null where it is none."""
    return QImage.fromData(jpeg, "JPG")  # type: ignore[arg-type]  # PySide takes text, its stubs say bytes


def _picture(reply: messages.Previewed) -> Picture:
    """
    Raises:
        KnownError: what the engine sent is no picture.
    """
    image = decoded(reply.jpeg)
    if image.isNull():
        raise KnownError(tr("This photo cannot be shown."))
    return Picture(image, reply.width, reply.height)
