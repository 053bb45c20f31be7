"""Justified rows: where each photo lies, in device pixels. Pure numpy, no Qt.

Every row fills the width exactly; its height follows from the photos in it. Which photos share a row is found
with one searchsorted over the running sum of aspect ratios, so 100,000 photos take milliseconds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

NARROWEST, WIDEST = 0.45, 3.2  # aspect ratios of cells; photos beyond are cropped to them
_TALLEST = 1.5  # a row's height over the one wished for


class Rect(NamedTuple):
    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True)
class Layout:
    """Rows from top to bottom; all lengths in device pixels."""

    aspects: NDArray[np.float64]  # (N,), width over height of each cell
    width: int
    gap: int
    starts: NDArray[np.int64]  # (R + 1,), first photo of each row, then N
    tops: NDArray[np.int64]  # (R,)
    heights: NDArray[np.int64]  # (R,)
    row_widths: NDArray[np.int64]  # (R,), the width that each row fills; less than `width` in a last row
    headings: tuple[int, ...]  # top of each section's heading
    height: int

    def __len__(self) -> int:
        return len(self.aspects)

    def rows(self, top: int, bottom: int) -> range:
        """Rows that show anything between two heights."""
        first = int(np.searchsorted(self.tops + self.heights, top, "right"))
        last = int(np.searchsorted(self.tops, bottom, "left"))
        return range(first, last)

    def rows_near(self, top: int, screen: int, screens: int) -> list[int]:
        """Rows in view, then those up to `screens` away on either side, nearest first."""
        seen = self.rows(top, top + screen)
        around = self.rows(top - screens * screen, top + (1 + screens) * screen)
        near = slice(around.start, around.stop)
        distances = abs(self.tops[near] + self.heights[near] // 2 - top - screen // 2)
        by_distance = (np.argsort(distances, kind="stable") + around.start).tolist()
        return [*seen, *(row for row in by_distance if row not in seen)]

    def row_of(self, index: int) -> int:
        return int(np.searchsorted(self.starts, index, "right")) - 1

    def rects(self, row: int) -> list[Rect]:
        """The cells of a row, from left to right."""
        first, last = int(self.starts[row]), int(self.starts[row + 1])
        running = np.concatenate([[0.0], np.cumsum(self.aspects[first:last])])
        inner = int(self.row_widths[row]) - (last - first - 1) * self.gap
        # Edges are rounded, not widths: the row then ends exactly where it should.
        edges = np.rint(running / running[-1] * inner).astype(int).tolist()
        top, height = int(self.tops[row]), int(self.heights[row])
        return [
            Rect(left + place * self.gap, top, max(1, right - left), height)
            for place, (left, right) in enumerate(pairwise(edges))
        ]

    def rect(self, index: int) -> Rect:
        row = self.row_of(index)
        return self.rects(row)[index - int(self.starts[row])]

    def at(self, x: int, y: int) -> int | None:
        """The photo under a point; None between photos."""
        for row in self.rows(y, y + 1):
            for place, rect in enumerate(self.rects(row)):
                if rect.x <= x < rect.x + rect.width:
                    return int(self.starts[row]) + place
        return None

    def nearest_in_row(self, row: int, x: float) -> int:
        """The photo of a row whose middle is nearest to x."""
        distances = [abs(rect.x + rect.width / 2 - x) for rect in self.rects(row)]
        return int(self.starts[row]) + int(np.argmin(distances))


def justify(
    aspects: NDArray[np.floating],
    *,
    width: int,
    row_height: int,
    gap: int,
    sections: Sequence[int] = (),
    heading: int = 0,
) -> Layout:
    """Lay photos of the given aspect ratios (N,) out in rows.

    Args:
        width, row_height, gap: device pixels; rows come out near `row_height`.
        sections: indices at which a section starts, ascending, the first being 0; none means one section
            without a heading.
        heading: height of the space above each section.
    """
    cells = np.clip(np.nan_to_num(aspects.astype(np.float64), nan=1.0), NARROWEST, WIDEST)
    width = max(width, 1)
    begins = list(sections) or [0]
    starts: list[NDArray[np.int64]] = []
    tops: list[NDArray[np.int64]] = []
    heights: list[NDArray[np.int64]] = []
    filled: list[NDArray[np.int64]] = []
    headings: list[int] = []
    y = 0
    for begin, end in zip(begins, [*begins[1:], len(cells)], strict=True):
        if begin == end:
            continue
        if sections:
            headings.append(y)
            y += heading
        row_starts = _row_starts(cells[begin:end], width, row_height, gap)
        row_heights, row_widths = _row_sizes(cells[begin:end], row_starts, width, row_height, gap)
        bottoms = y + np.cumsum(row_heights + gap)
        starts.append(row_starts[:-1] + begin)
        tops.append(bottoms - row_heights - gap)
        heights.append(row_heights)
        filled.append(row_widths)
        y = int(bottoms[-1])
    nothing = np.empty(0, dtype=np.int64)
    return Layout(
        aspects=cells,
        width=width,
        gap=gap,
        starts=np.concatenate([*starts, [len(cells)]]).astype(np.int64),
        tops=np.concatenate([*tops, nothing]),
        heights=np.concatenate([*heights, nothing]),
        row_widths=np.concatenate([*filled, nothing]),
        headings=tuple(headings),
        height=max(0, y - gap),
    )


def _row_starts(cells: NDArray[np.float64], width: int, row_height: int, gap: int) -> NDArray[np.int64]:
    """First photo of each row, then their number. A photo joins a row when its middle still fits."""
    right = np.cumsum(cells * row_height + gap)
    left = np.concatenate([[0.0], right[:-1]])
    middle = (left + right - gap) / 2
    ends = np.searchsorted(middle, left + width, "right")
    following = np.maximum(ends, np.arange(1, len(cells) + 1)).tolist()
    starts = [0]
    while starts[-1] < len(cells):
        starts.append(following[starts[-1]])
    return np.array(starts, dtype=np.int64)


def _row_sizes(
    cells: NDArray[np.float64], starts: NDArray[np.int64], width: int, row_height: int, gap: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Heights and filled widths (R,)."""
    ratios = np.add.reduceat(cells, starts[:-1])
    gaps = (np.diff(starts) - 1) * gap
    exact = (width - gaps) / ratios
    tallest = np.full(len(exact), row_height * _TALLEST)
    tallest[-1] = row_height  # the last row is not stretched
    ragged = exact > tallest
    heights = np.maximum(np.rint(np.where(ragged, tallest, exact)), 1).astype(np.int64)
    widths = np.where(ragged, np.rint(ratios * heights) + gaps, width).astype(np.int64)
    return heights, widths
