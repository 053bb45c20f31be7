"""A box for one letter between two threads: the newest wins."""

from __future__ import annotations

import threading
from typing import Generic, TypeVar

Letter = TypeVar("Letter")


class Mailbox(Generic[Letter]):
    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._letter: Letter | None = None
        self._closed = False

    def put(self, letter: Letter) -> None:
        """Replaces a letter that was not taken yet."""
        with self._changed:
            self._letter = letter
            self._changed.notify()

    def take(self) -> Letter | None:
        """Wait for a letter; None once the box is closed."""
        with self._changed:
            while self._letter is None and not self._closed:
                self._changed.wait()
            letter, self._letter = self._letter, None
            return None if self._closed else letter

    def close(self) -> None:
        with self._changed:
            self._closed = True
            self._changed.notify_all()
