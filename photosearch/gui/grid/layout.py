"""Justified rows: where each photo lies, in device pixels. Pure numpy, no Qt.

Every row fills the width exactly, unless there is too little to put into it; its height follows from the
photos in it. Which photos share a row is found with one searchsorted over the running sum of aspect ratios,
so 100,000 photos take milliseconds. Sections that fit on one row may stand side by side: on one shelf.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

NARROWEST, WIDEST = 0.45, 3.2  # aspect ratios of cells; photos beyond are cropped to them
_TALLEST, _LAST_TALLEST = 1.5, 1.35  # a row's height over the one wished for; of the last of a section
_LOWEST = 0.7  # a row's height over the one wished for, where sections are moved together
_SHARED = 2.5  # rows: what is no more than these is shared out evenly


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


class Beside(NamedTuple):
    """How sections stand side by side, in device pixels."""

    narrowest: int  # room that a section has at least, for its heading
    apart: int  # room between two of them


@dataclass(frozen=True)
class Layout:
    """Rows from top to bottom; all lengths in device pixels."""

    aspects: NDArray[np.float64]  # (N,), width over height of each cell
    width: int
    spaces: NDArray[np.int64]  # (N,), before each cell in its row
    starts: NDArray[np.int64]  # (R + 1,), first photo of each row, then N
    tops: NDArray[np.int64]  # (R,)
    heights: NDArray[np.int64]  # (R,)
    row_widths: NDArray[np.int64]  # (R,), the width that each row fills; less than `width` in a last row
    sections: NDArray[np.int64]  # (S,), first photo of each section
    headings: NDArray[np.int64]  # (S,), top of the space above each section
    height: int

    def __len__(self) -> int:
        return len(self.aspects)

    @cached_property
    def _running(self) -> NDArray[np.float64]:
        """Aspects before each photo (N + 1,): of all, as a sum of some may round an edge otherwise."""
        return np.concatenate([[0.0], np.cumsum(self.aspects)])

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
        running = self._running[first : last + 1]
        before = np.repeat(running[row_starts], counts)
        whole = np.repeat(running[row_starts + counts] - running[row_starts], counts)
        spaces = np.concatenate([[0], np.cumsum(self.spaces[first:last])])
        gaps = spaces[1:] - np.repeat(spaces[row_starts], counts)
        inner = np.repeat(
            self.row_widths[rows.start : rows.stop] - (spaces[row_starts + counts] - spaces[row_starts]),
            counts,
        )
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

    def sections_between(self, top: int, bottom: int) -> range:
        """Return the sections of which something lies between two heights."""
        first = max(0, int(np.searchsorted(self.headings, top, "right")) - 1)
        if first < len(self.headings):  # those that stand beside it
            first = int(np.searchsorted(self.headings, self.headings[first]))
        return range(first, max(first, int(np.searchsorted(self.headings, bottom, "right"))))

    def heading(self, section: int) -> tuple[int, int, int]:
        """Return the left, top and right of a section's heading, up to the section beside it."""
        following, top = section + 1, int(self.headings[section])
        beside = following < len(self.headings) and self.headings[following] == top
        first = int(self.sections[section])
        if not beside and (first == len(self.aspects) or not self.spaces[first]):
            return 0, top, self.width
        row = self.row_of(first)
        lefts, _ = self.edges(range(row, row + 1))
        start = int(self.starts[row])
        right = int(lefts[int(self.sections[following]) - start]) if beside else self.width
        return int(lefts[first - start]), top, right

    def below(self, section: int) -> int:
        """Return where the next sections begin that stand below one, or where all ends."""
        below = int(np.searchsorted(self.headings, self.headings[section], "right"))
        return int(self.headings[below]) if below < len(self.headings) else self.height


def justify(
    aspects: NDArray[np.floating],
    *,
    width: int,
    row_height: int,
    gap: int,
    sections: Sequence[int] = (),
    heading: int = 0,
    beside: Beside | None = None,
) -> Layout:
    """Lay photos of the given aspect ratios (N,) out in rows.

    Args:
        width, row_height, gap: device pixels; rows come out near `row_height`.
        sections: indices at which a section starts, ascending, the first being 0; none means one section
            without a heading. A section may be empty where sections do not stand side by side.
        heading: height of the space above each section.
        beside: how sections that fit on one row stand side by side; None: each has rows of its own.
    """
    cells = np.clip(np.nan_to_num(aspects.astype(np.float64), copy=False, nan=1.0), NARROWEST, WIDEST)
    width = max(width, 1)
    begins = np.array(sections, dtype=np.int64)
    spaces = np.full(len(cells), gap, dtype=np.int64)
    shelves, rooms = np.arange(len(begins)), np.zeros(len(begins), dtype=np.int64)
    if beside is not None and len(begins):
        shelves, rooms = _shelves(cells, begins, spaces, width, row_height, gap, beside)
    ends = begins[np.unique(shelves, return_index=True)[1]]  # first photo of each shelf
    starts = _row_starts(cells, ends, spaces, width, row_height)
    spaces[starts[:-1]] = 0
    # The first row of each shelf, then the number of rows; of an empty one, that of the next.
    first_rows = np.searchsorted(starts[:-1], ends)
    room = np.full(len(starts), width, dtype=np.int64)
    room[first_rows] -= rooms
    heights, widths = _row_sizes(cells, starts, ends, spaces, room[:-1], row_height)
    # Spaces above each row: those of the shelves that begin before it.
    above = np.zeros(len(heights) + 1, dtype=np.int64)
    np.add.at(above, first_rows, heading)
    bottoms = np.cumsum(heights + gap)
    before = np.concatenate([[0], bottoms])  # (R + 1,), rows and gaps above each row
    tops = before[:-1] + np.cumsum(above)[:-1]
    # Shelves that begin at the same row lie below one another; the heights above count in their order.
    running = np.cumsum(np.full(len(ends), heading)) - heading
    headings = (before[first_rows] + running)[shelves]
    height = int(before[-1]) - gap * bool(len(heights)) + heading * len(ends)
    return Layout(
        aspects=cells,
        width=width,
        spaces=spaces,
        starts=starts,
        tops=tops,
        heights=heights,
        row_widths=widths,
        sections=begins,
        headings=headings,
        height=max(0, height),
    )


