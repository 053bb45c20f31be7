"""Live albums: saved searches whose photos are kept, as the engine found them last.

That a search is one, and whether the person is told of new photos, is the person's, and in the history of
changes. Which photos it has is derived: all of it can be found anew.
"""

from __future__ import annotations

import sqlite3

import msgspec
import numpy as np
from numpy.typing import NDArray

from photosearch.core.errors import KnownError, Sentence
from photosearch.store.history import HistoryWriter
from photosearch.store.read_connection import ReadConnection, json_of
from photosearch.store.rows import LiveAlbum

# Photos of an album that came after a mark, and are no edits of others.
_CAME = """FROM live_photos AS one JOIN photos USING (photo_id)
    WHERE one.search_id = {album} AND one.photo_id > {mark} AND held AND NOT EXISTS (
        SELECT 1 FROM versions AS own JOIN versions AS former USING (origin)
        WHERE own.photo_id = one.photo_id AND former.photo_id <= {mark})"""
_NEW = _CAME.format(album="live_albums.search_id", mark="seen")
_UNTOLD = _CAME.format(album="live_albums.search_id", mark="max(seen, told)")


class LiveAlbumWriter(HistoryWriter):
    """Writes which photos live albums have, and what the person has seen of them.

    None of it can be undone, and none changes what a search finds.
    """

    def fill_live_album(self, album: LiveAlbum, photo_ids: NDArray[np.int64], through: int) -> bool:
        """Let an album have these photos (n,); -> whether it had others, or could not be filled before.

        Args:
            album: as it was read; one that looks for something else by now is left as it is
            through: the highest id that a photo had when these were looked for
        """
        with self._quiet_transaction() as database:
            if not _stands(database, album):
                return False
            held = _members(database, album.search_id)
            gone, new = np.setdiff1d(held, photo_ids), np.setdiff1d(photo_ids, held)
            database.execute(
                """DELETE FROM live_photos
                WHERE search_id = ? AND photo_id IN (SELECT value FROM json_each(?))""",
                (album.search_id, json_of(gone)),
            )
            database.execute(
                "INSERT INTO live_photos SELECT ?, value FROM json_each(?)", (album.search_id, json_of(new))
            )
            database.execute(
                """UPDATE live_albums SET filled = ?, problem = NULL
                WHERE search_id = ? AND (filled <> ?1 OR problem IS NOT NULL)""",
                (through, album.search_id),
            )
            return bool(gone.size or new.size or album.problem)

    def note_live_problem(self, album: LiveAlbum, problem: Sentence) -> bool:
        """Say why an album cannot be filled, which keeps the photos that it has; -> whether that is new."""
        with self._quiet_transaction() as database:
            if album.problem == problem or not _stands(database, album):
                return False
            database.execute(
                "UPDATE live_albums SET problem = ? WHERE search_id = ?",
                (msgspec.json.encode(problem).decode(), album.search_id),
            )
            return True

    def look_at_live_album(self, search_id: int) -> bool:
        """Note that the person looks at an album: what it has now is not new; -> whether something was."""
        with self._quiet_transaction() as database:
            new = database.execute(
                f"SELECT EXISTS (SELECT 1 {_NEW}) FROM live_albums WHERE search_id = ?",  # noqa: S608  (constants)
                (search_id,),
            ).fetchone()
            database.execute(
                "UPDATE live_albums SET seen = filled WHERE search_id = ? AND seen < filled", (search_id,)
            )
            return bool(new and new[0])

    def tell_of_live_albums(self) -> dict[str, int]:
        """How many photos the person is to be told of now, and is not told of again, by the album's name."""
        with self._quiet_transaction() as database:
            told = database.execute(
                f"""SELECT name, (SELECT count(*) {_UNTOLD}) FROM live_albums
                JOIN saved_searches USING (search_id) WHERE notifies AND told < filled ORDER BY name"""  # noqa: S608
            ).fetchall()
            database.execute("UPDATE live_albums SET told = filled WHERE told < filled")
            return {name: photos for name, photos in told if photos}


