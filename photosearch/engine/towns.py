"""The towns at which an older library's photos were taken, looked up a few at a time."""

from collections.abc import Callable

from photosearch.paths import Library
from photosearch.store.reader import Reader
from photosearch.store.writer import Writer

SECONDS_BETWEEN_LOOK_UPS = 0.5
_AT_ONCE = 500  # photos: a quarter of a second of a core at most


class MissingTowns:
    """Looks up those that are missing; photos that are indexed come with theirs.

    Args:
        found: is called when there are towns that the library did not know of its photos
    """

    def __init__(self, library: Library, writer: Writer, found: Callable[[], object]) -> None:
        self._library = library
        self._writer = writer
        self._found = found
        self._done = False

    def look_some_up(self) -> None:
        """Look the next ones up, while there are some; after a failure, none until the next start.

        Raises:
            KnownError: the library cannot be read or written.
        """
        if self._done:
            return
        self._done = True
        with Reader.open(self._library) as reader:
            missing = reader.unplaced(_AT_ONCE)
        if missing:
            self._writer.add_towns(missing)
            self._found()
        self._done = len(missing) < _AT_ONCE
