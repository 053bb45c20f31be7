"""Photos that lie near each other on the map are one mark."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from photosearch.gui.map.clusters import Circle, Places, View
from photosearch.gui.map.mercator import TILE, Spot, degrees, projected
from photosearch.store.places import kilometres_between

WORLD = (0.0, 0.0, 1.0, 1.0)
LISBON, PARIS, SYDNEY = (38.72, -9.14), (48.86, 2.35), (-33.87, 151.21)


def places(*spots: tuple[float, float]) -> Places:
    """Photos 1, 2, … at these latitudes and longitudes."""
    found = np.array(spots, dtype=np.float64).reshape(-1, 2)
    return Places(np.arange(1, len(spots) + 1), found[:, 0], found[:, 1])


@given(latitude=st.floats(-85, 85), longitude=st.floats(-180, 180))
def test_a_place_on_the_square_is_the_same_place_in_degrees(latitude: float, longitude: float) -> None:
    ((x, y),) = projected(np.array([latitude]), np.array([longitude])).tolist()
    assert degrees(Spot(x, y)) == pytest.approx((latitude, longitude), abs=1e-6)


@pytest.mark.parametrize(
    ("place", "spot"), [((0, 0), (0.5, 0.5)), ((90, -180), (0, 0)), ((-90, 180), (1, 1))]
)
def test_the_square_has_north_above_and_ends_at_the_date_line(
    place: tuple[float, float], spot: tuple[float, float]
) -> None:
    ((x, y),) = projected(np.array([place[0]], float), np.array([place[1]], float)).tolist()
    assert (x, y) == pytest.approx(spot, abs=1e-9)


def test_from_afar_what_is_near_is_one_mark_and_closer_it_parts() -> None:
    found = places(LISBON, PARIS, SYDNEY, LISBON)
    far, near = found.clusters(View(*WORLD, 0)), found.clusters(View(*WORLD, 4))
    assert sorted(cluster.photos for cluster in far) == [1, 3]
    assert sorted(cluster.photos for cluster in near) == [1, 1, 2]
    assert near[0].newest == 4  # the largest is the first, and shows its newest photo


def test_out_of_view_there_are_no_marks() -> None:
    east = View(0.6, 0.0, 1.0, 1.0, 2)
    assert [cluster.newest for cluster in places(LISBON, SYDNEY).clusters(east)] == [2]
    assert places().clusters(View(*WORLD, 2)) == []


@given(
    spots=st.lists(st.tuples(st.floats(-80, 80), st.floats(-180, 180)), min_size=1, max_size=60),
    zoom=st.floats(0, 4),
)
def test_every_photo_is_in_one_mark_and_marks_keep_apart(
    spots: list[tuple[float, float]], zoom: float
) -> None:
    found = places(*spots)
    clusters = found.clusters(View(*WORLD, zoom))
    assert sum(cluster.photos for cluster in clusters) == len(spots)
    apart = 52 / (TILE * 2 ** math.floor(zoom))
    for place, cluster in enumerate(clusters):
        assert all(math.dist(cluster.spot, other.spot) >= apart for other in clusters[:place])
        circle = found.around(cluster)
        assert found.inside(circle) >= cluster.photos


def test_a_circle_holds_what_is_no_farther_than_its_radius() -> None:
    away = kilometres_between(LISBON, PARIS)
    assert places(LISBON, PARIS).inside(Circle(*LISBON, away + 1)) == 2
    assert places(LISBON, PARIS).inside(Circle(*LISBON, away - 1)) == 1


@pytest.mark.parametrize("pole", [90.0, -90.0])
def test_photos_at_a_pole_are_one_mark_whatever_their_longitude(pole: float) -> None:
    found = places((pole, 0.0), (pole, 120.0), (pole, -120.0), (math.copysign(89, pole), 60.0))
    at_pole, beside = found.clusters(View(*WORLD, 4))
    assert (at_pole.photos, beside.photos) == (3, 1)
    assert found.inside(found.around(at_pole)) == 3


def test_all_of_them_are_in_view_over_the_date_line_where_that_is_nearer() -> None:
    about = places((-17.0, 178.0), (-16.0, -179.0), (-18.0, 179.0))
    west, east = about.bounds
    assert (west.x, east.x) == pytest.approx(((178 + 180) / 360, 1 + 1 / 360))
    west, east = places((40.0, -120.0), (50.0, 0.0), (35.0, 140.0)).bounds
    assert (west.x, east.x) == pytest.approx((60 / 360, 320 / 360))


def test_a_mark_beside_another_opens_its_own_photos_alone() -> None:
    """Also where it lies at the date line; most of its photos are in a corner of it."""

    def at(right: int, down: int) -> tuple[float, float]:
        """So many pixels from the corner of the last cell before the date line, at zoom 5."""
        return degrees(Spot((8128 + right) / 8192, (64 * 70 + down) / 8192))

    found = places(*[at(60, 60)] * 19, at(5, 5), *[at(110, 57)] * 2)
    mark, beside = found.clusters(View(0.9, 0.4, 1.1, 0.7, 5))
    assert (mark.photos, beside.photos) == (20, 2)
    assert found.inside(found.around(mark)) == 20
    assert found.inside(found.around(beside)) == 2
