"""Versions of one picture: what the person says of it stays with it when another program edits its file.

A file that was written anew holds another photo, as a photo is its content. Where that is an edit of the one
that the file held before, both are versions of one picture, and what was said of the former goes over to the
one that is there; where other files still hold the former, both have it. A version that comes back takes it
back, with all that was said since.
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import msgspec

from photosearch.core.errors import Sentence
from photosearch.paths import Library
from photosearch.store.albums import albums_of, replace_in_albums
from photosearch.store.folders import paths_below
from photosearch.store.history import (
    EDITED,
    HistoryWriter,
    Kind,
    Part,
    State,
    parts_of,
    photos_in_words,
    record,
    states_of,
)
from photosearch.store.notes import NOTED, write_words
from photosearch.store.read_connection import ReadConnection, json_of

ONE_CHANGE = 60.0  # seconds: edits that follow one another so fast are told and undone as one
MOST_VERSIONS = 2000  # photos in such a change, which is written anew with each batch that comes to it

# The photo that a path holds; where it holds none, the last one that it held and that no file holds now.
FORMER_AT = """SELECT photo_id FROM files WHERE path = ?1 UNION ALL
    SELECT photo_id FROM (SELECT photo_id FROM gone WHERE path = ?1 ORDER BY gone_id DESC LIMIT 1)
    LIMIT 1"""

_MOST_FORMERS = 3  # photos of a path that is written anew again and again
_VERSION = "version"
_NOTED = f"SELECT 1 FROM ({NOTED}) WHERE photo_id = ? LIMIT 1"  # noqa: S608  (a constant)
_NOTED_AND_GONE = f"""SELECT photo_id FROM gone
    WHERE path >= ? AND path < ? AND instr(substr(path, ?), ?) = 0
    AND EXISTS (SELECT 1 FROM ({NOTED}) AS noted WHERE noted.photo_id = gone.photo_id)"""  # noqa: S608  (a constant)


class Arrival(NamedTuple):
    """A photo that came to a path."""

    photo_id: int
    former_id: int | None  # of the photo that the path held before
    is_back: bool  # no file held it before


class VersionWriter(HistoryWriter):
    """Lets what the person said go from one version of a picture to another."""

    notes_kept = (
        0  # photos that came by what was said of another version of theirs, since the library was opened
    )

    def __init__(
        self, library: Library, database: sqlite3.Connection, thumbnails: sqlite3.Connection
    ) -> None:
        super().__init__(library, database, thumbnails)
        # (of no file now, there instead), where both have notes of their own
        self._meetings: list[tuple[int, int]] = []

    def _keep_notes(
        self, database: sqlite3.Connection, arrivals: Iterable[Arrival], edits: Sequence[tuple[int, int]] = ()
    ) -> None:
        """Let the notes of versions follow, after all of `arrivals` were linked.

        Args:
            edits: of photos whose pixels are other than those of the known ones (known, new): their notes go
                over, too, in a change that can be undone
        """
        moves = list[tuple[int, int]]()
        for photo_id, former_id, is_back in arrivals:
            giver = _giver(database, photo_id, former_id, is_back)
            if giver is None:
                continue
            if not _is_held(database, giver) and not is_back and _is_noted(database, photo_id):
                self._meetings.append((giver, photo_id))
                continue
            self.notes_kept += _is_noted(database, giver)
            if _is_held(database, giver):
                _copy_notes(database, giver, photo_id)
            else:
                moves.append((giver, photo_id))
                _move_notes(database, giver, photo_id)
        self._renumber(database, moves)
        self._keep_notes_of_edits(database, edits)

    def _keep_notes_of_gone(self, database: sqlite3.Connection) -> None:
        """Join the notes of two versions that both have some, where only one is left of them.

        Called once all files were looked at: they may only have changed names.
        """
        meetings, self._meetings = self._meetings, []
        moves = [
            (giver, photo_id)
            for giver, photo_id in dict(meetings).items()
            if not _is_held(database, giver) and _is_held(database, photo_id)
        ]
        for giver, photo_id in moves:
            self.notes_kept += _is_noted(database, giver)
            _move_notes(database, giver, photo_id)
        self._renumber(database, moves)

    def _keep_notes_of_edits(self, database: sqlite3.Connection, edits: Sequence[tuple[int, int]]) -> None:
        edits = [(known, new) for known, new in edits if _is_noted(database, known)]
        if not edits:
            return
        things = {name: [photo_id for edit in edits for photo_id in edit] for name in self._note_kinds}
        things["album"] = sorted({id_ for known, _ in edits for id_ in albums_of(database, known)})
        before = {name: self.kinds[name].read(database, ids) for name, ids in things.items()}
        for known, new in edits:
            join_versions(database, known, new)
            (_copy_notes if _is_held(database, known) else _move_notes)(database, known, new)
        self.notes_kept += len(edits)
        after = {name: self.kinds[name].read(database, ids) for name, ids in things.items()}
        parts = [
            Part(name, id_, before[name].get(id_), after[name].get(id_))
            for name, ids in things.items()
            for id_ in dict.fromkeys(ids)
        ]
        _record_edits(database, [part for part in parts if part.before != part.after])

    @property
    def _note_kinds(self) -> list[str]:
        return [name for name, kind in self.kinds.items() if kind.of_photos]

    def _renumber(self, database: sqlite3.Connection, moves: Sequence[tuple[int, int]]) -> None:
        """Let the history tell of the photos that took the place of others.

        Where one change moved notes from one of them to the other, it is none any more.

        Args:
            moves: which took whose (old, new), one after another
        """
        numbers: dict[int, int] = {}
        for giver, photo_id in moves:
            numbers = {old: photo_id if new == giver else new for old, new in numbers.items()}
            numbers[giver] = photo_id
        if not numbers:
            return
        known = database.execute("SELECT change_id, kind, states FROM changes").fetchall()
        for change_id, kind, states in known:
            if kind != EDITED and kind not in self.kinds:
                continue
            parts = parts_of(kind, states)
            renumbered = [self._renumbered(part, numbers) for part in parts]
            if renumbered == parts:
                continue
            now: dict[tuple[str, int], Part] = {}
            met_twice = set()
            for part in renumbered:
                key = part.kind, part.thing_id
                if key in now:
                    met_twice.add(key)
                now.setdefault(key, part)
            kept = [
                part
                for key, part in now.items()
                if part.before != part.after and not (kind == EDITED and key in met_twice)
            ]
            if not kept:
                database.execute("DELETE FROM changes WHERE change_id = ?", (change_id,))
            elif kind == EDITED:
                _rewrite_edits(database, change_id, kept)
            else:
                database.execute(
                    "UPDATE changes SET states = ? WHERE change_id = ?", (states_of(kind, kept), change_id)
                )

    def _renumbered(self, part: Part, numbers: dict[int, int]) -> Part:
        kind = self.kinds[part.kind]
        if kind.of_photos:
            return part._replace(thing_id=numbers[part.thing_id]) if part.thing_id in numbers else part
        states = (kind.renumbered(state, numbers) for state in (part.before, part.after))
        return Part(part.kind, part.thing_id, *states)


class VersionReader(ReadConnection):
    """Reads which photos are versions of one picture, and where photos lay that no file holds."""

    def is_noted(self, photo_id: int) -> bool:
        """Whether the person said anything of a photo."""
        return self._value(_NOTED, photo_id) is not None

    def formers_at(self, path: bytes) -> list[int]:
        """The photo that a path holds, and the last ones before that no file holds now, the latest first."""
        rows = self._rows(
            """SELECT photo_id FROM files WHERE path = ?1 UNION ALL SELECT photo_id FROM (
                SELECT photo_id FROM gone WHERE path = ?1 ORDER BY gone_id DESC LIMIT ?2
            )""",
            path,
            _MOST_FORMERS,
        )
        return [photo_id for (photo_id,) in rows]

    def taken_at(self, photo_id: int) -> str | None:
        """When a photo was taken, by its file; ISO 8601."""
        taken_at: str | None = self._value("SELECT taken_at FROM photos WHERE photo_id = ?", photo_id)
        return taken_at

    def gone_from(self, place: bytes) -> list[int]:
        """Photos of which something was said, that no file holds, and that lay in a folder of files last.

        Args:
            place: as place_of() names the folder
        """
        separator = os.fsencode(os.sep)
        rows = self._rows(_NOTED_AND_GONE, *paths_below(place), len(place) + 1, separator)
        return [photo_id for (photo_id,) in rows]

    def unsettled(self, folder_id: int, place: bytes) -> list[int]:
        """Photos in a folder of files, as place_of() names it, that came since the last settle(); by path."""
        rows = self._rows(
            """SELECT DISTINCT photo_id FROM files JOIN folders USING (folder_id)
            WHERE place_id = (SELECT place_id FROM places WHERE path = ?) AND folder_id = ?
            AND photo_id > settled ORDER BY files.path""",
            place,
            folder_id,
        )
        return [photo_id for (photo_id,) in rows]

    def present_version(self, photo_id: int) -> int:
        """The version of a photo's picture that a file holds; the photo itself, where it or none is held."""
        found: int | None = self._value(
            """SELECT other.photo_id FROM photos AS photo
            JOIN versions AS own USING (photo_id) JOIN versions AS other USING (origin)
            JOIN photos AS there ON there.photo_id = other.photo_id
            WHERE photo.photo_id = ? AND NOT photo.held AND there.held
            ORDER BY other.photo_id DESC LIMIT 1""",
            photo_id,
        )
        return photo_id if found is None else found


