from collections.abc import Iterator
from itertools import pairwise

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot

from photosearch.gui.grid.scrubber import MonthStop, Scrubber
from tests.helpers.mouse import send_mouse

STOPS = [MonthStop(n / 59, 2024 - n // 12, 12 - n % 12) for n in range(60)]


@pytest.fixture
def scrubber(qtbot: QtBot) -> Iterator[Scrubber]:
    parent = QWidget()
    qtbot.addWidget(parent)
    parent.resize(400, 500)
    made = Scrubber(parent)
    made.setGeometry(344, 0, 56, 500)
    made.set_stops(STOPS)
    made.jumped.connect(made.set_place)
    parent.show()
    yield made


@pytest.mark.parametrize("height", [60, 200, 2000])
def test_years_stand_at_least_16_pixels_apart(scrubber: Scrubber, height: int) -> None:
    scrubber.setFixedHeight(height)
    scrubber.set_stops([MonthStop(n / 239, 2024 - n // 12, 12 - n % 12) for n in range(240)])
    heights = [y for _, y in scrubber.labels()]
    assert all(below - above >= 16 for above, below in pairwise(heights))
    assert scrubber.labels()[0][0] == 2024


def test_keys_go_from_month_to_month(scrubber: Scrubber) -> None:
    scrubber.setFocus()
    jumps: list[float] = []
    scrubber.jumped.connect(jumps.append)
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Up, Qt.Key.Key_End, Qt.Key.Key_Home):
        QTest.keyClick(scrubber, key)
    assert jumps == [STOPS[n].at for n in (1, 2, 1, 59, 0)]


def test_up_from_within_a_month_leads_to_its_beginning(qtbot: QtBot, scrubber: Scrubber) -> None:
    scrubber.set_place(STOPS[5].at + 0.005)
    with qtbot.waitSignal(scrubber.jumped) as jumped:
        QTest.keyClick(scrubber, Qt.Key.Key_Up)
    assert jumped.args == [STOPS[5].at]


def test_keys_pass_months_that_lie_together_at_the_end(scrubber: Scrubber) -> None:
    scrubber.set_stops([MonthStop(0, 2024, 3), MonthStop(1, 2024, 2), MonthStop(1, 2024, 1)])
    QTest.keyClick(scrubber, Qt.Key.Key_End)
    jumps: list[float] = []
    scrubber.jumped.connect(jumps.append)
    for _ in range(2):
        QTest.keyClick(scrubber, Qt.Key.Key_Up)
    assert jumps == [1, 0]


def test_the_month_under_the_mouse_is_named_and_a_press_goes_there(qtbot: QtBot, scrubber: Scrubber) -> None:
    bubble = scrubber.parentWidget().findChild(QLabel, "bubble")
    send_mouse(scrubber, QEvent.Type.MouseMove, QPoint(20, 250))
    assert bubble.isVisible()
    assert bubble.text().endswith(("2022", "2021"))
    with qtbot.waitSignal(scrubber.jumped) as jumped:
        QTest.mousePress(scrubber, Qt.MouseButton.LeftButton, pos=QPoint(20, 250))
    assert jumped.args[0] == pytest.approx(0.5, abs=0.02)
    scrubber.leaveEvent(None)
    assert not bubble.isVisible()


def test_nothing_to_go_along_is_taken_calmly(scrubber: Scrubber) -> None:
    scrubber.set_stops([])
    for key in (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_End):
        QTest.keyClick(scrubber, key)
    QTest.mouseClick(scrubber, Qt.MouseButton.LeftButton, pos=QPoint(20, 250))
    assert scrubber.labels() == []
    assert not scrubber.grab().isNull()
