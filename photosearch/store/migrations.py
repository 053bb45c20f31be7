"""The library's schema, as named steps. A step that was released is never edited: add another."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlite_utils import Database

SET = "library"  # the name of our steps in the table `_sqlite_migrations`


def first_schema(db: Database) -> None:
    """Photos by content, the files that hold them, their vectors by model, and what went wrong."""
    for statement in (
        """CREATE TABLE settings (
            key TEXT PRIMARY KEY,
            value TEXT NOT NULL
        ) WITHOUT ROWID""",
        """CREATE TABLE models (
            model INTEGER PRIMARY KEY,
            model_id TEXT NOT NULL UNIQUE,
            name TEXT NOT NULL,
            dim INTEGER NOT NULL
        )""",
        """CREATE TABLE folders (
            folder_id INTEGER PRIMARY KEY,
            path BLOB NOT NULL UNIQUE,
            volume TEXT NOT NULL,
            away INTEGER NOT NULL DEFAULT 0
        )""",
        # AUTOINCREMENT: an id that was seen is never given to another photo.
        """CREATE TABLE photos (
            photo_id INTEGER PRIMARY KEY AUTOINCREMENT,
            content_hash BLOB NOT NULL UNIQUE,
            width INTEGER NOT NULL,
            height INTEGER NOT NULL,
            format TEXT NOT NULL,
            taken_at TEXT,
            camera TEXT,
            dated_at TEXT NOT NULL, -- taken_at, else when the file was last written
            added_at REAL NOT NULL
        )""",
        "CREATE INDEX photos_by_date ON photos (dated_at, photo_id, width, height)",
        """CREATE TABLE files (
            file_id INTEGER PRIMARY KEY,
            folder_id INTEGER NOT NULL REFERENCES folders ON DELETE CASCADE,
            path BLOB NOT NULL UNIQUE,
            photo_id INTEGER NOT NULL REFERENCES photos,
            size INTEGER NOT NULL,
            mtime_ns INTEGER NOT NULL
        )""",
        "CREATE INDEX files_by_folder ON files (folder_id)",
        "CREATE INDEX files_by_photo ON files (photo_id)",
        """CREATE TABLE vectors (
            model INTEGER NOT NULL REFERENCES models,
            photo_id INTEGER NOT NULL REFERENCES photos,
            bias REAL NOT NULL,
            vector BLOB NOT NULL, -- (D,) float16, little-endian
            UNIQUE (model, photo_id)
        )""",
        """CREATE TABLE failures (
            path BLOB PRIMARY KEY,
            folder_id INTEGER NOT NULL REFERENCES folders ON DELETE CASCADE,
            stage TEXT NOT NULL,
            reason TEXT NOT NULL,
            attempts INTEGER NOT NULL,
            first_at REAL NOT NULL,
            last_at REAL NOT NULL,
            retry_at REAL, -- NULL: wait until the file changes
            size INTEGER NOT NULL,
            mtime_ns INTEGER NOT NULL
        )""",
        "CREATE INDEX failures_by_folder ON failures (folder_id)",
    ):
        db.execute(statement)


STEPS: tuple[Callable[[Database], None], ...] = (first_schema,)


def migrate(connection: sqlite3.Connection) -> None:
    """Apply the steps that are missing; the connection must be in a transaction, which makes them atomic."""
    from sqlite_utils import Database  # a tenth of a second that readers need not pay
    from sqlite_utils.migrations import Migrations

    migrations = Migrations(SET)
    for step in STEPS:
        migrations(name=step.__name__)(step)
    migrations.apply(Database(connection, execute_plugins=False))


def applied(connection: sqlite3.Connection) -> set[str]:
    """The names of the steps that this library has had; empty where there is no library yet."""
    if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = '_sqlite_migrations'").fetchone():
        return set()
    rows = connection.execute("SELECT name FROM _sqlite_migrations WHERE migration_set = ?", (SET,))
    return {name for (name,) in rows}


def known() -> set[str]:
    return {step.__name__ for step in STEPS}
