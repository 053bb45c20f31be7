"""The ring of the keyboard shows only where the keyboard leads."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QPushButton, QSlider, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from photosearch.gui.widgets.controls import ChoiceBox, ToggleSwitch


@pytest.mark.parametrize("kind", [QPushButton, ToggleSwitch, ChoiceBox, QSlider])
def test_what_the_mouse_presses_takes_no_keyboard_and_tab_leads_there(
    qtbot: QtBot, kind: type[QWidget]
) -> None:
    window, line, control = QWidget(), QLineEdit(), kind()
    qtbot.addWidget(window)
    column = QVBoxLayout(window)
    column.addWidget(line)
    column.addWidget(control)
    window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    line.setFocus()
    plain = control.grab().toImage()
    QTest.mouseClick(control, Qt.MouseButton.LeftButton)
    if isinstance(control, ChoiceBox):
        control.hidePopup()
    assert window.focusWidget() is line
    QTest.keyClick(line, Qt.Key.Key_Tab)
    assert window.focusWidget() is control
    assert control.grab().toImage() != plain


def test_a_button_that_never_takes_the_keyboard_still_does_not(qtbot: QtBot) -> None:
    button = QPushButton()
    qtbot.addWidget(button)
    button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    button.show()
    assert button.focusPolicy() == Qt.FocusPolicy.NoFocus
