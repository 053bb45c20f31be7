"""The world's land, out of a table that ships with the program."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from photosearch.paths import resources

FILE = "coastline/coastline.npz"
STEPS = 100  # of a degree, in which the table is kept: a coastline of its scale is no finer


class Ring(NamedTuple):
    """An edge of land, closed; of the rings of one polygon, those after the first are waters in it."""

    polygon: int
    degrees: NDArray[np.float64]  # (N, 2): longitudes and latitudes


def rings() -> list[Ring]:
    """All edges of land, those of a polygon one after the other."""
    with np.load(resources() / FILE, allow_pickle=False) as table:
        lengths, polygons = table["lengths"], table["polygons"]
        steps = np.split(table["steps"], np.cumsum(lengths)[:-1])
    # A step around the Earth wraps in 16 bits, and so does the sum that takes it back.
    return [
        Ring(int(polygon), np.cumsum(ring, axis=0, dtype=np.int16) / STEPS)
        for polygon, ring in zip(polygons, steps, strict=True)
    ]
