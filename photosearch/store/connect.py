"""Opening the library's databases, and sentences for what can be wrong with them."""

import contextlib
import errno
import os
import shutil
import sqlite3
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

from photosearch.core.errors import KnownError, Sentence
from photosearch.paths import Library
from photosearch.store import migrations

BUSY_SECONDS = 10.0
# SQLite's file of shared memory, which reading takes too, found no room.
_NO_SHARED_MEMORY = (sqlite3.SQLITE_IOERR_SHMSIZE, sqlite3.SQLITE_IOERR_SHMOPEN, sqlite3.SQLITE_IOERR_SHMMAP)


class NoLibrary(KnownError):
    """There is no library at this place yet."""


class OlderLibrary(KnownError):
    """The library is as an older program left it; whoever may write it brings it up to date."""


class NotWritable(KnownError):
    """The library can only be read: its disk is full, read-only, or somebody else's."""


@contextlib.contextmanager
def explained(library: Library) -> Iterator[None]:
    """Turn what SQLite and the file system say into a sentence; what is a bug of ours passes unchanged.

    Raises:
        NotWritable: the disk is full, or the library cannot be written.
        KnownError: its disk fails, or it is damaged.
    """
    try:
        yield
    except sqlite3.Error as error:
        known = _of_content(error, library.root) or _of_sqlite(
            getattr(error, "sqlite_errorcode", 0), library.root
        )
        if known is None:
            raise
        raise known from error
    except OSError as error:
        known = _of_system(error, library.root)
        if known is None:
            raise
        raise known from error


def _of_content(error: sqlite3.Error, root: Path) -> KnownError | None:
    """What SQLite thinks sound and is not: text that is no Unicode, tables that are missing, odd vectors."""
    unreadable = isinstance(error, sqlite3.OperationalError | sqlite3.DataError) and not hasattr(
        error, "sqlite_errorcode"
    )
    missing = isinstance(error, sqlite3.OperationalError) and str(error).startswith("no such table")
    return KnownError(_damaged(root)) if unreadable or missing else None


def _of_sqlite(code: int, root: Path) -> KnownError | None:
    if code in _NO_SHARED_MEMORY:
        return NotWritable(_full(root))
    match code & 0xFF:  # the low byte is the kind; the rest tells variants apart
        case sqlite3.SQLITE_FULL:
            return NotWritable(_full(root))
        case sqlite3.SQLITE_READONLY | sqlite3.SQLITE_PERM | sqlite3.SQLITE_CANTOPEN | sqlite3.SQLITE_AUTH:
            return NotWritable(_not_writable(root))
        case sqlite3.SQLITE_NOTADB | sqlite3.SQLITE_CORRUPT:
            return KnownError(_damaged(root))
        case sqlite3.SQLITE_IOERR:
            return KnownError(_failing(root))
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return KnownError(
                "Another program holds the library in {folder}; close it and try again.", folder=root
            )
        case _:
            return None


def _of_system(error: OSError, root: Path) -> KnownError | None:
    match error.errno:
        case errno.EEXIST | errno.ENOTDIR:
            return KnownError(
                "The library cannot be in {folder}: that path is a file; choose another with --library.",
                folder=root,
            )
        case errno.EACCES | errno.EPERM | errno.EROFS | errno.ENOENT:
            return NotWritable(_not_writable(root))
        case errno.ENOSPC | errno.EDQUOT:
            return NotWritable(_full(root))
        case errno.EIO:
            return KnownError(_failing(root))
        case _:
            return None


def _damaged(root: Path) -> Sentence:
    return Sentence(
        "The library in {folder} is damaged. Go back to a copy, photosearch restore lists them, or move that "
        "folder away and index again; your photos are not touched.",
        folder=root,
    )


def _full(root: Path) -> Sentence:
    return Sentence(
        "The disk with the library in {folder} is full; free some space and try again.", folder=root
    )


def _failing(root: Path) -> Sentence:
    return Sentence(
        "The disk with the library in {folder} cannot be read or written; check it and try again.",
        folder=root,
    )


def _not_writable(root: Path) -> Sentence:
    return Sentence(
        "The library in {folder} cannot be opened for writing; make that folder writable or choose "
        "another with --library.",
        folder=root,
    )


def open_for_writing(library: Library) -> tuple[sqlite3.Connection, sqlite3.Connection]:
    """The library's database and its thumbnails', created and brought up to date where needed.

    Raises:
        KnownError: the library cannot be used; the sentence says why.
    """
    with explained(library), contextlib.ExitStack() as undo:
        library.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        _make_private(library)
        # NORMAL in WAL mode: a power cut may lose the last transactions, which are then indexed again, and
        # never harms the file. Thumbnails use FULL, so that no photo outlives a power cut without its own.
        database = undo.enter_context(_closing_on_error(_connect(library.database, "rwc")))
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = NORMAL")
        database.execute("PRAGMA journal_size_limit = 67108864")
        database.execute("BEGIN IMMEDIATE")
        _refuse_newer(database, library)
        migrations.migrate(database)
        database.execute("COMMIT")
        thumbnails = undo.enter_context(_closing_on_error(_connect(library.thumbnails, "rwc")))
        thumbnails.execute("PRAGMA journal_mode = WAL")
        thumbnails.execute("PRAGMA synchronous = FULL")
        thumbnails.execute(
            "CREATE TABLE IF NOT EXISTS thumbnails (content_hash BLOB NOT NULL UNIQUE, jpeg BLOB NOT NULL)"
        )
        return database, thumbnails


