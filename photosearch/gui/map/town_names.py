"""The names of towns on the map."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter, QPalette

from photosearch import i18n
from photosearch.core.towns import Town, largest_towns
from photosearch.gui.map import marks
from photosearch.gui.map.mercator import Spot, degrees, projected
from photosearch.gui.map.viewport import Viewport
from photosearch.gui.widgets import theme

_MOST = 24
_FROM = 3.0  # zoom: farther, a name would cover a country


class TownNames:
    """Those of the largest in view, without any at first."""

    def __init__(self) -> None:
        self._towns: list[tuple[Town, Spot]] = []

    def look_up(self, viewport: Viewport) -> None:
        """Another part of the map is in view."""
        self._towns = []
        if viewport.zoom < _FROM:
            return
        view = viewport.view
        north, west = degrees(Spot(view.left, max(0.0, view.top)))
        south, east = degrees(Spot(view.right, min(1.0, view.bottom)))
        if view.right - view.left > 0.999:
            west, east = -180.0, 180.0
        found = largest_towns(south, north, west, east, _MOST)
        latitudes, longitudes = (np.array([placed[axis] for placed in found], float) for axis in (1, 2))
        spots = projected(latitudes, longitudes).tolist()
        self._towns = [(placed.town, Spot(*spot)) for placed, spot in zip(found, spots, strict=True)]

    def paint(
        self,
        painter: QPainter,
        palette: QPalette,
        viewport: Viewport,
        room: QRectF,
        taken: Iterable[QRectF],
    ) -> None:
        """Write them where nothing else stands.

        Args:
            room: that the map has; no name is cut at its edges
            taken: what else stands in it
        """
        others = list(taken)
        painter.setFont(theme.scaled_font(0.85))
        for town, spot in self._towns:
            point = viewport.point_of(spot)
            name = town.own_name(i18n.language())
            box = marks.label_box(painter, point, name)
            whole = room.contains(box.adjusted(-4, 0, 4, 0))
            if whole and not any(box.intersects(other) for other in others):
                others.append(box.adjusted(-8, -8, 8, 8))
                marks.paint_label(painter, palette, point, name, room)