def join_versions(database: sqlite3.Connection, known_id: int, new_id: int) -> None:
    """Note that two photos are versions of one picture."""
    origin = _origin(database, known_id) or known_id
    for photo_id in (known_id, new_id):
        database.execute(
            """INSERT INTO versions (photo_id, origin) VALUES (?, ?)
            ON CONFLICT DO UPDATE SET origin = excluded.origin""",
            (photo_id, origin),
        )


def _giver(database: sqlite3.Connection, photo_id: int, former_id: int | None, is_back: bool) -> int | None:
    """The version whose notes a photo takes that came to a path; None: there is none.

    It is the one that it replaces; or the one that its own went to while no file held it.
    """
    version = database.execute("SELECT origin, notes_went FROM versions WHERE photo_id = ?", (photo_id,))
    if (found := version.fetchone()) is None:
        return None
    origin, notes_went = found
    if former_id is not None and former_id != photo_id and _origin(database, former_id) == origin:
        return former_id
    if not is_back or not notes_went:
        return None
    others = database.execute(
        """SELECT photo_id FROM versions JOIN photos USING (photo_id)
        WHERE origin = ? AND photo_id <> ? ORDER BY held DESC, photo_id DESC""",
        (origin, photo_id),
    ).fetchall()
    return next((other for (other,) in others if _is_noted(database, other)), None)


