"""Asks the engine for photos that belong together, in a thread of its own: that may take it a minute."""

from __future__ import annotations

import threading

from PySide6.QtCore import QObject, Signal

from photosearch.core.errors import Cancelled, KnownError
from photosearch.core.stack_messages import FindStacks
from photosearch.gui.data.background import Replies, faults_reported
from photosearch.gui.data.engine_link import EngineLink
from photosearch.i18n import translated


class StackSearch(QObject):
    """One search at a time. It lives in the GUI thread; its thread ends with the link."""

    found = Signal(object)  # stack_messages.Stacks
    refused = Signal(object)  # str: why there is no answer

    def __init__(self, link: EngineLink) -> None:
        super().__init__()
        self._link = link
        self._replies = Replies(self)
        self._thread: threading.Thread | None = None

    def begin(self) -> bool:
        """Search, unless that is being done; -> whether it was not."""
        if self._thread is not None:
            return False
        self._thread = threading.Thread(target=self._search, name="stack-search", daemon=True)
        self._thread.start()
        return True

    def close(self) -> None:
        """Wait for the thread. The link is closed before: that ends it."""
        self._replies.close()
        if self._thread is not None:
            self._thread.join()

    def _search(self) -> None:
        try:
            with faults_reported(), self._link.own_client() as client:
                self._replies.give(self, self._found, client.call(FindStacks()))
        except KnownError as error:
            self._replies.give(self, self._refused, translated(error.sentence))
        except Cancelled:
            pass

    def _found(self, stacks: object) -> None:
        self._thread = None
        self.found.emit(stacks)

    def _refused(self, sentence: object) -> None:
        self._thread = None
        self.refused.emit(sentence)
