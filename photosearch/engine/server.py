"""The engine's side of the local socket: a thread for each connection, and a count of who is there."""

import contextlib
import logging
import queue
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from multiprocessing import AuthenticationError
from multiprocessing.connection import Client, Connection, Listener, answer_challenge, deliver_challenge
from typing import Protocol, Self

import msgspec

from photosearch import programs
from photosearch.core import messages
from photosearch.core.errors import KnownError
from photosearch.core.message import Reply
from photosearch.engine import endpoint
from photosearch.paths import Library

_BACKLOG = 16
# A signal that the system gives to another thread does not wake the main thread, which alone may handle it.
_LONGEST_WAIT = 1.0  # seconds
_EVENTS_AHEAD = 256  # a subscriber this far behind has stopped reading and is dropped

_log = logging.getLogger(__name__)


def own_fault(library: Library, error: BaseException) -> KnownError:
    """Log what nobody foresaw, under a number; -> what a person is told of it."""
    entry = secrets.token_hex(3)
    _log.error("A fault of the engine's own, %s", entry, exc_info=error)
    return KnownError(
        "PhotoSearch met an error of its own; the log in {logs} has it as entry {entry}.",
        logs=library.logs,
        entry=entry,
    )


Subscriber = Callable[[messages.AnyEvent], None]


class Service(Protocol):
    """What a server serves; see `photosearch.engine.service.Engine`."""

    def handle(self, request: messages.AnyRequest) -> Reply:
        """Answer a request; called from a thread of its client's own."""

    def subscribe(self, subscriber: Subscriber) -> Callable[[], None]:
        """Tell `subscriber` of every event from now on, the present state first; -> how to end that."""


