"""Folders that the person added, and how they lie in one another."""

import os
import sqlite3
from collections.abc import Sequence
from typing import NamedTuple

from photosearch.store.rows import Folder

_MOST_NAMED = 2_000  # files, so that a common word takes no longer
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


class FileChoice(NamedTuple):
    """Which of a photo's files stands for it: of those on drives that are here, before the one known longest.

    Attributes:
        folders: one in or below these first
        named: then one whose name passes this FTS5 query, see store.words; empty: whatever it is
    """

    folders: Sequence[bytes] = ()
    named: str = ""


ANY_FILE = FileChoice()


def rank_of(choice: FileChoice) -> tuple[str, list[bytes | str]]:
    """SQL that ranks a row of files, 0 (wanted most) to 3, and what it binds."""
    inside = " OR ".join(["files.path >= ? AND files.path < ?"] * len(choice.folders)) or "1"
    named = f"file_id IN (SELECT rowid FROM file_words WHERE file_words MATCH ? LIMIT {_MOST_NAMED})"  # noqa: S608
    bounds: list[bytes | str] = [bound for folder in choice.folders for bound in paths_below(folder)]
    bound_name = [choice.named] if choice.named else []
    return f"((NOT ({inside})) << 1 | (NOT ({named if choice.named else '1'})))", bounds + bound_name


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
