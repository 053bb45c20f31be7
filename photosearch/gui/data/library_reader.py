"""Reads the library in a thread of its own, so that the window never waits for a disk."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar

from PySide6.QtCore import QObject, Signal, SignalInstance

from photosearch.core.errors import KnownError
from photosearch.gui.data.background import Replies, Unforeseen, faults_reported
from photosearch.i18n import translated
from photosearch.paths import Library
from photosearch.store.connect import NoLibrary, OlderLibrary
from photosearch.store.folders import ANY_FILE
from photosearch.store.reader import Reader

Found = TypeVar("Found")


class _Job(NamedTuple):
    owner: QObject
    read: Callable[[Reader], Any]
    then: Callable[[Any], object]
    refused: Callable[[str], object]


class LibraryReader(QObject):
    """Reads the library in one thread, job after job, in the order asked. It lives in the GUI thread.

    Attributes:
        choice: the file that one means by a photo: where one looks at a folder the one there, not a copy
    """

    failed = Signal(object)  # str: the library cannot be opened
    refused = Signal(object)  # str: something of it cannot be read, which who asked cannot say themselves
    absent = Signal()  # there is no library at this place yet
    unanswered = Signal()  # a job found nothing, for these reasons or by a fault of the program's own

    def __init__(self, library: Library) -> None:
        super().__init__()
        self._library = library
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._replies = Replies(self)
        self.choice = ANY_FILE
        self._closed = False
        self._thread = threading.Thread(target=self._work, name="library-reader", daemon=True)
        self._thread.start()

    def ask(
        self,
        owner: QObject,
        read: Callable[[Reader], Found],
        then: Callable[[Found], object],
        refused: Callable[[str], object] | None = None,
    ) -> None:
        """Run `read` in the thread and hand what it found to `then` in the GUI thread.

        Neither is called where the owner is gone by then, nor where there is no library yet or it cannot be
        opened; signals tell of the last two.

        Args:
            refused: is told why that cannot be read, in place of the signal `refused`
        """
        self._jobs.put(_Job(owner, read, then, refused or self.refused.emit))

    def close(self) -> None:
        """End the thread after the job it is at; nobody is called any more."""
        self._closed = True
        self._replies.close()
        self._jobs.put(None)
        self._thread.join()

    def _work(self) -> None:
        reader: Reader | None = None
        while (job := self._jobs.get()) is not None and not self._closed:
            try:
                with faults_reported():
                    reader = reader or Reader.open(self._library)
                    found = job.read(reader)
            except NoLibrary:
                self._emit(self.absent)
            except OlderLibrary:
                pass  # the engine, on its way, brings it up to date, and then it is asked for again
            except Unforeseen:
                pass  # it was reported
            except KnownError as error:
                sentence = translated(error.sentence)
                if reader is None:
                    self._emit(self.failed, sentence)
                else:
                    self._replies.give(job.owner, job.refused, sentence)
            else:
                self._replies.give(job.owner, job.then, found)
                continue
            self._emit(self.unanswered)
        if reader is not None:
            reader.close()

    def _emit(self, signal: SignalInstance, *what: object) -> None:
        if not self._closed:
            signal.emit(*what)
