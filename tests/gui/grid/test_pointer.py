import pytest
from PySide6.QtCore import QPoint, QRectF, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from photosearch.gui.grid.grid import PhotoGrid
from photosearch.gui.grid.spots import SpotKind, corners, spot_at
from tests.helpers.grids import CTRL, SHIFT, click, drag, many, middle_of, point_at

MARGIN = QPoint(4, 300)


@pytest.fixture(autouse=True)
def _photos(grid: PhotoGrid) -> None:
    grid.show_photos(*many(400), keep_place=False)


def box_of(grid: PhotoGrid, position: int) -> QPoint:
    return grid.cell_of(position).topLeft().toPoint() + QPoint(18, 18)


def test_a_rubber_band_selects_what_it_touches_and_gives_back_what_it_leaves(grid: PhotoGrid) -> None:
    drag(grid, MARGIN, QPoint(40, 320), middle_of(grid, 6), drop=False)
    assert grid.pointer.band is not None
    wide = set(grid.selected_ids.tolist())
    assert 7 in wide
    drag_back = middle_of(grid, 5)
    drag(grid, MARGIN, drag_back)
    assert set(grid.selected_ids.tolist()) < wide
    assert grid.pointer.band is None


def test_a_rubber_band_with_ctrl_inverts_and_with_shift_adds(grid: PhotoGrid) -> None:
    click(grid, 0)
    row = grid.layout_.row_of(0)
    last = int(grid.layout_.starts[row + 1])
    y = middle_of(grid, 0).y()
    drag(grid, QPoint(4, y), QPoint(880, y + 5), modifiers=CTRL)
    assert grid.selected_ids.tolist() == list(range(2, last + 1))
    below = middle_of(grid, last).y()
    drag(grid, QPoint(4, below), QPoint(60, below + 5), modifiers=SHIFT)
    assert grid.selected_ids.tolist() == list(range(2, last + 2))


def test_a_rubber_band_at_the_edge_scrolls(qtbot: QtBot, grid: PhotoGrid) -> None:
    drag(grid, MARGIN, QPoint(100, 400), QPoint(500, grid.viewport().height() + 40), drop=False)
    seen = len(grid.selected_ids)
    qtbot.waitUntil(lambda: grid.verticalScrollBar().value() > 300)
    qtbot.waitUntil(lambda: len(grid.selected_ids) > seen)
    drag(grid, QPoint(500, 300))  # let go
    place = grid.verticalScrollBar().value()
    qtbot.wait(50)
    assert grid.verticalScrollBar().value() == place


def test_a_press_on_a_selected_photo_keeps_the_others_until_the_button_is_let_go(grid: PhotoGrid) -> None:
    click(grid, 1)
    click(grid, 3, SHIFT)
    drag(grid, middle_of(grid, 2), drop=False)
    assert grid.selected_ids.tolist() == [2, 3, 4]
    click(grid, 2)
    assert grid.selected_ids.tolist() == [3]


def test_moving_with_the_button_down_drags_what_is_selected(qtbot: QtBot, grid: PhotoGrid) -> None:
    click(grid, 1)
    click(grid, 3, SHIFT)
    with qtbot.waitSignal(grid.pointer.drag_wanted):
        drag(grid, middle_of(grid, 2), middle_of(grid, 2) + QPoint(40, 0))
    assert grid.selected_ids.tolist() == [2, 3, 4]


def test_the_checkbox_in_the_corner_adds_and_takes_away(grid: PhotoGrid) -> None:
    point_at(grid, box_of(grid, 2))
    assert spot_at(grid, box_of(grid, 2)) == grid.pointer.hover
    assert grid.pointer.hover is not None
    assert grid.pointer.hover.kind is SpotKind.BOX
    for position in (2, 4):
        drag(grid, box_of(grid, position))
    assert grid.selected_ids.tolist() == [3, 5]
    drag(grid, box_of(grid, 2))
    assert grid.selected_ids.tolist() == [5]


