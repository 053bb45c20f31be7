"""The photos that are walked through one at a time, and which of them is in view."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

_AHEAD = (1, -1, 2)  # neighbours that are fetched, in this order


class Walk:
    """A place among photos, without any at first.

    Attributes:
        ids: of the photos in the order shown, (N,)
        position: of the one in view
        best: where videos are opened, in milliseconds by photo; others at their posters
    """

    def __init__(self) -> None:
        self.ids: NDArray[np.int64] = np.empty(0, dtype=np.int64)
        self.position = 0
        self.best: Mapping[int, int] = {}

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def photo_id(self) -> int | None:
        """The photo in view; None without one."""
        return int(self.ids[self.position]) if len(self.ids) else None

    def begin(self, photo_id: int, ids: NDArray[np.int64], best: Mapping[int, int]) -> None:
        """Go through these from one of them, else from the first."""
        self.ids, self.best = ids, best
        found = np.flatnonzero(ids == photo_id)
        self.position = int(found[0]) if len(found) else 0

    def follow(self, ids: NDArray[np.int64]) -> None:
        """Go through others; the one in view stays, or its place is taken by the next."""
        found = np.flatnonzero(ids == self.photo_id)
        self.ids = ids
        self.position = int(found[0]) if len(found) else min(self.position, max(len(ids) - 1, 0))

    def go_to(self, position: int) -> bool:
        """Go to a position as far as there are any; -1 is the first. Return whether that is another photo."""
        position = min(max(position, 0), len(self.ids) - 1)
        moved = position != self.position
        if moved:
            self.position = position
        return moved

    def neighbours(self) -> Iterator[int]:
        """The photos that are likely to be wanted next, the likeliest first."""
        for step in _AHEAD:
            if 0 <= self.position + step < len(self.ids):
                yield int(self.ids[self.position + step])
