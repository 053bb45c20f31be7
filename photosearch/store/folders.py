"""Folders that the person added, and how they lie in one another."""

import os
import sqlite3
from collections.abc import Sequence

from photosearch.store.rows import Folder

NEVER = -1  # what `settled` is of a folder that was never read to its end


def contains(parent: bytes, path: bytes) -> bool:
    """Whether `path` is `parent` or lies inside it, as the platform compares absolute paths."""
    parent, path = os.path.normcase(parent), os.path.normcase(path)
    separator = os.fsencode(os.sep)
    return path == parent or path.startswith(parent.rstrip(separator) + separator)


def paths_below(folder: bytes) -> tuple[bytes, bytes]:
    """(first, end): the files in a folder and below it have the paths first <= path < end."""
    separator = os.fsencode(os.sep)
    first = folder.rstrip(separator) + separator
    return first, first[:-1] + bytes([first[-1] + 1])


def inside_of(folders: Sequence[bytes]) -> tuple[str, list[bytes]]:
    """SQL that asks whether files.path is in or below one of these, what it binds; without any, each is."""
    sql = " OR ".join(["files.path >= ? AND files.path < ?"] * len(folders)) or "1"
    return sql, [bound for folder in folders for bound in paths_below(folder)]


def place_of(file: bytes) -> bytes:
    """The folder in which a file lies, with the separator at its end: all that lies below begins with it."""
    return file[: file.rfind(os.fsencode(os.sep)) + 1]


def read_folders(database: sqlite3.Connection) -> list[Folder]:
    """By path."""
    rows = database.execute("SELECT folder_id, path, volume, away, settled FROM folders ORDER BY path")
    return [
        Folder(folder_id=id_, path=path, volume=volume, away=bool(away), unread=settled == NEVER)
        for id_, path, volume, away, settled in rows
    ]


def place_id_of(database: sqlite3.Connection, path: bytes) -> int:
    """The number of a folder of files, given as place_of() does; known from now on."""
    database.execute("INSERT INTO places (path) VALUES (?) ON CONFLICT DO NOTHING", (path,))
    place_id: int
    (place_id,) = database.execute("SELECT place_id FROM places WHERE path = ?", (path,)).fetchone()
    return place_id
