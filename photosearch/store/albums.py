"""What the person puts together: albums, and searches saved under a name. Removing one removes no photo."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from photosearch.core.errors import KnownError, Sentence
from photosearch.store.history import Changing, HistoryWriter, Kind, State, photos_in_words, rewrite
from photosearch.store.live_albums import empty_live, refuse_taken, write_live
from photosearch.store.notes import check_name, check_photos, storable
from photosearch.store.read_connection import json_of

RECENT = 100  # searches remembered


class AlbumWriter(HistoryWriter):
    """Writes albums, saved searches and recent ones."""

    def create_album(self, name: str, photo_ids: Sequence[int] = ()) -> int:
        """An album of these photos, in their order. -> its id.

        Raises:
            KnownError: the name is empty, too long or taken; there is no such photo.
        """
        name = check_name(name)
        with self._change("album") as change:
            database = change.database
            refuse_taken(database, name)
            check_photos(database, photo_ids)
            change.says = Sentence("New album “{name}”", name=name)
            album_id = database.execute(
                "INSERT INTO albums (name, created_at) VALUES (?, ?)", (name, time.time())
            ).lastrowid
            assert album_id is not None
            _write_order(database, album_id, list(dict.fromkeys(photo_ids)), [])
            change.before[album_id] = None
            return album_id

    def rename_album(self, album_id: int, name: str) -> None:
        """Give an album another name.

        Raises:
            KnownError: there is no such album, or the name is empty, too long or taken.
        """
        name = check_name(name)
        with self._change("album", [album_id]) as change:
            old, _ = _album_of(change, album_id)
            refuse_taken(change.database, name, album_id=album_id)
            change.says = Sentence("Album “{old}” renamed to “{name}”", old=old, name=name)
            change.database.execute("UPDATE albums SET name = ? WHERE album_id = ?", (name, album_id))

    def delete_album(self, album_id: int) -> None:
        """Delete an album; its photos stay. One that is gone is no error."""
        with self._change("album", [album_id]) as change:
            if change.before[album_id]:
                name, _ = _album_of(change, album_id)
                change.says = Sentence("Album “{name}” deleted", name=name)
                change.database.execute("DELETE FROM albums WHERE album_id = ?", (album_id,))

    def add_to_album(self, album_id: int, photo_ids: Sequence[int]) -> None:
        """Add photos at the end, in this order; those that are in it keep their place.

        Raises:
            KnownError: there is no such album or photo.
        """
        with self._change("album", [album_id]) as change:
            name, held = _album_of(change, album_id)
            check_photos(change.database, photo_ids)
            order = list(dict.fromkeys([*held, *photo_ids]))
            change.says = Sentence(
                "{photos} added to “{name}”", photos=photos_in_words(len(order) - len(held)), name=name
            )
            _write_order(change.database, album_id, order, held)

    def remove_from_album(self, album_id: int, photo_ids: Sequence[int]) -> None:
        """Take photos out of an album; those that are not in it change nothing.

        Raises:
            KnownError: there is no such album.
        """
        with self._change("album", [album_id]) as change:
            name, held = _album_of(change, album_id)
            gone = set(photo_ids)
            order = [id_ for id_ in held if id_ not in gone]
            change.says = Sentence(
                "{photos} taken out of “{name}”", photos=photos_in_words(len(held) - len(order)), name=name
            )
            _write_order(change.database, album_id, order, held)

    def order_album(self, album_id: int, photo_ids: Sequence[int]) -> None:
        """Put these photos of an album first, in this order; the others follow in theirs.

        Raises:
            KnownError: there is no such album.
        """
        with self._change("album", [album_id]) as change:
            name, held = _album_of(change, album_id)
            known = set(held)
            first = [id_ for id_ in photo_ids if id_ in known]
            change.says = Sentence("Order of “{name}”", name=name)
            _write_order(change.database, album_id, list(dict.fromkeys([*first, *held])), held)

    def save_search(self, name: str, text: str, *, live: bool = False) -> int:
        """Keep a query, as it was typed, under a name; one of the same name is replaced. -> its id.

        Args:
            live: as an album that fills itself; one that is replaced stays one

        Raises:
            KnownError: the name is empty or too long, or, of an album, taken by another.
        """
        name = check_name(name)
        with self._change("search") as change:
            database = change.database
            held = database.execute("SELECT search_id FROM saved_searches WHERE name = ?", (name,))
            change.before |= _read_searches(database, [search_id for (search_id,) in held])
            (before,) = change.before.values() or (None,)
            if _notifies(before) is not None:
                change.says = Sentence("Album “{name}” filled with another search", name=name)
            elif live:
                change.says = Sentence("New album “{name}”, which fills itself", name=name)
            elif change.before:
                change.says = Sentence("Saved search “{name}” replaced by another", name=name)
            else:
                change.says = Sentence("Search saved as “{name}”", name=name)
            ((search_id,),) = database.execute(
                """INSERT INTO saved_searches (name, text, created_at) VALUES (?, ?, ?)
                ON CONFLICT (name) DO UPDATE SET text = excluded.text RETURNING search_id""",
                (name, storable(text), time.time()),
            ).fetchall()
            change.before.setdefault(search_id)
            if before and before[1] != storable(text):
                empty_live(database, search_id)
            if live:
                refuse_taken(database, name, search_id=search_id)
                write_live(database, search_id, _notifies(before) or False)
            return int(search_id)

    def set_live(self, search_id: int, *, live: bool, notifies: bool = False) -> None:
        """Let a saved search be an album that fills itself, or a saved search again.

        Args:
            notifies: the person is told of photos that are new in it

        Raises:
            KnownError: there is no such search, or an album has its name.
        """
        with self._change("search", [search_id]) as change:
            name, was = _search_of(change, search_id)[0], _notifies(change.before[search_id])
            if live and was is None:
                change.says = Sentence("Saved search “{name}” made a live album", name=name)
                refuse_taken(change.database, name, search_id=search_id)
            elif live:
                change.says = Sentence(
                    "You will be told of new photos in “{name}”"
                    if notifies
                    else "You will no longer be told of new photos in “{name}”",
                    name=name,
                )
            else:
                change.says = Sentence("Live album “{name}” made a saved search", name=name)
            write_live(change.database, search_id, notifies if live else None)

    def freeze_album(self, search_id: int, name: str) -> int:
        """An album of the photos that a live album has now, the newest first; -> its id.

        Raises:
            KnownError: there is no such live album; the name is empty, too long or taken.
        """
        with self._transaction(self._database) as database:
            if _notifies(_read_searches(database, [search_id]).get(search_id)) is None:
                raise KnownError("This live album is gone.")
            photos = database.execute(
                """SELECT photo_id FROM live_photos JOIN photos USING (photo_id)
                WHERE search_id = ? AND held ORDER BY dated_at DESC, photo_id DESC""",
                (search_id,),
            ).fetchall()
        return self.create_album(name, [photo_id for (photo_id,) in photos])

    def rename_search(self, search_id: int, name: str) -> None:
        """Give a saved search another name.

        Raises:
            KnownError: there is no such search, or the name is empty, too long or taken.
        """
        name = check_name(name)
        with self._change("search", [search_id]) as change:
            old, *rest = _search_of(change, search_id)
            if _notifies(change.before[search_id]) is None:
                change.says = Sentence("Saved search “{old}” renamed to “{name}”", old=old, name=name)
            else:
                change.says = Sentence("Album “{old}” renamed to “{name}”", old=old, name=name)
            _write_search(change.database, search_id, [name, *rest])

    def delete_search(self, search_id: int) -> None:
        """Delete a saved search. One that is gone is no error."""
        with self._change("search", [search_id]) as change:
            if change.before[search_id]:
                name, *_ = change.before[search_id]
                is_album = _notifies(change.before[search_id]) is not None
                change.says = Sentence(
                    "Album “{name}” deleted" if is_album else "Saved search “{name}” deleted", name=name
                )
                change.database.execute("DELETE FROM saved_searches WHERE search_id = ?", (search_id,))

    def remember_search(self, text: str) -> None:
        """Put a query first among the recent ones, of which the latest 100 are kept."""
        with self._quiet_transaction() as database:
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
        with self._quiet_transaction() as database:
            database.execute("DELETE FROM recent_searches")


def retype_searches(database: sqlite3.Connection, retyped: Callable[[str], str]) -> None:
    """Let saved and recent searches say something else, also those that the history may bring back."""

    def in_state(state: State) -> State:
        if state is None:
            return None
        name, text, *rest = state
        return [name, retyped(text), *rest]

    for read, write in (
        ("SELECT text FROM saved_searches", "UPDATE saved_searches SET text = ? WHERE text = ?"),
        ("SELECT text FROM recent_searches", "UPDATE OR REPLACE recent_searches SET text = ? WHERE text = ?"),
    ):
        for (text,) in database.execute(read).fetchall():
            if (now := retyped(text)) != text:
                database.execute(write, (now, text))
    rewrite(
        database,
        "search",
        tuple[int, State, State],
        lambda changed: (changed[0], in_state(changed[1]), in_state(changed[2])),
    )


def _album_of(change: Changing, album_id: int) -> tuple[str, list[int]]:
    """Name and photos of an album before it is changed."""
    if change.before[album_id] is None:
        raise KnownError("This album is gone.")
    name, _, photo_ids = change.before[album_id]
    return name, photo_ids


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


def _renumbered(album: State, numbers: Mapping[int, int]) -> State:
    if album is None:
        return None
    name, created_at, photo_ids = album
    return [name, created_at, list(dict.fromkeys(numbers.get(photo_id, photo_id) for photo_id in photo_ids))]


def replace_in_albums(database: sqlite3.Connection, old_id: int, new_id: int) -> None:
    """Let a photo take another's place in every album; in one that has both it keeps its own."""
    database.execute(
        """UPDATE album_photos SET photo_id = ?1 WHERE photo_id = ?2
        AND album_id NOT IN (SELECT album_id FROM album_photos WHERE photo_id = ?1)""",
        (new_id, old_id),
    )
    for album_id, album in _read_albums(database, albums_of(database, old_id)).items():
        held = album[2]
        _write_order(database, album_id, [photo_id for photo_id in held if photo_id != old_id], held)


