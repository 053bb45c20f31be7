"""What the person changed, in one history: each change knows what was before it and what came after."""

from __future__ import annotations

import contextlib
import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, NamedTuple, TypeVar

import msgspec

from photosearch.core.errors import KnownError, Sentence
from photosearch.core.file_names import moved
from photosearch.core.history_messages import Change, HistoryChanged, TrashedFile
from photosearch.store.read_connection import ReadConnection
from photosearch.store.transactions import Transactions

LONGEST = 200  # changes
LARGEST = 64 << 20  # bytes that tell what they changed

EDITED = "edited"  # changes things of several kinds at once, see store/versions.py
_TRASH = "trash"
# The one that is next: to be undone the latest that stands, to be redone the first that was undone.
_NEXT = """SELECT change_id, says, kind FROM changes
    WHERE change_id = (SELECT iif(?1, min(change_id), max(change_id)) FROM changes WHERE undone = ?1)"""

T = TypeVar("T")
State = Any  # of one thing, as JSON has it; None: it is not there


class Kind(NamedTuple):
    """Things of one kind, by id, that the person can change: how they stand, and how one is made to."""

    read: Callable[[sqlite3.Connection, Sequence[int]], dict[int, State]]  # without those that are not there
    write: Callable[[sqlite3.Connection, int, State], None]
    of_photos: bool = False  # their ids are of photos
    # How one would stand had photos other ids, by those that they have.
    renumbered: Callable[[State, Mapping[int, int]], State] = lambda state, numbers: state
    # What the person made of one; whatever else its state tells only comes back with it.
    own: Callable[[State], State] = lambda state: state


class Part(NamedTuple):
    """What a change did to one thing."""

    kind: str
    thing_id: int
    before: State
    after: State


class Turn(NamedTuple):
    """A change that was taken back, or made again."""

    change: Change
    kind: str  # EDITED, where it changed things of several kinds: ids are then of photos
    ids: Sequence[int]  # of the things that are as they were before, or as they were made
    kept: int  # things that were changed by another way since, and stay as they are
    files: tuple[TrashedFile, ...]


@dataclass
class Changing:
    """A change while it is made."""

    database: sqlite3.Connection
    before: dict[int, State]  # of all things that it may change, as they stood before
    says: Sentence = field(init=False)


class HistoryWriter(Transactions):
    """Remembers what the person changes, so that it can be taken back and made again."""

    kinds: ClassVar[dict[str, Kind]] = {}  # by the names that the library has them under

    @contextlib.contextmanager
    def _change(self, kind: str, ids: Sequence[int] = ()) -> Iterator[Changing]:
        """A transaction that is remembered, unless these things are after it as they were before.

        Its body says what the change is, and adds to `before` what it makes anew.
        """
        read, own = self.kinds[kind].read, self.kinds[kind].own
        with self._transaction(self._database) as database:
            changing = Changing(database, dict.fromkeys(ids) | read(database, ids))
            yield changing
            after = read(database, list(changing.before))
            states = [(id_, before, after.get(id_)) for id_, before in changing.before.items()]
            if changed := [state for state in states if own(state[1]) != own(state[2])]:
                record(database, kind, changing.says, msgspec.json.encode(changed))

    def record_trash(self, files: Sequence[TrashedFile], photos: int, change_id: int = 0) -> None:
        """Remember that files lie in the trash: those of a change that stands, or of a new one.

        Args:
            files: none: the change was to be made again, and not one of its files went
            change_id: of a change that was made again, or could not be taken back; 0: it is a new one. One
                that was forgotten meanwhile is a new one too.
            photos: of the files; 0: not known, as after a kill; the same files may have been told before
        """
        with self._transaction(self._database) as database:
            if not files:
                _leave_undone(database, change_id)
                return
            written = msgspec.json.encode(files)
            stands = "UPDATE changes SET states = ?, undone = FALSE WHERE change_id = ?"
            if database.execute(stands, (written, change_id)).rowcount:
                return
            known = "SELECT 1 FROM changes WHERE kind = ? AND states = ?"
            if photos or not database.execute(known, (_TRASH, written)).fetchone():
                record(database, _TRASH, _trashed_in_words(len(files), photos), written)

    def undo(self, meant: int = 0) -> Turn:
        """Take back the latest change that stands. What was changed by another way since stays as it is.

        Args:
            meant: its id; 0: whichever it is

        Raises:
            KnownError: there is none, or another one is meant.
        """
        with self._transaction(self._database) as database:
            if not (change := database.execute(_NEXT, (False,)).fetchone()):
                raise KnownError("There is nothing to undo.")
            _check(change, meant)
            return self._turn(database, _change(*change), back=True)

    def redo(self, meant: int = 0) -> Turn:
        """Make the change again that was taken back last; else as `undo`.

        Raises:
            KnownError: there is none, another one is meant, or something was changed since.
        """
        with self._transaction(self._database) as database:
            if not (change := database.execute(_NEXT, (True,)).fetchone()):
                raise KnownError("There is nothing to redo.")
            _check(change, meant)
            return self._turn(database, _change(*change), back=False)

    def _turn(self, database: sqlite3.Connection, change: Change, *, back: bool) -> Turn:
        ((kind, states),) = database.execute(
            "UPDATE changes SET undone = ? WHERE change_id = ? RETURNING kind, states",
            (back, change.change_id),
        ).fetchall()
        if kind == _TRASH:
            files = msgspec.json.decode(states, type=tuple[TrashedFile, ...])
            return Turn(change, kind, (), 0, files)
        turned, kept = set[int](), set[int]()
        parts = parts_of(kind, states)
        for name in dict.fromkeys(part.kind for part in parts):
            changed = [part for part in parts if part.kind == name]
            own = self.kinds[name].own
            present = self.kinds[name].read(database, [part.thing_id for part in changed])
            for _, id_, before, after in changed:
                left, wanted = (after, before) if back else (before, after)
                stands = own(present.get(id_)) == own(left)
                if stands:
                    self.kinds[name].write(database, id_, wanted)
                if kind == name or self.kinds[name].of_photos:
                    (turned if stands else kept).add(id_)
        return Turn(change, kind, sorted(turned), len(kept), ())


