"""The system's trash: a file goes there, and comes back from where it lies. Nothing is deleted for good."""

from __future__ import annotations

import errno
import itertools
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from PySide6.QtCore import QFile

from photosearch.core.history_messages import TrashedFile
from photosearch.i18n import tr

_RECYCLED, _RECYCLED_INFO = "$R", "$I"  # how names in Windows' bin begin: of files, of what is told of them


def send_to_trash(path: bytes) -> bytes:
    """Move a file to the system's trash; -> where it lies there, or nothing where that cannot be known.

    Raises:
        OSError: the file is gone, may not be moved, or its drive has no trash.
    """
    name = os.fsdecode(path)
    held = os.lstat(name)  # neither of the below says "gone" with an error number of its own
    if sys.platform == "win32":
        return to_recycle_bin(name)
    from send2trash import send2trash  # lazily: few sessions need it

    before = set(_same_in_trash(Path(name), held))  # other links to the file
    send2trash(name)
    lying = (found for found in _same_in_trash(Path(name), held) if found not in before)
    return os.fsencode(next(lying, ""))


def to_recycle_bin(name: str) -> bytes:
    """Windows deletes for good, without a word, what its bin does not take: where it is switched off, on
    network drives, too large files. Qt stops it from doing so; send2trash does only beside pywin32.

    Raises:
        OSError: the file stays.
    """
    file = QFile(name)
    if not file.moveToTrash():
        raise OSError(0, tr("the recycle bin does not take it"))
    return os.fsencode(file.fileName())


def put_back(file: TrashedFile) -> None:
    """Move a file from the trash to where it was; its folder is made again where it is gone.

    Raises:
        OSError: it is not in the trash any more, or another one is in its place.
    """
    before, now = Path(os.fsdecode(file.path_bytes)), Path(os.fsdecode(file.trash_bytes))
    if not file.trash_bytes or not os.path.lexists(now):
        raise OSError(0, tr("it is not where it was put in the trash"))
    if os.path.lexists(before):
        raise OSError(errno.EEXIST, os.strerror(errno.EEXIST))
    before.parent.mkdir(parents=True, exist_ok=True)
    shutil.move(now, before)
    told = now.parent.parent / "info" / f"{now.name}.trashinfo"  # by freedesktop.org's specification
    if not told.exists() and now.name.startswith(_RECYCLED):  # by Windows
        told = now.with_name(now.name.replace(_RECYCLED, _RECYCLED_INFO, 1))
    told.unlink(missing_ok=True)


def is_back(file: TrashedFile) -> bool:
    """Whether it no longer lies in the trash; where that is not known it never came back."""
    return bool(file.trash_bytes) and not os.path.lexists(file.trash_bytes)


def may_come_back(file: TrashedFile) -> bool:
    """Whether it lies in the trash, or may: on a drive that is away."""
    now = Path(os.fsdecode(file.trash_bytes))
    return bool(file.trash_bytes) and (os.path.lexists(now) or not now.parent.parent.parent.exists())


def _same_in_trash(path: Path, held: os.stat_result) -> Iterator[Path]:
    """The file that was at this path, under the names that send2trash gives it."""
    for folder in _trashes(path):
        for number in itertools.count():
            found = folder / (f"{path.stem} {number}{path.suffix}" if number else path.name)
            try:
                now = found.lstat()
            except OSError:
                break
            if (now.st_dev, now.st_ino) == (held.st_dev, held.st_ino):
                yield found


def _trashes(path: Path) -> Iterator[Path]:
    """Where files from this path go: at home, or at the root of their own drive."""
    if sys.platform == "darwin":
        yield Path.home() / ".Trash"
        return
    data = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    yield Path(data) / "Trash" / "files"
    for folder in path.parents:
        yield folder / ".Trash" / str(os.getuid()) / "files"
        yield folder / f".Trash-{os.getuid()}" / "files"