def _origin(database: sqlite3.Connection, photo_id: int) -> int | None:
    found = database.execute("SELECT origin FROM versions WHERE photo_id = ?", (photo_id,)).fetchone()
    return found[0] if found else None


def _is_held(database: sqlite3.Connection, photo_id: int) -> bool:
    ((held,),) = database.execute("SELECT held FROM photos WHERE photo_id = ?", (photo_id,)).fetchall()
    return bool(held)


def _is_noted(database: sqlite3.Connection, photo_id: int) -> bool:
    return database.execute(_NOTED, (photo_id,)).fetchone() is not None


def _move_notes(database: sqlite3.Connection, old_id: int, new_id: int) -> None:
    """With their history. Of two captions or stars that hold, the one that was written later goes on to."""
    both = {"old": old_id, "new": new_id, "now": time.time()}
    for statement in (
        """UPDATE captions SET replaced_at = :now
        WHERE photo_id IN (:old, :new) AND source = 'person' AND replaced_at IS NULL AND caption_id <> (
            SELECT caption_id FROM captions
            WHERE photo_id IN (:old, :new) AND source = 'person' AND replaced_at IS NULL
            ORDER BY written_at DESC, caption_id DESC LIMIT 1
        )""",
        """UPDATE captions SET replaced_at = :now
        WHERE photo_id = :old AND source = 'imported' AND replaced_at IS NULL AND text IN (
            SELECT text FROM captions WHERE photo_id = :new AND source = 'imported' AND replaced_at IS NULL
        )""",
        "UPDATE captions SET photo_id = :new WHERE photo_id = :old AND source <> 'embedded'",
        "INSERT OR IGNORE INTO favourites SELECT :new, since FROM favourites WHERE photo_id = :old",
        "DELETE FROM favourites WHERE photo_id = :old",
        """INSERT INTO ratings SELECT :new, stars, rated_at FROM ratings WHERE photo_id = :old
        ON CONFLICT DO UPDATE SET stars = excluded.stars, rated_at = excluded.rated_at
        WHERE excluded.rated_at > rated_at""",
        "DELETE FROM ratings WHERE photo_id = :old",
        "INSERT OR IGNORE INTO denied_tags SELECT :new, tag FROM denied_tags WHERE photo_id = :old",
        "DELETE FROM denied_tags WHERE photo_id = :old",
        # All that is to be written, or taken back, beside the file that is there now.
        """INSERT INTO unwritten_notes SELECT :new, 1
        WHERE EXISTS (SELECT 1 FROM unwritten_notes WHERE photo_id = :old) OR EXISTS (
            SELECT 1 FROM captions WHERE photo_id = :new AND source <> 'embedded' AND replaced_at IS NULL)
        ON CONFLICT (photo_id) DO UPDATE SET changes = changes + 1""",
        "DELETE FROM unwritten_notes WHERE photo_id = :old",
        "UPDATE versions SET notes_went = (photo_id = :old) WHERE photo_id IN (:old, :new)",
    ):
        database.execute(statement, both)
    replace_in_albums(database, old_id, new_id)
    write_words(database, old_id)
    write_words(database, new_id)


