"""What the pixels of an older library's photos are known by, made of the stored thumbnails."""

import logging
import threading

from photosearch.decode.look import look_of
from photosearch.decode.thumbnail import glimpse
from photosearch.paths import Library
from photosearch.store.reader import Reader
from photosearch.store.writer import Writer

SECONDS_BETWEEN_LOOKS_AT_PHOTOS = 0.5
_AT_ONCE = 100  # photos: a tenth of a second of a core

_log = logging.getLogger(__name__)


class MissingLooks:
    """Makes those that are missing; photos that are indexed come with theirs. Safe from several threads."""

    def __init__(self, library: Library, writer: Writer) -> None:
        self._library = library
        self._writer = writer
        self._after = 0  # the last photo that was looked at
        self._done = False
        self._lock = threading.Lock()

    def make_some(self) -> bool:
        """Make the next ones; False when there are none left to make.

        After a failure there are none until the next start.

        Raises:
            KnownError: the library cannot be read or written.
        """
        with self._lock:
            if self._done:
                return False
            self._done = True
            with Reader.open(self._library) as reader:
                missing = reader.unlooked(self._after, _AT_ONCE)
            made, damaged = [], []
            for photo_id, thumbnail in missing:
                try:
                    made.append((photo_id, look_of(glimpse(thumbnail))))
                except OSError:
                    damaged.append(photo_id)
            if damaged:
                _log.warning("The thumbnails of %d photos are damaged, as of %d", len(damaged), damaged[0])
            if made:
                self._writer.add_looks(made)
            if missing:
                self._after = missing[-1][0]
            self._done = len(missing) < _AT_ONCE
            return not self._done