class HistoryReader(ReadConnection):
    """Reads what can be undone."""

    def history(self) -> HistoryChanged:
        """What can be taken back, and what can be made again."""
        undo, redo = (self._rows(_NEXT, undone) for undone in (False, True))
        return HistoryChanged(*(_change(*rows[0]) if rows else None for rows in (undo, redo)))

    def changes(self) -> list[tuple[Change, float]]:
        """What can be taken back, the latest first, and when each was made, in seconds since the epoch."""
        rows = self._rows(
            "SELECT change_id, says, kind, made_at FROM changes WHERE NOT undone ORDER BY change_id DESC"
        )
        return [(_change(change_id, says, kind), made_at) for change_id, says, kind, made_at in rows]


def photos_in_words(count: int) -> Sentence:
    """So many photos, as a part of what a change says."""
    return Sentence("{n:,} photo" if count == 1 else "{n:,} photos", n=count)


def _trashed_in_words(files: int, photos: int) -> Sentence:
    """Files and photos, as was asked about; `photos` is 0 where it is not known."""
    if photos in (0, files):
        return Sentence("{photos} moved to the trash", photos=photos_in_words(files))
    return Sentence(
        "{files} of {photos} moved to the trash",
        files=Sentence("{n:,} files", n=files),
        photos=photos_in_words(photos),
    )


def _change(change_id: int, says: str, kind: str) -> Change:
    return Change(change_id, msgspec.json.decode(says, type=Sentence), by_itself=kind == EDITED)


def _leave_undone(database: sqlite3.Connection, change_id: int) -> None:
    """Take a change as not made again; after a later one it cannot be made again at all."""
    updated = database.execute(
        """UPDATE changes SET undone = TRUE WHERE change_id = ?
        AND change_id = (SELECT max(change_id) FROM changes WHERE NOT undone)""",
        (change_id,),
    )
    if not updated.rowcount:
        database.execute("DELETE FROM changes WHERE change_id = ?", (change_id,))


def _check(change: tuple[int, str, str], meant: int) -> None:
    if meant not in (0, change[0]):
        raise KnownError("Something else was changed, undone or redone meanwhile; everything stays as it is.")


def parts_of(kind: str, states: bytes) -> list[Part]:
    """What a change did to each thing, as the library has it."""
    if kind == EDITED:
        return msgspec.json.decode(states, type=list[Part])
    return [Part(kind, *state) for state in msgspec.json.decode(states)]


def states_of(kind: str, parts: Sequence[Part]) -> bytes:
    """The same, as the library has it."""
    return msgspec.json.encode(parts if kind == EDITED else [part[1:] for part in parts])


def record(database: sqlite3.Connection, kind: str, says: Sentence, states: bytes) -> None:
    """Put a change at the end: what was undone cannot be done again after it, and the oldest may go."""
    database.execute("DELETE FROM changes WHERE undone")
    database.execute(
        "INSERT INTO changes (kind, says, states, made_at) VALUES (?, ?, ?, ?)",
        (kind, msgspec.json.encode(says).decode(), states, time.time()),
    )
    database.execute(
        """DELETE FROM changes WHERE change_id IN (
            SELECT change_id FROM (
                SELECT change_id, row_number() OVER later AS place, sum(length(states)) OVER later AS size
                FROM changes WINDOW later AS (ORDER BY change_id DESC)
            ) WHERE place > ? OR place > 1 AND size > ?
        )""",
        (LONGEST, LARGEST),
    )


def rewrite(database: sqlite3.Connection, kind: str, type_: type[T], how: Callable[[T], T]) -> None:
    """Let all changes of a kind tell what they changed in another way."""
    for change_id, states in database.execute(
        "SELECT change_id, states FROM changes WHERE kind = ?", (kind,)
    ).fetchall():
        written = msgspec.json.encode([how(state) for state in msgspec.json.decode(states, type=list[type_])])  # type: ignore[valid-type]
        database.execute("UPDATE changes SET states = ? WHERE change_id = ?", (written, change_id))


def move_trashed(database: sqlite3.Connection, old: bytes, new: bytes) -> None:
    """Let files in the trash go back below another folder than the one where they lay.

    Args:
        old, new: absolute paths of that folder
    """

    def to_new(file: TrashedFile) -> TrashedFile:
        now = moved(file.path_bytes, old, new)
        return msgspec.structs.replace(file, path_bytes=now) if now else file

    rewrite(database, _TRASH, TrashedFile, to_new)
