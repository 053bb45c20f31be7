"""The engine and the library as many requests at once use them: each a connection, all of them bounded."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from typing import TypeVar

import anyio
import anyio.to_thread

from photosearch.core.errors import Cancelled, KnownError
from photosearch.core.message import R, Request
from photosearch.core.messages import AnyEvent
from photosearch.engine.client import Client
from photosearch.paths import Library
from photosearch.store.reader import OpenReaders, Reader

Connect = Callable[[], Client]

_Answer = TypeVar("_Answer")


class Busy(KnownError):
    """More is asked at once than is taken on."""


class Lane:
    """Lets so many go on at once, in threads, and so many wait; what is slow waits only for its like."""

    def __init__(self, at_once: int, waiting: int) -> None:
        self._limiter = anyio.CapacityLimiter(at_once)
        self._most = at_once + waiting
        self._inside = 0

    async def run(self, work: Callable[[], _Answer]) -> _Answer:
        """Do it in a thread.

        Raises:
            Busy: too many wait already.
        """
        if self._inside >= self._most:
            raise Busy("Too much is asked at once; try again in a moment.")
        self._inside += 1
        try:
            return await anyio.to_thread.run_sync(work, limiter=self._limiter)
        finally:
            self._inside -= 1


class Asking:
    """Asks the engine from any thread, each over a connection of its own, which is kept for the next.

    Args:
        connect: gives a client that starts an engine where there is none
    """

    def __init__(self, library: Library, connect: Connect) -> None:
        self._readers = OpenReaders(library)
        self._connect = connect
        self._changing = threading.Lock()
        self._all: set[Client] = set()
        self._idle: list[Client] = []
        self._closed = False

    def call(self, request: Request[R]) -> R:
        """See `Client.call`."""
        with self._client() as client:
            return client.call(request)

    def events(self) -> Iterator[AnyEvent]:
        """See `Client.events`; an engine is started where there is none."""
        with self._client() as client:
            yield from client.events()

    @contextlib.contextmanager
    def reader(self) -> Iterator[Reader]:
        """The library, to be read; see OpenReaders.one()."""
        with self._readers.one() as reader:
            yield reader

    def close(self) -> None:
        """End what is being asked, which raises Cancelled there, and all connections."""
        with self._changing:
            self._closed = True
            clients = list(self._all)
        for client in clients:
            client.close()
        self._readers.close()

    @contextlib.contextmanager
    def _client(self) -> Iterator[Client]:
        with self._changing:
            if self._closed:
                raise Cancelled
            client = self._idle.pop() if self._idle else None
        client = client or self._opened()
        try:
            yield client
        finally:
            with self._changing:
                self._idle.append(client)

    def _opened(self) -> Client:
        client = self._connect()
        with self._changing:
            closed = self._closed
            self._all.add(client)
        if closed:
            client.close()
            raise Cancelled
        return client