def _make_private(library: Library) -> None:
    """What is known of photos is for their owner alone, in a folder that others may look into, too."""
    library.thumbnails.parent.mkdir(mode=0o700, exist_ok=True)
    for file in (library.database, library.thumbnails):
        file.touch(0o600)  # SQLite gives its logs the mode of their database
    others = (library.vectors, library.thumbnails.parent, library.lessons, library.backups, library.logs)
    with contextlib.suppress(PermissionError):  # somebody else's, who lets us write
        for path in (library.database, library.thumbnails, *others):
            if path.exists():
                path.chmod(0o700 if path.is_dir() else 0o600)


def is_there(library: Library) -> bool:
    """Whether anything was indexed here yet.

    Raises:
        KnownError: it, or a folder above it, is closed to this person.
    """
    return all(_is_readable(file, library.root) for file in (library.database, library.thumbnails))


def _is_readable(file: Path, root: Path) -> bool:
    try:
        there = stat.S_ISREG(file.stat().st_mode)
    except PermissionError as error:
        raise _not_readable(root) from error
    except OSError:
        return False
    if there and not os.access(file, os.R_OK, effective_ids=os.access in os.supports_effective_ids):
        raise _not_readable(root)
    return there


def _not_readable(root: Path) -> KnownError:
    return KnownError(
        "You may not read the library in {folder}; ask whose it is, or choose another with --library.",
        folder=root,
    )


def open_for_reading(library: Library, *, one_thread: bool = True) -> sqlite3.Connection:
    """The library's database, read-only, with the thumbnails attached as `thumbs`.

    Where not even SQLite's own files can be written, it is read as it lies, which nobody changes then.

    Args:
        one_thread: only the thread that calls may use it; False: any, one at a time

    Raises:
        NoLibrary: nothing was indexed here yet.
        OlderLibrary: it was not opened for writing since the program was updated.
        KnownError: the library cannot be used; the sentence says why.
    """
    with explained(library), contextlib.ExitStack() as undo:
        if not is_there(library):
            if library.root.exists() and not library.root.is_dir():
                raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))
            raise _no_library(library)
        try:
            database = undo.enter_context(_closing_on_error(_to_read(library, one_thread)))
        except NotWritable:
            database = undo.enter_context(_closing_on_error(_as_it_lies(library, one_thread)))
        steps = migrations.applied(database)
        if not steps:
            raise _no_library(library)
        _refuse_newer(database, library)
        if steps != migrations.known():
            raise OlderLibrary(
                "The library in {folder} is of an older PhotoSearch; index a folder, or open the "
                "window, to bring it up to date.",
                folder=library.root,
            )
        database.execute("PRAGMA query_only = ON")
        return database


def _to_read(library: Library, one_thread: bool) -> sqlite3.Connection:
    with explained(library), contextlib.ExitStack() as undo:
        database = undo.enter_context(_closing_on_error(_connect(library.database, "ro", one_thread)))
        database.execute("ATTACH ? AS thumbs", (_uri(library.thumbnails, "ro"),))
        for schema in ("main", "thumbs"):
            database.execute(f"SELECT 1 FROM {schema}.sqlite_master LIMIT 1")  # noqa: S608  (opens its log)
        return database


def _as_it_lies(library: Library, one_thread: bool) -> sqlite3.Connection:
    """What a killed engine left in the log is read into memory; thumbnails that are only there are not."""
    log = Path(f"{library.database}-wal")
    if not log.is_file() or not log.stat().st_size:
        database = _connect(library.database, "ro&immutable=1", one_thread)
    else:
        database = sqlite3.connect(
            "file::memory:", uri=True, isolation_level=None, check_same_thread=one_thread
        )
        with tempfile.TemporaryDirectory(prefix="photosearch-") as folder:
            copy = Path(folder, library.database.name)
            shutil.copyfile(library.database, copy)
            shutil.copyfile(log, f"{copy}-wal")
            with contextlib.closing(sqlite3.connect(copy)) as source:
                source.backup(database)
    database.execute("ATTACH ? AS thumbs", (_uri(library.thumbnails, "ro&immutable=1"),))
    return database


def open_as_it_is(path: Path) -> sqlite3.Connection:
    """Any database, read-only and where nothing can be written beside it, too; nobody writes it meanwhile.

    Raises:
        sqlite3.Error: it cannot be read.
    """
    log = Path(f"{path}-wal")
    logged = log.is_file() and log.stat().st_size > 0  # then it must be read, which takes a -shm
    return sqlite3.connect(_uri(path, "ro" if logged else "ro&immutable=1"), uri=True, isolation_level=None)


def _no_library(library: Library) -> NoLibrary:
    return NoLibrary(
        "There is no library in {folder} yet; index a folder first: photosearch index FOLDER",
        folder=library.root,
    )


def _refuse_newer(database: sqlite3.Connection, library: Library) -> None:
    if migrations.applied(database) - migrations.known():
        raise KnownError(
            "The library in {folder} is of a newer PhotoSearch; update this program, or choose another "
            "library with --library.",
            folder=library.root,
        )


def _connect(path: Path, mode: str, one_thread: bool = False) -> sqlite3.Connection:
    connection = sqlite3.connect(
        _uri(path, mode), uri=True, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=one_thread
    )
    connection.execute("PRAGMA foreign_keys = ON")
    return connection


def _uri(path: Path, mode: str) -> str:
    """SQLite's form of a path that may hold any byte, or be a Windows drive or share."""
    quoted = quote(os.fsencode(path.absolute().as_posix()))
    return f"file://{'' if quoted.startswith('/') else '/'}{quoted}?mode={mode}"


@contextlib.contextmanager
def _closing_on_error(connection: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    try:
        yield connection
    except BaseException:
        connection.close()
        raise
