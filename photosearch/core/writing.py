"""Files that are written whole or not at all; where a person names one, never over another kind of file."""

import contextlib
import os
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

from photosearch.core.errors import KnownError, system_reason


@contextlib.contextmanager
def written_whole(path: Path, *, private: bool = False) -> Iterator[BinaryIO]:
    """A file to write, which takes the place of the one at `path` once it is whole and on the disk.

    A link there is replaced, not followed. After a kill the old file is there, or the new one.

    Args:
        private: 0600 from the beginning

    Raises:
        OSError: the disk is full, or the folder cannot be written; the old file stays as it was.
    """
    fresh = path.with_name(f".photosearch-{secrets.token_hex(6)}.partial")
    try:
        with open(fresh, "xb", opener=_private if private else None) as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)


@contextlib.contextmanager
def exported(path: Path, is_same_kind: Callable[[Path], bool]) -> Iterator[BinaryIO]:
    """As `written_whole`, where a person said; a photo that is there by that name is never written over.

    Args:
        is_same_kind: whether a file that is there and has content is such an export, and may be replaced

    Raises:
        KnownError: it cannot be written, or a folder, a link or another kind of file is there.
    """
    try:
        _refuse_others(path, is_same_kind)
        with written_whole(path) as file:
            yield file
    except OSError as error:
        raise KnownError(
            "{path} cannot be written: {reason}.", path=path, reason=system_reason(error)
        ) from error


def _refuse_others(path: Path, is_same_kind: Callable[[Path], bool]) -> None:
    if path.is_dir():
        raise KnownError("{path} is a folder; name a file in it.", path=path)
    if not os.path.lexists(path):
        return
    if path.is_symlink() or not path.is_file() or (path.stat().st_size and not is_same_kind(path)):
        raise KnownError(
            "{path} is there already and is another kind of file; choose another name.", path=path
        )


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
