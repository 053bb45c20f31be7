"""Albums that fill themselves, kept as photos come, go and are described, and as another model answers."""

import math
import threading
import time
from collections.abc import Callable
from datetime import date
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from photosearch.core import note_messages
from photosearch.core.errors import Cancelled, KnownError
from photosearch.engine.handlers import Handlers
from photosearch.paths import Library
from photosearch.store.reader import Reader
from photosearch.store.rows import LiveAlbum
from photosearch.store.writer import Writer

SECONDS_BETWEEN_LOOKS_AT_ALBUMS = 5.0
_LONGEST_WAIT = 30.0  # seconds, for a library to which photos keep coming
_RESTS = 20  # times as long as it took, so that many albums of a large library do not keep a core


class Finder(Protocol):
    """See `Searches`."""

    @property
    def state(self) -> object:
        """Differs whenever other photos may be found, though the library is the same."""

    @property
    def ready(self) -> bool:
        """Whether nothing is to be waited for."""

    def load(self) -> None:
        """Wait for the model that answers."""

    def members(self, text: str) -> NDArray[np.int64]:
        """The ids of the photos (n,) of an album that looks for this."""


class LiveAlbums:
    """Looks for the photos of live albums where others may be found than the last time.

    It keeps nothing of when that was: a new engine looks for them once, whatever became of the last one.

    Args:
        wait: returns when no query is being answered
        publish: told of albums that have other photos, and of new ones that the person wants to be told of
        report: told of an error in work that nobody waits for
        clock: in seconds
        today: what relative dates in the albums' searches count from
    """

    def __init__(
        self,
        library: Library,
        writer: Writer,
        searches: Finder,
        wait: Callable[[], None],
        publish: Callable[[note_messages.AnyEvent], object],
        report: Callable[[BaseException], None],
        clock: Callable[[], float] = time.monotonic,
        today: Callable[[], date] = date.today,
    ) -> None:
        self._library, self._writer, self._searches = library, writer, searches
        self._wait, self._publish, self._report = wait, publish, report
        self._clock, self._today = clock, today
        self._filling = threading.Lock()
        self._filled: object = None  # the state in which they were filled last; None: not yet
        self._seen: object = None  # the state at the last look
        self._changed_at = math.inf  # when it was first seen that they are to be filled
        self._rests_until = -math.inf
        self._untold = False  # whether there may be photos that the person is to be told of

    def serve(self, handlers: Handlers) -> None:
        """Take the requests that are answered here."""
        handlers.do(note_messages.FillLiveAlbums, lambda _: self.fill())
        handlers.do(note_messages.LookAtLiveAlbum, self._look_at)

    def look(self) -> None:
        """Fill the albums if they may have other photos, and the library rests or has long changed.

        Nothing is done before there is a model that answers.

        Raises:
            KnownError: the library cannot be read or written.
        """
        if not self._searches.ready:
            return
        state, now = self._state(), self._clock()
        rests, self._seen = state == self._seen, state
        if state == self._filled:
            self._changed_at = math.inf
        else:
            self._changed_at = min(self._changed_at, now)
            if now >= self._rests_until and (rests or now >= self._changed_at + _LONGEST_WAIT):
                self._changed_at = math.inf
                try:
                    self.fill()
                except Cancelled:
                    return  # the engine is closing; the next one does it
        if rests and self._untold:
            self._untold = False
            if photos := self._writer.tell_of_live_albums():
                self._publish(note_messages.NewInAlbums(photos))

    def fill(self) -> None:
        """Look for the photos of all albums, unless they were looked for among what is there now.

        One that cannot be looked for says why, and keeps its photos.

        Raises:
            KnownError: the library cannot be read or written; no model can answer.
            Cancelled: the engine is closing.
        """
        with self._filling:
            if self._state() == self._filled:
                return
            with Reader.open(self._library) as reader:
                if reader.live_album_names():
                    self._searches.load()
                state, began = self._state(), self._clock()
                albums, last = reader.live_albums(), reader.highest_photo_id()
            changed = [album for album in albums if self._fill_one(album, last)]
            self._filled, self._untold = state, True
            self._rests_until = self._clock() + _RESTS * (self._clock() - began)
        if changed:
            self._publish(note_messages.AlbumsChanged())

    def fill_in_passing(self) -> None:
        """fill(), for who did something else and is not to fail for it."""
        try:
            self.fill()
        except Cancelled:
            pass  # the engine is closing; the next one does it
        except KnownError as error:
            self._report(error)

    def _fill_one(self, album: LiveAlbum, last: int) -> bool:
        """-> whether it is other than before."""
        self._wait()
        try:
            photo_ids = self._searches.members(album.text)
        except KnownError as error:
            return self._writer.note_live_problem(album, error.sentence)
        return self._writer.fill_live_album(album, photo_ids, last)

    def _look_at(self, request: note_messages.LookAtLiveAlbum) -> None:
        if self._writer.look_at_live_album(request.search_id):
            self._publish(note_messages.AlbumsChanged())

    def _state(self) -> object:
        """Differs whenever a search may find other photos."""
        return self._writer.changes, self._searches.state, self._today()
