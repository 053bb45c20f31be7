"""Files that somebody else may have written: read within bounds, and their JSON taken apart within bounds.

And whether what a person named is there at all.
"""

import errno
import os
import stat
from pathlib import Path
from typing import TypeVar

import msgspec

from photosearch.core.errors import KnownError

LARGEST_CONFIG = 16 << 20  # bytes of what describes a model, a lesson or a state

T = TypeVar("T")


def exists(path: str | bytes | Path) -> bool:
    """Whether something is at a path that a person named.

    Raises:
        KnownError: nobody can say, as a folder above it may not be entered.
    """
    try:
        os.stat(path)  # noqa: PTH116  (text or bytes)
    except PermissionError as error:
        raise KnownError(
            "{path} cannot be reached: a folder that holds it is closed to you; check its permissions.",
            path=os.fsdecode(path),
        ) from error
    except (OSError, ValueError):
        return False
    return True


def read_regular(path: Path, most: int = LARGEST_CONFIG) -> bytes:
    """The bytes of a regular file, of `most` at most; a pipe or a device is not waited for.

    Raises:
        OSError: it cannot be read, is no regular file, or is larger.
    """
    # A pipe that nobody writes to would hold open() for ever.
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    with os.fdopen(descriptor, "rb") as file:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode):
            raise OSError(errno.EINVAL, "it is not a regular file")
        if found.st_size > most:
            raise OSError(errno.EFBIG, os.strerror(errno.EFBIG))
        return file.read()


def decode_json(data: bytes | str, kind: type[T]) -> T:
    """What a JSON text says, as `kind`.

    Raises:
        msgspec.DecodeError: it is not JSON, has another shape, or is nested too deeply.
    """
    try:
        return msgspec.json.decode(data, type=kind)
    except RecursionError:
        raise msgspec.DecodeError("it is nested too deeply") from None
    except (UnicodeDecodeError, UnicodeEncodeError) as error:
        raise msgspec.DecodeError(str(error)) from None
