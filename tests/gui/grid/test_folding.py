"""Photos that fold behind the best of their stack: what is shown, where, and how one gets at the others."""

from collections.abc import Sequence

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from photosearch.gui.grid.folding import NO_STACKS, Folding
from photosearch.gui.grid.grid import PhotoGrid
from photosearch.gui.grid.sections import Section
from photosearch.gui.grid.spots import Spot, SpotKind, corners, name_of, spot_at, stack_badge
from photosearch.store.stacking import Stacked
from tests.helpers.grids import LEFT, SHIFT, click, many, middle_of, press

DAYS = [Section(0, day="2024-07-14"), Section(4, day="2024-07-13"), Section(5, day="2024-07-12")]


def stacked(*stacks: tuple[int, ...]) -> Stacked:
    """Of ids, the best first."""
    rows = sorted((one, number, place) for number, ids in enumerate(stacks) for place, one in enumerate(ids))
    return Stacked(*np.array(rows, dtype=np.int64).reshape(-1, 3).T)


def show(grid: PhotoGrid, count: int, *stacks: tuple[int, ...], sections: Sequence[Section] = ()) -> None:
    """The photos 1, 2, …"""
    grid.show_photos(*many(count), sections, keep_place=False)
    grid.show_stacks(stacked(*stacks))


def badge_of(grid: PhotoGrid, index: int) -> QPoint:
    return corners(grid.cell_of(index), stack_badge(grid.folding, index))[SpotKind.STACK].center().toPoint()


def test_under_days_the_best_stands_where_it_was_taken(grid: PhotoGrid) -> None:
    show(grid, 8, (7, 2), (3, 1, 4), sections=DAYS)
    assert grid.ids.tolist() == [3, 5, 6, 7, 8]
    assert [grid.folding.folded_in(index) for index in range(5)] == [2, 0, 0, 1, 0]
    assert [section.start for section in grid.sections] == [0, 1, 2]
    show(grid, 8, (8, 5), sections=DAYS)  # nothing else was taken on the second day
    assert [(section.start, section.day) for section in grid.sections] == [
        (0, "2024-07-14"),
        (4, "2024-07-12"),
    ]


def test_elsewhere_it_stands_where_the_first_of_them_does(grid: PhotoGrid) -> None:
    sections = [Section(0, "Strong matches"), Section(3, "Less likely", apart=True)]
    show(grid, 6, (5, 2, 6), sections=sections)
    assert grid.ids.tolist() == [1, 5, 3, 4]
    assert [section.start for section in grid.sections] == [0, 3]


def test_a_key_unfolds_the_stack_and_folds_it(qtbot: QtBot, grid: PhotoGrid) -> None:
    show(grid, 6, (5, 2, 6))
    assert not grid.turn_stack.isVisible()
    grid.set_current(5)
    assert grid.turn_stack.isVisible()
    grid.setFocus()
    press(grid, Qt.Key.Key_Period)
    assert grid.ids.tolist() == [1, 5, 2, 6, 3, 4]
    press(grid, Qt.Key.Key_Right)
    assert grid.current_id == 2
    press(grid, Qt.Key.Key_Period)  # of any of them
    assert grid.ids.tolist() == [1, 5, 3, 4]
    assert grid.current_id == 5
    press(grid, Qt.Key.Key_Left)
    press(grid, Qt.Key.Key_Period)  # it is like no other
    assert grid.ids.tolist() == [1, 5, 3, 4]


def test_a_click_on_the_badge_does_so_too_and_says_what_it_is(grid: PhotoGrid) -> None:
    show(grid, 6, (5, 2, 6))
    at = badge_of(grid, 1)
    assert spot_at(grid, at) == Spot(SpotKind.STACK, 1)
    assert name_of(grid, Spot(SpotKind.STACK, 1)) == "2 like this: show (.)"
    QTest.mouseClick(grid.viewport(), LEFT, pos=at)
    assert grid.ids.tolist() == [1, 5, 2, 6, 3, 4]
    assert name_of(grid, Spot(SpotKind.STACK, 2)) == "2 like this: fold (.)"
    QTest.mouseClick(grid.viewport(), LEFT, pos=badge_of(grid, 3))
    assert grid.ids.tolist() == [1, 5, 3, 4]
    assert stack_badge(grid.folding, 0) is None


def test_what_is_selected_is_what_is_shown_and_it_is_said(grid: PhotoGrid) -> None:
    show(grid, 6, (5, 2, 6))
    grid.select_all()
    assert grid.selected_ids.tolist() == [1, 5, 3, 4]
    assert grid.selection_told == "4 photos selected, without 2 behind them"
    QTest.mouseClick(grid.viewport(), LEFT, pos=badge_of(grid, 1))
    assert grid.selected_ids.tolist() == [1, 5, 3, 4]  # nothing is added unasked
    assert grid.selection_told == "4 photos selected"
    click(grid, 1)
    click(grid, 3, SHIFT)
    assert grid.selected_ids.tolist() == [5, 2, 6]
    press(grid, Qt.Key.Key_Period)
    assert grid.selected_ids.tolist() == [5]


