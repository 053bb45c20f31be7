"""Widgets in as many rows as they need."""

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtWidgets import QLabel, QPushButton, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from photosearch.gui.widgets.rows import Rows

SPACING = 6


@given(widths=st.lists(st.integers(10, 200), max_size=8), room=st.integers(20, 500))
def test_nothing_overlaps_or_sticks_out(qapp: object, widths: list[int], room: int) -> None:
    rows = Rows(SPACING)
    labels = [QLabel() for _ in widths]
    for label, width in zip(labels, widths, strict=True):
        label.setFixedSize(width, 20)
        rows.add(label)
    rows.resize(room, 10)
    rows.show()  # until then it is not told of its size
    places = [label.geometry() for label in labels]
    assert all(place.left() == 0 or place.right() < room for place in places)
    assert not any(one.intersects(other) for one, other in combinations(places, 2))
    assert rows.heightForWidth(room) == max((place.bottom() + 1 for place in places), default=0)
    rows.deleteLater()


def test_those_below_give_way_as_widgets_come_go_and_hide(qtbot: QtBot) -> None:
    window, rows, below = QWidget(), Rows(SPACING), QLabel("below")
    column = QVBoxLayout(window)
    column.addWidget(rows)
    column.addWidget(below)
    column.addStretch(1)
    qtbot.addWidget(window)
    window.resize(240, 400)
    window.show()
    buttons = [QPushButton("a button that is wide") for _ in range(3)]
    for button in buttons:
        rows.add(button)
        button.show()
    qtbot.waitUntil(lambda: below.y() > buttons[-1].mapTo(window, buttons[-1].rect().bottomLeft()).y())
    low = below.y()
    assert buttons[0].y() < buttons[1].y() < buttons[2].y()
    buttons[0].hide()
    qtbot.waitUntil(lambda: below.y() < low)
    assert buttons[1].y() == 0
    rows.remove(buttons[1])
    qtbot.waitUntil(lambda: buttons[2].y() == 0)
    buttons[0].show()
    qtbot.waitUntil(lambda: buttons[0].y() == 0 < buttons[2].y())
    buttons[2].setText("a")
    buttons[0].setText("b")
    qtbot.waitUntil(lambda: buttons[0].y() == buttons[2].y())
