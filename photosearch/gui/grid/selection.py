"""What is selected among photos in a row: a mask, the photo with the focus, and where a range began."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


class Selection:
    """Which of the positions 0..N-1 are selected; follows photo ids when the photos change."""

    def __init__(self) -> None:
        self._ids: NDArray[np.int64] = np.empty(0, dtype=np.int64)
        self._mask: NDArray[np.bool_] = np.empty(0, dtype=bool)
        self._anchor = 0
        self.current: int | None = None  # position with the keyboard focus
        self.ringed = False  # whether that is shown: a key led there, not the mouse

    def __contains__(self, index: int) -> bool:
        return bool(self._mask[index])

    def __len__(self) -> int:
        return int(self._mask.sum())

    @property
    def ids(self) -> NDArray[np.int64]:
        """The ids of the selected photos (n,), in the order shown."""
        return self._ids[self._mask]

    def follow(self, ids: NDArray[np.int64], *, closing: bool = False) -> None:
        """Select, of other photos (N,), those that were selected before.

        Args:
            closing: where the photo that has the keyboard went, the one behind it has it now, else the one
                before; and is selected, where the one that went was and nothing else is.
        """
        selected, before, place = self.ids, self._ids, self.current
        current = None if place is None else int(before[place])
        anchor = int(before[self._anchor]) if len(before) else None
        was_selected = place is not None and place in self
        self._ids = ids
        self._mask = np.isin(ids, selected) if len(selected) else np.zeros(len(ids), dtype=bool)
        self.current = _position(ids, current)
        self._anchor = _position(ids, anchor) or 0
        if closing and place is not None and self.current is None:
            self.current = _position(ids, _nearest(before, place, ids))
            if self.current is not None and was_selected and not len(self):
                self.only(self.current)

    def move(self, index: int) -> None:
        """Move the keyboard to a photo and select nothing."""
        self.current = index

    def only(self, index: int) -> None:
        """Select a photo alone and move the keyboard to it."""
        self._mask[:] = False
        self._mask[index] = True
        self._anchor = self.current = index

    def toggle(self, index: int) -> None:
        """Turn a photo's selection round, and go on from it."""
        self._mask[index] = not self._mask[index]
        self._anchor = self.current = index

    def extend(self, index: int, *, adding: bool = False) -> None:
        """Select from where the range began to `index`; nothing else, unless it is added to the selection."""
        low, high = sorted((self._anchor, index))
        if not adding:
            self._mask[:] = False
        self._mask[low : high + 1] = True
        self.current = index

    def mask_of(self, start: int, stop: int) -> NDArray[np.bool_]:
        """Return which of a run are selected (stop - start,)."""
        return self._mask[start:stop]

    def has_all(self, start: int, stop: int) -> bool:
        """Return whether there are photos from `start` up to `stop`, and all are selected."""
        return start < stop and bool(self.mask_of(start, stop).all())

    def toggle_all(self, start: int, stop: int) -> None:
        """Select all of a run, or none of it where all of it was selected."""
        self._mask[start:stop] = not self.has_all(start, stop)

    def all(self, end: int) -> None:
        """Select every photo up to a position, and no other."""
        self._mask[:end], self._mask[end:] = True, False

    def clear(self) -> None:
        """Select none."""
        self._mask[:] = False

    def leave(self) -> None:
        """Take the keyboard from its photo, and the selection from one that was selected by walking to it."""
        if len(self) <= 1:
            self.clear()
        self.current = None

    def invert(self) -> None:
        """Select the photos that are not selected, and no others."""
        np.logical_not(self._mask, out=self._mask)

    @property
    def mask(self) -> NDArray[np.bool_]:
        """Which photos are selected (N,), as a copy: what a rubber band starts from."""
        return self._mask.copy()

    def set_mask(self, mask: NDArray[np.bool_]) -> bool:
        """Select exactly these (N,); False where they were."""
        if np.array_equal(mask, self._mask):
            return False
        self._mask = mask
        return True


def _position(ids: NDArray[np.int64], photo_id: int | None) -> int | None:
    if photo_id is None:
        return None
    found = np.flatnonzero(ids == photo_id)
    return int(found[0]) if len(found) else None


def _nearest(before: NDArray[np.int64], place: int, ids: NDArray[np.int64]) -> int | None:
    """The photo behind a place, or else the one before it, that is among `ids`."""
    stays = np.isin(before, ids)
    behind, ahead = np.flatnonzero(stays[place:]), np.flatnonzero(stays[:place])
    if len(behind):
        return int(before[place + behind[0]])
    return int(before[ahead[-1]]) if len(ahead) else None
