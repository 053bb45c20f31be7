"""The town at a place on the Earth, and its country, out of a table that ships with the program."""

import functools
from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from photosearch.paths import resources

FILE = "towns/towns.npz"

_KM_OF_A_DEGREE = 111.2  # of latitude
_STEP = (
    100  # places are looked up to a hundredth of a degree, about a kilometre: photos of one place are many
)
_FARTHEST_KM = 150  # that a country reaches from its towns, over land and along coasts
_AROUND_KM = 10.0  # of a town its photos are still taken at, beyond one and a half times its own size

Floats = NDArray[np.float64]


class Town(msgspec.Struct, frozen=True):
    """Where a photo was taken, as one says it; each in English and in simplified Chinese."""

    town_id: int  # GeoNames'; of the country, where it was far from any town
    name: str  # "" far from any town
    name_zh: str
    country: str
    country_zh: str

    def own_name(self, language: str) -> str:
        """ "Lisbon", or "里斯本" where the language is Chinese."""
        return self.name_zh if language.startswith("zh") else self.name

    def said(self, language: str) -> str:
        """ "Lisbon, Portugal", or "葡萄牙里斯本" where the language is Chinese."""
        if language.startswith("zh"):
            if self.name_zh in self.country_zh:  # Singapore, Hong Kong
                return self.country_zh
            return f"{self.country_zh}{' ' if self.name_zh == self.name else ''}{self.name_zh}"
        return f"{self.name}, {self.country}" if self.name not in ("", self.country) else self.country


class PlacedTown(NamedTuple):
    """A town, and where its centre is, in degrees."""

    town: Town
    latitude: float
    longitude: float


class _Atlas(NamedTuple):
    """Towns from south to north (N,), and countries (C,)."""

    latitudes: Floats
    longitudes: Floats
    radii: Floats  # kilometres that a town reaches from its centre
    ids: NDArray[np.int64]
    country: NDArray[np.int64]  # of each, by its place
    names: list[str]
    names_zh: list[str]
    country_ids: NDArray[np.int64]
    countries: list[str]
    countries_zh: list[str]

    def town(self, place: int, near: bool) -> Town:
        country = int(self.country[place])
        return Town(
            town_id=int(self.ids[place]) if near else int(self.country_ids[country]),
            name=self.names[place] if near else "",
            name_zh=self.names_zh[place] if near else "",
            country=self.countries[country],
            country_zh=self.countries_zh[country],
        )


def town_at(latitude: float, longitude: float) -> Town | None:
    """The town at a place in degrees; None where no country is near.

    Of towns around, the one whose centre is nearest in terms of how far it reaches: what lies in a city is
    the city's, though a village's centre may be nearer. Far from towns it is the country of the nearest.
    """
    return _town(round(latitude * _STEP), round(longitude * _STEP))


def largest_towns(south: float, north: float, west: float, east: float, most: int) -> list[PlacedTown]:
    """The towns between these degrees that reach farthest, at most so many, the largest first.

    Where west is more than east they lie about the date line.
    """
    atlas = _atlas()
    first, last = np.searchsorted(atlas.latitudes, [south, north])
    longitudes = atlas.longitudes[first:last]
    behind, before = longitudes >= west, longitudes <= east
    (inside,) = np.nonzero(behind & before if west <= east else behind | before)
    largest = inside[np.argsort(-atlas.radii[first:last][inside], kind="stable")[:most]] + first
    return [
        PlacedTown(
            atlas.town(place, near=True), float(atlas.latitudes[place]), float(atlas.longitudes[place])
        )
        for place in largest.tolist()
    ]


@functools.lru_cache(maxsize=4096)
def _town(north: int, east: int) -> Town | None:
    latitude, longitude = north / _STEP, east / _STEP
    atlas = _atlas()
    reach = _FARTHEST_KM / _KM_OF_A_DEGREE
    first, last = np.searchsorted(atlas.latitudes, [latitude - reach, latitude + reach])
    away_east = (atlas.longitudes[first:last] - longitude + 180) % 360 - 180  # the shorter way round
    along = np.cos(np.radians(latitude)) * _KM_OF_A_DEGREE
    away = np.hypot((atlas.latitudes[first:last] - latitude) * _KM_OF_A_DEGREE, away_east * along)
    (around,) = np.nonzero(away <= _FARTHEST_KM)
    if not around.size:
        return None
    away, towns = away[around], around + first
    best = int((away / atlas.radii[towns]).argmin())
    if away[best] <= _AROUND_KM + 1.5 * atlas.radii[towns[best]]:
        return atlas.town(int(towns[best]), near=True)
    return atlas.town(int(towns[away.argmin()]), near=False)


@functools.cache
def _atlas() -> _Atlas:
    with np.load(resources() / FILE, allow_pickle=False) as table:
        texts = {
            name: table[name].tobytes().decode().split("\n")
            for name in ("names", "names_zh", "countries", "countries_zh")
        }
        names_zh = [own or name for own, name in zip(texts["names_zh"], texts["names"], strict=True)]
        return _Atlas(
            latitudes=table["latitudes"] / 100,
            longitudes=table["longitudes"] / 100,
            radii=table["radii"] / 10,
            ids=table["ids"].astype(np.int64),
            country=table["country"].astype(np.int64),
            names=texts["names"],
            names_zh=names_zh,
            country_ids=table["country_ids"].astype(np.int64),
            countries=texts["countries"],
            countries_zh=texts["countries_zh"],
        )