def albums_of(database: sqlite3.Connection, photo_id: int) -> list[int]:
    """Ids of the albums that a photo is in."""
    found = database.execute("SELECT album_id FROM album_photos WHERE photo_id = ?", (photo_id,))
    return [album_id for (album_id,) in found]


def _read_albums(database: sqlite3.Connection, album_ids: Sequence[int]) -> dict[int, State]:
    """Name, time of making, and photos in their order."""
    bound = (json_of(album_ids),)
    found = {
        album_id: [name, created_at, []]
        for album_id, name, created_at in database.execute(
            """SELECT album_id, name, created_at FROM albums
            WHERE album_id IN (SELECT value FROM json_each(?))""",
            bound,
        )
    }
    for album_id, photo_id in database.execute(
        """SELECT album_id, photo_id FROM album_photos
        WHERE album_id IN (SELECT value FROM json_each(?)) ORDER BY album_id, position""",
        bound,
    ):
        found[album_id][2].append(photo_id)
    return found


def _write_album(database: sqlite3.Connection, album_id: int, album: State) -> None:
    if album is None:
        database.execute("DELETE FROM albums WHERE album_id = ?", (album_id,))
        return
    name, created_at, photo_ids = album
    refuse_taken(database, name, album_id=album_id)
    database.execute(
        """INSERT INTO albums VALUES (?, ?, ?) ON CONFLICT (album_id) DO UPDATE SET name = excluded.name""",
        (album_id, name, created_at),
    )
    _write_order(database, album_id, photo_ids, [])


