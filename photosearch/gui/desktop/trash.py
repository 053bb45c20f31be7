"""Photos to the system's trash: the one thing that touches a person's files, and only after a yes.

Nothing is ever deleted for good: where a drive has no trash, its files stay and the person is told.
"""

from __future__ import annotations

import os
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt, Signal
from PySide6.QtWidgets import QWidget

from photosearch.core.history_messages import RecordTrash, TrashedFile
from photosearch.core.photo import identity_of, mtime_ns_of
from photosearch.core.stack_messages import StackedFile
from photosearch.gui.data.library_reader import LibraryReader
from photosearch.gui.desktop import files
from photosearch.gui.desktop.system_trash import (
    Moved,
    Send,
    put_all_back,
    send_all,
    send_all_again,
    send_to_trash,
)
from photosearch.gui.desktop.trash_journal import TrashJournal, left_behind
from photosearch.gui.widgets.dialogs import confirm
from photosearch.gui.widgets.progress_text import size_text
from photosearch.i18n import tr, tr_n
from photosearch.store.folders import contains, place_of
from photosearch.store.reader import Reader


class _Doomed(NamedTuple):
    """What is to go to the trash."""

    files: dict[int, list[bytes]]  # of each photo that has any here
    away: int = 0  # photos that have no file here
    staying: frozenset[int] = frozenset()  # photos that keep another file
    noted: int = 0  # photos of which the person said something
    size: int = 0  # bytes; 0: not counted
    elsewhere: int = 0  # files that stay, as they are not in the folder that one looks at
    left_out: int = 0  # files that are not what they were, or have nothing left that shows the same
    spare: Sequence[Spare] = ()  # of which that is to hold when each goes, too


Spare = tuple[StackedFile, tuple[StackedFile, ...]]  # a file, and those that stay and can stand for it


class _Outcome(NamedTuple):
    """What became of photos that were to go, or of files that were to be moved."""

    files: Moved
    gone: Sequence[int] = ()  # ids of photos whose files that were to go are all in the trash now
    journal: TrashJournal | None = None  # of these files


