"""A library opened for writing, and the one way in which anything is written to it."""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from collections.abc import Iterator
from types import TracebackType
from typing import Self

from photosearch.core.errors import KnownError
from photosearch.paths import Library
from photosearch.store.connect import explained, open_for_writing


class Transactions:
    """The connections of the one writer of a library; safe to use from several threads. A context manager."""

    def __init__(
        self, library: Library, database: sqlite3.Connection, thumbnails: sqlite3.Connection
    ) -> None:
        self._library = library
        self._database = database
        self._thumbnails = thumbnails
        self._lock = threading.RLock()
        self._refusal: KnownError | None = None
        self.changes = 0  # transactions after which a search may find other photos
        self._identity = self._database_file()

    @classmethod
    def open(cls, library: Library) -> Self:
        """Open the library, creating it or bringing it up to date.

        Raises:
            KnownError: its path is a file, is read-only or full, or it is damaged or of a newer program.
        """
        return cls(library, *open_for_writing(library))

    @classmethod
    def refusing(cls, library: Library, why: KnownError) -> Self:
        """One that writes nothing: of a library that can only be read, every change raises `why`."""
        nowhere = sqlite3.connect(":memory:", check_same_thread=False)
        writer = cls(library, nowhere, nowhere)
        writer._refusal = why
        return writer

    def close(self) -> None:
        """Close the connections, once a transaction in another thread has ended."""
        with self._lock:
            self._thumbnails.close()
            self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @contextlib.contextmanager
    def _transaction(self, connection: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
        with self._lock:
            before = connection.total_changes
            with self._quiet_transaction(connection):
                yield connection
            self.changes += connection.total_changes > before

    @contextlib.contextmanager
    def _quiet_transaction(
        self, connection: sqlite3.Connection | None = None
    ) -> Iterator[sqlite3.Connection]:
        """One after which a search finds what it found before. None: of the library's own database."""
        connection = connection or self._database
        if self._refusal:
            raise self._refusal
        with self._lock, explained(self._library):
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                if self._database_file() != self._identity:
                    raise KnownError(
                        "The library in {folder} was moved, deleted or replaced; what you did was not kept. "
                        "Close PhotoSearch and open it again.",
                        folder=self._library.root,
                    )
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:  # SQLite ends it itself where the disk is full
                    connection.execute("ROLLBACK")
                raise

    def _database_file(self) -> tuple[int, int] | None:
        """What file lies where the database was opened: SQLite goes on writing to one that was deleted."""
        try:
            found = self._library.database.stat()
        except OSError:
            return None
        return found.st_dev, found.st_ino
