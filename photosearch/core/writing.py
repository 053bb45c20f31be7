"""Files that are written whole or not at all; where a person names one, never over another kind of file."""

import contextlib
import hashlib
import os
import secrets
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

from photosearch.core.errors import KnownError, system_reason

_PREFIX, _SUFFIX = ".photosearch-", ".partial"  # of what is being written


@contextlib.contextmanager
def written_whole(
    path: Path, *, private: bool = False, again: bool = False, before: Callable[[], object] = lambda: None
) -> Iterator[BinaryIO]:
    """A file to write, which takes the place of the one at `path` once it is whole and on the disk.

    A link there is replaced, not followed. After a kill the old file is there, or the new one.

    Args:
        private: 0600 from the beginning
        again: after a kill the same file is written again, which then removes what was left of it; for
            folders that are not looked through by clear_unfinished()
        before: called once the file is whole; what it raises leaves the old file as it was

    Raises:
        OSError: the disk is full, or the folder cannot be written; the old file stays as it was.
    """
    named = (
        hashlib.blake2b(os.fsencode(path.name), digest_size=6).hexdigest() if again else secrets.token_hex(6)
    )
    fresh = path.with_name(f"{_PREFIX}{named}{_SUFFIX}")
    if again:
        fresh.unlink(missing_ok=True)
    try:
        with open(fresh, "xb", opener=_private if private else None) as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        before()
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)


@contextlib.contextmanager
def folder_written_whole(path: Path) -> Iterator[Path]:
    """A folder to fill, which gets its name once it is whole; after a kill it is there so or not at all.

    Raises:
        OSError: the disk is full, or the folder around it cannot be written; or there is one of that name.
    """
    with tempfile.TemporaryDirectory(prefix=_PREFIX, suffix=_SUFFIX, dir=path.parent) as temporary:
        fresh = Path(temporary) / path.name
        fresh.mkdir()
        yield fresh
        fresh.rename(path)


def clear_unfinished(folder: Path) -> None:
    """Remove what writing left anywhere in a folder when it was killed; nobody writes there meanwhile."""
    for left in folder.rglob(f"{_PREFIX}*{_SUFFIX}*"):  # with what SQLite puts beside a database
        if left.is_dir() and not left.is_symlink():
            shutil.rmtree(left, ignore_errors=True)
        else:
            left.unlink(missing_ok=True)


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
