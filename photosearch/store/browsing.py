"""Photos without a query: by day, by folder, by album, as they came; and what there is to search by."""

# Paths are bytes, which pathlib does not take.
# ruff: noqa: PTH120

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from photosearch.store.read_connection import ReadConnection, json_of
from photosearch.store.rows import Album, Count, FolderCount, SavedSearch

Shown = tuple[NDArray[np.int64], NDArray[np.float32]]  # photo ids (N,), width over height (N,)

SHOWN = ("day", "photo_id", "width", "height")  # what photos.shown holds; the day as 20240714

_GREY = 0x808080
_FEW = 2_000  # photos that are looked up one by one, which takes longer for many than to read all


class BrowsingReader(ReadConnection):
    """Reads what is browsed without a query."""

    def timeline(self, within: NDArray[np.int64] | None = None) -> Shown:
        """Living photos, newest first; of those in `within` only, where given.

        By folder or favourites: `timeline(matching([Favourite()]))`.
        """
        return _shown(self._by_date(within))

    def timeline_and_days(self, within: NDArray[np.int64] | None = None) -> tuple[Shown, list[Count]]:
        """timeline(within) and days(within), in step."""
        photos = self._by_date(within)
        return _shown(photos), _days(photos)

    def paths(self) -> dict[int, bytes]:
        """Of each living photo the file that is shown: one that is here, then the one known longest."""
        rows = self._rows(
            # SQLite takes the other columns from the row that has the minimum.
            """SELECT photo_id, files.path, min(away << 62 | file_id)
            FROM files JOIN folders USING (folder_id) GROUP BY photo_id"""
        )
        return {photo_id: path for photo_id, path, _ in rows}

    def days(self, within: NDArray[np.int64] | None = None) -> list[Count]:
        """The days ("2024-07-14") of timeline(within), in its order: newest first."""
        return _days(self._by_date(within))

    def recently_added(self) -> Shown:
        """Living photos, those that the library met last first."""
        photos = self._numbers(
            "SELECT group_concat(shown, '') FROM photos INDEXED BY photos_by_arrival WHERE held", SHOWN
        )
        return _shown(photos[::-1])

    def album_photos(self, album_id: int) -> Shown:
        """Living photos of an album, in the person's order."""
        photos = self._numbers(
            """SELECT group_concat(shown, '') FROM (
            SELECT shown FROM album_photos JOIN photos USING (photo_id)
            WHERE album_id = ? AND held ORDER BY position)""",
            SHOWN,
            album_id,
        )
        return _shown(photos)

    def colours(self, ids: Sequence[int] | NDArray[np.int64]) -> NDArray[np.uint8]:
        """The average colour of each photo (N, 3), sRGB; grey where it is not known yet."""
        rows = self._rows(
            """SELECT coalesce(colour, ?)
            FROM json_each(?) LEFT JOIN photos ON photo_id = value ORDER BY key""",
            _GREY,
            json_of(ids),
        )
        packed = np.array([colour for (colour,) in rows], dtype=">u4")
        return packed.view(np.uint8).reshape(-1, 4)[:, 1:]

    def albums(self) -> list[Album]:
        """By name."""
        rows = self._rows(
            """SELECT album_id, name, (
                SELECT count(*) FROM album_photos WHERE album_id = albums.album_id
                AND EXISTS (SELECT 1 FROM files WHERE photo_id = album_photos.photo_id)
            ) FROM albums ORDER BY name"""
        )
        return [Album(*row) for row in rows]

    def saved_searches(self) -> list[SavedSearch]:
        """By name, those too that are live albums."""
        return [
            SavedSearch(search_id, name, text, bool(live))
            for search_id, name, text, live in self._rows(
                """SELECT search_id, name, text, live_albums.search_id IS NOT NULL
                FROM saved_searches LEFT JOIN live_albums USING (search_id) ORDER BY name"""
            )
        ]

    def recent_searches(self) -> list[str]:
        """As they were typed, the latest first."""
        rows = self._rows("SELECT text FROM recent_searches ORDER BY searched_at DESC")
        return [text for (text,) in rows]

    def cameras_and_years(self) -> tuple[list[Count], list[Count]]:
        """Those that living photos were taken with, most photos first, and in ("2024"), newest first."""
        cameras, years = Counter[str](), Counter[int]()
        for camera, year, photos in self._rows(
            "SELECT camera, year, count(*) FROM photos WHERE held GROUP BY camera, year"
        ):
            years[year] += photos
            if camera is not None:
                cameras[camera] += photos
        return (
            [
                Count(camera, photos)
                for camera, photos in sorted(cameras.items(), key=lambda c: (-c[1], c[0]))
            ],
            [Count(f"{year:04}", photos) for year, photos in sorted(years.items(), reverse=True)],
        )

    def subfolders(self) -> list[FolderCount]:
        """Every folder with photos in or below it, from the added ones down, by path.

        A photo of which there are several files counts once, as it is shown once.
        """
        folders = self._rows("SELECT folder_id, path, away FROM folders")
        places = dict(self._rows("SELECT place_id, path FROM places"))
        direct = self._rows("SELECT place_id, folder_id, count(*) FROM files GROUP BY place_id, folder_id")
        copies = self._rows(
            """SELECT photo_id, place_id, folder_id FROM files WHERE photo_id IN (
                SELECT photo_id FROM files GROUP BY photo_id HAVING count(*) > 1
            )"""
        )
        roots = {folder_id: path for folder_id, path, _ in folders}
        added = {path: bool(away) for _, path, away in folders}
        counts: Counter[bytes] = Counter(dict.fromkeys(added, 0))
        away: dict[bytes, bool] = dict(added)

        def holders(place_id: int, folder_id: int) -> Iterator[bytes]:
            if folder_id not in roots or place_id not in places:
                return  # removed, or added, between the looks
            yield from _up(os.path.dirname(places[place_id] + b"file"), roots[folder_id])

        for place_id, folder_id, files in direct:
            for folder in holders(place_id, folder_id):
                counts[folder] += files
                away[folder] = added[roots[folder_id]]
        seen = set[tuple[int, bytes]]()
        for photo_id, place_id, folder_id in copies:
            for folder in holders(place_id, folder_id):
                counts[folder] -= (photo_id, folder) in seen
                seen.add((photo_id, folder))
        by_name = sorted(counts, key=lambda path: (os.fsdecode(path).casefold(), path))
        return [FolderCount(path, counts[path], away[path]) for path in by_name]

    def _by_date(self, within: NDArray[np.int64] | None) -> NDArray[np.void]:
        """Living photos with what SHOWN names, newest first; of those in `within` only, where given."""
        if within is not None and len(within) <= _FEW:
            photos = self._numbers(
                """SELECT group_concat(shown, '') FROM (SELECT shown FROM photos
                WHERE held AND photo_id IN (SELECT value FROM json_each(?)) ORDER BY dated_at, photo_id)""",
                SHOWN,
                json_of(within),
            )
            return photos[::-1]
        photos = self._numbers(
            "SELECT group_concat(shown, '') FROM photos INDEXED BY photos_by_date WHERE held", SHOWN
        )[::-1]
        return photos if within is None else photos[np.isin(photos["photo_id"], within, kind="table")]


def _shown(photos: NDArray[np.void]) -> Shown:
    return photos["photo_id"].astype(np.int64), (photos["width"] / photos["height"]).astype(np.float32)


def _days(photos: NDArray[np.void]) -> list[Count]:
    days = photos["day"].astype(np.int64)
    begins = np.flatnonzero(np.diff(days, prepend=-1))
    counts = np.diff(begins, append=len(days))
    return [
        Count(f"{day // 10000:04}-{day // 100 % 100:02}-{day % 100:02}", photos)
        for day, photos in zip(days[begins].tolist(), counts.tolist(), strict=True)
    ]


def _up(folder: bytes, root: bytes) -> Iterator[bytes]:
    """A folder and those that it lies in, as far as the root."""
    while len(folder) >= len(root):
        yield folder
        if folder == root:
            return
        folder = os.path.dirname(folder)