class Trash(QObject):
    """Moves photos to the system's trash, in a thread, after a yes; and back from there.

    Args:
        journals: the folder of what is on its way, in case the program is killed meanwhile
        send: moves one file; see `send_to_trash`.
    """

    moved = Signal(object)  # Sequence[int], ids of photos that are not any more where one looks
    recorded = Signal(object)  # RecordTrash: it is to be remembered, so that it can be undone
    files_moved = Signal()  # some are at other places than before, be it not all of a photo
    failed = Signal(object)  # str
    _ended = Signal(object, object)  # _Outcome, what to call if any file was moved

    def __init__(
        self, parent: QWidget, reader: LibraryReader, journals: Path, send: Send | None = None
    ) -> None:
        super().__init__(parent)
        self._parent, self._reader, self._journals = parent, reader, journals
        self._open: dict[RecordTrash, TrashJournal] = {}  # of what the history may not know yet
        self._send = send or send_to_trash
        self._threads: list[threading.Thread] = []
        self._under_way = 0
        self._ended.connect(self._report, Qt.ConnectionType.QueuedConnection)

    @property
    def busy(self) -> bool:
        """Whether files are on their way: until it is told where they lie, nothing can be undone."""
        return self._under_way > 0

    def ask(self, photo_ids: Sequence[int]) -> None:
        """Ask the person whether these photos may go; nothing happens without a yes.

        Where one looks at a folder, their files elsewhere stay.
        """
        wanted, within = tuple(photo_ids), self._reader.choice.folders
        if wanted:
            self._reader.ask(
                self, lambda reader: _doomed(reader, wanted, within), self._confirm, self.failed.emit
            )

    def ask_spare(self, wanted: Sequence[Spare]) -> None:
        """Ask whether files may go that others can stand for; those that have changed since are left out."""
        if wanted:
            self._reader.ask(
                self, lambda reader: _spare(reader, wanted), self._confirm_spare, self.failed.emit
            )

    def put_back(self, change_id: int, trashed: Sequence[TrashedFile], then: Callable[[], object]) -> None:
        """Move files back from the trash to where they were; those that cannot go yet can be undone again.

        Args:
            change_id: of the change that is taken back
            then: called once any are back
        """

        self._run(lambda: _Outcome(put_all_back(trashed, change_id)), then)

    def send_again(self, change_id: int, trashed: Sequence[TrashedFile], then: Callable[[], object]) -> None:
        """Move files to the trash once more, which were put back from there; else as `put_back`."""

        self._run(lambda: _Outcome(send_all_again(trashed, change_id, self._send)), then)

    def record_left(self) -> None:
        """Tell what went before the program was killed, while it moved files to the trash."""
        for journal in left_behind(self._journals):
            files = journal.moved()
            if files:
                self._tell(RecordTrash(files, 0), journal)
            else:
                journal.delete()

    def remembered(self, record: RecordTrash) -> None:
        """It can be undone from now on."""
        if journal := self._open.pop(record, None):
            journal.delete()

    def close(self) -> None:
        """Wait for what is under way and tell of it: a file is moved whole or not at all."""
        for thread in self._threads:
            thread.join()
        QCoreApplication.sendPostedEvents(self, QEvent.Type.MetaCall)

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

    def _confirm_spare(self, doomed: _Doomed) -> None:
        count = sum(map(len, doomed.files.values()))
        if not count:
            self.failed.emit(_changed())
            return
        title = tr_n("Move {n} file to the trash?", "Move {n} files to the trash?", count)
        confirm(
            self._parent, title, spare_explanation(doomed), tr("Move to trash"), lambda: self._move(doomed)
        )

    def _move(self, doomed: _Doomed) -> None:
        def work() -> _Outcome:
            journal = TrashJournal.new(self._journals)
            send = journal.noting(self._send)
            gone: list[int] = []
            trashed: tuple[TrashedFile, ...] = ()
            photos, problem, changed = 0, "", False
            staying = {file.path_bytes: kept for file, kept in doomed.spare}
            spare = {file.path_bytes: file for file, _ in doomed.spare}
            for photo_id, paths in doomed.files.items():
                going = [path for path in paths if path not in spare or _may_go(spare[path], staying[path])]
                changed |= going != paths
                sent, problem = send_all(going, send)
                trashed += sent
                photos += bool(sent)
                if problem:
                    break
                if photo_id not in doomed.staying and going == paths:
                    gone.append(photo_id)
            record = RecordTrash(trashed, photos) if trashed else None
            problem = problem or (_changed() if changed else "")
            return _Outcome(Moved(record, len(trashed), problem), gone, journal)

        self._run(work)

    def _run(self, work: Callable[[], _Outcome], then: Callable[[], object] = lambda: None) -> None:
        self._threads = [thread for thread in self._threads if thread.is_alive()]
        self._under_way += 1
        earlier = tuple(self._threads)

        def in_turn() -> None:
            for other in earlier:
                other.join()
            self._ended.emit(work(), then)

        thread = threading.Thread(target=in_turn, name="trash", daemon=True)
        self._threads.append(thread)
        thread.start()

    def _report(self, outcome: _Outcome, then: Callable[[], object]) -> None:
        files, gone, journal = outcome
        if files.record:
            self._tell(files.record, journal)
        elif journal:
            journal.delete()
        if gone or files.done:
            self.files_moved.emit()
        if files.done:
            then()
        if gone:
            self.moved.emit(gone)
        if files.problem:
            self.failed.emit(files.problem)
        self._under_way -= 1

    def _tell(self, record: RecordTrash, journal: TrashJournal | None) -> None:
        if journal:
            self._open[record] = journal
        self.recorded.emit(record)


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
    elif among := _folders_of(paths):
        lines.insert(0, among)
    if doomed.elsewhere:
        lines.append(
            tr_n(
                "A copy in another folder stays.",
                "Copies in other folders stay: {n} files.",
                doomed.elsewhere,
            )
        )
    if doomed.away:
        lines.append(
            tr_n(
                "{n} photo stays: its folder or drive is not there.",
                "{n} photos stay: their folders or drives are not there.",
                doomed.away,
            )
        )
    return "\n\n".join(lines)


