"""Laws of zooming: what is under the pointer stays, and no gap opens that need not be."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from photosearch.gui.viewer.zoom import Size, Zoom

lengths = st.integers(1, 10_000)
shares = st.floats(0, 1)
factors = st.floats(0.2, 5)


def zoom_of(photo: Size, viewport: Size) -> Zoom:
    zoom = Zoom()
    zoom.resize(viewport)
    zoom.show(photo)
    return zoom


@given(width=lengths, height=lengths, view_width=lengths, view_height=lengths)
def test_a_photo_is_first_whole_in_view_and_as_large_as_that_allows(
    width: int, height: int, view_width: int, view_height: int
) -> None:
    zoom = zoom_of(Size(width, height), Size(view_width, view_height))
    left, top, shown_width, shown_height = zoom.rect
    assert shown_width <= view_width + 1e-6
    assert shown_height <= view_height + 1e-6
    assert shown_width == pytest.approx(view_width) or shown_height == pytest.approx(view_height)
    assert left == pytest.approx((view_width - shown_width) / 2)
    assert top == pytest.approx((view_height - shown_height) / 2)


@given(steps=st.lists(st.tuples(factors, shares, shares), max_size=8), dx=st.floats(-1e4, 1e4))
def test_no_gap_opens_and_it_is_never_smaller_than_whole(
    steps: list[tuple[float, float, float]], dx: float
) -> None:
    zoom = zoom_of(Size(3000, 2000), Size(800, 600))
    for factor, x, y in steps:
        zoom.by(factor, x * 800, y * 600)
        zoom.pan(dx, -dx)
        left, top, width, height = zoom.rect
        assert zoom.scale >= zoom.fit_scale - 1e-9
        assert left <= max(0.0, (800 - width) / 2) + 1e-6
        assert left + width >= min(800.0, (800 + width) / 2) - 1e-6
        assert top <= max(0.0, (600 - height) / 2) + 1e-6
        assert top + height >= min(600.0, (600 + height) / 2) - 1e-6


@given(factor=st.floats(1.1, 4), x=shares, y=shares)
def test_what_is_under_the_pointer_stays(factor: float, x: float, y: float) -> None:
    zoom = zoom_of(Size(4000, 3000), Size(800, 600))
    zoom.by(2.0, 400, 300)
    at_x, at_y = x * 800, y * 600
    before = ((at_x - zoom.rect[0]) / zoom.scale, (at_y - zoom.rect[1]) / zoom.scale)
    zoom.by(factor, at_x, at_y)
    after = ((at_x - zoom.rect[0]) / zoom.scale, (at_y - zoom.rect[1]) / zoom.scale)
    assert after == pytest.approx(before, abs=1e-6)


def test_a_double_click_leads_to_the_photos_own_pixels_and_back() -> None:
    zoom = zoom_of(Size(4000, 3000), Size(800, 600))
    zoom.toggle(100, 100)
    assert (zoom.scale, zoom.fitted, zoom.movable) == (1.0, False, True)
    zoom.toggle(0, 0)
    assert zoom.fitted
    small = zoom_of(Size(100, 80), Size(800, 600))
    small.toggle(400, 300)
    assert (small.scale, small.movable) == (1.0, False)
    small.toggle(400, 300)
    assert small.fitted
    exact = zoom_of(Size(800, 600), Size(800, 600))
    exact.toggle(400, 300)
    assert exact.scale == 2.0


@given(factors=st.lists(factors, max_size=8))
def test_a_small_photo_is_never_smaller_than_its_own_pixels(factors: list[float]) -> None:
    zoom = zoom_of(Size(100, 80), Size(800, 600))
    for factor in factors:
        zoom.by(factor, 400, 300)
        assert 1.0 <= zoom.scale <= 8.0


def test_another_size_of_the_view_keeps_the_middle() -> None:
    zoom = zoom_of(Size(4000, 3000), Size(800, 600))
    zoom.by(4, 400, 300)
    middle = (400 - zoom.rect[0]) / zoom.scale
    zoom.resize(Size(1000, 700))
    assert (500 - zoom.rect[0]) / zoom.scale == pytest.approx(middle)
    zoom.fit()
    zoom.resize(Size(400, 300))
    assert zoom.scale == pytest.approx(0.1)
