from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QDrag, QGuiApplication, QPixmap
from pytestqt.qtbot import QtBot

from photosearch.gui.data.library_reader import LibraryReader
from photosearch.gui.grid.drag_out import QUIET_MS, drag_picture
from photosearch.gui.grid.grid import PhotoGrid
from tests.helpers.grids import ASPECTS, click, drag, middle_of
from tests.helpers.shelf import Shelf


@pytest.fixture
def dropped(monkeypatch: pytest.MonkeyPatch) -> list[QDrag]:
    """Drags as another program would get them; Qt's own loop would wait for a mouse."""
    drags: list[QDrag] = []
    monkeypatch.setattr(QDrag, "exec", lambda self, *actions: drags.append(self))
    monkeypatch.setattr(QGuiApplication, "mouseButtons", lambda: Qt.MouseButton.LeftButton)
    return drags


@pytest.mark.parametrize("prepared", [True, False])
def test_selected_photos_are_dragged_as_files(
    qtbot: QtBot,
    shelf: Shelf,
    reader: LibraryReader,
    grid: PhotoGrid,
    dropped: list[QDrag],
    prepared: bool,
) -> None:
    ids = shelf.add(5)
    grid.show_photos(np.array(ids), np.resize(ASPECTS, 5), keep_place=False)
    click(grid, 1)
    click(grid, 2, Qt.KeyboardModifier.ShiftModifier)
    if prepared:
        qtbot.wait(2 * QUIET_MS)
        read: list[int] = []
        reader.ask(grid, lambda library: 1, read.append)  # after the paths
        qtbot.waitUntil(lambda: bool(read))
    drag(grid, middle_of(grid, 1), middle_of(grid, 1) + middle_of(grid, 1), drop=False)
    qtbot.waitUntil(lambda: len(dropped) == 1)
    carried = dropped[0].mimeData()
    assert [Path(url.toLocalFile()).name for url in carried.urls()] == ["1.jpg", "2.jpg"]
    assert len(carried.text().splitlines()) == 2
    assert not dropped[0].pixmap().isNull()


def test_the_picture_tells_how_many(grid: PhotoGrid) -> None:
    photo = QPixmap(300, 200)
    photo.fill(Qt.GlobalColor.green)
    one, many_, none = (
        drag_picture(p, n, grid.palette(), 2.0) for p, n in ((photo, 1), (photo, 1200), (None, 1))
    )
    assert one.toImage() != many_.toImage()
    assert one.devicePixelRatio() == 2
    assert not none.isNull()
