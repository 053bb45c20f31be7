from itertools import pairwise

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from numpy.typing import NDArray

from photosearch.gui.grid.layout import Beside, Layout, Rect, justify

GAP = 4
aspect_lists = st.lists(st.floats(0.05, 20), min_size=1, max_size=200)
widths = st.integers(120, 5000)


def laid_out(aspects: list[float], width: int = 1200, sections: list[int] | None = None) -> Layout:
    ratios: NDArray[np.float32] = np.array(aspects, dtype=np.float32)
    return justify(ratios, width=width, row_height=180, gap=GAP, sections=sections or [], heading=40)


@given(aspect_lists, widths)
def test_every_photo_lies_in_exactly_one_row_and_rows_do_not_overlap(
    aspects: list[float], width: int
) -> None:
    layout = laid_out(aspects, width)
    rects = [rect for row in range(len(layout.tops)) for rect in layout.rects(row)]
    assert len(rects) == len(aspects)
    for row in range(len(layout.tops) - 1):
        assert layout.tops[row] + layout.heights[row] + GAP == layout.tops[row + 1]
    assert layout.height == layout.tops[-1] + layout.heights[-1]


@given(aspect_lists, widths)
def test_cells_stand_a_gap_apart_and_stay_within_the_width(aspects: list[float], width: int) -> None:
    layout = laid_out(aspects, width)
    for row in range(len(layout.tops)):
        rects = layout.rects(row)
        assert rects[0].x == 0
        for left, right in pairwise(rects):
            assert right.x - (left.x + left.width) == GAP
        assert rects[-1].x + rects[-1].width == layout.row_widths[row] <= width


@given(aspect_lists, widths)
def test_a_point_in_a_cell_finds_its_photo(aspects: list[float], width: int) -> None:
    layout = laid_out(aspects, width)
    for index in range(len(aspects)):
        rect = layout.rect(index)
        assert layout.at(rect.x, rect.y) == index
        assert layout.at(rect.x + rect.width - 1, rect.y + rect.height - 1) == index
    assert layout.at(-1, 0) is None
    assert layout.at(0, layout.height) is None


@given(aspect_lists, widths, st.integers(0, 5000), st.integers(1, 2000))
def test_rows_between_two_heights_are_those_that_show_there(
    aspects: list[float], width: int, top: int, height: int
) -> None:
    layout = laid_out(aspects, width)
    seen = [
        row
        for row in range(len(layout.tops))
        if layout.tops[row] < top + height and layout.tops[row] + layout.heights[row] > top
    ]
    assert list(layout.rows(top, top + height)) == seen


def test_rows_fill_the_width_near_the_height_wished_for() -> None:
    layout = laid_out([1.5, 0.67, 1.33, 1.0, 1.78] * 40)
    assert (layout.row_widths[:-1] == 1200).all()
    assert (abs(layout.heights[:-1] - 180) < 60).all()


