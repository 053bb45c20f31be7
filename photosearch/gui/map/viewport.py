"""Which part of Mercator's square a map shows, and how large."""

from __future__ import annotations

import math

from PySide6.QtCore import QPointF, QRectF, QSizeF

from photosearch.gui.map.clusters import View
from photosearch.gui.map.mercator import TILE, Spot

CLOSEST = 14.0  # zoom
_FIT_CLOSEST = 9.0  # so that one sees where on Earth it is
_AROUND = 96  # logical pixels, for the marks at the edges of what is to be in view


class Viewport:
    """A middle and a zoom. The square goes on in east and west, so it fills the room where it is as high."""

    def __init__(self) -> None:
        self.size = QSizeF(1, 1)
        self._middle = Spot(0.5, 0.5)
        self.zoom = 0.0

    @property
    def scale(self) -> float:
        """How many logical pixels the square is wide."""
        return TILE * math.pow(2, self.zoom)

    @property
    def view(self) -> View:
        """What is seen of the square."""
        across, down = self.size.width() / self.scale / 2, self.size.height() / self.scale / 2
        x, y = self._middle
        return View(x - across, y - down, x + across, y + down, self.zoom)

    @property
    def seen(self) -> QRectF:
        """What is seen of the square, as a rectangle."""
        view = self.view
        return QRectF(view.left, view.top, view.right - view.left, view.bottom - view.top)

    def resize(self, size: QSizeF) -> None:
        """The same middle in another room."""
        self.size = size
        self.look_at(self._middle, self.zoom)

    def look_at(self, middle: Spot, zoom: float) -> None:
        """Have a place in the middle, as far as the square's edges in north and south allow."""
        farthest = math.log2(max(min(self.size.width(), self.size.height()), 1) / TILE)
        self.zoom = min(max(zoom, farthest), max(CLOSEST, farthest))
        down = self.size.height() / self.scale / 2
        self._middle = Spot(middle.x % 1, _held(middle.y, down))

    def fit(self, corner: Spot, opposite: Spot) -> None:
        """Have all between two corners in view, and not too near."""
        room, width, height = self.size, abs(opposite.x - corner.x), abs(opposite.y - corner.y)
        zooms = [
            math.log2(max(pixels - _AROUND, 1) / TILE / extent)
            for pixels, extent in ((room.width(), width), (room.height(), height))
            if extent > 0
        ]
        middle = Spot((corner.x + opposite.x) / 2, (corner.y + opposite.y) / 2)
        self.look_at(middle, min([*zooms, _FIT_CLOSEST]))

    def by(self, steps: float, at: QPointF) -> None:
        """Zoom, with what is at a point staying there."""
        before = self.spot_at(at)
        self.look_at(self._middle, self.zoom + steps)
        after = self.spot_at(at)
        middle = Spot(self._middle.x + before.x - after.x, self._middle.y + before.y - after.y)
        self.look_at(middle, self.zoom)

    def pan(self, dx: float, dy: float) -> None:
        """Move the map by so many logical pixels."""
        x, y = self._middle
        self.look_at(Spot(x - dx / self.scale, y - dy / self.scale), self.zoom)

    def point_of(self, spot: Spot) -> QPointF:
        """Where a place of the square is in the room: of all its turns around the Earth the nearest."""
        view = self.view
        x = spot.x - round(spot.x - self._middle.x)
        return QPointF((x - view.left) * self.scale, (spot.y - view.top) * self.scale)

    def spot_at(self, point: QPointF) -> Spot:
        """The place of the square at a point of the room; so many turns away as that is."""
        view = self.view
        return Spot(view.left + point.x() / self.scale, view.top + point.y() / self.scale)


def _held(middle: float, half: float) -> float:
    """Without a gap beyond an edge, where the square is the larger."""
    return 0.5 if half >= 0.5 else min(max(middle, half), 1 - half)
