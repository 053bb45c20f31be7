"""Work beside the GUI thread: how one bad job never ends a thread, and how an answer finds whoever asked."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal
from shiboken6 import isValid

from photosearch.core.errors import Cancelled, KnownError
from photosearch.i18n import tr


class Unforeseen(KnownError):
    """What went wrong is a fault of the program's own, and has been reported."""


@contextmanager
def faults_reported() -> Iterator[None]:
    """What goes wrong in here unforeseen is reported as if it had escaped from a slot.

    Raises:
        Unforeseen: that happened; the thread goes on with its next job.
    """
    try:
        yield
    except (KnownError, Cancelled):
        raise
    except Exception as error:
        sys.excepthook(type(error), error, error.__traceback__)
        raise Unforeseen(tr("Something in PhotoSearch went wrong")) from error


class Replies(QObject):
    """Calls back in the GUI thread, from any thread, as long as the one who asked is there.

    An answer whose owner Qt has deleted meanwhile is dropped, so that it never meets a dead widget.
    """

    _given = Signal(object, object, object)  # owner, what is to be called, with what

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._closed = False
        self._given.connect(self._call_back, Qt.ConnectionType.QueuedConnection)

    def give(self, owner: QObject, then: Callable[[Any], object], reply: object) -> None:
        """Call `then` with `reply` soon, in the GUI thread."""
        if not self._closed:
            self._given.emit(owner, then, reply)

    def close(self) -> None:
        """Call nobody any more, not even for what was given already."""
        self._closed = True

    def _call_back(self, owner: QObject, then: Callable[[Any], object], reply: object) -> None:
        if not self._closed and isValid(owner):
            then(reply)
