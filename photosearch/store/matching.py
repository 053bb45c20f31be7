"""Filters over the library: each is one indexed look-up of photo ids, and exact."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from photosearch.core import query
from photosearch.store.browsing import SHOWN
from photosearch.store.folders import paths_below
from photosearch.store.places import PLACED, Coordinates, box, kilometres_from
from photosearch.store.tags import TagReader
from photosearch.store.towns import TownReader
from photosearch.store.words import phrase, words_begun

_HAS = {
    "gps": "SELECT group_concat(photo_id) FROM photos WHERE latitude IS NOT NULL",
    "keywords": "SELECT group_concat(photo_id) FROM photos WHERE keywords <> ''",
    "text": "SELECT group_concat(photo_id) FROM text_read WHERE lines > 0",
    "camera": "SELECT group_concat(photo_id) FROM photos WHERE held AND camera IS NOT NULL",
}
_TURNED = {"portrait": 1, "square": 0, "landscape": -1}

Ids = NDArray[np.int64]


class MatchingReader(TownReader, TagReader):
    """Reads which photos pass filters."""

    def matching(self, filters: Sequence[query.AnyFilter], within: Ids | None = None) -> Ids:
        """Ids of the living photos that every filter lets through, ascending (N,); of all without a filter.

        Args:
            within: ids to choose from, instead of all living photos; for who knows them already.

        Raises:
            KnownError: the library is damaged, or its disk fails.
        """
        ids = self.living() if within is None else within
        for filter_ in filters:
            found = np.isin(ids, self._found(filter_), kind="table")
            ids = ids[found ^ filter_.negated]
        return ids

    def _found(self, filter_: query.AnyFilter) -> Ids:
        """Ids of what is in the set, living or not, in any order, perhaps repeated."""
        match filter_:
            case query.Dated():
                return self._dated(filter_)
            case query.InFolder():
                return _together([self._below(path) for path in filter_.paths_bytes])
            case query.TakenWith():
                wanted = filter_.camera.casefold()
                return self._with_value("camera", lambda camera: wanted in camera.casefold())
            case query.OfType():
                return self._with_value("format", filter_.formats.__contains__)
            case query.Rated():
                return self._rated(filter_.stars)
            case query.Has():
                return self._has(filter_.fact)
            case query.Favourite():
                return self._ids("SELECT group_concat(photo_id) FROM favourites")
            case query.Near():
                return self._near(filter_)
            case query.TakenAt():
                return self.at_place(filter_.place)
            case query.Turned():
                return self._ids(
                    "SELECT group_concat(photo_id) FROM photos WHERE turned = ?", _TURNED[filter_.orientation]
                )
            case query.Lasts():
                return self._ids(
                    "SELECT group_concat(photo_id) FROM videos WHERE seconds >= ? AND seconds < ?",
                    filter_.at_least,
                    math.inf if filter_.below is None else filter_.below,
                )
            case query.Away():
                return self._away()
            case query.Says():
                return self._says(filter_.phrase)
            case query.Written():
                return self._written(words_begun(filter_.phrase))
            case query.Tagged():
                return _together([self.tagged(filter_.tags), self.with_keyword(phrase(filter_.keyword))])
            case query.InAlbum():
                return self._ids(
                    "SELECT group_concat(photo_id) FROM album_photos WHERE album_id = ?", filter_.album_id
                )
            case query.InLiveAlbum():
                return self._ids(
                    "SELECT group_concat(photo_id) FROM live_photos WHERE search_id = ?", filter_.search_id
                )

    def stars(self) -> tuple[Ids, Ids]:
        """Ids of photos that have stars (n,), ascending, and how many: the person's own, else the file's."""
        ids, stars = self._integers(
            """SELECT group_concat(photo_id), group_concat(given) FROM (
                SELECT photo_id, stars AS given FROM ratings WHERE stars > 0
                UNION ALL SELECT photo_id, rating FROM photos
                WHERE rating > 0 AND photo_id NOT IN (SELECT photo_id FROM ratings)
            )"""
        )
        order = np.argsort(ids)
        return ids[order], stars[order]

    def _dated(self, dates: query.Dated) -> Ids:
        photos = self._numbers(
            "SELECT group_concat(shown, '') FROM photos WHERE held AND dated_at >= ? AND dated_at < ?",
            SHOWN,
            dates.start or "",
            dates.end or ":",  # comes after every digit
        )
        return photos["photo_id"].astype(np.int64)

    def _below(self, folder: bytes) -> Ids:
        return self._ids(
            """SELECT group_concat(photo_id) FROM files WHERE place_id IN
            (SELECT place_id FROM places WHERE path >= ? AND path < ?)""",
            *paths_below(folder),
        )

    def _rated(self, stars: int) -> Ids:
        """By the person, else by the file."""
        own = self._ids("SELECT group_concat(photo_id) FROM ratings WHERE stars >= ?", stars)
        embedded = self._ids("SELECT group_concat(photo_id) FROM photos WHERE rating >= ?", stars)
        rated = self._ids("SELECT group_concat(photo_id) FROM ratings")
        return _together([own, _without(embedded, rated)])

    def _has(self, fact: query.Fact) -> Ids:
        if fact == "caption":
            written = self._ids(
                "SELECT group_concat(photo_id) FROM captions WHERE replaced_at IS NULL AND text <> ''"
            )
            denied = self._ids(
                "SELECT group_concat(photo_id) FROM captions WHERE replaced_at IS NULL AND text = ''"
            )
            return _without(written, denied)
        if fact == "rating":
            return self._rated(1)
        return self._ids(_HAS[fact])

    def _near(self, near: query.Near) -> Ids:
        found = []
        for south, north, west, east in box(near.latitude, near.longitude, near.kilometres):
            placed = self._numbers(
                """SELECT group_concat(placed, '') FROM photos INDEXED BY photos_by_place
                WHERE latitude BETWEEN ? AND ? AND longitude BETWEEN ? AND ?""",
                PLACED,
                south,
                north,
                west,
                east,
            )
            ids, latitudes, longitudes = Coordinates.of(placed)
            distances = kilometres_from(near.latitude, near.longitude, latitudes, longitudes)
            found.append(ids[distances <= near.kilometres])
        return _together(found)

    def _away(self) -> Ids:
        away = self._ids(
            """SELECT group_concat(photo_id) FROM files
            WHERE folder_id IN (SELECT folder_id FROM folders WHERE away)"""
        )
        if not away.size:
            return away
        here = self._ids(
            """SELECT group_concat(photo_id) FROM files
            WHERE folder_id IN (SELECT folder_id FROM folders WHERE NOT away)"""
        )
        return _without(away, here)

    def _says(self, text: str) -> Ids:
        whole = phrase(text)
        about = self._ids("SELECT group_concat(rowid) FROM photo_words WHERE photo_words MATCH ?", whole)
        named = self._ids(
            """SELECT group_concat(photo_id) FROM file_words CROSS JOIN files ON file_id = file_words.rowid
            WHERE file_words MATCH ?""",
            phrase(text, goes_on=True),
        )
        return _together([about, named, self._written(whole)])

    def _written(self, match: str) -> Ids:
        return self._ids("SELECT group_concat(rowid) FROM line_words WHERE line_words MATCH ?", match)

    def _ids(self, sql: str, *bound: object) -> Ids:
        (ids,) = self._integers(sql, *bound)
        return ids


def _without(found: Ids, others: Ids) -> Ids:
    return found[~np.isin(found, others, kind="table")]


def _together(found: list[Ids]) -> Ids:
    return np.concatenate(found) if found else np.empty(0, dtype=np.int64)
