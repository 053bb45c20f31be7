"""A face's side of the local socket: find a library's engine, start one where there is none, ask it.

Imports neither torch nor anything that writes a library, so that a window opens at once.
"""

import contextlib
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from multiprocessing import AuthenticationError
from multiprocessing import connection as sockets
from pathlib import Path
from typing import Any, Self, cast

import msgspec

from photosearch import programs
from photosearch.core import messages
from photosearch.core.errors import Cancelled, KnownError, QueryError, Sentence, system_reason
from photosearch.core.message import R, Reply, Request
from photosearch.core.reading import decode_json, read_regular
from photosearch.engine import endpoint
from photosearch.paths import Library

EXIT_LIBRARY_IN_USE = 3  # the engine process found another one at work

_POLL_SECONDS = 0.5  # how often a wait looks up, so that Ctrl-C is heard on Windows too
_HANDSHAKE_SECONDS = 10.0
_REFUSED = (AuthenticationError, AssertionError)  # Python 3.11 asserts on a foreign greeting


class Client:
    """Asks the engine of one library. Safe from several threads, which take turns.

    A request that takes long (Index) keeps the others waiting: ask it through a client of its own. An engine
    that went away is looked for, and where this client may start engines started, once per request.
    """

    def __init__(
        self,
        library: Library,
        line: sockets.Connection,
        *,
        model: str | None = None,
        starts: bool = False,
        instead: Callable[[], object] = lambda: None,
    ) -> None:
        self._library = library
        self._line = line
        self._model = model
        self._starts = starts
        self._instead = instead
        self._turn = threading.Lock()
        self._closed = False
        self._listening: list[sockets.Connection] = []

    @classmethod
    def connect(cls, library: Library, instead: Callable[[], object] = lambda: None) -> Self | None:
        """A client of the engine that runs on this library; None when none does.

        Args:
            instead: called where that engine went away and no other is there; it may run one

        Raises:
            KnownError: an engine is there and does not answer.
        """
        line = _connect(library)
        return cls(library, line, instead=instead) if line else None

    @classmethod
    def connect_or_start(cls, library: Library, model: str | None = None, timeout: float = 60.0) -> Self:
        """A client of the engine on this library, started as a process of its own where there is none.

        It ends by itself some seconds after the last face left.

        Raises:
            KnownError: it cannot start, in its own words; or it took longer than `timeout` seconds.
        """
        return cls(library, _connect_or_start(library, model, timeout), model=model, starts=True)

    @staticmethod
    def leave_engine(library: Library, seconds: float) -> None:
        """Start an engine that is idle until a face comes, and wait for nothing.

        Args:
            seconds: after which it ends by itself, where none came or since the last one left

        Raises:
            KnownError: the library's folder cannot be written.
        """
        _start(library, None, "--idle", "--linger", str(seconds))

    def call(self, request: Request[R]) -> R:
        """Send a request and wait for its reply.

        Interrupted while it waits, it can be asked further.

        Raises:
            QueryError: the query cannot be understood.
            KnownError: the engine says what is wrong, or it is gone and does not come back.
            Cancelled: this client was closed meanwhile.
        """
        frame = messages.encode(request)
        if len(frame) > endpoint.MAX_REQUEST:
            raise KnownError(
                "That is too long to send at once; type at most 1,000 characters, and name a large picture "
                "by its path: like:lake.jpg"
            )
        with self._turn:
            try:
                reply = self._exchange(frame)
            except (EOFError, OSError) as error:
                if self._closed:
                    raise Cancelled from None
                if isinstance(request, messages.Shutdown):
                    return cast(R, messages.Done())
                reply = self._ask_again(frame, error)
            except KeyboardInterrupt:
                self._line.close()  # the next request's reply would be taken for that of this one
                raise
        return cast(R, unless_failed(reply))

    def events(self) -> Iterator[messages.AnyEvent]:
        """What happens in the engine, the present state first, over a connection of its own.

        Ends when the engine goes away or this client is closed; at once when there is no engine.
        """
        line = _connect(self._library)
        if line is None:
            return
        self._listening.append(line)
        try:
            line.send_bytes(messages.encode(messages.Subscribe()))
            while not self._closed:
                yield messages.decode_event(_receive(line))
        except (EOFError, OSError):
            return
        finally:
            self._listening.remove(line)
            line.close()

    def close(self) -> None:
        """Leave; calls and events in other threads end."""
        self._closed = True
        for line in (self._line, *self._listening):
            endpoint.hang_up(line)
        with self._turn:
            self._line.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _exchange(self, frame: bytes) -> messages.AnyReply:
        self._line.send_bytes(frame)
        try:
            return messages.decode_reply(_receive(self._line))
        except msgspec.ValidationError:
            return messages.Failed(endpoint.ANOTHER_VERSION)

    def _ask_again(self, frame: bytes, lost: Exception) -> messages.AnyReply:
        self._line.close()
        gone = KnownError(
            "The PhotoSearch engine of {folder} stopped; its log in {logs} says more. Please try again.",
            folder=self._library.root,
            logs=self._library.logs,
        )
        if self._starts:
            self._line = _connect_or_start(
                self._library, self._model, timeout=60.0, given_up=lambda: self._closed
            )
        else:
            line = _connect(self._library)
            if line is None:
                self._instead()
                line = _connect(self._library)
            if line is None:
                raise gone from lost
            self._line = line
        if self._closed:
            raise Cancelled
        try:
            return self._exchange(frame)
        except (EOFError, OSError) as error:
            if self._closed:
                raise Cancelled from None
            raise gone from error