def test_ctrl_and_shift_add_a_range(grid: PhotoGrid) -> None:
    click(grid, 0)
    click(grid, 4, CTRL)
    click(grid, 6, CTRL | SHIFT)
    assert grid.selected_ids.tolist() == [1, 5, 6, 7]


def test_other_photos_end_what_the_mouse_was_doing(grid: PhotoGrid) -> None:
    drag(grid, MARGIN, QPoint(100, 400), drop=False)
    grid.show_photos(*many(3), keep_place=False)
    assert grid.pointer.band is None
    drag(grid, QPoint(500, 500))  # let go
    assert set(grid.selected_ids.tolist()) <= {1, 2, 3}


def test_a_click_scrolls_nothing_under_the_mouse(grid: PhotoGrid) -> None:
    grid.verticalScrollBar().setValue(130)
    cut = next(n for n in grid.visible() if grid.cell_of(n).top() < 0 < grid.cell_of(n).bottom() - 8)
    where = grid.cell_of(cut).center().toPoint()
    drag(grid, QPoint(where.x(), round(grid.cell_of(cut).bottom()) - 5))
    assert grid.current == cut
    assert grid.verticalScrollBar().value() == 130


def test_the_context_menu_opens_over_what_is_selected(qtbot: QtBot, grid: PhotoGrid) -> None:
    qtbot.mouseClick(grid.viewport(), Qt.MouseButton.RightButton, pos=middle_of(grid, 3))
    assert grid.selected_ids.tolist() == [4]


def corner(grid: PhotoGrid, position: int, *, right: bool, bottom: bool) -> QPoint:
    cell = grid.cell_of(position).toRect().adjusted(18, 18, -18, -18)
    return QPoint(cell.right() if right else cell.left(), cell.bottom() if bottom else cell.top())


def test_the_heart_of_a_photo_makes_it_a_favourite_and_selects_nothing(qtbot: QtBot, grid: PhotoGrid) -> None:
    click(grid, 1)
    heart = corner(grid, 3, right=False, bottom=True)
    assert spot_at(grid, heart) == (SpotKind.HEART, 3)
    with qtbot.waitSignal(grid.favourite_wanted) as wanted:
        QTest.mouseClick(grid.viewport(), Qt.MouseButton.LeftButton, pos=heart)
    assert wanted.args == [4, True]
    assert grid.selected_ids.tolist() == [2]


def test_the_dots_of_a_photo_open_its_menu_or_that_of_all_selected(qtbot: QtBot, grid: PhotoGrid) -> None:
    click(grid, 1)
    click(grid, 3, SHIFT)
    for position, selected in ((2, [2, 3, 4]), (5, [6])):
        dots = corner(grid, position, right=True, bottom=False)
        assert spot_at(grid, dots) == (SpotKind.MORE, position)
        with qtbot.waitSignal(grid.menu_wanted) as wanted:
            QTest.mouseClick(grid.viewport(), Qt.MouseButton.LeftButton, pos=dots)
        assert wanted.args == [grid.viewport().mapToGlobal(dots)]
        assert grid.selected_ids.tolist() == selected


def test_with_a_modifier_a_corner_is_the_photo(grid: PhotoGrid) -> None:
    click(grid, 1)
    heart = corner(grid, 3, right=False, bottom=True)
    QTest.mouseClick(grid.viewport(), Qt.MouseButton.LeftButton, CTRL, heart)
    assert grid.selected_ids.tolist() == [2, 4]


def test_small_photos_have_no_corners(grid: PhotoGrid) -> None:
    assert list(corners(QRectF(0, 0, 39, 200))) == []
    assert list(corners(QRectF(0, 0, 79, 200))) == [SpotKind.BOX, SpotKind.HEART]
    assert list(corners(QRectF(0, 0, 200, 60))) == [SpotKind.BOX, SpotKind.MORE]
