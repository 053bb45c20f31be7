"""What photos are put into stacks by."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from itertools import groupby
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from photosearch.store.looks import LookReader
from photosearch.store.notes import NOTED
from photosearch.store.rows import PhotoFile


class Stackable(NamedTuple):
    """A photo that a file holds."""

    photo_id: int
    width: int  # upright, pixels
    height: int
    format: str
    taken_at: str | None
    told: int  # of time, camera and place, how many are known
    thumbnail_bytes: int  # of pictures that show the same, the sharper has more
    damaged: int  # 1: it is shown as far as it goes


class Stacked(NamedTuple):
    """Photos that belong together, row by row."""

    ids: NDArray[np.int64]  # (N,), ascending
    stacks: NDArray[np.int64]  # (N,): the same number for photos of one stack
    places: NDArray[np.int64]  # (N,): the lowest of a stack is its best


class StackingReader(LookReader):
    """Reads what photos are put into stacks by."""

    def stackable(self) -> list[Stackable]:
        """All photos that a file holds, by id."""
        rows = self._rows(
            """SELECT photo_id, width, height, format, taken_at,
            (taken_at IS NOT NULL) + (camera IS NOT NULL) + (latitude IS NOT NULL),
            coalesce(length(jpeg), 0), damage IS NOT NULL
            FROM photos LEFT JOIN thumbs.thumbnails USING (content_hash) WHERE held ORDER BY photo_id"""
        )
        return [Stackable(*row) for row in rows]

    def files_of_photos(self) -> dict[int, list[PhotoFile]]:
        """The files of each photo, those first that are here, then the oldest, the shortest path."""
        files: dict[int, list[PhotoFile]] = {}
        for photo_id, path, size, mtime_ns, away in self._rows(
            """SELECT photo_id, files.path, size, mtime_ns, away FROM files JOIN folders USING (folder_id)
            ORDER BY away, mtime_ns, length(files.path), files.path"""
        ):
            files.setdefault(photo_id, []).append(PhotoFile(path, size, mtime_ns, bool(away)))
        return files

    def noted(self) -> set[int]:
        """Photos of which the person said something: a caption, stars, that a tag is wrong and the like."""
        return {photo_id for (photo_id,) in self._rows(NOTED)}

    def stacked(self) -> Stacked:
        """The stacks that were kept; what the person said something of since is before what is better."""
        rows = self._rows(
            """SELECT photo_id, stack, place, damage IS NOT NULL
            FROM stacks JOIN photos USING (photo_id) ORDER BY photo_id"""
        )
        ids, stacks, places, damaged = np.array(rows, dtype=np.int64).reshape(-1, 4).T
        noted = np.isin(ids, np.fromiter(self.noted(), dtype=np.int64))
        return Stacked(ids, stacks, places + len(ids) * (2 * damaged + ~noted))

    def photos_held(self) -> tuple[int, int]:
        """How many photos files hold, and the sum of their ids: as photos come or go, they change."""
        ((count, total),) = self._rows("SELECT count(*), coalesce(sum(photo_id), 0) FROM photos WHERE held")
        return count, total


def with_those_that_left(database: sqlite3.Connection, stacks: Sequence[Sequence[int]]) -> list[list[int]]:
    """New stacks of ids, the best first, and in them photos that no file holds, where those were before."""
    whole = [list(ids) for ids in stacks]
    stack_of = {one: ids for ids in whole for one in ids}
    before = database.execute(
        "SELECT stack, place, photo_id, held FROM stacks JOIN photos USING (photo_id) ORDER BY stack, place"
    ).fetchall()
    for _, rows in groupby(before, key=lambda row: row[0]):
        members = list(rows)
        staying = [photo_id for _, _, photo_id, held in members if held]
        if len(staying) < len(members):
            own = next((stack_of[one] for one in staying if one in stack_of), None)
            if own is None:
                own = staying[:1]
                whole.append(own)
            for _, place, photo_id, held in members:
                if not held:
                    own.insert(place, photo_id)
    return whole
