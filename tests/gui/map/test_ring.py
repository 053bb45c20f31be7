"""The ring that is drawn on the map is the circle that is searched."""

import numpy as np
from hypothesis import assume, example, given
from hypothesis import strategies as st
from PySide6.QtCore import QPointF, QSizeF

from photosearch.gui.map.clusters import Circle
from photosearch.gui.map.mercator import Spot, projected
from photosearch.gui.map.ring import ring_of
from photosearch.gui.map.viewport import Viewport
from photosearch.store.places import kilometres_between

LATITUDES, LONGITUDES = st.floats(-84, 84), st.floats(-180, 180)


def rings(circle: Circle, place: tuple[float, float], middle: float = 0.5) -> bool:
    """Whether a place lies inside, on a map of twice the Earth with some longitude in its middle."""
    viewport = Viewport()
    viewport.resize(QSizeF(1024, 512))
    viewport.look_at(Spot(middle, 0.5), 1)
    inside = ring_of(circle, viewport).inside
    (spot,) = projected(np.array([place[0]]), np.array([place[1]])).tolist()
    point = viewport.point_of(Spot(*spot))
    around = [QPointF(point.x() + turn * viewport.scale, point.y()) for turn in (-1, 0, 1)]
    found = {inside.contains(each) for each in around if 0 < each.x() < 1024}
    assert len(found) == 1  # the same on each of the Earths that are seen
    return found.pop()


@example(amid=(-15.0, -15.0), kilometres=8340.0, place=(0.0, -15.0), middle=0.0)  # at a seam
@given(
    amid=st.tuples(LATITUDES, LONGITUDES),
    kilometres=st.floats(100, 19_900),
    place=st.tuples(LATITUDES, LONGITUDES),
    middle=st.floats(0, 0.999),
)
def test_what_is_nearer_lies_inside_over_poles_and_the_date_line(
    amid: tuple[float, float], kilometres: float, place: tuple[float, float], middle: float
) -> None:
    away = kilometres_between(amid, place)
    assume(abs(away - kilometres) > 50)
    assert rings(Circle(*amid, kilometres), place, middle) == (away < kilometres)


def test_a_circle_in_the_pacific_holds_mcmurdo_and_not_lisbon() -> None:
    pacific = Circle(-1.3, 165.0, 8901.0)
    assert rings(pacific, (-77.85, 166.67)) and not rings(pacific, (38.72, -9.14))
