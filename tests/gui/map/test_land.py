"""The land that the map is drawn from."""

import numpy as np
import pytest
from PySide6.QtCore import QPointF, QRectF

from photosearch.gui.map.land import land, scale_of
from photosearch.gui.map.mercator import projected

ON_LAND = {
    "Madrid": (40.4, -3.7),
    "Alice Springs": (-23.7, 133.9),
    "beyond the date line": (67.0, -175.0),
    "near the pole": (-84.9, 0.0),
}
AT_SEA = {"the Atlantic": (30.0, -40.0), "the Caspian, in land": (42.0, 50.5), "the Pacific": (0.0, -179.9)}


@pytest.mark.parametrize("zoom", [0.0, 5.5, 14.0])
def test_land_is_where_it_is_at_every_zoom(zoom: float) -> None:
    for places, expected in ((ON_LAND, True), (AT_SEA, False)):
        for name, (latitude, longitude) in places.items():
            ((x, y),) = projected(np.array([latitude]), np.array([longitude])).tolist()
            found = land(zoom, QRectF(x - 0.01, y - 0.01, 0.02, 0.02))
            point = QPointF(x, y) * scale_of(zoom)
            assert any(path.contains(point) for path in found) == expected, name


def test_only_what_is_in_view_is_drawn() -> None:
    assert len(land(3, QRectF(0.4, 0.4, 0.01, 0.01))) < len(land(3, QRectF(0, 0, 1, 1)))
