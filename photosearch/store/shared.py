"""What several photos have in common, and where they differ."""

# Paths are bytes, which pathlib does not take.
# ruff: noqa: PTH120

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from photosearch.store.notes import SHOWN_OF_VALUE
from photosearch.store.read_connection import ReadConnection, json_of

# Two at most: whether there is one that all have.
_CAPTIONS = f"SELECT DISTINCT coalesce(({SHOWN_OF_VALUE} LIMIT 1), '') FROM json_each(?) LIMIT 2"  # noqa: S608  (a constant)


class Shared(NamedTuple):
    """What is known of several photos at once; each value with how many have it, the commonest first."""

    photos: int
    first: str  # the earliest date, local time, ISO 8601; empty without photos
    last: str
    size: int  # bytes of all, of one file each
    folders: Sequence[tuple[bytes, int]]  # paths; those of each photo that lie in one
    cameras: Sequence[tuple[str, int]]  # of those that say
    caption: str | None  # that is shown of each; "": none has any; None: they differ
    stars: Sequence[tuple[int, int]]  # 0: none, the most stars first
    favourites: int
    albums: Sequence[tuple[int, str, int]]  # with id and name


class SharedReader(ReadConnection):
    """Reads what several photos share."""

    def shared(self, photo_ids: Sequence[int] | NDArray[np.int64]) -> Shared:
        """What is known of these photos; 100,000 take about a second."""
        chosen = json_of(photo_ids)
        ((photos, first, last, favourites),) = self._rows(
            """SELECT count(*), coalesce(min(dated_at), ''), coalesce(max(dated_at), ''), count(since)
            FROM json_each(?) JOIN photos ON photo_id = value LEFT JOIN favourites USING (photo_id)""",
            chosen,
        )
        files = self._rows(
            # SQLite takes the other columns from the row that has the minimum.
            """SELECT files.path, size, min(away << 62 | file_id)
            FROM json_each(?) JOIN files ON photo_id = value JOIN folders USING (folder_id)
            GROUP BY photo_id""",
            chosen,
        )
        captions = [caption for (caption,) in self._rows(_CAPTIONS, chosen)] or [""]
        return Shared(
            photos=photos,
            first=first,
            last=last,
            size=sum(size for _, size, _ in files),
            folders=Counter(os.path.dirname(path) for path, _, _ in files).most_common(),
            cameras=self._rows(
                """SELECT camera, count(*) AS photos FROM json_each(?) JOIN photos ON photo_id = value
                WHERE camera IS NOT NULL GROUP BY camera ORDER BY photos DESC, camera""",
                chosen,
            ),
            caption=captions[0] if len(captions) == 1 else None,
            stars=self._rows(
                """SELECT coalesce(stars, rating, 0) AS given, count(*)
                FROM json_each(?) JOIN photos ON photo_id = value LEFT JOIN ratings USING (photo_id)
                GROUP BY given ORDER BY given DESC""",
                chosen,
            ),
            favourites=favourites,
            albums=self._rows(
                """SELECT album_id, name, count(*) AS photos
                FROM json_each(?) JOIN album_photos ON photo_id = value
                JOIN albums USING (album_id) GROUP BY album_id ORDER BY photos DESC, name""",
                chosen,
            ),
        )
