"""Makes resources/coastline/coastline.npz, what the map of photos is drawn from.

    npm pack world-atlas@2.0.2 && tar xzf world-atlas-2.0.2.tgz
    python -m installer.coastline package/land-50m.json

It is Natural Earth's land at 1:50,000,000, as TopoJSON (https://github.com/topojson/topojson-specification):
arcs of steps on a grid, of which polygons are put together; an arc ~n is the arc n backwards.
"""

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from photosearch import paths
from photosearch.core.coastline import FILE, STEPS


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m installer.coastline", description=__doc__)
    parser.add_argument("topology", type=Path, help="land-50m.json")
    options = parser.parse_args()
    topology = json.loads(options.topology.read_text("utf-8"))
    arcs = [_degrees(arc, topology["transform"]) for arc in topology["arcs"]]
    rings, polygons = [], []
    for number, polygon in enumerate(_polygons(topology["objects"]["land"])):
        for ring in polygon:
            rings.append(_ring(ring, arcs))
            polygons.append(number)
    file = paths.resources() / FILE
    file.parent.mkdir(exist_ok=True)
    steps = [np.round(ring * STEPS).astype(np.int16) for ring in rings]
    np.savez_compressed(
        file,
        # From each point to the next, which packs better than where they lie.
        steps=np.concatenate([np.diff(ring, axis=0, prepend=np.zeros((1, 2), np.int16)) for ring in steps]),
        lengths=np.array([len(ring) for ring in steps], np.int32),
        polygons=np.array(polygons, np.int32),
    )
    points = sum(map(len, steps))
    print(f"{file}: {len(rings):,} rings, {points:,} points, {file.stat().st_size / 1e6:.2f} MB")


def _degrees(arc: list[list[int]], transform: dict[str, list[float]]) -> NDArray[np.float64]:
    """Longitudes and latitudes of an arc's points (N, 2)."""
    return np.cumsum(np.array(arc), axis=0) * transform["scale"] + transform["translate"]


def _polygons(shape: dict[str, Any]) -> list[list[list[int]]]:
    """Of each polygon its rings, the outer one first, by the numbers of their arcs."""
    match shape["type"]:
        case "GeometryCollection":
            return [polygon for part in shape["geometries"] for polygon in _polygons(part)]
        case "MultiPolygon":
            polygons: list[list[list[int]]] = shape["arcs"]
            return polygons
        case "Polygon":
            return [shape["arcs"]]
    raise ValueError(shape["type"])


def _ring(numbers: list[int], arcs: list[NDArray[np.float64]]) -> NDArray[np.float64]:
    parts = [arcs[number] if number >= 0 else arcs[~number][::-1] for number in numbers]
    return np.concatenate([part[1:] if place else part for place, part in enumerate(parts)])


if __name__ == "__main__":
    main()
