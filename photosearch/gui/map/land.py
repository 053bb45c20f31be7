"""The land on the map: paths as fine as a zoom shows, made when they first come into view."""

from __future__ import annotations

import math
from functools import cache, lru_cache
from typing import NamedTuple

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPalette, QPen, QPolygonF, QTransform

from photosearch.core import coastline
from photosearch.gui.map.mercator import NORTHERNMOST, TILE, Floats, projected
from photosearch.gui.map.viewport import Viewport

_FINEST = 8  # zoom: closer, the coastline's own points are farther apart than pixels


class _Polygon(NamedTuple):
    """A piece of land, with the waters in it."""

    bounds: QRectF  # on the square of Mercator
    rings: tuple[Floats, ...]  # (N, 2)


def scale_of(zoom: float) -> float:
    """How many logical pixels wide the Earth is for land() at a zoom."""
    return TILE * 2.0 ** min(int(zoom), _FINEST)


def paint_land(painter: QPainter, palette: QPalette, viewport: Viewport) -> None:
    """Paint the land that is in view, on what is painted as the sea."""
    zoom, scale, view = viewport.zoom, viewport.scale, viewport.view
    closer = scale / scale_of(zoom)
    pen = QPen(palette.color(QPalette.ColorRole.Dark), 0.5)
    pen.setCosmetic(True)
    for turn in range(math.floor(view.left), math.ceil(view.right)):
        left, top = (turn - view.left) * scale, -view.top * scale
        painter.save()
        painter.setTransform(QTransform(closer, 0, 0, closer, left, top), combine=True)
        painter.setPen(pen)
        painter.setBrush(_colour(palette))
        for path in land(zoom, viewport.seen.translated(-turn, 0)):
            painter.drawPath(path)
        painter.restore()


def _colour(palette: QPalette) -> QColor:
    """What can be told from the sea, which is sunken: in the dark a surface is hardly lighter than that."""
    surface = palette.color(QPalette.ColorRole.Base)
    return surface if surface.lightness() > 127 else palette.color(QPalette.ColorRole.Mid)


def land(zoom: float, seen: QRectF) -> list[QPainterPath]:
    """The pieces of land that a part of Mercator's square shows, in pixels of scale_of(zoom)."""
    fine = min(int(zoom), _FINEST)
    return [
        _path(number, fine) for number, polygon in enumerate(_polygons()) if polygon.bounds.intersects(seen)
    ]


@cache
def _polygons() -> list[_Polygon]:
    """What lies across the date line goes on beyond the square, and once more on its other side.

    Land around a pole goes on beyond all of its edges.
    """
    found: dict[tuple[int, int], list[Floats]] = {}
    for ring in coastline.rings():
        longitudes = np.unwrap(ring.degrees[:, 0], period=360)
        longitudes -= 360 * np.round(longitudes.mean() / 360)
        whole = projected(ring.degrees[:, 1], longitudes)
        if abs(longitudes[-1] - longitudes[0]) > 180:  # around a pole, of which the square has none
            if np.abs(ring.degrees[:, 1]).min() > NORTHERNMOST:
                continue
            beyond = 2.0 if whole[:, 1].mean() > 0.5 else -1.0
            turn = np.array([round(whole[-1, 0] - whole[0, 0]), 0])
            whole = np.vstack((whole - turn, whole, whole + turn))
            whole = np.vstack((whole, (whole[-1, 0], beyond), (whole[0, 0], beyond)))
            found[ring.polygon, 0] = [whole]
            continue
        for aside in (-1, 0, 1):
            beside = whole + np.array([aside, 0])
            if beside[:, 0].max() > 0 and beside[:, 0].min() < 1:
                found.setdefault((ring.polygon, aside), []).append(beside)
    return [_Polygon(_bounds(rings[0]), tuple(rings)) for rings in found.values()]


def _bounds(ring: Floats) -> QRectF:
    (left, top), (right, bottom) = ring.min(axis=0).tolist(), ring.max(axis=0).tolist()
    return QRectF(left, top, right - left, bottom - top)


@lru_cache(maxsize=8192)
def _path(number: int, fine: int) -> QPainterPath:
    path = QPainterPath()
    path.setFillRule(Qt.FillRule.OddEvenFill)
    for ring in _polygons()[number].rings:
        points = ring * scale_of(fine)
        halves = np.round(points * 2)  # what lies within half a pixel is one point
        points = points[np.append(True, np.any(np.diff(halves, axis=0), axis=1))]
        if len(points) > 2:
            path.addPolygon(QPolygonF([QPointF(x, y) for x, y in points.tolist()]))
    return path