@pytest.mark.parametrize("count", range(10, 60, 3))
def test_the_last_row_is_as_full_as_the_others(count: int) -> None:
    layout = laid_out([1.5, 0.67, 1.33][: count % 3] + [1.5, 0.67, 1.33] * (count // 3), 1600)
    assert (layout.row_widths == 1600).all()
    assert (abs(layout.heights - 180) < 70).all()


def test_a_last_row_of_few_photos_is_not_stretched() -> None:
    layout = laid_out([1.5])
    assert layout.heights.tolist() == [180]
    assert layout.row_widths.tolist() == [270]


def test_sections_start_rows_under_headings() -> None:
    layout = laid_out([1.5] * 10, sections=[0, 3])
    assert layout.headings[0] == 0
    assert layout.tops[0] == 40
    second = layout.row_of(3)
    assert layout.starts[second] == 3
    assert layout.tops[second] == layout.headings[1] + 40


def test_nothing_takes_no_room() -> None:
    layout = laid_out([])
    assert (len(layout), layout.height, len(layout.rows(0, 1000))) == (0, 0, 0)


def test_what_is_in_view_of_100_000_photos_is_found_without_touching_the_others() -> None:
    layout = laid_out([1.5, 0.67, 1.0, 1.33] * 25_000)
    assert len(layout) == 100_000
    assert 0 < len(layout.rows(layout.height // 2, layout.height // 2 + 800)) < 10


def test_cells_near_are_those_in_view_then_outwards() -> None:
    layout = laid_out([1.5] * 400)
    near = layout.cells_near(3000, 700, 2)
    seen = layout.cells(layout.rows(3000, 3700))
    assert near[: len(seen)] == seen
    assert sorted(near) == layout.cells(layout.rows(3000 - 1400, 3700 + 1400))
    middles = [abs(cell.rect.y + cell.rect.height // 2 - 3350) for cell in near[len(seen) :]]
    assert middles == sorted(middles)


@given(aspect_lists, widths, st.tuples(*[st.integers(-50, 4000)] * 2), st.tuples(*[st.integers(1, 900)] * 2))
def test_a_band_touches_the_photos_whose_cells_it_meets(
    aspects: list[float], width: int, corner: tuple[int, int], size: tuple[int, int]
) -> None:
    layout = laid_out(aspects, width)
    band = Rect(*corner, *size)
    touched = [
        index
        for index, cell in layout.cells(range(len(layout.tops)))
        if cell.x < band.x + band.width
        and cell.x + cell.width > band.x
        and cell.y < band.y + band.height
        and cell.y + cell.height > band.y
    ]
    assert layout.within(band).tolist() == touched


@st.composite
def sectioned(draw: st.DrawFn) -> tuple[list[float], list[int]]:
    """Aspects, and where sections start; some are empty."""
    sizes = draw(st.lists(st.integers(0, 12), min_size=1, max_size=8))
    aspects = [draw(st.floats(0.3, 3.5)) for _ in range(sum(sizes))]
    starts = [sum(sizes[:number]) for number in range(len(sizes))]
    return aspects, starts


@given(sectioned(), widths)
def test_sections_lie_under_one_another_each_below_its_heading(
    photos: tuple[list[float], list[int]], width: int
) -> None:
    aspects, starts = photos
    layout = justify(
        np.array(aspects),
        width=width,
        row_height=180,
        gap=GAP,
        sections=starts,
        heading=40,
    )
    y = 0
    for section, (begin, end) in enumerate(pairwise([*starts, len(aspects)])):
        assert layout.heading(section) == (0, y, width)
        assert section in layout.sections_between(y, y + 1)
        y += 40
        if begin < end:
            first, last = layout.row_of(begin), layout.row_of(end - 1)
            assert layout.starts[first] == begin
            assert layout.starts[last + 1] == end
            assert layout.tops[first] == y
            y = int(layout.tops[last] + layout.heights[last]) + GAP
    assert layout.height == max(0, y - GAP * bool(aspects))


BESIDE = Beside(narrowest=120, apart=16)


@st.composite
def days(draw: st.DrawFn) -> tuple[list[float], list[int]]:
    """Aspect ratios, and where days start: most of them short, none empty."""
    sizes = draw(st.lists(st.one_of(st.integers(1, 3), st.integers(1, 30)), min_size=1, max_size=10))
    aspects = [draw(st.floats(0.3, 3.5)) for _ in range(sum(sizes))]
    return aspects, [sum(sizes[:number]) for number in range(len(sizes))]


def side_by_side(photos: tuple[list[float], list[int]], width: int) -> Layout:
    aspects, starts = photos
    return justify(
        np.array(aspects),
        width=width,
        row_height=180,
        gap=GAP,
        sections=starts,
        heading=40,
        beside=BESIDE,
    )


@given(days(), widths)
@example(([1.0] * 24 + [3.5] + [1.0] * 8, list(range(7))), 1199)  # an edge in the middle of a pixel
def test_side_by_side_too_every_photo_is_placed_once_in_order_and_none_overlap(
    photos: tuple[list[float], list[int]], width: int
) -> None:
    layout = side_by_side(photos, width)
    cells = layout.cells(range(len(layout.tops)))
    assert [cell.position for cell in cells] == list(range(len(photos[0])))
    for (_, one), (_, other) in pairwise(cells):
        beside = other.y == one.y and other.x >= one.x + one.width + GAP
        assert beside or (other.x == 0 and other.y >= one.y + one.height + GAP)
    assert all(cell.rect.x >= 0 and cell.rect.x + cell.rect.width <= width for cell in cells)
    assert all(layout.at(rect.x, rect.y) == position for position, rect in cells)
    assert layout.height == cells[-1].rect.y + cells[-1].rect.height


@given(days(), widths)
def test_each_day_has_its_own_heading_with_room_and_its_photos_right_below(
    photos: tuple[list[float], list[int]], width: int
) -> None:
    layout = side_by_side(photos, width)
    begins = photos[1]
    boxes = [layout.heading(section) for section in range(len(begins))]
    for section, (begin, (left, top, right)) in enumerate(zip(begins, boxes, strict=True)):
        first = layout.rect(begin)
        assert (first.x, first.y) == (left, top + 40)
        assert right - left >= min(BESIDE.narrowest, width)
        assert section in layout.sections_between(top, top + 1)
        assert top + 40 < layout.below(section) <= layout.height
    for (_, top, right), (following, below, _) in pairwise(boxes):
        if top == below:
            assert right == following
        else:
            assert (right, following) == (width, 0) and below > top
    for begin, end in pairwise([*begins, len(photos[0])]):
        left, _, right = boxes[begins.index(begin)]
        last = layout.rect(end - 1)
        assert last.x + last.width <= right


@given(days(), st.integers(600, 5000))
def test_days_that_fit_on_a_row_stand_on_one(shelved: tuple[list[float], list[int]], width: int) -> None:
    layout = side_by_side(shelved, width)
    begins = [*shelved[1], len(shelved[0])]
    photos = [float(layout.aspects[begin:end].sum()) * 180 for begin, end in pairwise(begins)]
    needs = [max(wide, BESIDE.narrowest + wide * 0.3) for wide in photos]
    tops = [layout.heading(section)[1] for section in range(len(needs))]
    shelves = [[need for need, at in zip(needs, tops, strict=True) if at == top] for top in sorted(set(tops))]
    for shelf, (following, *_) in pairwise(shelves):
        assert sum(shelf) + following + len(shelf) * BESIDE.apart + len(shelved[0]) * GAP > width
    assert all(len(shelf) == 1 or sum(shelf) <= width * 1.5 for shelf in shelves)
