"""Distances on the Earth, and boxes of degrees that an index can look through."""

import math
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

EARTH_KILOMETRES = 6371.0088  # mean radius, IUGG

_MARGIN = 1e-6  # degrees that a box is larger, for what rounding takes away

_DEGREE = 10**7  # coordinates are stored to the seventh decimal, about a centimetre

PLACED = ("photo_id", "latitude", "longitude")  # what photos.placed holds, in eight digits each

Box = tuple[float, float, float, float]  # south, north, west, east; degrees


class Coordinates(NamedTuple):
    """Where photos were taken."""

    ids: NDArray[np.int64]  # (N,)
    latitudes: NDArray[np.float64]  # (N,), degrees
    longitudes: NDArray[np.float64]  # (N,), degrees

    @classmethod
    def of(cls, placed: NDArray[np.void]) -> Self:
        """Those that photos.placed holds."""
        return cls(
            placed["photo_id"].astype(np.int64),
            (placed["latitude"].astype(np.int64) - 90 * _DEGREE) / _DEGREE,
            (placed["longitude"].astype(np.int64) - 180 * _DEGREE) / _DEGREE,
        )


def kilometres_from(
    latitude: float, longitude: float, latitudes: NDArray[np.float64], longitudes: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Great-circle distances from one place to others (N,) in degrees, by the haversine formula."""
    lat, lats = math.radians(latitude), np.radians(latitudes)
    half_lon = np.radians(longitudes - longitude) / 2
    haversine = np.sin((lats - lat) / 2) ** 2 + math.cos(lat) * np.cos(lats) * np.sin(half_lon) ** 2
    angles: NDArray[np.float64] = 2 * np.arcsin(np.sqrt(np.clip(haversine, 0.0, 1.0)))
    return EARTH_KILOMETRES * angles


def kilometres_between(one: tuple[float, float], other: tuple[float, float]) -> float:
    """The great-circle distance of two places, each a latitude and a longitude in degrees."""
    (away,) = kilometres_from(*one, np.array([other[0]]), np.array([other[1]])).tolist()
    return float(away)


def box(latitude: float, longitude: float, kilometres: float) -> list[Box]:
    """Boxes that hold every place at most so far from one: two where they meet at the date line.

    How far a circle of angle r around latitude phi reaches east and west: asin(sin r / cos phi), unless it
    holds a pole.
    """
    angle = max(kilometres, 0.0) / EARTH_KILOMETRES
    south = latitude - math.degrees(angle) - _MARGIN
    north = latitude + math.degrees(angle) + _MARGIN
    if south <= -90 or north >= 90:
        return [(south, north, -180.0, 180.0)]
    reach = math.degrees(math.asin(min(1.0, math.sin(angle) / math.cos(math.radians(latitude))))) + _MARGIN
    west, east = longitude - reach, longitude + reach
    if west < -180:
        return [(south, north, -180.0, east), (south, north, west + 360, 180.0)]
    if east > 180:
        return [(south, north, west, 180.0), (south, north, -180.0, east - 360)]
    return [(south, north, west, east)]
