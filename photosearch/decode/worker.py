"""The life of a decoder child: read and hash a file, ask whether it is wanted, decode it, reply."""

import contextlib
import hashlib
import os
import signal
import stat
import sys
import tempfile
from collections.abc import Iterator
from multiprocessing.connection import Connection
from pathlib import Path

from photosearch.core.encoder import Preprocessing
from photosearch.core.errors import Sentence, system_reason
from photosearch.core.photo import ctime_ns_of, mtime_ns_of
from photosearch.decode import frames, sidecar
from photosearch.decode.damage import open_as_far_as_it_goes, read_facts
from photosearch.decode.fit import decoding_edge, fit
from photosearch.decode.image import DecodeError, Limits
from photosearch.decode.look import look_of
from photosearch.decode.sidecar_editing import edited
from photosearch.decode.thumbnail import average_colour, glimpse, preview, short_edge, thumbnail

_NICE = 5
_STDERR = 2  # file descriptor
_LONGEST_NOISE = 1000  # bytes a photo
_KEEP_BYTES = 24 << 20
_GRACE_SECONDS = 5.0  # the parent's clock comes first; the child's own is for a parent that has died


def main(
    connection: Connection, preprocessing: Preprocessing | None, limits: Limits, last_try: bool = True
) -> None:
    """Serve photos until the parent closes its end of `connection` or dies.

    Args:
        last_try: no other child has more memory for what seems damaged here
    """
    _settle(limits)
    _catch_noise()
    with contextlib.suppress(EOFError, ConnectionError):
        _send(connection, frames.ChildReady())
        while True:
            _serve(connection, frames.decode_path(connection.recv_bytes()), preprocessing, limits, last_try)


def _serve(
    connection: Connection,
    path: bytes,
    preprocessing: Preprocessing | None,
    limits: Limits,
    last_try: bool,
) -> None:
    try:
        with _alarm(limits):
            data, read = read_file(path, limits)
        _send(connection, read)
        match frames.decode_verdict(connection.recv_bytes()):
            case frames.Wanted.PICTURE:
                assert preprocessing is not None, "this child is for previews"
                with _alarm(limits):
                    picture = _decode(data, preprocessing, limits, last_try)
                _send(connection, picture)
            case frames.Wanted.FACTS:
                with _alarm(limits):
                    described = frames.Described(read_facts(data))
                _send(connection, described)
            case frames.Wanted.SIDECAR:
                with _alarm(limits):
                    told = frames.SidecarRead(sidecar.read(data))
                _send(connection, told)
            case frames.Edit() as edit:
                with _alarm(limits):
                    packet = edited(data, edit)
                _send(connection, frames.Edited(packet, sidecar.read(packet or b"")))
            case frames.PreviewWanted(longest_edge):
                with _alarm(limits):
                    shown = _preview(data, longest_edge, limits, last_try)
                _send(connection, shown)
    except DecodeError as error:
        _send(connection, frames.DecodeFailed(error.reason, error.passing, error.for_memory))
    except MemoryError:
        gigabytes = limits.memory_bytes / 2**30
        reason = Sentence("it needs more than {gigabytes:.3g} GB of memory", gigabytes=gigabytes)
        failed = frames.DecodeFailed(reason, passing=False, for_memory=True)
        _send(connection, failed)


def _send(connection: Connection, frame: frames.AnyFrame) -> None:
    if noise := _noise():
        connection.send_bytes(frames.encode(frames.Noise(noise)))
    connection.send_bytes(frames.encode(frame))


def _catch_noise() -> None:
    """Codecs in C, such as libtiff, write their complaints to the stream that a person's terminal shows."""
    if hasattr(os, "memfd_create"):  # in memory, which works where no disk can be written
        file = os.memfd_create("noise")
        os.dup2(file, _STDERR)
        os.close(file)
        return
    with tempfile.TemporaryFile() as kept:
        os.dup2(kept.fileno(), _STDERR)


def _noise() -> str:
    """The beginning of what was written since the last time."""
    if not os.lseek(_STDERR, 0, os.SEEK_CUR):
        return ""
    os.lseek(_STDERR, 0, os.SEEK_SET)
    said = os.read(_STDERR, _LONGEST_NOISE)
    os.ftruncate(_STDERR, 0)
    os.lseek(_STDERR, 0, os.SEEK_SET)
    return said.decode("utf-8", errors="replace")


