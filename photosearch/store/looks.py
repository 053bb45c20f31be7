"""What the pixels of photos are known by."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from photosearch.core.photo import MINIATURE_EDGE, Look
from photosearch.store.read_connection import ReadConnection


class Looks(NamedTuple):
    """What photos are known by, row by row."""

    ids: NDArray[np.int64]  # (N,), ascending
    fingerprints: NDArray[np.int64]  # (N,)
    miniatures: NDArray[np.uint8]  # (N, MINIATURE_EDGE, MINIATURE_EDGE), of grey


class LookReader(ReadConnection):
    """Reads what the pixels of photos are known by, and of which photos that is not known yet."""

    def look(self, photo_id: int) -> Look | None:
        """A photo's; None where it is not known yet."""
        rows = self._rows("SELECT fingerprint, miniature FROM looks WHERE photo_id = ?", photo_id)
        return Look(*rows[0]) if rows else None

    def looks(self) -> Looks:
        """Those of all photos that a file holds."""
        rows = self._rows(
            """SELECT photo_id, fingerprint, miniature FROM looks JOIN photos USING (photo_id)
            WHERE held ORDER BY photo_id"""
        )
        return Looks(
            np.array([row[0] for row in rows], dtype=np.int64),
            np.array([row[1] for row in rows], dtype=np.int64),
            np.frombuffer(b"".join(row[2] for row in rows), np.uint8).reshape(
                -1, MINIATURE_EDGE, MINIATURE_EDGE
            ),
        )

    def unlooked(self, after: int, most: int) -> list[tuple[int, bytes]]:
        """The first so many photos with ids above `after` without a look: ids, ascending, and thumbnails."""
        return self._rows(
            """SELECT photo_id, jpeg FROM photos CROSS JOIN thumbs.thumbnails USING (content_hash)
            WHERE photo_id > ? AND photo_id NOT IN (SELECT photo_id FROM looks)
            ORDER BY photo_id LIMIT ?""",
            after,
            most,
        )
