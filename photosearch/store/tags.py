"""What photos are tagged with, what the person took away of it, and what the person made of the list.

Tags are kept by name, with each photo that has them: those of the model that looked at it last. A photo's
version tells by what it was looked at; see `TagWriter.keep_tags`.
"""

from __future__ import annotations

import json
import sqlite3
import zlib
from collections.abc import Sequence
from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from photosearch import settings
from photosearch.core.errors import KnownError, Sentence
from photosearch.core.query import AnyFilter, Tagged
from photosearch.core.tags import Tag, shipped
from photosearch.store.history import HistoryWriter, Kind, State, photos_in_words
from photosearch.store.notes import check_name, check_photos
from photosearch.store.read_connection import ReadConnection, json_of
from photosearch.store.words import folded

LONGEST_NAME, MOST_ASKED = 60, 10  # characters of an own tag; texts that a model is asked for it
MOST_OWN = 200  # own tags: each is looked for in every photo

_SETTING = "SELECT value FROM settings WHERE key = ?"
_DENIED, _LISTED = "denied_tag", "listed_tag"


class TagCount(NamedTuple):
    """A tag, and how many living photos have it: 0 only of one of the person's own."""

    tag: Tag
    photos: int


class TagReader(ReadConnection):
    """Reads what photos are tagged with."""

    def tags(self) -> list[Tag]:
        """The list that ships and after it the person's own, without those that were taken off it.

        None where the person has switched tags off.
        """
        if settings.value(settings.TAGS, self._value(_SETTING, settings.TAGS)) != settings.YES:
            return []
        off = self.tags_off()
        return [tag for tag in (*shipped(), *self.own_tags()) if tag.name not in off]

    def own_tags(self) -> list[Tag]:
        """Those that the person added, in the order of their coming."""
        rows = self._rows("SELECT tag, asked FROM listed_tags WHERE asked IS NOT NULL ORDER BY rowid")
        return [Tag(tag, ask=tuple(json.loads(asked))) for tag, asked in rows]

    def tags_off(self) -> set[str]:
        """Names of tags of the list that the person does not want to see."""
        return {tag for (tag,) in self._rows("SELECT tag FROM listed_tags WHERE off")}

    def tags_called(self, name: str) -> list[str]:
        """The names, as the library has them, of tags that one calls so, in either language, one or many."""
        wanted = folded(name).strip()
        forms = {wanted, wanted.removesuffix("s"), wanted.removesuffix("es"), f"{wanted}s"}
        called = [(tag.name, {folded(one).strip() for one in tag.names}) for tag in self.tags()]
        exactly = [tag for tag, names in called if wanted in names]
        return exactly or [tag for tag, names in called if forms & names]

    def tag_counts(self) -> list[TagCount]:
        """Those that living photos have, most photos first; after them the person's own that none has."""
        counts = dict(self._rows("SELECT tag, count(*) FROM photo_tags GROUP BY tag"))
        for tag, photos in self._rows(
            """SELECT tag, count(*) FROM (
                SELECT tag, photo_id FROM photos INDEXED BY photos_not_held
                CROSS JOIN photo_tags USING (photo_id) WHERE NOT held
                UNION SELECT tag, photo_id FROM denied_tags JOIN photo_tags USING (tag, photo_id)
            ) GROUP BY tag"""
        ):
            counts[tag] -= photos
        found = [TagCount(tag, counts.get(tag.name, 0)) for tag in self.tags()]
        return sorted((one for one in found if one.photos or one.tag.own), key=lambda one: -one.photos)

    def tags_of(self, photo_id: int) -> list[Tag]:
        """What a photo is tagged with, in the order of the list."""
        rows = self._rows(
            """SELECT tag FROM photo_tags WHERE photo_id = ?1
            EXCEPT SELECT tag FROM denied_tags WHERE photo_id = ?1""",
            photo_id,
        )
        has = {tag for (tag,) in rows}
        return [tag for tag in self.tags() if tag.name in has] if has else []

    def tagged(self, tags: Sequence[str]) -> NDArray[np.int64]:
        """Photos, living or not, with any of these tags (N,)."""
        (ids,) = self._integers(
            """SELECT group_concat(photo_id) FROM (
                SELECT tag, photo_id FROM photo_tags WHERE tag IN (SELECT value FROM json_each(?1))
                EXCEPT SELECT tag, photo_id FROM denied_tags
            )""",
            json.dumps(tags),
        )
        return ids

    def tag_moments(self, filters: Sequence[AnyFilter]) -> dict[int, int]:
        """Where in videos the frame is that shows best what tags ask for, in milliseconds, by photo.

        Args:
            filters: of which some may ask for tags; a video that has several opens at the first of them
        """
        asked = [tag for one in filters if isinstance(one, Tagged) and not one.negated for tag in one.tags]
        return dict(
            self._rows(
                """SELECT photo_id, min(at_ms) FROM tag_moments
                WHERE tag IN (SELECT value FROM json_each(?)) GROUP BY photo_id""",
                json.dumps(asked),
            )
        )

    def with_keyword(self, phrase: str) -> NDArray[np.int64]:
        """Photos, living or not, with a keyword that says this; see store.words.phrase (N,)."""
        (ids,) = self._integers(
            "SELECT group_concat(rowid) FROM photo_words WHERE photo_words MATCH ?", f"keywords : {phrase}"
        )
        return ids

    def looked_at_for_tags(self, version: int) -> NDArray[np.int64]:
        """Photos, living or not, that were looked at for tags in this version (N,)."""
        (ids,) = self._integers("SELECT group_concat(photo_id) FROM tagged WHERE version = ?", version)
        return ids

    def count_looked_at_for_tags(self, version: int) -> int:
        """How many living photos were."""
        count: int = self._value(
            """SELECT (SELECT count(*) FROM tagged WHERE version = ?1)
            - (SELECT count(*) FROM photos INDEXED BY photos_not_held CROSS JOIN tagged USING (photo_id)
                WHERE NOT held AND version = ?1)""",
            version,
        )
        return count


