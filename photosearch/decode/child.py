"""One decoder child: started, asked, answered or killed, and what its end says of the photo."""

import contextlib
import logging
import multiprocessing
import signal
import sys
import threading
import time
import types
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from typing import TypeVar

import msgspec

from photosearch.core.encoder import Preprocessing
from photosearch.core.errors import KnownError, system_reason
from photosearch.core.photo import MINIATURE_EDGE, Facts, Told
from photosearch.decode import frames, worker
from photosearch.decode.fingerprint import BITS
from photosearch.decode.frames import DecodedPreview, Edit, Edited, PreviewWanted, VideoFrame, Wanted
from photosearch.decode.image import DecodeError, Limits

END_SECONDS = 5.0  # for a killed child to be gone; one that waits for a dead network drive is left behind

_STARTS = 3  # tries
_START_SECONDS = 60.0  # for a child to come up on a machine that is busy
_MOST_SIGNS = 10_000  # of a video: its pictures, and that the child is still at it
_LARGEST_FRAME = 64 << 20  # bytes; a picture of the largest encoders has a few million

# Exit codes of a child that the system, short of memory, or a person ended: no fault of the photo's.
_KILLED_FROM_OUTSIDE = {-number for number in (signal.SIGTERM, getattr(signal, "SIGKILL", None)) if number}

_spawn = multiprocessing.get_context("spawn")
_starting = threading.Lock()
_log = logging.getLogger(__name__)

_Frame = TypeVar("_Frame", bound=frames.AnyFrame)


class Decoded(msgspec.Struct, frozen=True):
    """A file as it was read, and its facts and its picture when they were wanted."""

    content_hash: bytes  # BLAKE2b-160 of the bytes that were read
    size: int  # of the file as it was read, bytes
    mtime_ns: int
    ctime_ns: int | None  # from before its bytes were read
    facts: Facts | None = None
    picture: frames.DecodedPicture | None = None


class Watch:
    """What sees how a video comes along. What it raises ends that, and is raised by decode()."""

    def go_on(self) -> None:
        """Called every second or so; it may wait as long as it likes."""

    def frame(self, content_hash: bytes, frame: VideoFrame) -> None:
        """Take a picture beside the poster, of a video of this content."""


class NeedsMemory(DecodeError):
    """With more memory there may be a picture."""


class Child:
    """One child process, started again whenever it is missing. For one thread at a time, but for kill().

    Args:
        last_try: no other child has more memory
    """

    def __init__(self, preprocessing: Preprocessing | None, limits: Limits, last_try: bool) -> None:
        self._preprocessing = preprocessing
        self._limits = limits
        self._last_try = last_try
        self._process: SpawnProcess | None = None
        self._connection: Connection | None = None

    def decode(self, path: bytes, wanted: Callable[[bytes], Wanted], watch: Watch) -> Decoded:
        """As DecoderPool.decode(), which says what is raised here as well."""
        with self._connected() as connection:
            read, left = self._read(connection, path, watch)
            verdict = wanted(read.content_hash)
            _send(connection, verdict)
            if verdict is Wanted.NOTHING:
                return _decoded(read)
            if verdict is Wanted.FACTS:
                described = _receive(connection, frames.Described, left)
                return _decoded(read, described.facts)
            picture = self._picture(connection, left, read.content_hash, watch)
            if (
                not self._is_whole(picture.pixels)
                or len(picture.colour) != 3
                or len(picture.look.miniature) != MINIATURE_EDGE**2
                or not 0 <= picture.look.fingerprint < 2**BITS
            ):
                raise _Died
            return _decoded(read, picture.facts, picture)

    def _picture(
        self, connection: Connection, seconds: float, content_hash: bytes, watch: Watch
    ) -> frames.DecodedPicture:
        """A picture, with those of a video before it; each of these may take as long as a photo."""
        for _ in range(_MOST_SIGNS):
            found = _next(connection, seconds)
            seconds = self._limits.seconds
            match found:
                case frames.DecodedPicture():
                    return found
                case VideoFrame() if self._is_whole(found.pixels):
                    watch.frame(content_hash, found)
                case frames.StillAtIt():
                    watch.go_on()
                case _:
                    break
        raise _Died

    def _is_whole(self, pixels: bytes) -> bool:
        assert self._preprocessing is not None
        return len(pixels) == self._preprocessing.size**2 * 3

    def preview(self, path: bytes, wanted: PreviewWanted) -> DecodedPreview:
        """The photo in the file at `path`, for a person to look at."""
        with self._connected() as connection:
            _, left = self._read(connection, path, Watch(), hashed=False)
            _send(connection, wanted)
            return _receive(connection, DecodedPreview, left)

    def sidecar(self, path: bytes) -> tuple[frames.Read, Told]:
        """What the file at `path` says of a photo beside it."""
        with self._connected() as connection:
            read, left = self._read(connection, path, Watch())
            _send(connection, Wanted.SIDECAR)
            return read, _receive(connection, frames.SidecarRead, left).told

    def edit(self, path: bytes, edit: Edit) -> Edited:
        """The XMP file at `path` with an edit made."""
        with self._connected() as connection:
            _, left = self._read(connection, path, Watch())
            _send(connection, edit)
            return _receive(connection, Edited, left)

    @contextlib.contextmanager
    def _connected(self) -> Iterator[Connection]:
        """A running child's connection; what goes wrong with the child becomes the photo's DecodeError."""
        connection = self._started()
        try:
            yield connection
        except DecodeError:
            raise  # the child said so itself, and is ready for the next
        except _Died:
            raise self._death() from None
        except _Late:
            self.stop()
            raise DecodeError(
                "it took longer than {seconds:g} s", passing=True, seconds=self._limits.seconds
            ) from None
        except BaseException:
            self.stop()  # it is in the middle of a photo that nobody waits for any more
            raise

    def _read(
        self, connection: Connection, path: bytes, watch: Watch, *, hashed: bool = True
    ) -> tuple[frames.Read, float]:
        """-> what was read, and the seconds that the photo has left."""
        _send(connection, frames.Asked(path, hashed))
        while True:  # as long as a video of its size, which is limited, takes
            began = time.monotonic()
            found = _next(connection, self._limits.seconds)
            match found:
                case frames.Read():
                    return found, self._limits.seconds - (time.monotonic() - began)
                case frames.StillAtIt():
                    watch.go_on()
                case _:
                    raise _Died

    def kill(self) -> None:
        """End the process at once; whoever waits for it notices. Any thread may call it."""
        process = self._process
        if process is not None:
            process.kill()

    def stop(self) -> None:
        """End the process and wait until it is gone. For the thread that uses the child."""
        self.kill()
        if self._process is not None:
            self._process.join(END_SECONDS)
        if self._connection is not None:
            self._connection.close()
        self._process = self._connection = None

    def _started(self) -> Connection:
        if self._process is not None and self._connection is not None and self._process.is_alive():
            return self._connection
        for _ in range(_STARTS):
            self.stop()
            connection = self._start()
            try:
                _receive(connection, frames.ChildReady, _START_SECONDS)
                return connection
            except (_Died, _Late):
                pass  # killed, most likely: the system is short of memory, or a person ended it
        self.stop()
        raise KnownError("The photo decoder does not start; try again, or reinstall PhotoSearch.")

    def _start(self) -> Connection:
        ours, theirs = _spawn.Pipe()
        arguments = (theirs, self._preprocessing, self._limits, self._last_try)
        process = _spawn.Process(target=worker.main, args=arguments, daemon=True, name="decoder")
        try:
            with _plain_start():
                process.start()
        except OSError as error:
            ours.close()
            raise KnownError(
                "The photo decoder could not be started: {reason}.", reason=system_reason(error)
            ) from error
        finally:
            theirs.close()
        self._process, self._connection = process, ours
        return ours

    def _death(self) -> DecodeError:
        """Why the child is gone, as far as it can be told."""
        process = self._process
        if process is not None:
            process.join(END_SECONDS)
        code = process.exitcode if process is not None else None
        self.stop()
        if code in _KILLED_FROM_OUTSIDE:
            return DecodeError("the decoder was killed while at it, perhaps for lack of memory", passing=True)
        return DecodeError("the decoder crashed on it")


