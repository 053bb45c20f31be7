"""Files that failed for a passing reason are tried again when their time has come."""

import logging
import threading
import time
from collections.abc import Callable, Collection
from typing import Self

from photosearch.core.errors import KnownError
from photosearch.paths import Library
from photosearch.store.reader import Reader

SECONDS_BETWEEN_LOOKS = 60.0

_log = logging.getLogger(__name__)


class Retries:
    """Hints the folders that hold such files, from a thread of its own. A context manager."""

    def __init__(
        self,
        library: Library,
        hint: Callable[[Collection[bytes]], None],
        seconds: float = SECONDS_BETWEEN_LOOKS,
    ) -> None:
        self._library = library
        self._hint = hint
        self._seconds = seconds
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._look, name="engine-retries", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._closing.wait(self._seconds):
            try:
                with Reader.open(self._library) as reader:
                    self._hint(reader.folders_to_retry(time.time()))
            except KnownError as error:
                _log.warning("Failed files could not be looked up: %s", error)
