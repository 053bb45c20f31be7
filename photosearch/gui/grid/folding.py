"""Photos that are like a better one fold behind it, where the person wants that: what is shown of a list."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from photosearch import settings
from photosearch.gui.grid.sections import Section
from photosearch.i18n import tr_n
from photosearch.store.reader import Reader
from photosearch.store.stacking import Stacked

_NONE = np.empty(0, dtype=np.int64)
NO_STACKS = Stacked(_NONE, _NONE, _NONE)

Listed = tuple[NDArray[np.int64], NDArray[np.float32], Sequence[Section]]  # ids (N,), aspects (N,), sections


def read_stacks(reader: Reader) -> Stacked:
    """The library's stacks; none where the person does not want them."""
    wanted = settings.value(settings.STACK, reader.setting(settings.STACK)) == settings.YES
    return reader.stacked() if wanted else NO_STACKS


class Folding:
    """Takes a list of photos, says which are shown, and of these by position what is behind them.

    Of each stack that is the best one in the list. Under days it stands where it was taken, else in the place
    of the first of them, so that no answer stands lower than it would alone. One that is unfolded stands
    there whole, the best first.
    """

    def __init__(self) -> None:
        self._stacked = NO_STACKS
        # Of all stacked photos, stack by stack, the best first: the stacks; and by a photo's id its place.
        self._stack_of_place, self._places = _NONE, _NONE
        self._unfolded = _NONE  # ids of photos whose stacks are
        self._listed: Listed = (_NONE, np.empty(0, np.float32), ())
        # The rows of the list in stacks of two or more of it, stack by stack, the best first; their stacks.
        self._rows, self._stack_of_row = _NONE, _NONE
        # By position shown, (N,):
        self._stacks = _NONE  # -1: in none
        self._like = _NONE  # how many others of its stack there are
        self._folded_in = _NONE  # how many of these are not shown
        self._rows_shown = _NONE  # ascending: the row of the list that each stands in the place of

    def use(self, stacked: Stacked) -> bool:
        """Fold by these stacks from now on; False where they are those of before."""
        if all(np.array_equal(*pair) for pair in zip(stacked, self._stacked, strict=True)):
            return False
        self._stacked = stacked
        order = np.lexsort((stacked.places, stacked.stacks))
        self._stack_of_place = stacked.stacks[order]
        self._places = np.full(int(stacked.ids[-1]) + 1 if len(order) else 0, -1)
        self._places[stacked.ids[order]] = np.arange(len(order))
        return True

    def fold_all(self) -> None:
        """Have no stack unfolded any more."""
        self._unfolded = _NONE

    def shown(self, listed: Listed | None = None) -> Listed:
        """What is shown of a list, or of the one of before; a section of which nothing is, is left out."""
        self._listed = listed = listed or self._listed
        ids, aspects, sections = listed
        self._find_stacks(ids)
        rows, stack_of_row = self._rows, self._stack_of_row
        self._stacks = np.full(len(ids), -1)
        self._like, self._folded_in = np.zeros((2, len(ids)), dtype=np.int64)
        self._rows_shown = np.arange(len(ids))
        if not len(rows):
            return listed
        begins = np.flatnonzero(np.diff(stack_of_row, prepend=-1))
        sizes = np.diff(begins, append=len(rows))
        best = rows[begins]
        dated = bool(sections) and all(section.day for section in sections)
        where = best if dated else np.minimum.reduceat(rows, begins)
        unfolded = np.logical_or.reduceat(np.isin(ids[rows], self._unfolded), begins)
        self._stacks[rows] = stack_of_row
        self._like[rows] = np.repeat(sizes - 1, sizes)
        self._folded_in[best] = np.where(unfolded, 0, sizes - 1)
        place, within, shows = np.arange(len(ids)), np.zeros(len(ids), np.int64), np.ones(len(ids), bool)
        place[rows] = np.repeat(where, sizes)
        within[rows] = np.arange(len(rows)) - np.repeat(begins, sizes)
        shows[rows] = np.repeat(unfolded, sizes)
        shows[best] = True
        order = np.flatnonzero(shows)
        order = order[np.argsort(place[order] * len(ids) + within[order], kind="stable")]
        self._stacks, self._like, self._folded_in = (
            of[order] for of in (self._stacks, self._like, self._folded_in)
        )
        self._rows_shown = place[order]
        starts = np.searchsorted(self._rows_shown, [section.start for section in sections])
        filled = np.diff(starts, append=len(order)) > 0
        return (
            ids[order],
            aspects[order],
            [
                section._replace(start=start)
                for section, start, any_shown in zip(sections, starts.tolist(), filled, strict=True)
                if any_shown
            ],
        )

    def _find_stacks(self, ids: NDArray[np.int64]) -> None:
        rows = np.flatnonzero(ids < len(self._places))
        places = self._places[ids[rows]]
        row_of_place = np.full(len(self._stack_of_place), -1)
        row_of_place[places[places >= 0]] = rows[places >= 0]
        there = row_of_place >= 0
        rows, stacks = row_of_place[there], self._stack_of_place[there]
        begins = np.flatnonzero(np.diff(stacks, prepend=-1))
        sizes = np.diff(begins, append=len(rows))
        several = np.repeat(sizes > 1, sizes)
        self._rows, self._stack_of_row = rows[several], stacks[several]

    def nearest(self, photo_id: int) -> int | None:
        """The position of what is shown where a photo would be; None where the list does not have it."""
        found = np.flatnonzero(self._listed[0] == photo_id)
        if not len(found):
            return None
        return min(int(np.searchsorted(self._rows_shown, found[0])), len(self._rows_shown) - 1)

    def like(self, index: int) -> int:
        """How many photos of the list are like the one at a position, shown or not; 0: it is in no stack."""
        return int(self._like[index])

    def folded_in(self, index: int) -> int:
        """How many photos are behind the one at a position."""
        return int(self._folded_in[index])

    def marked(self, start: int, stop: int) -> NDArray[np.bool_]:
        """Which of a run of positions are in a stack (stop - start,)."""
        marked: NDArray[np.bool_] = self._like[start:stop] > 0
        return marked

    def behind(self, positions: slice | NDArray[np.bool_]) -> int:
        """How many photos are behind those at these positions, together."""
        return int(self._folded_in[positions].sum())

    def told(self, index: int) -> str:
        """How many are like the photo at a position, in words; "" where none is."""
        like = self.like(index)
        return tr_n("{n} like this", "{n} like this", like) if like else ""

    def turn(self, index: int) -> int | None:
        """Unfold the stack of a photo, or fold it; -> the best photo's id; None: it is in no stack."""
        if not self.like(index):
            return None
        ids = self._ids_of(self._stacks[index])
        unfolded = np.setdiff1d(self._unfolded, ids)
        self._unfolded = unfolded if len(unfolded) < len(self._unfolded) else np.union1d(unfolded, ids)
        return int(ids[0])

    def unfold(self, photo_id: int) -> bool:
        """Unfold the stack of a photo of the list that is not shown; False where it is."""
        (found,) = np.nonzero(self._listed[0][self._rows] == photo_id)
        if not len(found):
            return False
        ids = self._ids_of(self._stack_of_row[found[0]])
        if photo_id == ids[0] or np.isin(ids, self._unfolded).any():
            return False
        self._unfolded = np.union1d(self._unfolded, ids)
        return True

    def _ids_of(self, stack: np.int64) -> NDArray[np.int64]:
        """The best first."""
        ids: NDArray[np.int64] = self._listed[0][self._rows[self._stack_of_row == stack]]
        return ids