def spare_explanation(doomed: _Doomed) -> str:
    """What is asked about before files go that others can stand for."""
    lines = [
        tr(
            "They can be put back from there. {size} are free once it is emptied.",
            size=size_text(doomed.size),
        )
    ]
    if doomed.noted:
        lines.append(
            tr_n(
                "{n} photo among them has notes of yours.",
                "{n} photos among them have notes of yours.",
                doomed.noted,
            )
        )
    if doomed.left_out:
        lines.append(
            tr_n(
                "{n} file stays: it has changed, or nothing else shows its picture any more.",
                "{n} files stay: they have changed, or nothing else shows their pictures any more.",
                doomed.left_out,
            )
        )
    return "\n\n".join(lines)


def _folders_of(paths: Sequence[bytes]) -> str:
    """Where files lie, those with the most of them first; empty where that is one folder."""
    names = [_name(place) for place, _ in Counter(map(place_of, paths)).most_common()]
    if len(names) < 2:
        return ""
    first, second, *others = names
    if not others:
        return tr("In {first} and {second}.", first=first, second=second)
    return tr_n(
        "In {first}, {second} and {n} more folder.",
        "In {first}, {second} and {n} more folders.",
        len(others),
        first=first,
        second=second,
    )


def _name(place: bytes) -> str:
    return files.shown(os.path.basename(place[:-1]) or place)  # noqa: PTH119  (bytes)


def _doomed(reader: Reader, photo_ids: Sequence[int], within: Sequence[bytes]) -> _Doomed:
    doomed: dict[int, list[bytes]] = {}
    away = elsewhere = 0
    for photo_id in photo_ids:
        details = reader.details(photo_id)
        held = details.files if details else []
        inside = [
            file for file in held if not within or any(contains(folder, file.path) for folder in within)
        ]
        here = [file.path for file in inside if not file.away]
        if here:
            doomed[photo_id] = here
            elsewhere += len(held) - len(inside)
        elif inside:
            away += 1
    return _Doomed(doomed, away, elsewhere=elsewhere)


def _spare(reader: Reader, wanted: Sequence[Spare]) -> _Doomed:
    """Of these, the files that are as they were read, where one that stays is, too, and no link to them."""
    doomed: dict[int, list[bytes]] = {}
    leaving = {identity_of(file.path_bytes) for file, _ in wanted}
    spare = [
        (file, kept)
        for file, staying in wanted
        if (kept := tuple(one for one in staying if identity_of(one.path_bytes) not in leaving))
        and _may_go(file, kept)
    ]
    going = [file for file, _ in spare]
    for file in going:
        doomed.setdefault(file.photo_id, []).append(file.path_bytes)
    held = {photo_id: reader.details(photo_id) for photo_id in doomed}
    return _Doomed(
        doomed,
        staying=frozenset(
            photo_id
            for photo_id, details in held.items()
            if details and any(file.path not in doomed[photo_id] for file in details.files)
        ),
        noted=len({file.photo_id for file in going if file.noted}),
        size=sum(file.size for file in going),
        left_out=len(wanted) - len(going),
        spare=spare,
    )


def _may_go(file: StackedFile, staying: Sequence[StackedFile]) -> bool:
    return _is_as_read(file) and any(map(_is_as_read, staying))


def _changed() -> str:
    return tr("These files are not what they were any more. Look again.")


def _is_as_read(file: StackedFile) -> bool:
    try:
        status = os.stat(file.path_bytes)  # noqa: PTH116  (bytes)
    except OSError:
        return False
    return (status.st_size, mtime_ns_of(status)) == (file.size, file.mtime_ns)
