"""What happens in the engine, told to every browser that listens, as server-sent events."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import AsyncIterator, Callable

import msgspec

from photosearch.core import messages, note_messages, stage_messages, tag_messages
from photosearch.core.errors import Cancelled, KnownError, Sentence
from photosearch.serve import happenings
from photosearch.serve.asking import Asking, Busy
from photosearch.serve.telling import jobs_of, progress_of, stages_of

MOST_LISTENERS = 40
SECONDS_BETWEEN_SIGNS = 15.0  # of life, so that proxies keep the line open
_SECONDS_WITHOUT_ENGINE = 0.5
_BEHIND = 500  # events, after which who listens has stopped reading

_log = logging.getLogger(__name__)
_Told = messages.AnyEvent | None  # None: it is over


class _Listener:
    def __init__(self) -> None:
        self.events: asyncio.Queue[_Told] = asyncio.Queue()
        self._loop = asyncio.get_running_loop()
        self._ended = False

    def put(self, event: _Told) -> None:
        """From any thread. Who is too far behind is told no more, and begins anew."""
        if self._ended:
            return
        if event is None or self.events.qsize() > _BEHIND:
            event, self._ended = None, True
        self._loop.call_soon_threadsafe(self.events.put_nowait, event)


class Broadcast:
    """Listens to the engine from start() to close(), which keeps it at work, and tells whoever listens."""

    def __init__(self, asking: Asking) -> None:
        self._asking = asking
        self._changing = threading.Lock()
        self._listeners: set[_Listener] = set()
        self._latest: dict[type, messages.AnyEvent] = {}
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._follow, name="serve-events", daemon=True)

    def start(self) -> None:
        """Begin to listen."""
        self._thread.start()

    def close(self) -> None:
        """End, and tell so; the connections to the engine are closed already."""
        self._over.set()
        with self._changing:
            for listener in self._listeners:
                listener.put(None)

    def listen(self, say: Callable[[Sentence], str]) -> AsyncIterator[bytes]:
        """Events as they go over the line, for good; first the latest of each kind.

        Raises:
            Busy: too many listen.
        """
        if len(self._listeners) >= MOST_LISTENERS:
            raise Busy("Too much is asked at once; try again in a moment.")
        return self._told(say)

    async def _told(self, say: Callable[[Sentence], str]) -> AsyncIterator[bytes]:
        listener = _Listener()
        with self._changing:
            self._listeners.add(listener)
            latest = list(self._latest.values())
        try:
            yield b": listening\n\n"
            for event in latest:
                yield _line(event, say)
            while not self._over.is_set():
                try:
                    told = await asyncio.wait_for(listener.events.get(), SECONDS_BETWEEN_SIGNS)
                except TimeoutError:
                    yield b": still here\n\n"
                    continue
                if told is None:
                    return
                yield _line(told, say)
        finally:
            with self._changing:
                self._listeners.discard(listener)

    def _follow(self) -> None:
        while not self._over.is_set():
            try:
                self._asking.call(messages.GetStatus())  # starts an engine where there is none any more
                for event in self._asking.events():
                    self._tell(event)
            except Cancelled:
                return
            except KnownError as error:
                _log.warning("The engine tells nothing: %s", error)
            self._over.wait(_SECONDS_WITHOUT_ENGINE)

    def _tell(self, event: messages.AnyEvent) -> None:
        with self._changing:
            if isinstance(event, _KEPT):
                self._latest[type(event)] = event
            for listener in self._listeners:
                listener.put(event)


_KEPT = (
    messages.PhotosChanged,
    messages.ProgressChanged,
    messages.JobsChanged,
    messages.ModelReady,
    stage_messages.StagesChanged,
)


def _line(event: messages.AnyEvent, say: Callable[[Sentence], str]) -> bytes:
    """One event as it goes over the line; of what nobody outside needs, nothing."""
    shape = _shape(event, say)
    return b"data: " + msgspec.json.encode(shape) + b"\n\n" if shape else b""


def _shape(event: messages.AnyEvent, say: Callable[[Sentence], str]) -> happenings.AnyChanged | None:
    match event:
        case messages.PhotosChanged():
            return happenings.PhotosChanged(event.photos)
        case messages.ProgressChanged():
            return happenings.ProgressChanged(progress_of(event.progress))
        case messages.JobsChanged():
            return happenings.JobsChanged(jobs_of(event.jobs))
        case messages.ModelReady():
            return happenings.ModelReady(event.model)
        case messages.Problem():
            return happenings.Problem(say(event.sentence))
        case stage_messages.StagesChanged():
            return happenings.StagesChanged(stages_of(event.stages))
        case note_messages.NotesChanged():
            return happenings.NotesChanged(list(event.photo_ids))
        case note_messages.AlbumsChanged():
            return happenings.AlbumsChanged()
        case tag_messages.TagsChanged():
            return happenings.TagsChanged()
    return None
