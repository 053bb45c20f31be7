"""Copies of the library's database, and going back to one: what the person wrote is nowhere else.

Vectors are in them; thumbnails, which lie beside the database, are not, and can be made again.
"""

import contextlib
import shutil
import sqlite3
import time
from pathlib import Path
from typing import NamedTuple

from photosearch.core.errors import KnownError, Sentence
from photosearch.core.reading import exists
from photosearch.core.writing import exported, written_whole
from photosearch.paths import Library
from photosearch.store import migrations
from photosearch.store.connect import explained, open_as_it_is, open_for_reading

DAY = 86_400.0  # seconds
_NAME = "library-%Y%m%d-%H%M%S.sqlite3"
_PRESENT = "before-restore-%Y%m%d-%H%M%S.sqlite3"  # never removed by the program
_LOGS = ("-wal", "-shm", "-journal")  # of a database, which whoever opens what lies there would replay
_CONTENT = """SELECT (SELECT count(DISTINCT photo_id) FROM files),
    (SELECT count(*) FROM captions WHERE replaced_at IS NULL AND text <> ''),
    (SELECT count(*) FROM favourites), (SELECT count(*) FROM ratings), (SELECT count(*) FROM albums)"""


class Content(NamedTuple):
    """How much of what a person would miss is in a library, or in a copy of one."""

    photos: int
    captions: int
    favourites: int
    ratings: int
    albums: int


class Restored(NamedTuple):
    """What came of going back to a copy."""

    kept: Path | None  # the state that was there before, if any
    content: Content  # what is there now


def due(library: Library, now: float) -> bool:
    """Is there no copy of the last day? `now` is seconds since the epoch; those from after it count not."""
    return not any(_named(now - DAY) < copy.name <= _named(now) for copy in kept(library, now))


def back_up(library: Library, keep: int, now: float) -> Path:
    """Copy the database beside the others and keep the latest `keep` of them, at least one; -> the copy.

    The copy is whole and consistent while others write.

    Raises:
        NoLibrary: there is nothing to copy yet.
        KnownError: the library cannot be read, or its disk not be written.
    """
    with explained(library):
        library.backups.mkdir(mode=0o700, exist_ok=True)
        target = library.backups / _named(now)
        with written_whole(target) as file:
            _copy(library, Path(file.name))
        for old in kept(library, now)[: -max(keep, 1)]:
            old.unlink(missing_ok=True)
    return target


def kept(library: Library, now: float) -> list[Path]:
    """The daily copies there are, the latest last; first those from after `now`, of a wrong clock."""
    copies = library.backups.glob("library-*.sqlite3")
    return sorted(copies, key=lambda copy: (copy.name <= _named(now), copy.name))


def set_aside(library: Library) -> list[Path]:
    """The states that were there before someone went back to a copy, the latest last."""
    return sorted(library.backups.glob("before-restore-*.sqlite3"))


def export_copy(library: Library, path: Path) -> None:
    """Copy the database to where a person said.

    Raises:
        NoLibrary: there is nothing to copy yet.
        KnownError: the library cannot be read; the file cannot be written, or the library itself or another
            kind of file is there.
    """
    if path.exists() and library.database.exists() and path.samefile(library.database):
        raise KnownError("{path} is the library itself; choose another name.", path=path)
    with exported(path, _is_library) as file, explained(library):
        _copy(library, Path(file.name))


def content(library: Library) -> Content | None:
    """What the library holds; None where there is none, or it is too damaged to say."""
    try:
        database = open_for_reading(library)
    except KnownError:
        return None
    with contextlib.closing(database), contextlib.suppress(sqlite3.DatabaseError):
        return Content(*database.execute(_CONTENT).fetchone())
    return None


def content_of_copy(copy: Path) -> Content:
    """What a copy holds.

    Raises:
        KnownError: it cannot be read, is no library, is damaged, or of a newer program.
    """
    with contextlib.closing(sqlite3.connect(":memory:", isolation_level=None)) as database:
        _load(copy, database)
        return Content(*database.execute(_CONTENT).fetchone())


