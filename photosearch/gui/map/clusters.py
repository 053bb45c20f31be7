"""Photos that lie near each other on a map, as one mark each."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from photosearch.gui.map.mercator import TILE, Spot, degrees, projected
from photosearch.store.places import EARTH_KILOMETRES, kilometres_from

_DEPTH = 24  # halvings of the square: metres
_CELL = 64  # logical pixels: photos in one are one mark
_APART = 52.0  # logical pixels that marks keep between their middles
_LEAST_KILOMETRES = 0.1
_POLE = 90 - math.degrees(_LEAST_KILOMETRES / 2 / EARTH_KILOMETRES)  # beyond it all is in one such circle
_STEPS = 60  # towards the middle of a circle

Ids = NDArray[np.int64]
Floats = NDArray[np.float64]


class Cluster(NamedTuple):
    """Photos in one mark."""

    spot: Spot  # their middle
    photos: int
    newest: int  # of their ids, the largest
    rows: tuple[tuple[int, int], ...]  # of `Places`, from and to


class Circle(NamedTuple):
    """What lies around a place."""

    latitude: float
    longitude: float
    kilometres: float


class View(NamedTuple):
    """A part of the square, at a scale; it may go on in east or west."""

    left: float
    top: float
    right: float
    bottom: float
    zoom: float


class Places:
    """Where photos were taken, in an order in which each cell of each size is one run.

    Args:
        ids: of the photos (N,)
        latitudes, longitudes: degrees (N,)
    """

    def __init__(self, ids: Ids, latitudes: Floats, longitudes: Floats) -> None:
        spots = projected(latitudes, _meeting(latitudes, longitudes))
        cells = np.minimum((spots * (1 << _DEPTH)).astype(np.uint64), (1 << _DEPTH) - 1)
        keys = _spread(cells[:, 0]) | (_spread(cells[:, 1]) << np.uint64(1))
        order = np.argsort(keys, kind="stable")
        self._keys, self._spots, self._ids = keys[order], spots[order], ids[order]
        self._latitudes, self._longitudes = latitudes[order], longitudes[order]

    def __len__(self) -> int:
        return len(self._ids)

    @property
    def bounds(self) -> tuple[Spot, Spot]:
        """The corners of what holds all of them, which may lie about the date line; there must be one."""
        (left, top), (right, bottom) = self._spots.min(axis=0).tolist(), self._spots.max(axis=0).tolist()
        across = np.sort(self._spots[:, 0])
        gaps = np.diff(across)
        if len(gaps) and 2 * (1 - gaps.max()) < right - left:
            left, right = float(across[gaps.argmax() + 1]), float(across[gaps.argmax()]) + 1
        return Spot(left, top), Spot(right, bottom)

    def clusters(self, view: View) -> list[Cluster]:
        """The marks in a part of the square, the largest first: no two lie nearer than a mark is wide."""
        scale = TILE * 2.0 ** math.floor(view.zoom)
        depth = min(_DEPTH, math.floor(view.zoom) + int(math.log2(TILE / _CELL)))
        shift = np.uint64(2 * (_DEPTH - depth))
        if not len(self):
            return []
        starts = np.append(0, 1 + np.flatnonzero(np.diff(self._keys >> shift)))
        ends = np.append(starts[1:], len(self))
        counts = ends - starts
        middles = np.add.reduceat(self._spots, starts) / counts[:, None]
        middles[:, 0] -= np.round(middles[:, 0] - (view.left + view.right) / 2)
        margin = _CELL / scale
        seen = (
            (middles[:, 0] >= view.left - margin)
            & (middles[:, 0] <= view.right + margin)
            & (middles[:, 1] >= view.top - margin)
            & (middles[:, 1] <= view.bottom + margin)
        )
        newest = np.maximum.reduceat(self._ids, starts)
        shown = np.flatnonzero(seen)
        shown = shown[np.argsort(-counts[shown], kind="stable")]
        found = [
            Cluster(
                Spot(*middles[at].tolist()),
                int(counts[at]),
                int(newest[at]),
                ((int(starts[at]), int(ends[at])),),
            )
            for at in shown
        ]
        return _apart(found, _APART / scale)

    def around(self, cluster: Cluster) -> Circle:
        """About the smallest circle that holds all photos of a mark, and so few of others."""
        rows = np.concatenate([np.arange(start, end) for start, end in cluster.rows])
        latitudes, longitudes = self._latitudes[rows], self._longitudes[rows]
        circles = []
        for latitude, longitude in (degrees(cluster.spot), _amid(latitudes, longitudes)):
            farthest = float(kilometres_from(latitude, longitude, latitudes, longitudes).max())
            circles.append(Circle(latitude, longitude, max(_LEAST_KILOMETRES, farthest * 1.01)))
        return min(circles, key=lambda circle: circle.kilometres)

    def inside(self, circle: Circle) -> int:
        """How many photos lie in a circle."""
        away = kilometres_from(circle.latitude, circle.longitude, self._latitudes, self._longitudes)
        return int((away <= circle.kilometres).sum())


def _meeting(latitudes: Floats, longitudes: Floats) -> Floats:
    """The longitudes, one alone at each pole, which is one place."""
    longitudes = longitudes.copy()
    for at_pole in (latitudes > _POLE, latitudes < -_POLE):
        longitudes[at_pole] = longitudes[at_pole][:1]
    return longitudes


def _amid(latitudes: Floats, longitudes: Floats) -> tuple[float, float]:
    """The place in degrees from which the farthest of others is nearest, by Bădoiu and Clarkson's steps."""
    north, east = np.radians(latitudes), np.radians(longitudes)
    points = np.stack([np.cos(north) * np.cos(east), np.cos(north) * np.sin(east), np.sin(north)], axis=1)
    middle = points.mean(axis=0)
    for step in range(2, _STEPS):
        farthest = points[((points - middle) ** 2).sum(axis=1).argmax()]
        middle += (farthest - middle) / step
    x, y, z = middle.tolist()
    return math.degrees(math.atan2(z, math.hypot(x, y))), math.degrees(math.atan2(y, x))


def _spread(numbers: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Bits with a gap behind each, so that those of two numbers fit between each other: Morton's order."""
    spread = numbers & np.uint64(0xFFFFFFFF)
    for shift, mask in (
        (16, 0x0000FFFF0000FFFF),
        (8, 0x00FF00FF00FF00FF),
        (4, 0x0F0F0F0F0F0F0F0F),
        (2, 0x3333333333333333),
        (1, 0x5555555555555555),
    ):
        spread = (spread | (spread << np.uint64(shift))) & np.uint64(mask)
    return spread


def _apart(clusters: list[Cluster], least: float) -> list[Cluster]:
    """With each that is too near to a larger one in that, whose middle stays."""
    kept: list[Cluster] = []
    middles = np.empty((len(clusters), 2))
    for cluster in clusters:
        across, down = (middles[: len(kept)] - cluster.spot).T
        away = np.hypot(across - np.round(across), down)
        if len(kept) and away.min() < least:
            larger = kept[nearest := int(away.argmin())]
            kept[nearest] = larger._replace(
                photos=larger.photos + cluster.photos,
                newest=max(larger.newest, cluster.newest),
                rows=larger.rows + cluster.rows,
            )
        else:
            middles[len(kept)] = cluster.spot
            kept.append(cluster)
    return kept
