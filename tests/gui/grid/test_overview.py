"""Months and years over a timeline."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from photosearch import i18n
from photosearch.gui.grid.grid import PhotoGrid
from photosearch.gui.grid.justified_view import LOWEST, ROW_HEIGHT
from photosearch.gui.grid.overview import Overview, Period, periods
from photosearch.gui.grid.scrubber import Scrubber
from photosearch.gui.grid.sections import Section, by_day
from photosearch.store.rows import Count
from tests.helpers.grids import CTRL, many, press

SECTIONS = [Section(n * 20, day=f"{2024 - n // 12}-{12 - n % 12:02}-01") for n in range(30)]


@pytest.fixture
def overview(qtbot: QtBot, grid: PhotoGrid) -> Overview:
    """Of 30 months, opened by the keyboard while the sixth is in view."""
    grid.set_row_height(LOWEST)
    grid.show_photos(*many(600), SECTIONS, keep_place=False)
    grid.scroll_to_photo(int(grid.ids[100]))
    grid.activateWindow()
    grid.setFocus()
    qtbot.waitUntil(grid.hasFocus)
    press(grid, Qt.Key.Key_Minus, CTRL)
    return grid.overview


@given(st.lists(st.tuples(st.integers(0, 400), st.integers(1, 9)), max_size=40, unique_by=lambda day: day[0]))
def test_periods_part_the_photos_in_their_order(days: list[tuple[int, int]]) -> None:
    counts = [
        Count(f"{2024 - day // 336}-{12 - day // 28 % 12:02}-{28 - day % 28:02}", photos)
        for day, photos in sorted(days)
    ]
    total = sum(count.photos for count in counts)
    for level, length in (("months", 7), ("years", 4)):
        found = periods(by_day(counts), total, level)
        names = [f"{period.year}-{period.month:02}"[:length] for period in found]
        assert names == list(dict.fromkeys(count.value[:length] for count in counts))
        assert [period.start for period in found] == [
            sum(period.photos for period in found[:place]) for place in range(len(found))
        ]
        assert sum(period.photos for period in found) == total


def test_smaller_than_the_smallest_are_months_and_then_years(overview: Overview, grid: PhotoGrid) -> None:
    assert overview.isVisible() and overview.hasFocus()
    assert overview.shown[:2] == ["December 2024", "November 2024"]
    assert overview.currentIndex().data() == "July 2024"  # what was in view
    QTest.keyClick(overview, Qt.Key.Key_Minus, CTRL)
    assert overview.shown == ["2024", "2023", "2022"]
    assert overview.currentIndex().data() == "2024"
    QTest.keyClick(overview, Qt.Key.Key_Right)
    QTest.keyClick(overview, Qt.Key.Key_Return)
    assert overview.shown[12] == overview.currentIndex().data() == "December 2023"
    QTest.keyClick(overview, Qt.Key.Key_Return)
    assert overview.isHidden() and grid.hasFocus()
    assert grid.current == 240
    assert grid.cell_of(240).top() < grid.height() / 2


def test_a_click_opens_a_month_and_escape_leads_back(
    qtbot: QtBot, overview: Overview, grid: PhotoGrid
) -> None:
    place = grid.verticalScrollBar().value()
    scrubber = grid.findChild(Scrubber)
    assert scrubber is not None and scrubber.isHidden()
    QTest.keyClick(overview, Qt.Key.Key_Escape)
    assert overview.isHidden() and grid.hasFocus()
    assert scrubber.isVisible()
    assert grid.verticalScrollBar().value() == place
    press(grid, Qt.Key.Key_Minus, CTRL)
    index = overview.model().index(1, 0)
    QTest.mouseClick(overview.viewport(), Qt.MouseButton.LeftButton, pos=overview.visualRect(index).center())
    assert overview.isHidden()
    assert grid.current == 20


def test_the_keyboard_is_back_where_it_was(overview: Overview, grid: PhotoGrid) -> None:
    QTest.keyClick(overview, Qt.Key.Key_Escape)
    scrubber = grid.findChild(Scrubber)
    assert scrubber is not None
    scrubber.setFocus()
    grid.enlarge(-1)
    assert overview.hasFocus()
    QTest.keyClick(overview, Qt.Key.Key_Escape)
    assert scrubber.hasFocus()


def test_nearer_leads_back_to_the_photos(overview: Overview, grid: PhotoGrid) -> None:
    QTest.keyClick(overview, Qt.Key.Key_Minus, CTRL)
    QTest.keyClick(overview, Qt.Key.Key_Plus, CTRL)
    assert len(overview.shown) == 30
    QTest.keyClick(overview, Qt.Key.Key_Plus, CTRL)
    assert overview.isHidden()


def test_photos_of_usual_size_are_one_key_away(overview: Overview, grid: PhotoGrid) -> None:
    assert grid.row_height != ROW_HEIGHT
    overview.setCurrentIndex(overview.model().index(1, 0))
    QTest.keyClick(overview, Qt.Key.Key_0, CTRL)
    assert overview.isHidden() and grid.row_height == ROW_HEIGHT
    assert grid.current == 20


def test_it_follows_the_timeline_and_goes_where_there_is_none(overview: Overview, grid: PhotoGrid) -> None:
    grid.show_photos(*many(640), [*SECTIONS, Section(600, day="2022-06-01")], keep_place=True)
    assert len(overview.shown) == 31
    grid.show_photos(*many(640), [Section(0, "Strong")], keep_place=False)
    assert overview.isHidden()
    press(grid, Qt.Key.Key_Minus, CTRL)
    assert overview.isHidden()


def test_what_it_shows_is_read_aloud_and_in_the_persons_language(overview: Overview) -> None:
    item = overview.model().index(0, 0)
    assert item.data(Qt.ItemDataRole.AccessibleTextRole) == "December 2024, 20 photos"
    found = QAccessible.queryAccessibleInterface(overview)
    assert found is not None and found.text(QAccessible.Text.Name) == "Months and years"
    i18n.use("zh_CN")
    overview.retranslate()
    assert overview.shown[0] == "2024年12月"
    assert Period(2023, 0, 0, 1).name == "2023"
