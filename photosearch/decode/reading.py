"""A file that may be anything is opened, read and hashed."""

import contextlib
import hashlib
import os
import stat
from collections.abc import Iterator
from io import BufferedReader
from pathlib import Path
from typing import BinaryIO

from photosearch.core.errors import system_reason
from photosearch.core.photo import ctime_ns_of, mtime_ns_of
from photosearch.decode.frames import Read
from photosearch.decode.image import DecodeError, Limits
from photosearch.decode.video_kind import BEGINNING, kind_of

_PIECE = 4 << 20  # bytes of a video that are hashed at a time


def opened(path: bytes) -> BufferedReader:
    """
    Raises:
        DecodeError: it cannot be opened.
    """
    with readable(path):
        # Non-blocking, for a pipe that nobody writes to would otherwise hold us at the door.
        flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
        return os.fdopen(os.open(os.fsdecode(path), flags), "rb")


@contextlib.contextmanager
def readable(path: bytes) -> Iterator[None]:
    """Say what is wrong where the system does not open or read a file.

    Raises:
        DecodeError
    """
    try:
        yield
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


def looked_at(file: BinaryIO, limits: Limits) -> tuple[os.stat_result, str | None]:
    """How the file stands before it is read, and the format of a video.

    Raises:
        DecodeError: it is no regular file, empty, or over the limit.
        OSError: it cannot be read.
    """
    status = os.fstat(file.fileno())
    if not stat.S_ISREG(status.st_mode):
        raise DecodeError("it is not a regular file")
    if status.st_size <= 0:  # what some file systems in user space say of a file that they cannot look at
        raise DecodeError("the file is empty")
    kind = kind_of(file.read(BEGINNING))
    file.seek(0)
    most = limits.video_bytes if kind else limits.file_bytes
    if status.st_size > most:
        size, limit = status.st_size / 2**20, most / 2**20
        raise DecodeError("the file has {size:,.4g} MB, the limit is {limit:,.4g}", size=size, limit=limit)
    return status, kind


def whole(file: BinaryIO, before: os.stat_result, *, hashed: bool) -> tuple[bytes, Read]:
    """All bytes of a photo's file, with their hash, if that is wanted.

    Raises:
        DecodeError: it changed meanwhile.
        OSError: it cannot be read.
    """
    data = file.read(before.st_size + 1)
    content_hash = hashlib.blake2b(data, digest_size=20).digest() if hashed else b""
    return data, _read(file, before, len(data), content_hash)


def hashed_video(file: BinaryIO, before: os.stat_result) -> Iterator[Read | None]:
    """Read a video to its end and hash it: None after each piece, then how it was read.

    Raises:
        DecodeError: it changed meanwhile.
        OSError: it cannot be read.
    """
    hash_, length = hashlib.blake2b(digest_size=20), 0
    while length <= before.st_size and (piece := file.read(_PIECE)):
        hash_.update(piece)
        length += len(piece)
        yield None
    file.seek(0)
    yield _read(file, before, length, hash_.digest())


def _read(file: BinaryIO, before: os.stat_result, length: int, content_hash: bytes) -> Read:
    after = os.fstat(file.fileno())
    if (before.st_size, before.st_mtime_ns) != (
        after.st_size,
        after.st_mtime_ns,
    ) or length != after.st_size:
        raise DecodeError("the file changed while it was read", passing=True)
    return Read(content_hash, after.st_size, mtime_ns_of(after), ctime_ns_of(before))


def unread(before: os.stat_result) -> Read:
    """Of a file whose content is known."""
    return Read(b"", before.st_size, mtime_ns_of(before), ctime_ns_of(before))
