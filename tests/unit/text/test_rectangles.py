import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from photosearch.text.rectangles import Rectangle, areas, smallest_around

masks = st.integers(0, 2**32 - 1).map(lambda seed: np.random.default_rng(seed).random((9, 13)) < 0.35)


def flooded(mask: np.ndarray) -> list[set[tuple[int, int]]]:
    """Areas by walking from each point to its eight neighbours."""
    left = {(int(x), int(y)) for y, x in np.argwhere(mask)}
    found = []
    while left:
        ahead, area = [left.pop()], set()
        while ahead:
            x, y = ahead.pop()
            area.add((x, y))
            near = {(x + dx, y + dy) for dx in (-1, 0, 1) for dy in (-1, 0, 1)} & left
            left -= near
            ahead += near
        found.append(area)
    return found


@given(masks)
def test_areas_are_those_whose_points_touch(mask: np.ndarray) -> None:
    ends = [{(int(x), int(y)) for x, y in area} for area in areas(mask)]
    expected = flooded(mask)
    assert len(ends) == len(expected)
    assert all(any(area <= other for other in expected) for area in ends)
    assert {min(area) for area in ends} == {min(area) for area in expected}


def test_an_empty_mask_has_no_areas() -> None:
    assert areas(np.zeros((4, 5), dtype=bool)) == []


@pytest.mark.parametrize("degrees", [0, 12, 30, 44, -20])
def test_a_turned_rectangle_is_found_again(degrees: float) -> None:
    angle = math.radians(degrees)
    drawn = Rectangle(np.array([100.0, 90.0]), np.array([math.cos(angle), math.sin(angle)]), 90.0, 20.0)
    image = Image.new("1", (200, 180))
    ImageDraw.Draw(image).polygon([(x, y) for x, y in drawn.corners()], fill=1)
    (area,) = areas(np.asarray(image))
    found = smallest_around(area)
    assert np.allclose(found.centre, drawn.centre, atol=1.0)
    assert np.allclose(found.along, drawn.along, atol=0.03)
    assert (found.width, found.height) == pytest.approx((90, 20), abs=2)


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)), min_size=1, max_size=30))
def test_all_points_lie_within(points: list[tuple[int, int]]) -> None:
    around = smallest_around(np.array(points, dtype=float))
    away = np.array(points) - around.centre
    assert np.all(np.abs(away @ around.along) <= around.width / 2 + 1e-6)
    assert np.all(np.abs(away @ around.across) <= around.height / 2 + 1e-6)
    assert around.along[0] >= abs(around.along[1]) - 1e-9


def test_the_mean_within_a_rectangle_counts_nothing_beside_it() -> None:
    values = np.zeros((20, 30), np.float32)
    values[5:10, 4:20] = 1
    within = Rectangle(np.array([11.5, 7.0]), np.array([1.0, 0.0]), 14.0, 3.0)
    assert within.mean_of(values) == 1
    assert 0.3 < within.grown(3).mean_of(values) < 1
    assert within._replace(centre=np.array([200.0, 200.0])).mean_of(values) == 0


def test_corners_go_clockwise_from_the_upper_left_one() -> None:
    corners = Rectangle(np.array([10.0, 5.0]), np.array([1.0, 0.0]), 8.0, 4.0).corners()
    assert corners.tolist() == [[6, 3], [14, 3], [14, 7], [6, 7]]
