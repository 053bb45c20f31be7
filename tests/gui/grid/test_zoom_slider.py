from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from photosearch.gui.grid.grid import PhotoGrid
from photosearch.gui.grid.zoom_slider import ZoomSlider


def test_slider_and_grid_follow_one_another(qtbot: QtBot, grid: PhotoGrid) -> None:
    slider = ZoomSlider()
    qtbot.addWidget(slider)
    slider.value_changed.connect(grid.set_row_height)
    grid.row_height_changed.connect(slider.set_value)
    QTest.keyClick(slider.focusProxy(), Qt.Key.Key_Right)
    assert grid.row_height == slider.value == 200
    grid.set_row_height(300)
    assert slider.value == 300
    assert slider.focusProxy().accessibleName()
