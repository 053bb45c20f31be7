"""Videos in the grid: how long they are, and their frames under the pointer."""

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint
from PySide6.QtGui import QAccessible, QImage
from pytestqt.qtbot import QtBot

from photosearch.gui.grid import video_scrub
from photosearch.gui.grid.grid import PhotoGrid
from tests.helpers.grids import point_at
from tests.helpers.shelf import Shelf


@pytest.fixture
def ids(shelf: Shelf) -> list[int]:
    """A photo and a video of twelve seconds."""
    return [*shelf.add(1), shelf.add_video(12.0, frames=4)]


@pytest.fixture
def shown(qtbot: QtBot, ids: list[int], grid: PhotoGrid, monkeypatch: pytest.MonkeyPatch) -> PhotoGrid:
    monkeypatch.setattr(video_scrub, "_REST_MS", 0)
    grid.refresh_marks()
    grid.show_photos(np.array(ids), np.float32([1.5, 1.78]), keep_place=False)
    qtbot.waitUntil(lambda: len(grid.facts.marks.videos) == 1)
    return grid


def at(grid: PhotoGrid, position: int, share: float) -> QPoint:
    cell = grid.cell_of(position)
    return QPoint(round(cell.left() + share * cell.width()), round(cell.center().y()))


def picture(grid: PhotoGrid, position: int) -> QImage:
    grid.viewport().repaint()
    cell = grid.cell_of(position).toAlignedRect()
    return grid.viewport().grab(cell).toImage()


def test_a_video_says_how_long_it_is_and_a_photo_nothing(shown: PhotoGrid) -> None:
    assert [shown.scrub.told(position) for position in (0, 1)] == ["", "0:12"]
    assert [shown.facts.seconds(position) for position in (0, 1)] == [None, 12.0]
    accessible = QAccessible.queryAccessibleInterface(shown)
    assert accessible.child(1).text(QAccessible.Text.Name).endswith(", video of 0:12")
    assert "video" not in accessible.child(0).text(QAccessible.Text.Name)


def test_the_pointer_leads_through_its_frames(qtbot: QtBot, shown: PhotoGrid, ids: list[int]) -> None:
    poster = picture(shown, 1)
    told = []
    for share in (0.9, 0.6, 0.1):
        point_at(shown, at(shown, 1, share))
        qtbot.waitUntil(lambda: shown.scrub.frame(ids[1]) is not None)
        told.append(shown.scrub.told(1))
    assert told == ["0:09 / 0:12", "0:06 / 0:12", "0:00 / 0:12"]
    point_at(shown, at(shown, 1, 0.9))
    assert picture(shown, 1) != poster
    point_at(shown, at(shown, 0, 0.5))
    assert shown.scrub.frame(ids[1]) is None
    assert shown.scrub.told(1) == "0:12"


@pytest.mark.parametrize("leave", ["viewport", "scroll", "others"])
def test_the_poster_is_back_when_the_pointer_is_gone(
    qtbot: QtBot, shown: PhotoGrid, ids: list[int], leave: str
) -> None:
    point_at(shown, at(shown, 1, 0.9))
    qtbot.waitUntil(lambda: shown.scrub.frame(ids[1]) is not None)
    if leave == "viewport":
        shown.eventFilter(shown.viewport(), QEvent(QEvent.Type.Leave))
    elif leave == "scroll":
        shown.scrollContentsBy(0, 1)
    else:
        shown.show_photos(np.array(ids), np.float32([1.5, 1.78]), keep_place=True)
    assert shown.scrub.frame(ids[1]) is None


def test_an_answer_shows_the_frame_that_answers(qtbot: QtBot, shown: PhotoGrid, ids: list[int]) -> None:
    qtbot.waitUntil(lambda: shown.thumbnails.get(ids[1]) is not None)
    poster = picture(shown, 1)
    shown.facts.show_moments({ids[1]: 6000})
    with qtbot.waitSignal(shown.thumbnails.arrived):
        shown.show_photos(np.array(ids), np.float32([1.5, 1.78]), keep_place=False)
    assert shown.scrub.told(1) == "0:06 / 0:12"
    assert picture(shown, 1) != poster
    shown.facts.show_moments({})
    with qtbot.waitSignal(shown.thumbnails.arrived):
        shown.show_photos(np.array(ids), np.float32([1.5, 1.78]), keep_place=False)
    assert picture(shown, 1) == poster