def _copy_notes(database: sqlite3.Connection, old_id: int, new_id: int) -> None:
    """Where the photo has no such note of its own; albums keep the one that they have."""
    both = {"old": old_id, "new": new_id}
    for statement in (
        """INSERT INTO captions (photo_id, source, text, written_at)
        SELECT :new, source, text, written_at FROM captions
        WHERE photo_id = :old AND source <> 'embedded' AND replaced_at IS NULL AND NOT EXISTS (
            SELECT 1 FROM captions WHERE photo_id = :new AND source <> 'embedded' AND replaced_at IS NULL
        ) ORDER BY caption_id""",
        "INSERT OR IGNORE INTO favourites SELECT :new, since FROM favourites WHERE photo_id = :old",
        "INSERT OR IGNORE INTO ratings SELECT :new, stars, rated_at FROM ratings WHERE photo_id = :old",
        "INSERT OR IGNORE INTO denied_tags SELECT :new, tag FROM denied_tags WHERE photo_id = :old",
        "UPDATE versions SET notes_went = FALSE WHERE photo_id = :new",
    ):
        database.execute(statement, both)
    write_words(database, new_id)


def _record_edits(database: sqlite3.Connection, parts: Sequence[Part]) -> None:
    """Remember that notes were kept.

    It is one change with the latest, if that was of the same kind and just now, and is not too large; or if
    it was of the same pictures: a file that is written every minute would fill the history.
    """
    latest = database.execute(
        "SELECT change_id, kind, states, made_at, undone FROM changes ORDER BY change_id DESC LIMIT 1"
    ).fetchone()
    if latest and latest[1] == EDITED and not latest[4]:
        before = parts_of(EDITED, latest[2])
        versions = {part.thing_id for part in before if part.kind == _VERSION}
        givers = {part.thing_id for part in parts if part.kind == _VERSION and part.after[1]}
        soon = abs(time.time() - latest[3]) < ONE_CHANGE and len(versions) < MOST_VERSIONS
        if soon or (givers and givers <= versions):
            together = {(part.kind, part.thing_id): part for part in before}
            for part in parts:
                key = part.kind, part.thing_id
                together[key] = part._replace(before=together[key].before) if key in together else part
            _rewrite_edits(database, latest[0], list(together.values()))
            return
    record(database, EDITED, _told(parts), states_of(EDITED, parts))


def _rewrite_edits(database: sqlite3.Connection, change_id: int, parts: Sequence[Part]) -> None:
    changed = [part for part in parts if part.before != part.after]
    database.execute(
        "UPDATE changes SET says = ?, states = ?, made_at = ? WHERE change_id = ?",
        (msgspec.json.encode(_told(parts)).decode(), states_of(EDITED, changed), time.time(), change_id),
    )


def _told(parts: Sequence[Part]) -> Sentence:
    pictures = {part.after[0] for part in parts if part.kind == _VERSION and part.after}
    return Sentence("{photos} edited by another program, notes kept", photos=photos_in_words(len(pictures)))


def _read_versions(database: sqlite3.Connection, photo_ids: Sequence[int]) -> dict[int, State]:
    """Origin, and whether its notes went to another version."""
    sql = "SELECT * FROM versions WHERE photo_id IN (SELECT value FROM json_each(?))"
    return {photo_id: row for photo_id, *row in database.execute(sql, (json_of(photo_ids),))}


def _write_version(database: sqlite3.Connection, photo_id: int, version: State) -> None:
    database.execute("DELETE FROM versions WHERE photo_id = ?", (photo_id,))
    if version is not None:
        database.execute("INSERT INTO versions VALUES (?, ?, ?)", (photo_id, *version))


VERSIONS = {_VERSION: Kind(_read_versions, _write_version, of_photos=True)}