def _shelves(
    cells: NDArray[np.float64],
    begins: NDArray[np.int64],
    spaces: NDArray[np.int64],
    width: int,
    row_height: int,
    gap: int,
    beside: Beside,
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The shelf that each section stands on (S,), and how much each shelf leaves free at its end (T,).

    A section joins a shelf when its middle still fits, as a photo joins a row. The space before one that has
    others before it is written into `spaces`.
    """
    running = np.concatenate([[0.0], np.cumsum(cells * row_height)])
    limits = np.append(begins, len(cells))
    photos, gaps = np.diff(running[limits]), (np.diff(limits) - 1) * gap
    least = np.maximum(np.ceil(photos * _LOWEST) + gaps, beside.narrowest)  # of room, in the lowest of rows
    after = (least - photos * _LOWEST - gaps + beside.apart).astype(np.int64)  # up to the next section
    free, usual, needs = after.tolist(), (photos + gaps + after).tolist(), least.tolist()
    shelves, rooms, taken, room = [0], [0], usual[0], width - needs[0]
    for section in range(1, len(begins)):
        room -= beside.apart + needs[section]
        if room < 0 or taken + usual[section] / 2 > width:
            taken, room = 0.0, width - needs[section]
            rooms.append(0)
        else:
            spaces[begins[section]] = free[section - 1]
            rooms[-1] = free[section] - beside.apart
        taken += usual[section]
        shelves.append(len(rooms) - 1)
    return np.array(shelves), np.array(rooms)


def _row_starts(
    cells: NDArray[np.float64],
    begins: NDArray[np.int64],
    spaces: NDArray[np.int64],
    width: int,
    row_height: int,
) -> NDArray[np.int64]:
    """First photo of each row, then their number. A photo joins a row when its middle still fits.

    What ends within two rows is shared out among them, so that the last one is as full as the others.
    """
    right = np.cumsum(cells * row_height + spaces)
    left = right - cells * row_height
    limits = np.append(begins[begins > 0], len(cells))
    limits = np.repeat(limits, np.diff(limits, prepend=0))  # (N,), where its section ends
    rest = right[limits - 1] - left
    reach = left + width
    few = np.flatnonzero(rest < _SHARED * width)
    reach[few] = left[few] + rest[few] / np.maximum(1, np.rint(rest[few] / width))
    following = np.searchsorted((left + right) / 2, reach, "right")
    np.maximum(following, np.arange(1, len(cells) + 1), out=following)
    np.minimum(following, limits, out=following)
    return np.fromiter(_chain(following.data), dtype=np.int64)


def _chain(following: memoryview[int]) -> Iterator[int]:
    """0, what follows it, and so on to the end: as many turns as rows."""
    place, end = 0, len(following)
    while place < end:
        yield place
        place = following[place]
    yield end


def _row_sizes(
    cells: NDArray[np.float64],
    starts: NDArray[np.int64],
    begins: NDArray[np.int64],
    spaces: NDArray[np.int64],
    width: NDArray[np.int64],
    row_height: int,
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Heights and filled widths (R,), for rows of these widths."""
    if len(starts) == 1:
        return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)
    ratios = np.add.reduceat(cells, starts[:-1])
    gaps = np.add.reduceat(spaces, starts[:-1])
    exact = (width - gaps) / ratios
    last = np.isin(starts[1:], np.append(begins, len(cells)))  # of a section: stretched less, or not at all
    ragged = exact > row_height * np.where(last, _LAST_TALLEST, _TALLEST)
    heights = np.maximum(np.rint(np.where(ragged, row_height, exact)), 1).astype(np.int64)
    widths = np.where(ragged, np.minimum(np.rint(ratios * heights) + gaps, width), width).astype(np.int64)
    return heights, widths
