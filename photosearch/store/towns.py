"""The towns that photos were taken at: looked up once, kept by photo."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from photosearch.core.towns import Town, town_at
from photosearch.store.places import PLACED, Coordinates
from photosearch.store.read_connection import ReadConnection, json_of
from photosearch.store.words import folded

NOWHERE = 0  # photos.town_id where no town and no country is near; NULL: it was not looked up yet

Placed = tuple[int, float, float]  # photo id, latitude, longitude


class TownCount(NamedTuple):
    """A town, and how many living photos were taken at it."""

    town: Town
    photos: int


class TownReader(ReadConnection):
    """Reads at which towns photos were taken."""

    def towns(self) -> list[TownCount]:
        """Those of living photos, most photos first."""
        rows = self._rows(
            """SELECT town_id, name, name_zh, country, country_zh, count(*) AS photos
            FROM photos JOIN towns USING (town_id)
            WHERE latitude IS NOT NULL AND held GROUP BY town_id ORDER BY photos DESC, town_id"""
        )
        return [TownCount(Town(*town), photos) for *town, photos in rows]

    def town_of(self, photo_id: int) -> Town | None:
        """Where a photo was taken; None where that is not known."""
        rows = self._rows(
            """SELECT town_id, name, name_zh, country, country_zh FROM photos JOIN towns USING (town_id)
            WHERE photo_id = ?""",
            photo_id,
        )
        return Town(*rows[0]) if rows else None

    def towns_of(self, ids: Sequence[int]) -> dict[int, Town]:
        """Where photos were taken, by photo; those of which that is not known are left out."""
        rows = self._rows(
            """SELECT photo_id, town_id, name, name_zh, country, country_zh
            FROM photos JOIN towns USING (town_id)
            WHERE photo_id IN (SELECT value FROM json_each(?))""",
            json_of(ids),
        )
        return {photo_id: Town(*town) for photo_id, *town in rows}

    def town_names(self, part: str) -> list[tuple[int, str]]:
        """Ids of towns whose names, or whose countries', `folded`, hold this; and those names."""
        return self._rows("SELECT town_id, words FROM towns WHERE instr(words, ?)", part)

    def in_town(self, town_id: int, most: int) -> NDArray[np.int64]:
        """At most so many photos that were taken at a town, living or not (N,)."""
        (ids,) = self._integers(
            """SELECT group_concat(photo_id) FROM (SELECT photo_id FROM photos
            WHERE town_id = ? AND latitude IS NOT NULL LIMIT ?)""",
            town_id,
            most,
        )
        return ids

    def at_place(self, place: str) -> NDArray[np.int64]:
        """Photos, living or not, where a town's or a country's name holds a word that begins so (N,)."""
        wanted = folded(place).rstrip()
        towns = [town_id for town_id, _ in self.town_names(wanted)] if wanted else []
        (ids,) = self._integers(
            """SELECT group_concat(photo_id) FROM photos
            WHERE latitude IS NOT NULL AND town_id IN (SELECT value FROM json_each(?))""",
            json_of(towns),
        )
        return ids

    def coordinates(self) -> Coordinates:
        """Where living photos were taken that say so."""
        return Coordinates.of(
            self._numbers(
                """SELECT group_concat(placed, '') FROM photos INDEXED BY photos_by_place
                WHERE latitude IS NOT NULL AND held""",
                PLACED,
            )
        )

    def unplaced(self, most: int) -> list[Placed]:
        """At most so many photos whose place is known and whose town was not looked up."""
        return self._rows(
            """SELECT photo_id, latitude, longitude FROM photos
            WHERE latitude IS NOT NULL AND town_id IS NULL LIMIT ?""",
            most,
        )


def write_towns(database: sqlite3.Connection, photos: Sequence[Placed]) -> None:
    """Look up at which towns photos were taken, and keep that."""
    found = [town_at(latitude, longitude) for _, latitude, longitude in photos]
    database.executemany(
        "INSERT OR REPLACE INTO towns VALUES (?, ?, ?, ?, ?, ?)",
        [(*msgspec.structs.astuple(town), folded_names(town)) for town in set(filter(None, found))],
    )
    database.executemany(
        "UPDATE photos SET town_id = ? WHERE photo_id = ?",
        [
            (town.town_id if town else NOWHERE, photo_id)
            for town, (photo_id, *_) in zip(found, photos, strict=True)
        ],
    )


def folded_names(town: Town) -> str:
    """What a town and its country are called in either language, `folded`."""
    return folded(f"{town.said('en')} \n{town.said('zh')}")
