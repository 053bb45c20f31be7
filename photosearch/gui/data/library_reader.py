"""Reads the library in a thread of its own, so that the window never waits for a disk."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar

from PySide6.QtCore import QObject, Qt, Signal, SignalInstance

from photosearch.core.errors import KnownError
from photosearch.i18n import translated
from photosearch.paths import Library
from photosearch.store.connect import NoLibrary
from photosearch.store.reader import Reader

Found = TypeVar("Found")


class _Job(NamedTuple):
    read: Callable[[Reader], Any]
    then: Callable[[Any], None]


class LibraryReader(QObject):
    """Lives in the GUI thread. Jobs run in the order asked."""

    failed = Signal(object)  # str: the library cannot be read
    absent = Signal()  # there is no library at this place yet
    _finished = Signal(object)  # (then, found)

    def __init__(self, library: Library) -> None:
        super().__init__()
        self._library = library
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._closed = False
        self._finished.connect(self._pass_on, Qt.ConnectionType.QueuedConnection)
        self._thread = threading.Thread(target=self._work, name="library-reader", daemon=True)
        self._thread.start()

    def ask(self, read: Callable[[Reader], Found], then: Callable[[Found], None]) -> None:
        """Run `read` in the thread and hand what it found to `then` in the GUI thread.

        `then` is not called where there is no library yet or it cannot be read; signals say so.
        """
        self._jobs.put(_Job(read, then))

    def close(self) -> None:
        self._closed = True
        self._jobs.put(None)
        self._thread.join()

    def _work(self) -> None:
        reader: Reader | None = None
        while (job := self._jobs.get()) is not None and not self._closed:
            try:
                reader = reader or Reader.open(self._library)
                found = job.read(reader)
            except NoLibrary:
                self._tell(self.absent)
                continue
            except KnownError as error:
                self._tell(self.failed, translated(str(error)))
                continue
            self._tell(self._finished, (job.then, found))
        if reader is not None:
            reader.close()

    def _tell(self, signal: SignalInstance, *what: object) -> None:
        if not self._closed:
            signal.emit(*what)

    def _pass_on(self, finished: tuple[Callable[[Any], None], Any]) -> None:
        then, found = finished
        if not self._closed:
            then(found)