class Server:
    """Answers the faces of one library, from construction until close().

    The caller holds the library's lock. Frames are msgpack; a client that sends anything else, too much, or
    the wrong key loses its own connection and disturbs nobody.

    Raises:
        OSError: the library's folder, or that of temporary files, cannot be written.
    """

    def __init__(self, library: Library, service: Service) -> None:
        self._library = library
        self._service = service
        self._endpoint = endpoint.create()
        self._listener = Listener(self._endpoint.address, endpoint.FAMILY, _BACKLOG)
        try:
            endpoint.publish(library, self._endpoint)
        except OSError:
            self._listener.close()
            endpoint.remove_socket(self._endpoint)
            raise
        self._changed = threading.Condition()
        self._connections: set[Connection] = set()
        self._faces = 0  # connections that proved to know the key
        self._any_face_yet = False
        self._last_face = time.monotonic()  # when the last of them left
        self._unwanted = False  # a face asked for the engine's end, or its library is elsewhere by now
        self._ends_alone = False  # a face asked for it once the others are gone
        self._closing = False
        self._accepting = threading.Thread(target=self._accept, name="engine-accept", daemon=True)
        self._accepting.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def wait_until_unused(self, *, first: float, after: float) -> None:
        """Block until a face asks for the end, none came for `first` seconds, or none is left for `after`.

        Where a face asked to end only alone, until none is left. Without faces also until one finds that the
        library was moved. In any case until the program is gone, whose children could not start any more.
        """
        with self._changed:
            while not (self._unwanted or self._closing or programs.is_gone()):
                if self._faces:
                    self._changed.wait(_LONGEST_WAIT)
                    continue
                if self._ends_alone:
                    return
                patience = after if self._any_face_yet else first
                left = self._last_face + patience - time.monotonic()
                if left <= 0:
                    return
                self._changed.wait(min(left, _LONGEST_WAIT))

    def close(self) -> None:
        """Stop listening and hang up on everybody; a thread amid a request ends with its answer."""
        with self._changed:
            if self._closing:
                return
            self._closing = True
            self._changed.notify_all()
        endpoint.withdraw(self._library, self._endpoint)
        with contextlib.suppress(OSError):
            Client(self._endpoint.address, endpoint.FAMILY).close()  # wakes accept()
        self._accepting.join()
        self._listener.close()
        endpoint.remove_socket(self._endpoint)
        with self._changed:
            connections = list(self._connections)
        for connection in connections:
            endpoint.hang_up(connection)

    def _accept(self) -> None:
        while True:
            try:
                connection = self._listener.accept()
            except OSError as error:
                if self._closing:
                    return
                _log.warning("A connection could not be accepted: %s", error)
                time.sleep(0.1)  # out of file descriptors, most likely: let some be closed
                continue
            with self._changed:
                if self._closing:
                    connection.close()
                    return
                self._connections.add(connection)
            threading.Thread(
                target=self._serve, args=(connection,), name="engine-connection", daemon=True
            ).start()

    def _serve(self, connection: Connection) -> None:
        try:
            if endpoint.read(self._library) != self._endpoint:
                self._refuse_moved()
                return
            deliver_challenge(connection, self._endpoint.key)
            answer_challenge(connection, self._endpoint.key)
            with self._counted():
                self._answer(connection)
        except (AuthenticationError, AssertionError):  # Python 3.11 asserts on a foreign greeting
            _log.warning("A connection with a wrong key was refused.")
        except (msgspec.MsgspecError, RecursionError) as error:
            _log.warning("A connection was closed because it sent no message of ours: %s", error)
        except (EOFError, OSError):
            pass  # it left, or sent a longer frame than we take
        finally:
            with self._changed:
                self._connections.remove(connection)
            connection.close()

    def _refuse_moved(self) -> None:
        """The library was moved, with its key, and a face has found that: it needs an engine of its own.

        Nothing is logged, as the log was moved too.
        """
        with self._changed:
            self._unwanted |= not self._faces
            self._changed.notify_all()

    @contextlib.contextmanager
    def _counted(self) -> Iterator[None]:
        with self._changed:
            self._faces += 1
            self._any_face_yet = True
            self._changed.notify_all()
        try:
            yield
        finally:
            with self._changed:
                self._faces -= 1
                self._last_face = time.monotonic()
                self._changed.notify_all()

    def _answer(self, connection: Connection) -> None:
        while True:
            try:
                request = messages.decode_request(connection.recv_bytes(endpoint.MAX_REQUEST))
            except msgspec.ValidationError:
                connection.send_bytes(messages.encode(messages.Failed(endpoint.ANOTHER_VERSION)))
                raise
            if isinstance(request, messages.Subscribe):
                self._send_events(connection)
                return
            connection.send_bytes(self._answer_to(request))
            if isinstance(request, messages.Shutdown):
                # A face that left just now may still be counted: the last one ends it, whenever that is.
                with self._changed:
                    self._unwanted |= not request.if_alone
                    self._ends_alone |= request.if_alone
                    self._changed.notify_all()

    def _answer_to(self, request: messages.AnyRequest) -> bytes:
        """The frame of a reply, whatever happens: the conversation goes on."""
        try:
            return messages.encode(self._service.handle(request))
        except Exception as error:  # noqa: BLE001  (the last resort: whoever asked is told)
            return messages.encode(messages.Failed(own_fault(self._library, error).sentence))

    def _send_events(self, connection: Connection) -> None:
        waiting: queue.SimpleQueue[messages.AnyEvent | None] = queue.SimpleQueue()

        def put(event: messages.AnyEvent) -> None:
            waiting.put(event)
            if waiting.qsize() > _EVENTS_AHEAD:
                endpoint.hang_up(connection)

        def send() -> None:
            with contextlib.suppress(OSError):  # it left; the receiving below sees that too
                while (event := waiting.get()) is not None:
                    connection.send_bytes(messages.encode(event))

        sender = threading.Thread(target=send, name="engine-events", daemon=True)
        sender.start()
        unsubscribe = self._service.subscribe(put)
        try:
            connection.recv_bytes(endpoint.MAX_REQUEST)  # a subscriber says nothing more: this is its leaving
        finally:
            unsubscribe()
            endpoint.hang_up(connection)
            waiting.put(None)
            sender.join()
