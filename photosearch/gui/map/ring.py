"""A circle on the Earth as it lies on the map: not round where it is large, open where it holds a pole."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainterPath, QPolygonF

from photosearch.gui.map.clusters import Circle
from photosearch.gui.map.mercator import Floats, projected
from photosearch.gui.map.viewport import Viewport
from photosearch.store.places import EARTH_KILOMETRES

_POINTS = 720  # of a ring


class Ring(NamedTuple):
    """In the room of a map, each time that it goes around the Earth there."""

    line: QPainterPath
    inside: QPainterPath  # what is nearer


def ring_of(circle: Circle, viewport: Viewport) -> Ring:
    """Where a circle lies in what is seen."""
    spots, view = _spots(circle), viewport.view
    line, inside = QPainterPath(), QPainterPath()
    turn = round(float(spots[-1, 0] - spots[0, 0]))  # around a pole, that one alone is inside
    west, east = spots[:, 0].min(), spots[:, 0].max()
    earths = range(math.floor(view.left - east), math.ceil(view.right - west) + 1)
    rings = [(spots - (view.left - earth, view.top)) * viewport.scale for earth in earths]
    for ring in rings:
        line.addPolygon(_polygon(ring))
    if turn:  # the rings of all Earths are one line, so that no seam is between what they hold
        around = np.vstack(rings[::turn])
        edge = -view.top * viewport.scale + (0.0 if circle.latitude > 0 else viewport.scale)
        rings = [np.vstack((around, [(around[-1, 0], edge), (around[0, 0], edge)]))]
    elif circle.kilometres / EARTH_KILOMETRES > math.radians(90 + abs(circle.latitude)):  # both poles are
        inside.addRect(QRectF(0, -view.top * viewport.scale, viewport.size.width(), viewport.scale))
    for ring in rings:
        inside.addPolygon(_polygon(ring))
        inside.closeSubpath()
    return Ring(line, inside)


def _spots(circle: Circle) -> Floats:
    """Places on the square (N, 2) in all directions, the last as the first, each beside the one before it."""
    away, bearings = circle.kilometres / EARTH_KILOMETRES, np.linspace(0, 2 * np.pi, _POINTS + 1)
    north = math.radians(circle.latitude)
    sines = math.sin(north) * math.cos(away) + math.cos(north) * math.sin(away) * np.cos(bearings)
    east = np.arctan2(
        np.sin(bearings) * math.sin(away) * math.cos(north), math.cos(away) - math.sin(north) * sines
    )
    longitudes = circle.longitude + np.degrees(np.unwrap(east))
    return projected(np.degrees(np.arcsin(np.clip(sines, -1, 1))), longitudes)


def _polygon(points: Floats) -> QPolygonF:
    return QPolygonF([QPointF(x, y) for x, y in points.tolist()])
