"""A bounded queue between threads that knows when its senders are done, and can be torn down."""

import threading
from collections import deque
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Generic, TypeVar

T = TypeVar("T")


class Closed(Exception):
    """Nothing more comes out of the channel, or goes in."""


class Channel(Generic[T]):
    """A queue of at most `capacity` items, closed once each of its `senders` has said done().

    Leaving it as a context manager tears it down: every thread that waits on it, or comes to it later, gets
    Closed.
    """

    def __init__(self, capacity: int, senders: int = 1) -> None:
        self._items: deque[T] = deque()
        self._capacity = capacity
        self._senders = senders
        self._torn_down = False
        self._changed = threading.Condition()

    def __enter__(self) -> "Channel[T]":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._changed:
            self._torn_down = True
            self._items.clear()
            self._changed.notify_all()

    def __len__(self) -> int:
        """Items that wait."""
        return len(self._items)

    def __iter__(self) -> Iterator[T]:
        """What comes, until the channel is closed."""
        while True:
            try:
                yield self.get()
            except Closed:
                return

    def put(self, item: T) -> None:
        """Wait for room, then hand in `item`.

        Raises:
            Closed: the channel was torn down.
        """
        with self._changed:
            self._changed.wait_for(lambda: len(self._items) < self._capacity or self._torn_down)
            if self._torn_down:
                raise Closed
            self._items.append(item)
            self._changed.notify_all()

    def bring_forward(self, wanted: Callable[[T], bool]) -> None:
        """Have those that are wanted come out first, each kind in its order."""
        with self._changed:
            first = [item for item in self._items if wanted(item)]
            if first:
                self._items = deque([*first, *(item for item in self._items if not wanted(item))])

    def done(self) -> None:
        """One sender has no more to put."""
        with self._changed:
            self._senders -= 1
            self._changed.notify_all()

    def get(self, timeout: float | None = None) -> T:
        """Wait for an item, `timeout` seconds at most.

        Raises:
            TimeoutError: none came in that time.
            Closed: none will ever come.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._items or self._is_closed(), timeout)
            if self._items:
                item = self._items.popleft()
                self._changed.notify_all()
                return item
            if self._is_closed():
                raise Closed
            raise TimeoutError

    def _is_closed(self) -> bool:
        return self._torn_down or self._senders == 0