def restore(library: Library, copy: Path, now: float) -> Restored:
    """Go back to a copy. The state that is there is copied first, whole where it is sound, else as it is.

    The caller holds the library's lock. A kill leaves the old state or the copy's.

    Raises:
        KnownError: the copy cannot be used; a program still reads the library; the disk cannot be written.
    """
    with explained(library):
        library.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        library.backups.mkdir(mode=0o700, exist_ok=True)
        with written_whole(library.database) as file:
            fresh = sqlite3.connect(file.name, isolation_level=None)
            with contextlib.closing(fresh):
                fresh.execute("PRAGMA journal_mode = OFF")
                _load(copy, fresh)
                restored = Content(*fresh.execute(_CONTENT).fetchone())
            present = library.backups / time.strftime(_PRESENT, time.localtime(now))
            there = library.database.exists()
            if there:
                _keep_present(library, present)
        for vectors in library.vectors.glob("*"):  # rows of photos that may be others now
            vectors.unlink()
    return Restored(present if there else None, restored)


def _named(now: float) -> str:
    return time.strftime(_NAME, time.localtime(now))


def _copy(library: Library, target: Path) -> None:
    with (
        contextlib.closing(open_for_reading(library)) as database,
        contextlib.closing(sqlite3.connect(target)) as copy,
    ):
        copy.execute("PRAGMA journal_mode = OFF")  # the file is thrown away where this does not end
        database.backup(copy)


def _load(copy: Path, database: sqlite3.Connection) -> None:
    """Fill a database with a copy's content, brought up to date, once that is found sound.

    Raises:
        KnownError: see `content_of_copy`.
    """
    try:
        if not (exists(copy) and copy.is_file()):
            raise KnownError("There is no file {path}.", path=copy)
        with contextlib.closing(open_as_it_is(copy)) as source:
            source.backup(database)
        sound = database.execute("PRAGMA integrity_check(1)").fetchone() == ("ok",)
        steps = migrations.applied(database) if sound else set()
    except sqlite3.Error as error:
        raise _unusable(copy, Sentence("it is another kind of file, or damaged")) from error
    if not sound:
        raise _unusable(copy, Sentence("it is damaged"))
    if not steps:
        raise _unusable(copy, Sentence("it is another kind of file"))
    if steps - migrations.known():
        raise _unusable(copy, Sentence("it is of a newer PhotoSearch"))
    database.execute("BEGIN IMMEDIATE")
    migrations.migrate(database)
    database.execute("COMMIT")


def _keep_present(library: Library, present: Path) -> None:
    """Copy the present state, and leave its file alone, with no log beside it that would be replayed."""
    try:
        with written_whole(present) as file:
            _copy(library, Path(file.name))
        with contextlib.closing(sqlite3.connect(library.database, timeout=0)) as database:
            database.execute("PRAGMA journal_mode = DELETE")  # its log becomes a part of it
    except (KnownError, sqlite3.DatabaseError) as error:
        if getattr(error, "sqlite_errorcode", 0) & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_FULL):
            raise
        # It is damaged, or of a newer program: kept byte by byte, for whoever can make more of it.
        parts = {ending: Path(f"{library.database}{ending}") for ending in ("", *_LOGS)}
        for ending, part in parts.items():
            if part.exists():
                shutil.copyfile(part, f"{present}{ending}")
        for ending in _LOGS:
            parts[ending].unlink(missing_ok=True)


def _is_library(path: Path) -> bool:
    try:
        with contextlib.closing(open_as_it_is(path)) as database:
            return bool(migrations.applied(database))
    except sqlite3.DatabaseError:
        return False


def _unusable(copy: Path, reason: Sentence) -> KnownError:
    return KnownError("{path} is no copy of a library that can be used: {reason}.", path=copy, reason=reason)
