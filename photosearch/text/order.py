"""The order in which a person reads lines: row after row, or column after column of running text."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from photosearch.core.lines import Line

_SAME_ROW = 0.4  # of a line's height, that its neighbours in a row may stand lower
_SEVERAL = 4  # lines that a column has at least
_OVER = 0.2  # of a line's height, that lines may reach over a gutter: boxes reach beyond their letters
# Lines of running text are long, and most of a column about as long; things and their prices are not.
_LEAST_LENGTH = 6.0  # times their height
_FULL = 0.7  # of the long ones of their column
_ACROSS = 0.25  # of all lines, that may reach over a gutter, as headings do

Places = NDArray[np.intp]


def in_order(lines: list[Line], aspect: float = 1.0) -> list[Line]:
    """Lines as they are read, by the direction that they run in together.

    Args:
        aspect: of the photo, its width over its height
    """
    if not lines:
        return []
    corners = np.array([line.box for line in lines]) * (aspect, 1.0)  # (n, 4, 2)
    along = (corners[:, 1] - corners[:, 0]).sum(axis=0)
    along /= np.hypot(*along) or 1.0
    page = _Page(corners @ along, corners.mean(axis=1) @ (-along[1], along[0]), _heights(corners))
    return [lines[place] for place in page.in_order(np.arange(len(lines)))]


def _heights(corners: NDArray[np.float64]) -> NDArray[np.float64]:
    heights: NDArray[np.float64] = np.linalg.norm(corners[:, 3] - corners[:, 0], axis=1)
    return heights


class _Page(NamedTuple):
    """Where lines stand, upright."""

    ends: NDArray[np.float64]  # of their corners (n, 4), from the left
    down: NDArray[np.float64]  # of their middles (n,)
    heights: NDArray[np.float64]  # (n,)

    def in_order(self, places: Places) -> Places:
        """Some of the lines, as they are read."""
        gutter = self._gutter(places)
        if gutter is None:
            return self._by_rows(places)
        left, right, over = gutter
        headings = over[np.argsort(self.down[over], kind="stable")]
        found = []
        above = -np.inf
        for heading in (*headings, None):
            below = np.inf if heading is None else self.down[heading]
            found += [self.in_order(self._between(side, above, below)) for side in (left, right)]
            if heading is not None:
                found.append(np.array([heading]))
            above = below
        return np.concatenate(found)

    def _between(self, places: Places, above: float, below: float) -> Places:
        return places[(self.down[places] >= above) & (self.down[places] < below)]

    def _by_rows(self, places: Places) -> Places:
        order = places[np.argsort(self.down[places], kind="stable")]
        steps = np.diff(self.down[order], prepend=-np.inf)
        rows = np.cumsum(steps > _SAME_ROW * (np.median(self.heights[places]) if places.size else 0))
        return order[np.lexsort((self.ends[order].mean(axis=1), rows))]

    def _gutter(self, places: Places) -> tuple[Places, Places, Places] | None:
        """The lines to the left and to the right of the gutter that parts most, and those over it."""
        begin, end = self.ends[places].min(axis=1), self.ends[places].max(axis=1)
        best: tuple[Places, Places, Places] | None = None
        for at in np.unique(begin):
            right = begin >= at
            left = end < at + _OVER * np.median(self.heights[places])
            sides = places[left], places[right]
            over = places[~(left | right)]
            if best is not None and min(map(len, sides)) <= min(map(len, best[:2])):
                continue
            if over.size <= _ACROSS * places.size and all(map(self._is_running, sides)):
                best = (*sides, over)
        return best

    def _is_running(self, places: Places) -> bool:
        """Whether lines are those of running text."""
        if places.size < _SEVERAL:
            return False
        lengths = np.ptp(self.ends[places], axis=1)
        usual = np.median(lengths)
        long = usual >= _LEAST_LENGTH * np.median(self.heights[places])
        return bool(long and usual >= _FULL * np.quantile(lengths, 0.9))