class TagWriter(HistoryWriter):
    """Writes what photos are tagged with, and what the person says of that."""

    def keep_tags(
        self,
        photos: Sequence[tuple[int, Sequence[str]]],
        version: int,
        moments: Sequence[tuple[str, int, int]] = (),
    ) -> None:
        """Keep what known photos, by id, are tagged with, in place of what they were tagged with before.

        Args:
            moments: tag, photo and where in that video the frame is that shows it best, in milliseconds
            version: 32 bits that tell by what they were looked at: the model, the list and the levels
        """
        with self._transaction(self._database) as database:
            ids = json_of([photo_id for photo_id, _ in photos])
            sql = """SELECT tag, photo_id FROM photo_tags
                WHERE photo_id IN (SELECT value FROM json_each(?))"""
            before = set(database.execute(sql, (ids,)))
            now = {(tag, photo_id) for photo_id, tags in photos for tag in tags}
            database.executemany("DELETE FROM photo_tags WHERE (tag, photo_id) = (?, ?)", before - now)
            database.executemany("INSERT INTO photo_tags VALUES (?, ?)", now - before)
            database.execute(
                "DELETE FROM tag_moments WHERE photo_id IN (SELECT value FROM json_each(?))", (ids,)
            )
            database.executemany("INSERT INTO tag_moments VALUES (?, ?, ?)", moments)
            database.executemany(
                "INSERT OR REPLACE INTO tagged VALUES (?, ?)",
                [(photo_id, version) for photo_id, _ in photos],
            )

    def deny_tag(self, photo_ids: Sequence[int], tag: str) -> None:
        """Take a tag away from photos, whatever a model says of them, then or later.

        Raises:
            KnownError: there is no such photo.
        """
        with self._change(_DENIED, photo_ids) as change:
            check_photos(change.database, photo_ids)
            photos = photos_in_words(len(photo_ids))
            change.says = Sentence("“{tag}” taken away from {photos}", tag=tag, photos=photos)
            change.database.executemany(
                "INSERT OR IGNORE INTO denied_tags VALUES (?, ?)", [(photo_id, tag) for photo_id in photo_ids]
            )

    def add_tag(self, name: str, asked: Sequence[str] = ()) -> str:
        """Put a tag of the person's own onto the list, or what a model is asked for it; -> its name.

        Args:
            asked: in place of the name

        Raises:
            KnownError: the name is empty, too long, or one of the list's; there are too many.
        """
        name = _own_name(name)
        texts = [check_name(text) for text in asked if text.strip()]
        if len(texts) > MOST_ASKED:
            raise KnownError("A model is asked at most {most} texts for a tag.", most=MOST_ASKED)
        with self._change(_LISTED, [_id_of(name)]) as change:
            others = "SELECT count(*) FROM listed_tags WHERE asked IS NOT NULL AND tag <> ?"
            if change.database.execute(others, (name,)).fetchone()[0] >= MOST_OWN:
                raise KnownError("There are {most} tags of your own, which is the most.", most=MOST_OWN)
            change.says = Sentence("Tag “{tag}” added", tag=name)
            if change.before[_id_of(name)] is not None:
                change.says = Sentence("What is looked for as tag “{tag}” changed", tag=name)
            _write_listed(change.database, _id_of(name), [name, texts, False])
        return name

    def rename_tag(self, tag: str, name: str) -> str:
        """Call a tag of the person's own otherwise, what is looked for being the same; -> its name.

        Raises:
            KnownError: there is no such own tag; the name is empty, too long, or another tag's.
        """
        name = _own_name(name)
        former, latter = _id_of(tag), _id_of(name)
        with self._change(_LISTED, [former, latter]) as change:
            listed = change.before[former]
            if listed is None or listed[1] is None:
                raise KnownError("“{tag}” is no tag of your own.", tag=tag)
            if name != tag and change.before[latter] is not None:
                raise KnownError("“{name}” is on the list already.", name=name)
            change.says = Sentence("Tag “{tag}” renamed to “{name}”", tag=tag, name=name)
            _write_listed(change.database, former, None)
            _write_listed(change.database, latter, [name, listed[1] or [tag], False])
            for copied in (  # what is of the former name stays, for an undo
                "INSERT OR IGNORE INTO denied_tags SELECT photo_id, ? FROM denied_tags WHERE tag = ?",
                "INSERT OR IGNORE INTO photo_tags SELECT ?, photo_id FROM photo_tags WHERE tag = ?",
                "INSERT OR IGNORE INTO tag_moments SELECT ?, photo_id, at_ms FROM tag_moments WHERE tag = ?",
            ):
                change.database.execute(copied, (name, tag))
        return name

    def remove_tag(self, name: str) -> None:
        """Take a tag off the list: one of the person's own is forgotten, another no longer shown.

        Raises:
            KnownError: there is none of this name.
        """
        own = name not in {tag.name for tag in shipped()}
        with self._change(_LISTED, [_id_of(name)]) as change:
            if own and change.before[_id_of(name)] is None:
                raise KnownError("There is no tag “{tag}”.", tag=name)
            change.says = Sentence("Tag “{tag}” taken off the list", tag=name)
            _write_listed(change.database, _id_of(name), None if own else [name, None, True])

    def restore_tag(self, name: str) -> None:
        """Show a tag of the list again that was taken off it; one that is shown changes nothing."""
        with self._change(_LISTED, [_id_of(name)]) as change:
            change.says = Sentence("Tag “{tag}” put back on the list", tag=name)
            if (listed := change.before[_id_of(name)]) and listed[2]:
                _write_listed(change.database, _id_of(name), None)


