"""Photos without a query: by day, by folder, by album, as they came; and what there is to search by."""

# Paths are bytes, which pathlib does not take.
# ruff: noqa: PTH120

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from photosearch.store.read_connection import ReadConnection, json_of
from photosearch.store.rows import Album, Count, FolderCount, SavedSearch

Shown = tuple[NDArray[np.int64], NDArray[np.float32]]  # photo ids (N,), width over height (N,)

_GREY = 0x808080


class BrowsingReader(ReadConnection):
    """Reads what is browsed without a query."""

    def timeline(self, within: NDArray[np.int64] | None = None) -> Shown:
        """Living photos, newest first; of those in `within` only, where given.

        By folder or favourites: `timeline(matching([Favourite()]))`.
        """
        return self._shown(
            """SELECT group_concat(photo_id), group_concat(width), group_concat(height) FROM
            (SELECT photo_id, width, height FROM photos ORDER BY dated_at DESC, photo_id DESC)""",
            within,
        )

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
        ids, days = self._integers(
            """SELECT group_concat(photo_id),
            group_concat(CAST(replace(substr(dated_at, 1, 10), '-', '') AS INTEGER)) FROM photos"""
        )
        return _counted(
            days[self._is_shown(ids, within)],
            lambda day: f"{day // 10000:04}-{day // 100 % 100:02}-{day % 100:02}",
        )

    def recently_added(self) -> Shown:
        """Living photos, those that the library met last first."""
        return self._shown(
            """SELECT group_concat(photo_id), group_concat(width), group_concat(height) FROM
            (SELECT photo_id, width, height FROM photos ORDER BY added_at DESC, photo_id DESC)"""
        )

    def album_photos(self, album_id: int) -> Shown:
        """Living photos of an album, in the person's order."""
        return self._shown(
            """SELECT group_concat(photo_id), group_concat(width), group_concat(height) FROM
            (SELECT photo_id, width, height FROM album_photos JOIN photos USING (photo_id)
            WHERE album_id = ? ORDER BY position)""",
            None,
            album_id,
        )

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
        """By name."""
        return [
            SavedSearch(*row)
            for row in self._rows("SELECT search_id, name, text FROM saved_searches ORDER BY name")
        ]

    def recent_searches(self) -> list[str]:
        """As they were typed, the latest first."""
        rows = self._rows("SELECT text FROM recent_searches ORDER BY searched_at DESC")
        return [text for (text,) in rows]

    def cameras(self) -> list[Count]:
        """Those that living photos were taken with, most photos first."""
        living = self.living()
        counts = [
            Count(camera, int(np.isin(self._with_value("camera", camera.__eq__), living, kind="table").sum()))
            for camera in self._values("camera")
        ]
        held = [count for count in counts if count.photos]
        return sorted(held, key=lambda count: (-count.photos, count.value))

    def years(self) -> list[Count]:
        """Those that living photos were taken in ("2024"), newest first."""
        ids, years = self._integers(  # CAST reads the digits before the first dash
            "SELECT group_concat(photo_id), group_concat(CAST(dated_at AS INTEGER)) FROM photos"
        )
        return _counted(years[self._is_shown(ids, None)], "{:04}".format)

    def subfolders(self) -> list[FolderCount]:
        """Every folder with files of photos in or below it, from the added ones down, by path."""
        separator = os.fsencode(os.sep)
        rows = self._rows("SELECT path, folder_id FROM files")
        folders = self._rows("SELECT folder_id, path, away FROM folders")
        roots = {folder_id: path for folder_id, path, _ in folders}
        added = {path: bool(away) for _, path, away in folders}
        counts: Counter[bytes] = Counter(dict.fromkeys(added, 0))
        away: dict[bytes, bool] = dict(added)
        direct = Counter((path[: path.rfind(separator) + 1], folder_id) for path, folder_id in rows)
        for (place, folder_id), files in direct.items():
            if folder_id not in roots:
                continue  # removed between the two looks
            folder, root = os.path.dirname(place + b"file"), roots[folder_id]
            while len(folder) >= len(root):
                counts[folder] += files
                away[folder] = added[root]
                if folder == root:
                    break
                folder = os.path.dirname(folder)
        return [FolderCount(path, counts[path], away[path]) for path in sorted(counts)]

    def _shown(self, sql: str, within: NDArray[np.int64] | None = None, *bound: object) -> Shown:
        ids, widths, heights = self._integers(sql, *bound)
        shown = self._is_shown(ids, within)
        return ids[shown], (widths[shown] / heights[shown]).astype(np.float32)

    def _is_shown(self, ids: NDArray[np.int64], within: NDArray[np.int64] | None) -> NDArray[np.bool_]:
        (held,) = self._integers("SELECT group_concat(photo_id) FROM files")
        living = np.isin(ids, held, kind="table")
        return living if within is None else living & np.isin(ids, within, kind="table")


def _counted(values: NDArray[np.int64], named: Callable[[int], str]) -> list[Count]:
    """How often each value comes, the greatest value first."""
    found, counts = np.unique(values, return_counts=True)
    return [Count(named(v), n) for v, n in zip(found[::-1].tolist(), counts[::-1].tolist(), strict=True)]
