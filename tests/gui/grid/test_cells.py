"""Marks on a photo of the grid."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QImage, QPainter

from photosearch.gui.grid.cells import Badge, CellPainter
from photosearch.gui.grid.layout import Rect


@pytest.mark.usefixtures("qapp")
@pytest.mark.parametrize("heart", [False, True])
def test_a_long_line_takes_the_whole_width_where_no_heart_is(heart: bool) -> None:
    image = QImage(180, 135, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    with QPainter(image) as painter:
        cells = CellPainter(painter, QGuiApplication.palette(), 1.0)
        cells.badges(Rect(0, 0, 180, 135), [Badge("text", "Bakery School of Little Thing")], heart=heart)
    row = [image.pixelColor(x, 115).alpha() > 0 for x in range(180)]
    assert any(row[8:36]) is not heart
    assert any(row[36:60]) and not any(row[:8]) and not any(row[172:])