def _decoded(
    read: frames.Read, facts: Facts | None = None, picture: frames.DecodedPicture | None = None
) -> Decoded:
    return Decoded(read.content_hash, read.size, read.mtime_ns, read.ctime_ns, facts, picture)


class _Died(Exception):
    """The child is gone, or says what it should not."""


class _Late(Exception):
    """The child did not answer in time."""


def _send(connection: Connection, message: frames.Asked | Wanted | PreviewWanted | Edit) -> None:
    try:
        connection.send_bytes(frames.encode(message))
    except OSError:
        raise _Died from None


def _receive(connection: Connection, kind: type[_Frame], seconds: float) -> _Frame:
    """The next frame, which must be of this kind.

    Raises:
        DecodeError: the child found something wrong with the file.
    """
    frame = _next(connection, seconds)
    if not isinstance(frame, kind):
        raise _Died
    return frame


def _next(connection: Connection, seconds: float) -> frames.AnyFrame:
    """
    Raises:
        DecodeError: the child found something wrong with the file.
    """
    try:
        if not connection.poll(max(0.0, seconds)):
            raise _Late
        frame = frames.decode_from_child(connection.recv_bytes(_LARGEST_FRAME))
        while isinstance(frame, frames.Noise):
            _log.warning("A codec said: %s", frame.text.strip())
            frame = frames.decode_from_child(connection.recv_bytes(_LARGEST_FRAME))
    except (EOFError, OSError, msgspec.MsgspecError):
        raise _Died from None
    if isinstance(frame, frames.DecodeFailed):
        raise (NeedsMemory if frame.for_memory else DecodeError)(frame.reason, passing=frame.passing)
    return frame


@contextlib.contextmanager
def _plain_start() -> Iterator[None]:
    """Start a child that neither imports the parent's main module again nor trips over an early Ctrl-C."""
    with _starting, _ctrl_c_blocked():
        main = sys.modules["__main__"]
        sys.modules["__main__"] = types.ModuleType("__main__")
        try:
            yield
        finally:
            sys.modules["__main__"] = main


@contextlib.contextmanager
def _ctrl_c_blocked() -> Iterator[None]:
    """A child inherits the block, and keeps it until it ignores the signal. Windows has no such thing."""
    if sys.platform == "win32":
        yield
        return
    from multiprocessing import resource_tracker  # Windows has none

    resource_tracker.ensure_running()  # it starts with the first child, and would lift the block
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
