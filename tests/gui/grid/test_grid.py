import gc
import sys
from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QImage, QPixmap, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from photosearch.decode.thumbnail import thumbnail
from photosearch.gui.data.thumbnail_cache import ThumbnailCache
from photosearch.gui.grid.grid import PhotoGrid
from photosearch.gui.grid.justified_view import HIGHEST, LOWEST
from photosearch.gui.grid.sections import Section
from photosearch.paths import Library
from photosearch.store.writer import Writer
from tests.helpers.grids import ASPECTS, CTRL, NONE, SHIFT, click, many, middle_of, point_at, press
from tests.helpers.shelf import Shelf


def test_only_what_is_in_view_is_painted_and_only_what_is_near_is_wanted(
    grid: PhotoGrid, thumbnails: ThumbnailCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    painted: list[int] = []
    wanted: list[int] = []
    monkeypatch.setattr(thumbnails, "get", lambda photo_id: painted.append(photo_id))
    monkeypatch.setattr(
        thumbnails, "want", lambda wishes: wanted.__setitem__(slice(None), [wish.photo_id for wish in wishes])
    )
    grid.show_photos(*many(100_000), keep_place=False)
    grid.verticalScrollBar().setValue(grid.verticalScrollBar().maximum() // 2)
    QApplication.processEvents()
    painted.clear()
    grid.viewport().repaint()
    assert 0 < len(painted) < 60
    assert len(painted) <= len(wanted) < 7 * len(painted)
    assert wanted[: len(painted)] == painted  # what is in view comes first


def test_keys_move_the_selection(grid: PhotoGrid) -> None:
    grid.show_photos(*many(200), keep_place=False)
    grid.enter()
    assert grid.selected_ids.tolist() == [1]
    press(grid, Qt.Key.Key_Right)
    assert grid.selected_ids.tolist() == [2]
    press(grid, Qt.Key.Key_Right, SHIFT)
    assert grid.selected_ids.tolist() == [2, 3]
    press(grid, Qt.Key.Key_End)
    assert grid.selected_ids.tolist() == [200]
    assert grid.verticalScrollBar().value() == grid.verticalScrollBar().maximum()
    press(grid, Qt.Key.Key_Home)
    assert grid.selected_ids.tolist() == [1]
    assert grid.verticalScrollBar().value() == 0


def test_up_and_down_keep_their_column_and_return(grid: PhotoGrid) -> None:
    grid.show_photos(*many(200), keep_place=False)
    grid.enter()
    press(grid, Qt.Key.Key_Right)
    start = grid.selected_ids.tolist()
    for _ in range(6):
        press(grid, Qt.Key.Key_Down)
    assert grid.selected_ids.tolist() != start
    for _ in range(6):
        press(grid, Qt.Key.Key_Up)
    assert grid.selected_ids.tolist() == start


def test_pages_move_by_what_is_in_view_and_reach_the_ends(grid: PhotoGrid) -> None:
    grid.show_photos(*many(200), keep_place=False)
    grid.enter()
    press(grid, Qt.Key.Key_PageDown)
    assert 1 < grid.selected_ids[0] < 60
    for _ in range(50):
        press(grid, Qt.Key.Key_PageDown)
    last_row = grid.layout_.rects(len(grid.layout_.tops) - 1)
    assert grid.selected_ids[0] > 200 - len(last_row)
    for _ in range(50):
        press(grid, Qt.Key.Key_PageUp)
    assert grid.layout_.row_of(int(grid.selected_ids[0]) - 1) == 0


def test_up_from_the_first_row_leaves_the_grid(qtbot: QtBot, grid: PhotoGrid) -> None:
    grid.show_photos(*many(20), keep_place=False)
    grid.enter()
    with qtbot.waitSignal(grid.left_upwards):
        press(grid, Qt.Key.Key_Up)


def test_clicks_select_ranges_and_single_photos(grid: PhotoGrid) -> None:
    grid.show_photos(*many(50), keep_place=False)
    click(grid, 1)
    click(grid, 4, SHIFT)
    assert grid.selected_ids.tolist() == [2, 3, 4, 5]
    click(grid, 3, CTRL)
    assert grid.selected_ids.tolist() == [2, 3, 5]
    QTest.mouseClick(grid.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(2, 300))
    assert grid.selected_ids.tolist() == []


def test_a_photo_is_ringed_for_the_keyboard_and_not_for_the_mouse(qtbot: QtBot, grid: PhotoGrid) -> None:
    grid.activateWindow()
    qtbot.waitUntil(grid.isActiveWindow)
    grid.setFocus()
    grid.show_photos(*many(50), keep_place=False)
    cell = grid.cell_of(1).toRect()

    def look() -> QImage:
        return grid.viewport().grab(cell).toImage()

    click(grid, 1)
    by_mouse = look()
    QTest.keyClick(grid, Qt.Key.Key_Right)
    QTest.keyClick(grid, Qt.Key.Key_Left)
    assert look() != by_mouse
    click(grid, 1)
    assert look() == by_mouse


def test_the_keyboard_comes_to_a_photo_that_is_seen(grid: PhotoGrid) -> None:
    grid.show_photos(*many(500), keep_place=False)
    grid.set_current(400)
    bar = grid.verticalScrollBar()
    bar.setValue(0)
    grid.enter()
    assert grid.current_id == grid.first_in_view == 1
    grid.select_all()
    press(grid, Qt.Key.Key_End, CTRL)  # which moves the keyboard alone
    last = grid.current_id
    bar.setValue(0)
    grid.enter()
    assert grid.current_id == last
    assert len(grid.selected_ids) == 500
    assert grid.current in grid.visible()


def test_enter_and_double_click_open(qtbot: QtBot, grid: PhotoGrid) -> None:
    grid.show_photos(*many(50), keep_place=False)
    grid.enter()
    with qtbot.waitSignal(grid.opened) as opened:
        press(grid, Qt.Key.Key_Return)
    assert opened.args == [1]
    with qtbot.waitSignal(grid.opened) as opened:
        QTest.mouseDClick(grid.viewport(), Qt.MouseButton.LeftButton, pos=middle_of(grid, 2))
    assert opened.args == [3]


def test_new_photos_keep_what_is_in_view_where_it_is(grid: PhotoGrid) -> None:
    grid.show_photos(*many(500, first=1000), keep_place=False)
    grid.verticalScrollBar().setValue(1500)
    place = grid.first_in_view
    assert place is not None
    index = place - 1000
    click(grid, index + 6)
    before = grid.on_screen(grid.layout_.rect(index)).y
    ids, aspects = many(500, first=1000)
    newer, newer_aspects = many(37)
    grid.show_photos(np.concatenate([newer, ids]), np.concatenate([newer_aspects, aspects]), keep_place=True)
    after = grid.on_screen(grid.layout_.rect(index + 37)).y
    assert after == before
    assert grid.selected_ids.tolist() == [place + 6]


def test_at_the_top_new_photos_come_into_view(grid: PhotoGrid) -> None:
    grid.show_photos(*many(500, first=1000), keep_place=False)
    grid.show_photos(*many(1500), keep_place=True)
    assert grid.verticalScrollBar().value() == 0
    assert grid.first_in_view == 1


def test_resizing_and_zooming_keep_the_place(qtbot: QtBot, grid: PhotoGrid) -> None:
    grid.show_photos(*many(2000), keep_place=False)
    grid.verticalScrollBar().setValue(4000)
    place = grid.first_in_view
    assert place is not None
    grid.resize(640, 600)
    qtbot.waitUntil(lambda: grid.layout_.width == 640 - 32)
    assert grid.layout_.row_of(place - 1) in grid.visible_rows()
    grid.set_row_height(10_000)
    assert grid.row_height == HIGHEST
    assert grid.layout_.row_of(place - 1) in grid.visible_rows()
    grid.set_row_height(0)
    assert grid.row_height == LOWEST


def test_headings_of_sections_are_painted(grid: PhotoGrid) -> None:
    grid.show_photos(*many(20), keep_place=False)
    plain = grid.grab().toImage()
    grid.show_photos(*many(20), [Section(0, "Best matches"), Section(4, "Less likely")], keep_place=False)
    assert grid.grab().toImage() != plain
    assert grid.layout_.row_of(4) == grid.layout_.row_of(3) + 1


def test_selection_survives_another_order_and_all_can_be_selected(grid: PhotoGrid) -> None:
    ids, aspects = many(1000)
    grid.show_photos(ids, aspects, keep_place=False)
    grid.select_all()
    assert len(grid.selected_ids) == 1000
    grid.show_photos(ids[::-1].copy(), aspects, keep_place=False)
    assert grid.selected_ids[0] == 1000
    assert grid.clear_selection()
    assert not grid.clear_selection()


def test_a_photo_without_thumbnail_shows_a_placeholder(
    qtbot: QtBot, shelf: Shelf, grid: PhotoGrid, thumbnails: ThumbnailCache
) -> None:
    (photo_id,) = shelf.add(1, lambda _: b"damaged")
    grid.show_photos(*many(1, first=photo_id), keep_place=False)
    qtbot.waitUntil(lambda: thumbnails.is_missing(photo_id))
    assert not grid.grab().isNull()


def test_thumbnails_appear_by_themselves(
    qtbot: QtBot, shelf: Shelf, grid: PhotoGrid, thumbnails: ThumbnailCache
) -> None:
    ids = shelf.add(12)
    empty = grid.grab().toImage()
    grid.show_photos(np.array(ids), np.resize(ASPECTS, 12), keep_place=False)
    qtbot.waitUntil(lambda: all(thumbnails.get(photo_id) for photo_id in ids), timeout=10_000)
    assert grid.grab().toImage() != empty
    for photo_id, index in zip(ids, range(12), strict=True):
        pixmap, cell = thumbnails.get(photo_id), grid.layout_.rect(index)
        assert pixmap is not None
        assert (pixmap.width(), pixmap.height()) == (cell.width, cell.height)


def test_no_reference_to_none_is_lost_over_2_000_paints(grid: PhotoGrid, thumbnails: ThumbnailCache) -> None:
    """PYSIDE-3474: each call of a void Qt method dropped one, until the interpreter died."""
    grid.resize(240, 120)
    grid.show_photos(*many(2), keep_place=False)
    grid.select_all()
    target = QPixmap(grid.size())
    grid.render(target)
    gc.collect()
    before = sys.getrefcount(None)
    for _ in range(2000):
        grid.viewport().repaint()
    gc.collect()
    assert abs(sys.getrefcount(None) - before) < 200


def test_an_error_while_painting_ends_the_painter(
    grid: PhotoGrid, thumbnails: ThumbnailCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(photo_id: int) -> None:
        raise RuntimeError("a bug")

    grid.show_photos(*many(5), keep_place=False)
    with monkeypatch.context() as patch, pytest.raises(RuntimeError, match="a bug"):
        patch.setattr(thumbnails, "get", broken)
        grid.viewport().repaint()
    grid.viewport().repaint()


def test_hovering_asks_for_the_name_of_the_photo(qtbot: QtBot, grid: PhotoGrid) -> None:
    grid.show_photos(*many(10), keep_place=False)
    point_at(grid, middle_of(grid, 3))
    with qtbot.waitSignal(grid.hover_text_wanted) as wanted:
        QApplication.sendEvent(grid.viewport(), QEvent(QEvent.Type.ToolTip))
    assert wanted.args == [4]


@pytest.mark.parametrize("act", [PhotoGrid.enter, PhotoGrid.select_all, PhotoGrid.clear_selection])
def test_an_empty_grid_takes_everything_calmly(grid: PhotoGrid, act: Callable[[PhotoGrid], object]) -> None:
    act(grid)
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Return, Qt.Key.Key_End, Qt.Key.Key_X):
        press(grid, key)
    assert grid.selected_ids.tolist() == []
    assert grid.first_in_view is None


def test_ctrl_moves_the_keyboard_without_selecting_and_x_toggles(grid: PhotoGrid) -> None:
    grid.show_photos(*many(50), keep_place=False)
    grid.enter()
    press(grid, Qt.Key.Key_Right, CTRL)
    press(grid, Qt.Key.Key_Right, CTRL)
    assert (grid.selected_ids.tolist(), grid.current_id) == ([1], 3)
    press(grid, Qt.Key.Key_X)
    assert grid.selected_ids.tolist() == [1, 3]
    press(grid, Qt.Key.Key_Space, CTRL)
    assert grid.selected_ids.tolist() == [1]
    press(grid, Qt.Key.Key_End, CTRL | SHIFT)
    assert grid.selected_ids.tolist() == [1, *range(3, 51)]


@pytest.mark.parametrize("key", [Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter])
def test_keys_open_the_photo_that_has_the_keyboard(qtbot: QtBot, grid: PhotoGrid, key: Qt.Key) -> None:
    grid.show_photos(*many(50), keep_place=False)
    grid.enter()
    with qtbot.waitSignal(grid.opened) as opened:
        press(grid, key)
    assert opened.args == [1]


def test_all_none_and_inverted(grid: PhotoGrid) -> None:
    grid.show_photos(*many(10), keep_place=False)
    grid.enter()
    press(grid, Qt.Key.Key_I, CTRL)
    assert grid.selected_ids.tolist() == list(range(2, 11))
    press(grid, Qt.Key.Key_A, CTRL)
    assert len(grid.selected_ids) == 10
    press(grid, Qt.Key.Key_D, CTRL)
    assert len(grid.selected_ids) == 0


def test_all_is_what_stands_before_what_stands_apart_and_nothing_else(grid: PhotoGrid) -> None:
    ids, aspects = many(10)
    sections = [Section(0, "Likely"), Section(6, "Less likely", apart=True)]
    grid.show_photos(ids, aspects, sections, keep_place=False)
    grid.enter()
    press(grid, Qt.Key.Key_End)
    press(grid, Qt.Key.Key_A, CTRL)
    assert grid.selected_ids.tolist() == ids[:6].tolist()
    press(grid, Qt.Key.Key_A, CTRL)
    assert len(grid.selected_ids) == 10


def test_commands_have_texts_and_work_only_while_the_grid_has_the_keyboard(grid: PhotoGrid) -> None:
    for action in grid.actions():
        assert action.text()
        assert action.shortcutContext() == Qt.ShortcutContext.WidgetShortcut
    assert not grid.testAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled)


def test_ctrl_and_wheel_zoom_about_the_photo_under_the_mouse(qtbot: QtBot, grid: PhotoGrid) -> None:
    grid.show_photos(*many(2000), keep_place=False)
    grid.verticalScrollBar().setValue(4000)
    position = grid.visible()[12]
    where = grid.cell_of(position).topLeft() + QPointF(20, 20)
    height, length = grid.row_height, grid.layout_.height
    with qtbot.waitSignal(grid.row_height_changed):
        wheel = QWheelEvent(
            where,
            grid.viewport().mapToGlobal(where),
            QPoint(),
            QPoint(0, 240),
            Qt.MouseButton.NoButton,
            CTRL,
            Qt.ScrollPhase.NoScrollPhase,
            False,
        )
        QApplication.sendEvent(grid.viewport(), wheel)
    qtbot.waitUntil(lambda: grid.layout_.height > 1.2 * length)
    assert grid.row_height == height + 40
    assert position in grid.visible()


def test_the_heading_of_the_section_in_view_stays_at_the_top(grid: PhotoGrid) -> None:
    grid.show_photos(*many(200), [Section(0, "One"), Section(100, "Two")], keep_place=False)
    assert grid.heading_of(0).top() == 0
    grid.verticalScrollBar().setValue(700)
    assert grid.heading_of(0).top() == 0
    second = int(grid.section_top(1))
    grid.verticalScrollBar().setValue(second - 10)
    assert grid.heading_of(1).top() == 10
    assert grid.heading_of(0).bottom() == 10  # pushed out by the next
    place = grid.first_in_view
    assert place is not None
    grid.scroll_to_photo(place)
    assert grid.cell_of(place - 1).top() >= grid.covered - 1


def test_a_click_on_a_heading_selects_its_group(grid: PhotoGrid) -> None:
    grid.show_photos(*many(20), [Section(0, "One"), Section(4, "Two")], keep_place=False)
    where = (grid.heading_of(1).topLeft() + QPointF(20, 20)).toPoint()
    QTest.mouseClick(grid.viewport(), Qt.MouseButton.LeftButton, NONE, where)
    assert grid.selected_ids.tolist() == list(range(5, 21))
    QTest.mouseClick(grid.viewport(), Qt.MouseButton.LeftButton, NONE, where)
    assert grid.selected_ids.tolist() == []


def test_marks_and_colours_come_from_the_library(qtbot: QtBot, shelf: Shelf, grid: PhotoGrid) -> None:
    ids = shelf.add(3)
    shelf.favourite([ids[1]])
    grid.show_photos(np.array(ids), np.resize(ASPECTS, 3), keep_place=False)
    plain = grid.grab().toImage()
    grid.refresh_marks()
    qtbot.waitUntil(lambda: grid.facts.is_favourite(1))
    assert not grid.facts.is_favourite(0)
    assert grid.grab().toImage() != plain
    qtbot.waitUntil(lambda: grid.facts.colour(ids[0]) == QColor(128, 128, 128))


def test_stars_and_thumbs_are_shown_as_hearts_are(
    qtbot: QtBot, library: Library, shelf: Shelf, grid: PhotoGrid
) -> None:
    ids = shelf.add(4)
    with Writer.open(library) as writer:
        writer.set_rating(ids[:1], 5)
        writer.set_rating(ids[1:2], 2)
    plain = grid.grab().toImage()
    grid.show_photos(np.array(ids), np.resize(ASPECTS, 4), keep_place=False)
    grid.refresh_marks()
    qtbot.waitUntil(lambda: [grid.facts.stars(index) for index in range(4)] == [5, 2, 0, 0])
    starred = grid.grab().toImage()
    assert starred != plain
    grid.facts.show_thumbs(ids[2:3], ids[3:])
    assert [grid.facts.thumb(index) for index in range(4)] == [0, 0, 1, -1]
    assert grid.facts.marked(0, 4).all()
    assert grid.grab().toImage() != starred
    grid.show_photos(np.array(ids[::-1]), np.resize(ASPECTS, 4), keep_place=False)
    assert [grid.facts.stars(index) for index in range(4)] == [0, 0, 2, 5]
    assert [grid.facts.thumb(index) for index in range(4)] == [-1, 1, 0, 0]


def test_the_line_that_holds_the_words_stands_on_its_photo(
    qtbot: QtBot, shelf: Shelf, grid: PhotoGrid
) -> None:
    ids = shelf.add(3)
    grid.show_photos(np.array(ids), np.resize(ASPECTS, 3), keep_place=False)
    plain = grid.grab().toImage()
    grid.facts.show_lines({ids[1]: "No parking at any time, on any side of this or another street"})
    assert [bool(grid.facts.line(index)) for index in range(3)] == [False, True, False]
    assert grid.facts.marked(0, 3).tolist() == [False, True, False]
    assert grid.grab().toImage() != plain
    grid.facts.want_names(ids)
    qtbot.waitUntil(lambda: "“No parking at any time" in (grid.facts.name(ids[1]) or ""))
    grid.show_photos(np.array(ids[::-1]), np.resize(ASPECTS, 3), keep_place=False)
    assert grid.facts.marked(0, 3).tolist() == [False, True, False]
    grid.facts.show_lines({})
    assert not grid.facts.marked(0, 3).any()


def test_no_stale_thumbnail_after_random_jumps(
    qtbot: QtBot, shelf: Shelf, thumbnails: ThumbnailCache, grid: PhotoGrid
) -> None:
    """Each photo has one colour; after many jumps the pixels in view are those of the photos in view."""
    colours = [(n * 37 % 256, n * 91 % 256, n * 53 % 256) for n in range(120)]
    ids = shelf.add(120, lambda n: thumbnail(Image.new("RGB", (64, 64), colours[n])))
    grid.show_photos(np.array(ids), np.ones(120, dtype=np.float32), keep_place=False)
    bar = grid.verticalScrollBar()
    for jump in (7, 0, 9, 3, 10, 1, 8, 5):
        bar.setValue(bar.maximum() * jump // 10)
        QApplication.processEvents()
    qtbot.waitUntil(lambda: all(thumbnails.get(int(grid.ids[n])) for n in grid.visible()), timeout=10_000)
    seen = grid.viewport().grab().toImage()
    for position in grid.visible():
        where = middle_of(grid, position)
        if grid.viewport().rect().contains(where):
            red, green, blue, _ = seen.pixelColor(where).getRgb()
            assert np.abs(np.subtract((red, green, blue), colours[position])).max() < 12


@pytest.mark.parametrize("scale", [1.25, 1.5])
def test_rows_have_no_seams_at_uneven_scales(
    grid: PhotoGrid, monkeypatch: pytest.MonkeyPatch, scale: float
) -> None:
    """Cells lie on whole device pixels, a whole gap apart, wherever one has scrolled to."""
    monkeypatch.setattr(grid, "devicePixelRatioF", lambda: scale)
    grid.show_photos(*many(300), keep_place=False)
    for value in (0, 1, 2, 333, 1001):
        grid.verticalScrollBar().setValue(value)
        for row in grid.visible_rows():
            rects = [grid.on_screen(rect) for rect in grid.layout_.rects(row)]
            assert all(isinstance(side, int) for rect in rects for side in rect)
            for left, right in pairwise(rects):
                assert right.x - (left.x + left.width) == grid.px(4)


def test_the_photo_with_the_keyboard_stays_in_view_whatever_its_size(grid: PhotoGrid) -> None:
    grid.show_photos(*many(3000), keep_place=False)
    grid.set_row_height(LOWEST)
    for place in (int(grid.visible()[-1]), 1500):
        grid.ensure_visible(place)
        grid.set_current(int(grid.ids[place]))
        for change in (grid.reset_row_height, lambda: grid.set_row_height(LOWEST)):
            change()
            cell = grid.cell_of(place)
            assert grid.viewport().rect().contains(cell.toRect()), (place, grid.row_height)