class LiveAlbumReader(ReadConnection):
    """Reads live albums."""

    def live_albums(self) -> list[LiveAlbum]:
        """By name."""
        rows = self._rows(
            f"""SELECT search_id, name, text,
                (SELECT count(*) FROM live_photos WHERE search_id = live_albums.search_id)
                - (SELECT count(*) FROM photos INDEXED BY photos_not_held
                    CROSS JOIN live_photos USING (photo_id)
                    WHERE NOT held AND search_id = live_albums.search_id),
                (SELECT count(*) {_NEW}), seen, notifies, problem
            FROM live_albums JOIN saved_searches USING (search_id) ORDER BY name"""  # noqa: S608  (constants)
        )
        return [
            LiveAlbum(
                search_id,
                name,
                text,
                photos,
                new,
                seen,
                bool(notifies),
                msgspec.json.decode(problem, type=Sentence) if problem else None,
            )
            for search_id, name, text, photos, new, seen, notifies, problem in rows
        ]

    def new_in_live_album(self, search_id: int, seen: int) -> NDArray[np.int64]:
        """Ids of the living photos of an album that are new to who has `seen` it so far (n,)."""
        came = _CAME.format(album="?1", mark="?2")
        (ids,) = self._integers(f"SELECT group_concat(photo_id) {came}", search_id, seen)
        return ids

    def highest_photo_id(self) -> int:
        """Of all photos that there ever were; 0 where there was none."""
        return int(self._value("SELECT coalesce(max(photo_id), 0) FROM photos"))


def write_live(
    database: sqlite3.Connection,
    search_id: int,
    notifies: bool | None,
    seen: int | None = None,
    told: int | None = None,
) -> None:
    """Let a saved search be a live album, or for None be none.

    Args:
        seen, told: of one that was an album before, the highest ids of photos seen in it and told of; None:
            the present photos are not new. One that still is an album keeps its own.
    """
    if notifies is None:
        database.execute("DELETE FROM live_albums WHERE search_id = ?", (search_id,))
        return
    database.execute(
        """INSERT INTO live_albums (search_id, notifies, seen, told)
        SELECT ?, ?, coalesce(?, last), coalesce(?, last)
        FROM (SELECT coalesce(max(photo_id), 0) AS last FROM photos) WHERE TRUE
        ON CONFLICT (search_id) DO UPDATE SET notifies = excluded.notifies""",
        (search_id, notifies, seen, told),
    )


def empty_live(database: sqlite3.Connection, search_id: int) -> None:
    """Let a live album, if a search is one, have no photo: it is to look for others."""
    database.execute("DELETE FROM live_photos WHERE search_id = ?", (search_id,))
    database.execute("UPDATE live_albums SET problem = NULL WHERE search_id = ?", (search_id,))


def refuse_taken(database: sqlite3.Connection, name: str, *, album_id: int = 0, search_id: int = 0) -> None:
    """Plain and live albums have names of their own.

    Args:
        album_id, search_id: of the one that is to have the name

    Raises:
        KnownError: another album has it.
    """
    if database.execute(
        """SELECT 1 FROM albums WHERE name = ?1 AND album_id <> ?2
        UNION SELECT 1 FROM saved_searches JOIN live_albums USING (search_id)
        WHERE name = ?1 AND search_id <> ?3""",
        (name, album_id, search_id),
    ).fetchone():
        raise KnownError("There is an album {name} already; choose another name.", name=name)


def _stands(database: sqlite3.Connection, album: LiveAlbum) -> bool:
    """Whether an album is still there, and looks for the same."""
    return bool(
        database.execute(
            """SELECT 1 FROM live_albums JOIN saved_searches USING (search_id)
            WHERE search_id = ? AND text = ?""",
            (album.search_id, album.text),
        ).fetchone()
    )


def _members(database: sqlite3.Connection, search_id: int) -> NDArray[np.int64]:
    rows = database.execute("SELECT photo_id FROM live_photos WHERE search_id = ?", (search_id,))
    return np.fromiter((photo_id for (photo_id,) in rows), dtype=np.int64)
