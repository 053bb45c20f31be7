"""The life of a decoder child: read and hash a file, ask whether it is wanted, decode it, reply."""

import contextlib
import os
import signal
import sys
import tempfile
from collections.abc import Iterator
from multiprocessing.connection import Connection
from pathlib import Path

from photosearch.core.encoder import Preprocessing
from photosearch.core.errors import Sentence
from photosearch.core.photo import VIDEO_EXTENSIONS
from photosearch.decode import frames, reading, sidecar
from photosearch.decode.damage import open_as_far_as_it_goes, read_facts
from photosearch.decode.fit import decoding_edge, fit
from photosearch.decode.image import DecodeError, Limits, UnknownKind
from photosearch.decode.look import look_of
from photosearch.decode.sidecar_editing import edited
from photosearch.decode.thumbnail import average_colour, glimpse, preview, short_edge, thumbnail
from photosearch.decode.video_serving import serve_video

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
            asked = frames.decode_asked(connection.recv_bytes())
            _serve(connection, asked, preprocessing, limits, last_try)


def _serve(
    connection: Connection,
    asked: frames.Asked,
    preprocessing: Preprocessing | None,
    limits: Limits,
    last_try: bool,
) -> None:
    try:
        with reading.opened(asked.path) as file:
            with _alarm(limits), reading.readable(asked.path):
                before, kind = reading.looked_at(file, limits)
            if kind:
                serve_video(_Reply(connection, limits), file, before, kind, asked, preprocessing, limits)
                return
            with _alarm(limits), reading.readable(asked.path):
                data, read = reading.whole(file, before, hashed=asked.hashed)
        _send(connection, read)
        try:
            _serve_photo(connection, data, preprocessing, limits, last_try)
        except UnknownKind:
            if Path(os.fsdecode(asked.path)).suffix.lower() in VIDEO_EXTENSIONS:
                raise DecodeError("not a video of a kind that can be read") from None
            raise
    except DecodeError as error:
        _send(connection, frames.DecodeFailed(error.reason, error.passing, error.for_memory))
    except MemoryError:
        gigabytes = limits.memory_bytes / 2**30
        reason = Sentence("it needs more than {gigabytes:.3g} GB of memory", gigabytes=gigabytes)
        failed = frames.DecodeFailed(reason, passing=False, for_memory=True)
        _send(connection, failed)


def _serve_photo(
    connection: Connection, data: bytes, preprocessing: Preprocessing | None, limits: Limits, last_try: bool
) -> None:
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


class _Reply:
    """How a child that serves a video speaks with its parent."""

    def __init__(self, connection: Connection, limits: Limits) -> None:
        self._connection, self._limits = connection, limits

    def send(self, frame: frames.AnyFrame) -> None:
        _send(self._connection, frame)

    def verdict(self) -> frames.Wanted | frames.PreviewWanted | frames.Edit:
        return frames.decode_verdict(self._connection.recv_bytes())

    def alarm(self) -> contextlib.AbstractContextManager[None]:
        """Around each step, while which nothing is sent: whoever reads it may pause."""
        return _alarm(self._limits)


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
