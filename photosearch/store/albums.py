"""What the person puts together: albums, and searches saved under a name. Removing one removes no photo."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Sequence

from photosearch.core.errors import KnownError
from photosearch.store.notes import check_name, check_photos, storable
from photosearch.store.transactions import Transactions

RECENT = 100  # searches remembered


class AlbumWriter(Transactions):
    """Writes albums, saved searches and recent ones."""

    def create_album(self, name: str) -> int:
        """-> its id.

        Raises:
            KnownError: the name is empty, too long or taken.
        """
        name = check_name(name)
        with self._transaction(self._database) as database:
            _refuse_taken(database, name)
            album_id = database.execute(
                "INSERT INTO albums (name, created_at) VALUES (?, ?)", (name, time.time())
            ).lastrowid
            assert album_id is not None
            return album_id

    def rename_album(self, album_id: int, name: str) -> None:
        """Give an album another name.

        Raises:
            KnownError: there is no such album, or the name is empty, too long or taken.
        """
        name = check_name(name)
        with self._transaction(self._database) as database:
            _check_album(database, album_id)
            _refuse_taken(database, name, album_id)
            database.execute("UPDATE albums SET name = ? WHERE album_id = ?", (name, album_id))

    def delete_album(self, album_id: int) -> None:
        """Delete an album; its photos stay. One that is gone is no error."""
        with self._transaction(self._database) as database:
            database.execute("DELETE FROM albums WHERE album_id = ?", (album_id,))

    def add_to_album(self, album_id: int, photo_ids: Sequence[int]) -> None:
        """Add photos at the end, in this order; those that are in it keep their place.

        Raises:
            KnownError: there is no such album or photo.
        """
        with self._transaction(self._database) as database:
            held = _photos_of(database, album_id)
            check_photos(database, photo_ids)
            _write_order(database, album_id, list(dict.fromkeys([*held, *photo_ids])), held)

    def remove_from_album(self, album_id: int, photo_ids: Sequence[int]) -> None:
        """Take photos out of an album; those that are not in it change nothing.

        Raises:
            KnownError: there is no such album.
        """
        with self._transaction(self._database) as database:
            held = _photos_of(database, album_id)
            gone = set(photo_ids)
            _write_order(database, album_id, [id_ for id_ in held if id_ not in gone], held)

    def order_album(self, album_id: int, photo_ids: Sequence[int]) -> None:
        """Put these photos of an album first, in this order; the others follow in theirs.

        Raises:
            KnownError: there is no such album.
        """
        with self._transaction(self._database) as database:
            held = _photos_of(database, album_id)
            known = set(held)
            first = [id_ for id_ in photo_ids if id_ in known]
            _write_order(database, album_id, list(dict.fromkeys([*first, *held])), held)

    def save_search(self, name: str, text: str) -> int:
        """Keep a query, as it was typed, under a name; one of the same name is replaced. -> its id.

        Raises:
            KnownError: the name is empty or too long.
        """
        name = check_name(name)
        with self._transaction(self._database) as database:
            database.execute(
                """INSERT INTO saved_searches (name, text, created_at) VALUES (?, ?, ?)
                ON CONFLICT (name) DO UPDATE SET text = excluded.text""",
                (name, storable(text), time.time()),
            )
            (search_id,) = database.execute(
                "SELECT search_id FROM saved_searches WHERE name = ?", (name,)
            ).fetchone()
            return int(search_id)

    def delete_search(self, search_id: int) -> None:
        """Delete a saved search. One that is gone is no error."""
        with self._transaction(self._database) as database:
            database.execute("DELETE FROM saved_searches WHERE search_id = ?", (search_id,))

    def remember_search(self, text: str) -> None:
        """Put a query first among the recent ones, of which the latest 100 are kept."""
        with self._transaction(self._database) as database:
            database.execute(
                "INSERT OR REPLACE INTO recent_searches VALUES (?, ?)", (storable(text), time.time())
            )
            database.execute(
                """DELETE FROM recent_searches WHERE text NOT IN
                (SELECT text FROM recent_searches ORDER BY searched_at DESC LIMIT ?)""",
                (RECENT,),
            )

    def clear_searches(self) -> None:
        """Forget the recent searches; those that were saved stay."""
        with self._transaction(self._database) as database:
            database.execute("DELETE FROM recent_searches")


def _photos_of(database: sqlite3.Connection, album_id: int) -> list[int]:
    _check_album(database, album_id)
    rows = database.execute(
        "SELECT photo_id FROM album_photos WHERE album_id = ? ORDER BY position", (album_id,)
    )
    return [photo_id for (photo_id,) in rows]


def _write_order(database: sqlite3.Connection, album_id: int, order: list[int], held: list[int]) -> None:
    """Write the places from the first that changes on."""
    same = 0
    while same < min(len(order), len(held)) and order[same] == held[same]:
        same += 1
    database.execute("DELETE FROM album_photos WHERE album_id = ? AND position >= ?", (album_id, same))
    database.executemany(
        "INSERT INTO album_photos (album_id, position, photo_id) VALUES (?, ?, ?)",
        [(album_id, same + place, photo_id) for place, photo_id in enumerate(order[same:])],
    )


def _check_album(database: sqlite3.Connection, album_id: int) -> None:
    if not database.execute("SELECT 1 FROM albums WHERE album_id = ?", (album_id,)).fetchone():
        raise KnownError("This album is gone.")


def _refuse_taken(database: sqlite3.Connection, name: str, album_id: int | None = None) -> None:
    holder = database.execute("SELECT album_id FROM albums WHERE name = ?", (name,)).fetchone()
    if holder and holder[0] != album_id:
        raise KnownError("There is an album {name} already; choose another name.", name=name)
