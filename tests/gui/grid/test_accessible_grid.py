import gc
from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtGui import QAccessible, QAccessibleInterface
from pytestqt.qtbot import QtBot

from photosearch.gui.grid.grid import PhotoGrid
from photosearch.gui.widgets.announce import announce
from tests.helpers.grids import ASPECTS, click, many
from tests.helpers.shelf import Shelf

NAME = QAccessible.Text.Name


@pytest.fixture(autouse=True)
def _screen_reader() -> Iterator[None]:
    QAccessible.setActive(True)
    yield
    QAccessible.setActive(False)


def test_the_grid_is_a_list_whose_photos_are_made_when_asked_for(
    grid: PhotoGrid, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[QAccessibleInterface] = []
    monkeypatch.setattr(QAccessible, "registerAccessibleInterface", made.append)
    grid.show_photos(*many(100_000), keep_place=False)
    seen = QAccessible.queryAccessibleInterface(grid)
    assert (seen.role(), seen.childCount()) == (QAccessible.Role.List, 100_000)
    assert seen.text(NAME) == "Photos"
    photo = seen.child(99_999)
    assert photo.role() == QAccessible.Role.ListItem
    assert photo.text(NAME) == "Photo 100,000 of 100,000"
    assert seen.indexOfChild(photo) == 99_999
    assert photo.state().offscreen
    assert seen.child(100_000) is None
    assert made == [photo]


def test_photos_are_named_by_file_and_date(qtbot: QtBot, shelf: Shelf, grid: PhotoGrid) -> None:
    ids = shelf.add(3)
    grid.show_photos(np.array(ids), np.resize(ASPECTS, 3), keep_place=False)
    seen = QAccessible.queryAccessibleInterface(grid)
    qtbot.waitUntil(lambda: seen.child(1).text(NAME) == "1.jpg")


def test_focus_and_selection_are_told(grid: PhotoGrid, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[object] = []
    monkeypatch.setattr(QAccessible, "updateAccessibility", lambda event: told.append(event.type()))
    grid.show_photos(*many(20), keep_place=False)
    grid.enter()
    click(grid, 3)
    seen = QAccessible.queryAccessibleInterface(grid)
    state = seen.child(3).state()
    assert (state.selected, state.focused, seen.child(2).state().selected) == (1, 1, 0)
    assert seen.focusChild() is seen.child(3)
    assert QAccessible.Event.Focus in told
    grid.select_all()
    assert QAccessible.Event.Announcement in told


def test_a_child_is_found_under_a_point(grid: PhotoGrid) -> None:
    grid.show_photos(*many(20), keep_place=False)
    seen = QAccessible.queryAccessibleInterface(grid)
    middle = seen.child(4).rect().center()
    assert seen.childAt(middle.x(), middle.y()) is seen.child(4)


def test_photos_that_are_gone_are_forgotten(grid: PhotoGrid) -> None:
    grid.show_photos(*many(20), keep_place=False)
    seen = QAccessible.queryAccessibleInterface(grid)
    old, first = seen.child(15), seen.child(0)
    grid.show_photos(*many(3), keep_place=False)
    assert not old.isValid()
    assert old.text(NAME) == ""
    assert seen.child(0) is not first
    del old, first
    gc.collect()
    assert seen.child(0).isValid()


def test_nothing_is_told_without_a_screen_reader(grid: PhotoGrid, monkeypatch: pytest.MonkeyPatch) -> None:
    QAccessible.setActive(False)
    monkeypatch.setattr(QAccessible, "updateAccessibility", pytest.fail)
    announce(grid, "Hello")
