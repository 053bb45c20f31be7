"""Justified rows: where each photo lies, in device pixels. Pure numpy, no Qt.

Every row fills the width exactly; its height follows from the photos in it. Which photos share a row is found
with one searchsorted over the running sum of aspect ratios, so 100,000 photos take milliseconds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

NARROWEST, WIDEST = 0.45, 3.2  # aspect ratios of cells; photos beyond are cropped to them
_TALLEST = 1.5  # a row's height over the one wished for


class Rect(NamedTuple):
    """A rectangle in device pixels."""

    x: int
    y: int
    width: int
    height: int


class PhotoCell(NamedTuple):
    """The position of a photo among all, and where it lies."""

    position: int
    rect: Rect


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
    headings: NDArray[np.int64]  # (S,), top of the space above each section
    height: int

    def __len__(self) -> int:
        return len(self.aspects)

    def rows(self, top: int, bottom: int) -> range:
        """Return the rows that show anything between two heights."""
        first = int(np.searchsorted(self.tops + self.heights, top, "right"))
        last = int(np.searchsorted(self.tops, bottom, "left"))
        return range(first, last)

    def row_of(self, index: int) -> int:
        """Return the row that the photo at a position is in."""
        return int(np.searchsorted(self.starts, index, "right")) - 1

    def edges(self, rows: range) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return the left and right edges of the cells of some rows, (n,) and (n,)."""
        first, last = int(self.starts[rows.start]), int(self.starts[rows.stop])
        row_starts = self.starts[rows.start : rows.stop] - first
        counts = np.diff(self.starts[rows.start : rows.stop + 1])
        running = np.concatenate([[0.0], np.cumsum(self.aspects[first:last])])
        before = np.repeat(running[row_starts], counts)
        whole = np.repeat(running[row_starts + counts] - running[row_starts], counts)
        gaps = (np.arange(last - first) - np.repeat(row_starts, counts)) * self.gap
        inner = np.repeat(self.row_widths[rows.start : rows.stop] - (counts - 1) * self.gap, counts)
        # Edges are rounded, not widths: the row then ends exactly where it should.
        left = np.rint((running[:-1] - before) / whole * inner).astype(np.int64) + gaps
        right = np.rint((running[1:] - before) / whole * inner).astype(np.int64) + gaps
        return left, np.maximum(right, left + 1)

    def cells(self, rows: range) -> list[PhotoCell]:
        """Return the photos of some rows and where they lie."""
        if not rows:
            return []
        left, right = self.edges(rows)
        counts = np.diff(self.starts[rows.start : rows.stop + 1])
        tops = np.repeat(self.tops[rows.start : rows.stop], counts).tolist()
        heights = np.repeat(self.heights[rows.start : rows.stop], counts).tolist()
        first = int(self.starts[rows.start])
        return [
            PhotoCell(first + place, Rect(*rect))
            for place, rect in enumerate(
                zip(left.tolist(), tops, (right - left).tolist(), heights, strict=True)
            )
        ]

    def cells_near(self, top: int, screen: int, screens: int) -> list[PhotoCell]:
        """Return the cells in view in their order, then those up to `screens` away, nearest first."""
        bottom, middle = top + screen, top + screen // 2

        def distance(cell: PhotoCell) -> int:
            _, y, _, height = cell.rect
            return 0 if y < bottom and y + height > top else abs(y + height // 2 - middle)

        around = self.rows(top - screens * screen, bottom + screens * screen)
        return sorted(self.cells(around), key=distance)

    def rects(self, row: int) -> list[Rect]:
        """Return the cells of a row, from left to right."""
        return [cell.rect for cell in self.cells(range(row, row + 1))]

    def rect(self, index: int) -> Rect:
        """Return the cell of the photo at a position."""
        row = self.row_of(index)
        return self.rects(row)[index - int(self.starts[row])]

    def at(self, x: int, y: int) -> int | None:
        """Return the photo under a point, or None between photos."""
        for index, rect in self.cells(self.rows(y, y + 1)):
            if rect.x <= x < rect.x + rect.width:
                return index
        return None

    def within(self, band: Rect) -> NDArray[np.int64]:
        """Return the photos that a rectangle touches (n,), ascending."""
        rows = self.rows(band.y, band.y + band.height)
        if not rows:
            return np.empty(0, dtype=np.int64)
        left, right = self.edges(rows)
        touched = (left < band.x + band.width) & (right > band.x)
        return np.flatnonzero(touched) + int(self.starts[rows.start])

    def nearest_in_row(self, row: int, x: float) -> int:
        """Return the photo of a row whose middle is nearest to x."""
        left, right = self.edges(range(row, row + 1))
        return int(self.starts[row]) + int(np.argmin(np.abs((left + right) / 2 - x)))

    def section_at(self, y: int) -> int | None:
        """Return the section that lies at a height, or None above the first and where there are none."""
        found = int(np.searchsorted(self.headings, y, "right")) - 1
        return found if found >= 0 else None


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
            without a heading. A section may be empty.
        heading: height of the space above each section.
    """
    cells = np.clip(np.nan_to_num(aspects.astype(np.float64), nan=1.0), NARROWEST, WIDEST)
    width = max(width, 1)
    begins = np.array(sections, dtype=np.int64)
    starts = _row_starts(cells, begins, width, row_height, gap)
    # The first row of each section, then the number of rows; of an empty one, that of the next.
    first_rows = np.searchsorted(starts[:-1], begins)
    heights, widths = _row_sizes(cells, starts, first_rows, width, row_height, gap)
    # Spaces above each row: those of the sections that begin before it.
    above = np.zeros(len(heights) + 1, dtype=np.int64)
    np.add.at(above, first_rows, heading)
    bottoms = np.cumsum(heights + gap)
    before = np.concatenate([[0], bottoms])  # (R + 1,), rows and gaps above each row
    spaces = np.cumsum(above)
    tops = before[:-1] + spaces[:-1]
    # Sections that begin at the same row lie below one another; the heights above count in their order.
    running = np.cumsum(np.full(len(begins), heading)) - heading
    headings = before[first_rows] + running
    height = int(before[-1]) - gap * bool(len(heights)) + heading * len(begins)
    return Layout(
        aspects=cells,
        width=width,
        gap=gap,
        starts=starts,
        tops=tops,
        heights=heights,
        row_widths=widths,
        headings=headings,
        height=max(0, height),
    )


def _row_starts(
    cells: NDArray[np.float64], begins: NDArray[np.int64], width: int, row_height: int, gap: int
) -> NDArray[np.int64]:
    """First photo of each row, then their number. A photo joins a row when its middle still fits."""
    right = np.cumsum(cells * row_height + gap)
    left = np.concatenate([[0.0], right[:-1]])
    middle = (left + right - gap) / 2
    ends = np.searchsorted(middle, left[: len(cells)] + width, "right")
    places = np.arange(1, len(cells) + 1)
    following = np.maximum(ends, places)
    if len(begins):  # a row ends with its section
        limits = np.append(begins, len(cells))
        following = np.minimum(following, limits[np.searchsorted(limits, places - 1, "right")])
    chain = following.tolist()
    starts = [0]
    while starts[-1] < len(cells):
        starts.append(chain[starts[-1]])
    return np.array(starts, dtype=np.int64)


def _row_sizes(
    cells: NDArray[np.float64],
    starts: NDArray[np.int64],
    first_rows: NDArray[np.int64],
    width: int,
    row_height: int,
    gap: int,
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Heights and filled widths (R,)."""
    if len(starts) == 1:
        return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)
    ratios = np.add.reduceat(cells, starts[:-1])
    gaps = (np.diff(starts) - 1) * gap
    exact = (width - gaps) / ratios
    tallest = np.full(len(exact), row_height * _TALLEST)
    tallest[first_rows[(first_rows > 0)] - 1] = row_height  # the last row of a section is not stretched
    tallest[-1] = row_height
    ragged = exact > tallest
    heights = np.maximum(np.rint(np.where(ragged, tallest, exact)), 1).astype(np.int64)
    widths = np.where(ragged, np.rint(ratios * heights) + gaps, width).astype(np.int64)
    return heights, widths