def _search_of(change: Changing, search_id: int) -> list[Any]:
    """Name, text and so on of a saved search before it is changed."""
    if change.before[search_id] is None:
        raise KnownError("This saved search is gone.")
    return list(change.before[search_id])


def _notifies(search: State) -> bool | None:
    """Whether the person is told of new photos in it; None: it is no live album."""
    return bool(search[3]) if search and len(search) > 3 else None


def _read_searches(database: sqlite3.Connection, search_ids: Sequence[int]) -> dict[int, State]:
    """Name, text, and time of making; of a live album, too, whether the person is told of new photos,
    and the highest ids of photos that were seen in it and told of.
    """
    return {
        search_id: row if notifies is None else [*row, notifies, seen, told]
        for search_id, *row, notifies, seen, told in database.execute(
            """SELECT search_id, name, text, created_at, notifies, seen, told
            FROM saved_searches LEFT JOIN live_albums USING (search_id)
            WHERE search_id IN (SELECT value FROM json_each(?))""",
            (json_of(search_ids),),
        )
    }


def _write_search(database: sqlite3.Connection, search_id: int, search: State) -> None:
    if search is None:
        database.execute("DELETE FROM saved_searches WHERE search_id = ?", (search_id,))
        return
    name, text, created_at = search[:3]
    holder = database.execute(
        """SELECT notifies IS NOT NULL FROM saved_searches LEFT JOIN live_albums USING (search_id)
        WHERE name = ? AND search_id <> ?""",
        (name, search_id),
    ).fetchone()
    notifies = _notifies(search)
    if notifies is not None or holder == (True,):
        refuse_taken(database, name, search_id=search_id)
    if holder:
        raise KnownError("There is a saved search {name} already; choose another name.", name=name)
    held = database.execute("SELECT text FROM saved_searches WHERE search_id = ?", (search_id,)).fetchone()
    if held and held != (text,):
        empty_live(database, search_id)
    database.execute(
        """INSERT INTO saved_searches VALUES (?, ?, ?, ?)
        ON CONFLICT (search_id) DO UPDATE SET name = excluded.name, text = excluded.text""",
        (search_id, name, text, created_at),
    )
    write_live(database, search_id, notifies, *search[4:])


def _own(search: State) -> State:
    """What the person made of a saved search: not how far he has looked through it."""
    return search and search[:4]


ALBUMS = {
    "album": Kind(_read_albums, _write_album, renumbered=_renumbered),
    "search": Kind(_read_searches, _write_search, own=_own),
}
