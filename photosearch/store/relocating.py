"""A folder that was moved or renamed: every path that the library keeps of what lies in it."""

import os
import sqlite3

from photosearch.core.file_names import moved
from photosearch.store.folders import paths_below, place_id_of
from photosearch.store.history import move_trashed


def relocate(database: sqlite3.Connection, folder_id: int, path: bytes, volume: str) -> None:
    """Note that a folder lies at another absolute path, and on a volume, with all that is in it."""
    (old,) = database.execute("SELECT path FROM folders WHERE folder_id = ?", (folder_id,)).fetchone()
    database.execute(
        "UPDATE folders SET path = ?, volume = ?, away = 0 WHERE folder_id = ?",
        (path, volume, folder_id),
    )
    separator = os.fsencode(os.sep)
    bound = (path.rstrip(separator), len(old.rstrip(separator)) + 1, folder_id)
    for sql in (
        "UPDATE files SET path = CAST(? || substr(path, ?) AS BLOB) WHERE folder_id = ?",
        "UPDATE failures SET path = CAST(? || substr(path, ?) AS BLOB) WHERE folder_id = ?",
        "UPDATE sidecars SET path = CAST(? || substr(path, ?) AS BLOB) WHERE folder_id = ?",
        "UPDATE sidecars SET file = CAST(? || substr(file, ?) AS BLOB) WHERE folder_id = ?",
    ):
        database.execute(sql, bound)
    database.execute(
        """UPDATE gone SET path = CAST(? || substr(path, ?) AS BLOB)
        WHERE path >= ? AND path < ?""",
        (*bound[:2], *paths_below(old)),
    )
    for place_id, place in database.execute(
        """SELECT place_id, path FROM places
        WHERE place_id IN (SELECT DISTINCT place_id FROM files WHERE folder_id = ?)""",
        (folder_id,),
    ).fetchall():
        now = moved(place, old, path)
        assert now is not None, "a file's place lies in its folder"
        database.execute(
            "UPDATE files SET place_id = ? WHERE place_id = ? AND folder_id = ?",
            (place_id_of(database, now), place_id, folder_id),
        )
    database.execute(
        """UPDATE OR REPLACE written_notes SET path = CAST(? || substr(path, ?) AS BLOB)
        WHERE path >= ? AND path < ?""",
        (*bound[:2], *paths_below(old)),
    )
    move_trashed(database, old, path)