def read_file(path: bytes, limits: Limits) -> tuple[bytes, frames.Read]:
    """All bytes of a photo's file, with their hash and the size and time that the file had.

    Raises:
        DecodeError: it is no regular file, empty, over the limit, or changed meanwhile; it cannot be read.
    """
    try:
        # Non-blocking, for a pipe that nobody writes to would otherwise hold us at the door.
        flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
        with os.fdopen(os.open(os.fsdecode(path), flags), "rb") as file:
            before = os.fstat(file.fileno())
            _check_file(before, limits)
            data = file.read(before.st_size + 1)
            after = os.fstat(file.fileno())
    except FileNotFoundError:
        raise DecodeError("the file is gone", passing=True) from None
    except (PermissionError, IsADirectoryError):
        folder = Path(os.fsdecode(path)).is_dir()
        raise DecodeError(
            "it is a folder" if folder else "no permission to read the file", passing=True
        ) from None
    except OSError as error:
        raise DecodeError(
            "the file cannot be read ({reason})", passing=True, reason=system_reason(error)
        ) from None
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns) or len(
        data
    ) != after.st_size:
        raise DecodeError("the file changed while it was read", passing=True)
    content_hash = hashlib.blake2b(data, digest_size=20).digest()
    return data, frames.Read(content_hash, after.st_size, mtime_ns_of(after), ctime_ns_of(before))


def _check_file(status: os.stat_result, limits: Limits) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise DecodeError("it is not a regular file")
    if status.st_size <= 0:  # what some file systems in user space say of a file that they cannot look at
        raise DecodeError("the file is empty")
    if status.st_size > limits.file_bytes:
        size, limit = status.st_size / 2**20, limits.file_bytes / 2**20
        raise DecodeError("the file has {size:,.4g} MB, the limit is {limit:,.4g}", size=size, limit=limit)


def _decode(
    data: bytes, preprocessing: Preprocessing, limits: Limits, last_try: bool
) -> frames.DecodedPicture:
    edge = decoding_edge(preprocessing)
    image, facts, damage = open_as_far_as_it_goes(data, at_least=edge, limits=limits, last_try=last_try)
    small = thumbnail(image)
    pixels = fit(image, preprocessing).tobytes()
    seen = glimpse(small)
    return frames.DecodedPicture(facts, pixels, small, average_colour(seen), look_of(seen), damage)


def _preview(data: bytes, longest_edge: int, limits: Limits, last_try: bool) -> frames.DecodedPreview:
    stored = read_facts(data)
    at_least = short_edge((stored.width, stored.height), longest_edge)
    image, facts, _ = open_as_far_as_it_goes(data, at_least=at_least, limits=limits, last_try=last_try)
    return frames.DecodedPreview(preview(image, longest_edge), facts.width, facts.height)


def _settle(limits: Limits) -> None:
    """Become a quiet, bounded process, as far as the platform knows how."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C in a terminal reaches us too; the parent decides
    # glibc keeps as much freed memory as twice the largest block that it has seen freed (to 32 MB). Without
    # this each photo faults its memory in anew: 5 ms of 65 for 12 megapixels.
    bytearray(_KEEP_BYTES)
    os.environ["OMP_NUM_THREADS"] = "1"  # LibRaw's: there are as many children as there are cores
    if sys.platform != "win32":
        import resource

        os.nice(_NICE)
        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        bound = _address_space() + limits.memory_bytes
        if hard != resource.RLIM_INFINITY:
            bound = min(bound, hard)
        with contextlib.suppress(ValueError, OSError):  # macOS refuses some values
            resource.setrlimit(resource.RLIMIT_AS, (bound, hard))


def _address_space() -> int:
    """What a fresh child has reserved already, bytes: mostly libraries, which differ between machines."""
    statm = Path("/proc/self/statm")
    return int(statm.read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE") if statm.exists() else 0


@contextlib.contextmanager
def _alarm(limits: Limits) -> Iterator[None]:
    """Die when one step takes far too long, even inside a codec and with no parent left to kill us."""
    if sys.platform == "win32":
        yield
        return
    signal.setitimer(signal.ITIMER_REAL, limits.seconds + _GRACE_SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
