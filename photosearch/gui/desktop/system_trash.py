"""The system's trash: a file goes there, and comes back from where it lies. Nothing is deleted for good."""

from __future__ import annotations

import errno
import itertools
import os
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from photosearch.core.errors import system_reason
from photosearch.core.file_names import shown
from photosearch.core.history_messages import RecordTrash, TrashedFile
from photosearch.i18n import tr, translated

Send = Callable[[bytes], bytes]

_RECYCLED, _RECYCLED_INFO = "$R", "$I"  # how names in Windows' bin begin: of files, of what is told of them


class Moved(NamedTuple):
    """What became of files that were to go to the trash, or to come back from there."""

    record: RecordTrash | None  # of those that lie there, where that is to be remembered
    done: int  # how many were moved
    problem: str  # why others were not; empty: all were


def put_all_back(trashed: Sequence[TrashedFile], change_id: int) -> Moved:
    """Move files back from the trash to where they were; those that cannot go yet can be undone again.

    Args:
        change_id: of the change that is taken back
    """
    left = {file: problem for file in trashed if (problem := _put_back_or_say(file))}
    lying = tuple(filter(may_come_back, left))
    record = RecordTrash(lying, len(lying), change_id) if lying else None
    return Moved(record, len(trashed) - len(left), next(iter(left.values()), ""))


def send_all_again(trashed: Sequence[TrashedFile], change_id: int, send: Send) -> Moved:
    """Move files to the trash once more, which were put back from there; else as `put_all_back`.

    Where none can be moved, the record says that the change was not made again.
    """
    back = [file for file in trashed if is_back(file)]
    sent, problem = send_all([file.path_bytes for file in back], send)
    if not sent:
        return Moved(RecordTrash((), 0, change_id) if problem else None, 0, problem)
    lying = tuple(file for file in trashed if file not in back)
    return Moved(RecordTrash((*sent, *lying), 0, change_id), len(sent), problem)


def send_all(paths: Sequence[bytes], send: Send) -> tuple[tuple[TrashedFile, ...], str]:
    """Send each file to the trash until one cannot go; -> those that went, and why that one could not."""
    sent: list[TrashedFile] = []
    for path in paths:
        try:
            sent.append(TrashedFile(path, send(path)))
        except FileNotFoundError:
            continue  # somebody else moved it: it is not there, as was wished
        except OSError as error:
            return tuple(sent), tr(
                "{file} stays where it is: it could not be moved to a trash on its drive ({reason}).",
                file=shown(path),
                reason=translated(system_reason(error)),
            )
    return tuple(sent), ""


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

    identity = held.st_dev, held.st_ino
    before = set(find_in_trash(path, identity))  # other links to the file
    send2trash(name)
    lying = (found for found in find_in_trash(path, identity) if found not in before)
    return os.fsencode(next(lying, ""))


def to_recycle_bin(name: str) -> bytes:
    """Windows deletes for good, without a word, what its bin does not take: where it is switched off, on
    network drives, too large files. Qt stops it from doing so; send2trash does only beside pywin32.

    Raises:
        OSError: the file stays.
    """
    from PySide6.QtCore import QFile  # lazily: the shell puts files back where there is no Qt

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


def _put_back_or_say(file: TrashedFile) -> str:
    """Move a file back from the trash; -> why it could not be, or ""."""
    try:
        put_back(file)
    except OSError as error:
        path, reason = shown(file.path_bytes), translated(system_reason(error))
        if not may_come_back(file):
            return tr("{file} cannot be put back: {reason}.", file=path, reason=reason)
        return tr(
            "{file} was not put back: {reason}. It stays in the trash; undo it again once that is mended.",
            file=path,
            reason=reason,
        )
    return ""


def find_in_trash(path_bytes: bytes, identity: tuple[int, int]) -> Iterator[Path]:
    """The file of this device and inode that was at this path, under the names that send2trash gives it."""
    path = Path(os.fsdecode(path_bytes))
    for folder in _trashes(path):
        for number in itertools.count():
            found = folder / (f"{path.stem} {number}{path.suffix}" if number else path.name)
            try:
                now = found.lstat()
            except OSError:
                break
            if (now.st_dev, now.st_ino) == identity:
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