def unless_failed(reply: Reply) -> Reply:
    """The reply.

    Raises:
        QueryError, KnownError: it says that the request failed.
    """
    if isinstance(reply, messages.Failed):
        if reply.span:
            raise QueryError(reply.sentence, reply.span, instead=reply.instead)
        raise KnownError(reply.sentence)
    return reply


def _receive(line: sockets.Connection) -> bytes:
    while not line.poll(_POLL_SECONDS):
        pass
    return line.recv_bytes(endpoint.MAX_REPLY)


def _connect(library: Library) -> sockets.Connection | None:
    there = endpoint.read(library)
    if there is None:
        return None
    try:
        line = sockets.Client(there.address, endpoint.FAMILY)
    except OSError:
        return None  # a killed engine left its key; the next one will replace it
    try:
        if not line.poll(_HANDSHAKE_SECONDS):
            raise KnownError(
                "The PhotoSearch engine of {folder} does not answer; end it and try again.",
                folder=library.root,
            )
        sockets.answer_challenge(line, there.key)
        sockets.deliver_challenge(line, there.key)
    except (EOFError, OSError, *_REFUSED):
        line.close()
        return None  # it is closing, or the address is somebody else's by now
    except KnownError:
        line.close()
        raise
    if there.is_older:  # a newer program was installed while it ran: its own engine goes on where it was
        with line, contextlib.suppress(EOFError, OSError):
            line.send_bytes(messages.encode(messages.Shutdown()))
            line.recv_bytes(endpoint.MAX_REPLY)
        return None
    return line


def _connect_or_start(
    library: Library, model: str | None, timeout: float, given_up: Callable[[], bool] = lambda: False
) -> sockets.Connection:
    deadline = time.monotonic() + timeout
    process: subprocess.Popen[bytes] | None = None
    while True:
        if line := _connect(library):
            return line
        if (
            process is None or process.poll() == EXIT_LIBRARY_IN_USE
        ):  # in use: by one that comes up or goes down
            process = _start(library, model)
        elif process.poll() is not None:
            raise KnownError(_startup_failure(library))
        if given_up():
            raise Cancelled
        if time.monotonic() > deadline:
            raise KnownError(
                "The PhotoSearch engine did not start within {timeout:.0f} s; see {log}.",
                timeout=timeout,
                log=_output(library),
            )
        time.sleep(0.02)


def _start(library: Library, model: str | None, *more: str) -> subprocess.Popen[bytes]:
    try:
        library.logs.mkdir(mode=0o700, parents=True, exist_ok=True)
        output = _output(library).open("wb")
    except OSError as error:
        raise KnownError(
            "The library folder {folder} cannot be used: {reason}.",
            folder=library.root,
            reason=system_reason(error),
        ) from error
    command = [*programs.command("photosearch.engine"), "--library", str(library.root.absolute())]
    if model is not None:
        command += ["--model", model]
    command += more
    detached: dict[str, Any] = {"start_new_session": True}
    if sys.platform == "win32":
        detached = {"creationflags": subprocess.CREATE_NO_WINDOW | subprocess.CREATE_NEW_PROCESS_GROUP}
    with output:
        try:
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd=library.root,  # so that no other drive is kept busy
                **detached,
            )
        except FileNotFoundError:
            raise programs.gone() from None
    threading.Thread(target=process.wait, name="engine-reaper", daemon=True).start()
    return process


def _output(library: Library) -> Path:
    return library.logs / "engine-output.txt"


def _startup_failure(library: Library) -> Sentence:
    """The sentence with which an engine process ended: the last line of its output, as JSON."""
    with contextlib.suppress(OSError, msgspec.MsgspecError):
        _, _, last = read_regular(_output(library)).strip().rpartition(b"\n")
        return decode_json(last, Sentence)
    return Sentence("The PhotoSearch engine could not start; see {log}.", log=_output(library))
