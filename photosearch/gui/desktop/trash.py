"""Photos to the system's trash: the one thing that touches a person's files, and only after a yes.

Nothing is ever deleted for good: where a drive has no trash, its files stay and the person is told.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Sequence
from typing import NamedTuple

from PySide6.QtCore import QFile, QObject, Qt, Signal
from PySide6.QtWidgets import QWidget

from photosearch.core.errors import system_reason
from photosearch.gui.data.library_reader import LibraryReader
from photosearch.gui.desktop import files
from photosearch.gui.widgets.dialogs import confirm
from photosearch.i18n import tr, tr_n, translated
from photosearch.store.reader import Reader

Send = Callable[[bytes], None]


class _Doomed(NamedTuple):
    """What is to go to the trash."""

    files: dict[int, list[bytes]]  # of each photo that has any here
    away: int  # photos that have no file here


class Trash(QObject):
    """Moves photos to the system's trash, in a thread, after a yes.

    Args:
        send: moves one file; raises OSError where it cannot.
    """

    moved = Signal(object)  # Sequence[int], ids of photos whose files are all in the trash now
    files_gone = Signal()  # some are not at their places any more, be it not all of a photo
    failed = Signal(object)  # str
    # list[int], ids of photos that went; bool: whether any file did; the sentence of what went wrong or ""
    _ended = Signal(object, object, object)

    def __init__(self, parent: QWidget, reader: LibraryReader, send: Send | None = None) -> None:
        super().__init__(parent)
        self._parent, self._reader = parent, reader
        self._send = send or send_to_trash
        self._threads: list[threading.Thread] = []
        self._ended.connect(self._report, Qt.ConnectionType.QueuedConnection)

    def ask(self, photo_ids: Sequence[int]) -> None:
        """Ask the person whether these photos may go; nothing happens without a yes."""
        wanted = tuple(photo_ids)
        if wanted:
            self._reader.ask(self, lambda reader: _doomed(reader, wanted), self._confirm, self.failed.emit)

    def close(self) -> None:
        """Wait for what is under way: a file is moved whole or not at all."""
        for thread in self._threads:
            thread.join()

    def _confirm(self, doomed: _Doomed) -> None:
        if not doomed.files:
            self.failed.emit(
                tr("That photo is on a drive that is not connected.")
                if doomed.away
                else tr("That photo is not there any more.")
            )
            return
        count = len(doomed.files)
        title = tr_n("Move {n} photo to the trash?", "Move {n} photos to the trash?", count)
        confirm(self._parent, title, explanation(doomed), tr("Move to trash"), lambda: self._move(doomed))

    def _move(self, doomed: _Doomed) -> None:
        def work() -> None:
            gone: list[int] = []
            files, problem = 0, ""
            for photo_id, paths in doomed.files.items():
                count, problem = moved(paths, self._send)
                files += count
                if problem:
                    break
                gone.append(photo_id)
            self._ended.emit(gone, files > 0, problem)

        self._threads = [thread for thread in self._threads if thread.is_alive()]
        thread = threading.Thread(target=work, name="trash", daemon=True)
        self._threads.append(thread)
        thread.start()

    def _report(self, gone: Sequence[int], any_file: bool, problem: str) -> None:
        if any_file:
            self.files_gone.emit()
        if gone:
            self.moved.emit(gone)
        if problem:
            self.failed.emit(problem)


def explanation(doomed: _Doomed) -> str:
    """What is asked about before photos go: their files, and those that stay."""
    paths = [path for of_photo in doomed.files.values() for path in of_photo]
    lines = [
        tr_n(
            "{n} file goes, and can be put back from there.",
            "{n} files go, and can be put back from there.",
            len(paths),
        )
    ]
    if len(doomed.files) == 1:
        lines.insert(0, "\n".join(files.shown(path) for path in paths))
    if doomed.away:
        lines.append(
            tr_n(
                "{n} photo stays: its drive is not connected.",
                "{n} photos stay: their drives are not connected.",
                doomed.away,
            )
        )
    return "\n\n".join(lines)


def moved(paths: Sequence[bytes], send: Send) -> tuple[int, str]:
    """Send each file to the trash until one cannot go; -> how many went, and why that one could not or ""."""
    for count, path in enumerate(paths):
        try:
            send(path)
        except FileNotFoundError:
            continue  # somebody else moved it: it is not there, as was wished
        except OSError as error:
            return count, tr(
                "{file} stays where it is: it could not be moved to a trash on its drive ({reason}).",
                file=files.shown(path),
                reason=translated(system_reason(error)),
            )
    return len(paths), ""


def send_to_trash(path: bytes) -> None:
    """Move a file to the system's trash.

    Raises:
        OSError: the file is gone, may not be moved, or its drive has no trash.
    """
    name = os.fsdecode(path)
    os.lstat(name)  # neither of the below says "gone" with an error number of its own
    if sys.platform == "win32":
        to_recycle_bin(name)
        return
    from send2trash import send2trash  # lazily: few sessions need it

    send2trash(name)


def to_recycle_bin(name: str) -> None:
    """Windows deletes for good, without a word, what its bin does not take: where it is switched off, on
    network drives, too large files. Qt stops it from doing so; send2trash does only beside pywin32.

    Raises:
        OSError: the file stays.
    """
    file = QFile(name)
    if not file.moveToTrash():
        raise OSError(0, tr("the recycle bin does not take it"))


def _doomed(reader: Reader, photo_ids: Sequence[int]) -> _Doomed:
    doomed: dict[int, list[bytes]] = {}
    away = 0
    for photo_id in photo_ids:
        details = reader.details(photo_id)
        here = [file.path for file in details.files if not file.away] if details else []
        if here:
            doomed[photo_id] = here
        elif details and details.files:
            away += 1
    return _Doomed(doomed, away)