def _own_name(name: str) -> str:
    """As it is kept.

    Raises:
        KnownError: it is empty, too long, or one of the list's.
    """
    name = check_name(name, LONGEST_NAME)
    if any(folded(name) == folded(one) for tag in shipped() for one in tag.names):
        raise KnownError("“{name}” is on the list already.", name=name)
    return name


def _id_of(tag: str) -> int:
    """How the history names a tag."""
    return zlib.crc32(tag.encode())


def _read_denied(database: sqlite3.Connection, photo_ids: Sequence[int]) -> dict[int, State]:
    """Of each photo the tags that were taken away from it."""
    found: dict[int, State] = {}
    for photo_id, tag in database.execute(
        """SELECT photo_id, tag FROM denied_tags WHERE photo_id IN (SELECT value FROM json_each(?))
        ORDER BY photo_id, tag""",
        (json_of(photo_ids),),
    ):
        found.setdefault(photo_id, []).append(tag)
    return found


def _write_denied(database: sqlite3.Connection, photo_id: int, tags: State) -> None:
    database.execute("DELETE FROM denied_tags WHERE photo_id = ?", (photo_id,))
    database.executemany("INSERT INTO denied_tags VALUES (?, ?)", [(photo_id, tag) for tag in tags or ()])


def _read_listed(database: sqlite3.Connection, tag_ids: Sequence[int]) -> dict[int, State]:
    """What the person made of tags: name, what is asked for an own one, whether it is off."""
    rows = database.execute("SELECT tag, asked, off FROM listed_tags").fetchall()
    by_id = {_id_of(tag): [tag, asked and json.loads(asked), bool(off)] for tag, asked, off in rows}
    return {tag_id: by_id[tag_id] for tag_id in tag_ids if tag_id in by_id}


def _write_listed(database: sqlite3.Connection, tag_id: int, listed: State) -> None:
    names = [tag for (tag,) in database.execute("SELECT tag FROM listed_tags") if _id_of(tag) == tag_id]
    database.executemany("DELETE FROM listed_tags WHERE tag = ?", [(name,) for name in names])
    if listed is not None:
        tag, asked, off = listed
        texts = None if asked is None else msgspec.json.encode(asked).decode()
        database.execute("INSERT INTO listed_tags VALUES (?, ?, ?)", (tag, texts, off))


TAGS = {
    _DENIED: Kind(_read_denied, _write_denied, of_photos=True),
    _LISTED: Kind(_read_listed, _write_listed),
}
