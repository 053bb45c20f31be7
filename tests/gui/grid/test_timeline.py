import numpy as np
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from photosearch.gui.grid.grid import PhotoGrid
from photosearch.gui.grid.scrubber import Scrubber
from photosearch.gui.grid.sections import Section
from photosearch.gui.grid.timeline import read_timeline
from photosearch.paths import Library
from photosearch.store.reader import Reader
from tests.helpers.grids import LEFT, many
from tests.helpers.shelf import Shelf

SECTIONS = [Section(n * 20, day=f"{2024 - n // 12}-{12 - n % 12:02}-01") for n in range(50)]


def test_a_timeline_stands_under_its_days(shelf: Shelf, library: Library) -> None:
    ids = shelf.add(30)
    with Reader.open(library) as reader:
        timeline = read_timeline(reader)
        some = read_timeline(reader, np.array(ids[:4], dtype=np.int64))
        back = read_timeline(reader, oldest_first=True)
    assert timeline.ids.tolist() == ids[::-1]
    assert timeline.sections[0].start == 0
    assert timeline.sections[0].day
    assert some.ids.tolist() == ids[:4][::-1]
    assert back.ids.tolist() == ids
    assert back.aspects.tolist() == timeline.aspects[::-1].tolist()
    assert sorted(section.heading for section in back.sections) == sorted(
        section.heading for section in timeline.sections
    )


def test_a_scrubber_goes_along_a_timeline_and_not_along_results(qtbot: QtBot, grid: PhotoGrid) -> None:
    grid.show_photos(*many(1000), SECTIONS, keep_place=False)
    scrubber = grid.findChild(Scrubber)
    assert scrubber.isVisible()
    assert not grid.verticalScrollBar().isVisible()
    assert [stop.year for stop in scrubber.stops] == [2024 - n // 12 for n in range(50)]
    assert grid.layout_.width == grid.width() - 16 - scrubber.width()
    scrubber.jumped.emit(scrubber.stops[20].at)
    assert grid.section_photos(20).start in grid.visible()
    assert grid.heading_of(20).top() <= 1
    qtbot.keyClick(scrubber, Qt.Key.Key_Down)
    assert grid.heading_of(21).top() <= 1
    grid.show_photos(*many(1000), [Section(0, "Best")], keep_place=False)
    assert not scrubber.isVisible()


def test_a_scrubber_comes_and_goes_once_whatever_the_width(grid: PhotoGrid) -> None:
    """With the room it takes, the photos may be less high than without."""
    ids, _ = many(12)
    aspects = np.random.default_rng(2).uniform(0.5, 2.0, len(ids)).astype(np.float32)
    told: list[int] = []
    grid.laid_out.connect(lambda: told.append(grid.width()))
    for width in range(640, 720, 8):
        grid.resize(width, 300)
        told.clear()
        grid.show_photos(
            ids, aspects, [Section(n * 3, day=SECTIONS[n * 12].day) for n in range(4)], keep_place=False
        )
        assert len(told) <= 2, width


def test_a_scrubber_goes_along_a_timeline_from_the_oldest_on(grid: PhotoGrid) -> None:
    grid.show_photos(
        *many(1000), [Section(n * 20, day=SECTIONS[49 - n].day) for n in range(50)], keep_place=False
    )
    scrubber = grid.findChild(Scrubber)
    assert scrubber.isVisible()
    years = [stop.year for stop in scrubber.stops]
    assert years == sorted(years)


def test_few_photos_or_a_single_month_need_no_scrubber(grid: PhotoGrid) -> None:
    for count, sections in ((20, SECTIONS[:1]), (1000, [Section(0, day="2024-07-01")])):
        grid.show_photos(*many(count), sections, keep_place=False)
        assert not grid.findChild(Scrubber).isVisible()


def test_a_click_on_the_heading_of_a_day_beside_another_selects_that_day(
    qtbot: QtBot, grid: PhotoGrid
) -> None:
    days = [Section(0, day="2024-07-14"), Section(2, day="2024-07-12"), Section(3, day="2024-07-02")]
    grid.resize(1600, 600)
    grid.show_photos(*many(40), days, keep_place=False)
    first, second = grid.heading_of(0), grid.heading_of(1)
    assert (first.top(), first.right()) == (second.top(), second.left())
    assert grid.heading_of(2).top() > grid.cell_of(2).bottom()
    where = (second.topLeft() + QPointF(20, 20)).toPoint()
    QTest.mouseClick(grid.viewport(), LEFT, pos=where)
    assert grid.selected_ids.tolist() == [3]