def test_the_best_of_those_that_are_there_is_shown(grid: PhotoGrid) -> None:
    show(grid, 6, (9, 2, 6), (4, 10))
    assert grid.ids.tolist() == [1, 2, 3, 4, 5]
    assert (grid.folding.folded_in(1), grid.folding.like(3)) == (1, 0)
    grid.show_photos(np.array([6, 1]), np.ones(2, np.float32), keep_place=True)
    assert grid.ids.tolist() == [6, 1]


def test_unfolded_stacks_stay_so_until_something_else_is_looked_at(grid: PhotoGrid) -> None:
    show(grid, 6, (5, 2, 6))
    grid.set_current(2)  # as a photo that another program asks for
    assert grid.ids.tolist() == [1, 5, 2, 6, 3, 4]
    assert grid.current_id == 2
    grid.show_photos(*many(7), keep_place=True)
    assert grid.ids.tolist() == [1, 5, 2, 6, 3, 4, 7]
    grid.show_stacks(stacked((5, 2, 6, 7)))
    assert grid.ids.tolist() == [1, 5, 2, 6, 7, 3, 4]
    grid.show_photos(*many(7), keep_place=False)
    assert grid.ids.tolist() == [1, 5, 3, 4]
    grid.set_current(5)  # it is in view already
    assert grid.ids.tolist() == [1, 5, 3, 4]
    grid.show_stacks(NO_STACKS)
    assert grid.ids.tolist() == [1, 2, 3, 4, 5, 6, 7]


def test_screen_readers_and_months_tell_of_all(grid: PhotoGrid) -> None:
    sections = [Section(0, day="2024-07"), Section(4, day="2024-06")]
    show(grid, 8, (7, 6, 5), sections=sections)
    seen = QAccessible.queryAccessibleInterface(grid)
    assert seen.child(4).text(QAccessible.Text.Name) == "Photo 5 of 6, 2 like this"
    grid.zoomed_out.emit()
    assert [
        grid.overview.model().index(row, 0).data(Qt.ItemDataRole.AccessibleTextRole) for row in range(2)
    ] == ["July 2024, 4 photos", "June 2024, 4 photos"]


def test_one_keeps_ones_place_though_what_is_there_folds(grid: PhotoGrid) -> None:
    grid.show_photos(*many(4000), keep_place=False)
    grid.scroll_to_photo(3000)
    first = grid.first_in_view
    assert first is not None and first > 2900
    grid.show_stacks(stacked(tuple(range(1, 2000)), (first + 1, first)))
    now = grid.first_in_view
    assert now is not None and abs(now - first) < 10


def test_a_double_click_on_a_badge_opens_nothing(grid: PhotoGrid, qtbot: QtBot) -> None:
    show(grid, 6, (1, 2, 6))
    with qtbot.assertNotEmitted(grid.opened):
        QTest.mouseClick(grid.viewport(), LEFT, pos=badge_of(grid, 0))
        QTest.mouseDClick(grid.viewport(), LEFT, pos=badge_of(grid, 0))
    with qtbot.waitSignal(grid.opened):
        QTest.mouseDClick(grid.viewport(), LEFT, pos=middle_of(grid, 0))


@given(
    ids=st.lists(st.integers(1, 40), unique=True),
    number_of=st.lists(st.integers(0, 9), min_size=41, max_size=41),
    dated=st.booleans(),
    pressed=st.lists(st.integers(0, 39), max_size=3),
)
def test_nothing_is_lost_and_what_is_in_no_stack_keeps_its_order(
    ids: list[int], number_of: list[int], dated: bool, pressed: list[int]
) -> None:
    stacks = [tuple(one for one in range(1, 41) if number_of[one] == number) for number in range(1, 10)]
    folding = Folding()
    folding.use(stacked(*stacks))
    sections = [Section(0, day="2024-07-14")] if dated and ids else []
    listed = np.array(ids, np.int64), np.array(ids, np.float32), sections
    shown, aspects, _ = folding.shown(listed)
    for index in pressed:
        if index < len(shown):
            folding.turn(index)
            shown, aspects, _ = folding.shown()
    assert shown.tolist() == aspects.tolist()
    assert len(set(shown.tolist())) == len(shown)
    assert len(shown) + folding.behind(slice(None)) == len(ids)
    alone = [one for one in ids if number_of[one] == 0]
    assert [one for one in shown.tolist() if number_of[one] == 0] == alone
    for stack in stacks:
        there = [one for one in shown.tolist() if one in stack]
        assert there in ([], [min(set(stack) & set(ids), default=0)], sorted(set(stack) & set(ids)))
