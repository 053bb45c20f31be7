"""Web Mercator: the Earth as a square, from (0, 0) in the north-west to (1, 1) in the south-east.

x = (longitude + 180°) / 360°, y = 1/2 - ln tan(45° + latitude / 2) / 2π (EPSG:3857, of a sphere). What lies
nearer to a pole than the square reaches is taken to its edge.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

NORTHERNMOST = math.degrees(math.atan(math.sinh(math.pi)))  # 85.05°: there the square ends
TILE = 256  # logical pixels that the Earth is wide at zoom 0


class Spot(NamedTuple):
    """A place on the square, or as many whole turns in east or west of it."""

    x: float
    y: float


def projected(latitudes: Floats, longitudes: Floats) -> Floats:
    """Places in degrees (N,), (N,) on the square (N, 2)."""
    north = np.radians(np.clip(latitudes, -NORTHERNMOST, NORTHERNMOST))
    y = 0.5 - np.log(np.tan(np.pi / 4 + north / 2)) / (2 * np.pi)
    return np.column_stack(((longitudes + 180) / 360, np.clip(y, 0, 1)))


def degrees(spot: Spot) -> tuple[float, float]:
    """The latitude and longitude of a place on the square."""
    x = spot.x if 0 <= spot.x <= 1 else spot.x % 1
    return math.degrees(math.atan(math.sinh(math.pi * (1 - 2 * spot.y)))), x * 360 - 180
