"""Areas of a mask as the smallest rectangles around them, however these are turned."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]  # (n, 2): x and y


class Rectangle(NamedTuple):
    """A rectangle that may be turned."""

    centre: NDArray[np.float64]  # (2,): x and y
    along: NDArray[np.float64]  # (2,): the direction of its width, a unit vector within 45 degrees of x
    width: float
    height: float

    @property
    def across(self) -> NDArray[np.float64]:
        """The direction of its height, a unit vector (2,)."""
        return np.array([-self.along[1], self.along[0]])

    @property
    def thickness(self) -> float:
        """The shorter of its sides."""
        return min(self.width, self.height)

    def grown(self, by: float) -> "Rectangle":
        """With so much more on each of its four sides."""
        return self._replace(width=self.width + 2 * by, height=self.height + 2 * by)

    def holds(self, point: NDArray[np.float64]) -> bool:
        """Whether a point (2,) lies within."""
        away = point - self.centre
        return bool(abs(away @ self.along) <= self.width / 2 and abs(away @ self.across) <= self.height / 2)

    def corners(self) -> Points:
        """(4, 2): from the upper left one on, clockwise."""
        half_along, half_across = self.along * self.width / 2, self.across * self.height / 2
        signs = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)])
        return self.centre + signs[:, :1] * half_along + signs[:, 1:] * half_across

    def mean_of(self, values: NDArray[np.float32]) -> float:
        """The mean of what of `values` (H, W) lies within; 0 where nothing does."""
        corners = self.corners()
        left, top = np.maximum(np.floor(corners.min(axis=0)).astype(int), 0)
        right, bottom = np.ceil(corners.max(axis=0)).astype(int) + 1
        part = values[top:bottom, left:right]
        y, x = np.mgrid[top : top + part.shape[0], left : left + part.shape[1]]
        x, y = x - self.centre[0], y - self.centre[1]
        within = np.abs(x * self.along[0] + y * self.along[1]) <= self.width / 2
        within &= np.abs(x * self.across[0] + y * self.across[1]) <= self.height / 2
        return float(part[within].mean()) if within.any() else 0.0


def areas(mask: NDArray[np.bool_]) -> list[Points]:
    """The ends of all rows of each area of `mask` (H, W) whose points touch, by a side or a corner."""
    edges = np.diff(np.pad(mask, ((0, 0), (1, 1))).astype(np.int8), axis=1)
    rows, starts = np.nonzero(edges == 1)
    ends = np.nonzero(edges == -1)[1] - 1  # the last column within
    area = _together(rows, starts, ends, mask.shape[1])
    order = np.argsort(area, kind="stable")
    bounds = np.flatnonzero(np.diff(area[order])) + 1
    points = np.stack([np.stack([starts, ends], 1), np.stack([rows, rows], 1)], axis=2).astype(np.float64)
    return [points[run].reshape(-1, 2) for run in np.split(order, bounds) if run.size]


def _together(
    rows: NDArray[np.intp], starts: NDArray[np.intp], ends: NDArray[np.intp], width: int
) -> NDArray[np.intp]:
    """The first run of the area that each run (n,) belongs to."""
    # On one number line, with room for a diagonal step between rows, a run above touches an interval of runs.
    stride = width + 2
    first = np.searchsorted(rows * stride + ends, (rows - 1) * stride + starts - 1)
    last = np.searchsorted(rows * stride + starts, (rows - 1) * stride + ends + 1, side="right")
    count = np.maximum(last - first, 0)
    below = np.repeat(np.arange(len(rows)), count)
    above = np.repeat(first - np.cumsum(count) + count, count) + np.arange(count.sum())
    area = np.arange(len(rows))
    while below.size:
        lowest = np.minimum(area[below], area[above])
        before = area.copy()
        np.minimum.at(area, before[below], lowest)
        np.minimum.at(area, before[above], lowest)
        area = area[area]
        if np.array_equal(area, before):
            break
    return area


def smallest_around(points: Points) -> Rectangle:
    """The rectangle of the smallest area around `points` (n, 2): one of its sides lies on their hull."""
    hull = _hull(points)
    sides = np.diff(hull, axis=0, append=hull[:1])
    lengths = np.hypot(sides[:, 0], sides[:, 1])
    sides, lengths = sides[lengths > 0], lengths[lengths > 0]
    along = sides / lengths[:, None] if lengths.size else np.array([[1.0, 0.0]])
    across = np.stack([-along[:, 1], along[:, 0]], axis=1)
    x, y = hull @ along.T, hull @ across.T  # (points, sides)
    width, height = np.ptp(x, axis=0), np.ptp(y, axis=0)
    best = int(np.argmin(width * height))
    middle = (x[:, best].max() + x[:, best].min()) / 2, (y[:, best].max() + y[:, best].min()) / 2
    centre = middle[0] * along[best] + middle[1] * across[best]
    direction, size = along[best], (float(width[best]), float(height[best]))
    if abs(direction[0]) < abs(direction[1]):
        direction, size = across[best], (size[1], size[0])
    return Rectangle(centre, direction * np.sign(direction[0]), *size)


def _hull(points: Points) -> Points:
    """The convex hull of points (n, 2), in order around it (Andrew's monotone chain)."""
    ordered = [(float(x), float(y)) for x, y in np.unique(points, axis=0)]
    if len(ordered) < 3:
        return np.array(ordered)
    return np.array([*_half_hull(ordered), *_half_hull(ordered[::-1])])


def _half_hull(ordered: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """One side of the hull, without the point where the other one begins."""
    chain: list[tuple[float, float]] = []
    for x, y in ordered:
        while len(chain) > 1:
            (x1, y1), (x2, y2) = chain[-2:]
            if (x2 - x1) * (y - y1) > (y2 - y1) * (x - x1):
                break
            chain.pop()
        chain.append((x, y))
    return chain[:-1]
