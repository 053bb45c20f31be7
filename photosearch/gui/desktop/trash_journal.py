"""What is on its way to the trash, file by file, so that it can be taken back after a kill, too."""

from __future__ import annotations

import contextlib
import os
import uuid
from collections.abc import Iterator
from pathlib import Path

import msgspec

from photosearch.core.history_messages import TrashedFile
from photosearch.gui.desktop.system_trash import Send, find_in_trash

_SUFFIX = ".jsonl"


class _Going(msgspec.Struct, frozen=True, tag="going"):
    """A file that is about to be moved."""

    path_bytes: bytes
    device: int
    inode: int


class _Went(msgspec.Struct, frozen=True, tag="went"):
    """The same, once it lies in the trash."""

    path_bytes: bytes
    trash_bytes: bytes


_decoder = msgspec.json.Decoder(_Going | _Went)


class TrashJournal:
    """A file that is written while others go to the trash, and deleted once the history knows of them.

    Where it cannot be written, as on a full disk, they go all the same, and a kill costs the way back.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    @classmethod
    def new(cls, folder: Path) -> TrashJournal:
        """One that nothing was written to."""
        return cls(folder / f"{uuid.uuid4().hex}{_SUFFIX}")

    def noting(self, send: Send) -> Send:
        """`send`, with a line before each file and one behind it."""

        def noted(path: bytes) -> bytes:
            with contextlib.suppress(OSError):  # which send() meets as well
                held = os.lstat(path)
                self._note(_Going(path, held.st_dev, held.st_ino))
            lies = send(path)
            self._note(_Went(path, lies))
            return lies

        return noted

    def moved(self) -> tuple[TrashedFile, ...]:
        """The files that went, in their order, as far as they lie in the trash still."""
        found = dict[bytes, bytes]()
        for line in self._lines():
            match line:
                case _Went(path, lies):
                    found[path] = lies
                case _Going(path, device, inode) if not os.path.lexists(path):
                    found[path] = os.fsencode(next(find_in_trash(path, (device, inode)), ""))
        return tuple(TrashedFile(path, lies) for path, lies in found.items() if os.path.lexists(lies))

    def delete(self) -> None:
        """They are known of by now."""
        with contextlib.suppress(OSError):  # it is looked at again, and adds nothing to the history
            self._path.unlink()

    def _note(self, line: _Going | _Went) -> None:
        with contextlib.suppress(OSError):
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with self._path.open("ab") as file:  # closed each time: a kill leaves whole lines
                file.write(msgspec.json.encode(line) + b"\n")

    def _lines(self) -> Iterator[_Going | _Went]:
        try:
            lines = self._path.read_bytes().splitlines()
        except OSError:
            return
        for line in lines:
            with contextlib.suppress(msgspec.MsgspecError):  # the computer, not the program, was killed
                yield _decoder.decode(line)


def left_behind(folder: Path) -> list[TrashJournal]:
    """Of moves that ended before the history knew of them, the oldest first."""
    try:
        found = sorted(folder.glob(f"*{_SUFFIX}"), key=lambda path: path.stat().st_mtime)
    except OSError:
        return []
    return [TrashJournal(path) for path in found]
