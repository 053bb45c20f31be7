from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from photosearch.gui.grid.grid import PhotoGrid
from photosearch.gui.grid.zoom_slider import ZoomSlider
from photosearch.gui.widgets import theme


def test_who_came_by_key_sees_a_ring(qtbot: QtBot, qapp: QApplication) -> None:
    theme.apply_scheme(qapp, "light")
    slider = ZoomSlider()
    qtbot.addWidget(slider)
    slider.show()
    slider.activateWindow()
    ring = slider.focusProxy()
    qtbot.waitUntil(slider.isActiveWindow)
    seen = []
    for has, turn in ((True, ring.setFocus), (False, ring.clearFocus)):
        turn()
        qtbot.waitUntil(lambda has=has: ring.hasFocus() == has)  # type: ignore[misc]
        seen.append(ring.grab().toImage().pixelColor(0, ring.height() // 2).name())
    assert seen[0] == theme.LIGHT.accent.lower() != seen[1]


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
