"""What is wished for of pictures, and the threads that fetch it."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Hashable, Iterable, Iterator
from typing import Generic, TypeVar

Wish = TypeVar("Wish", bound=Hashable)


class WishQueue(Generic[Wish]):
    """Wishes are fetched in a few threads, most wanted first; what is no longer wanted is never begun.

    The threads start with the first wish and end with close().

    Args:
        name: of the threads.
        fetch: runs in each of them; takes wishes as they come, until there are no more, and sees to it that
            done() is called for each.
    """

    def __init__(self, name: str, threads: int, fetch: Callable[[Iterator[Wish]], None]) -> None:
        self._changed = threading.Condition()
        self._kept: deque[Wish] = deque()  # come first, whatever else is wanted
        self._wanted: deque[Wish] = deque()
        self._working: set[Wish] = set()
        self._closed = False
        self._threads = [
            threading.Thread(target=fetch, args=(self._wishes(),), name=f"{name}-{number}", daemon=True)
            for number in range(threads)
        ]

    def want(self, wishes: Iterable[Wish]) -> None:
        """Replace what is wanted, most wanted first."""
        with self._changed:
            self._wanted = deque(wish for wish in wishes if wish not in self._working)
        self._wake()

    def keep(self, wish: Wish) -> None:
        """Have this fetched next, whatever is wanted later."""
        with self._changed:
            if wish not in self._working and wish not in self._kept:
                self._kept.append(wish)
        self._wake()

    def done(self, wishes: Iterable[Wish]) -> None:
        """These were fetched, well or badly; they may be wished for again."""
        with self._changed:
            self._working.difference_update(wishes)

    def close(self) -> None:
        """End the threads, each after the wish that it is at."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        for thread in self._threads:
            if thread.is_alive():
                thread.join()

    def _wake(self) -> None:
        with self._changed:
            if self._closed or not (self._kept or self._wanted):
                return
            self._changed.notify_all()
        for thread in self._threads:
            if thread.ident is None:
                thread.start()

    def _wishes(self) -> Iterator[Wish]:
        while True:
            with self._changed:
                while not (self._kept or self._wanted or self._closed):
                    self._changed.wait()
                if self._closed:
                    return
                wish = (self._kept or self._wanted).popleft()
                self._working.add(wish)
            yield wish
