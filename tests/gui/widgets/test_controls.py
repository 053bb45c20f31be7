"""What opens from a control: a list under its box, menus without square corners."""

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from photosearch.gui.widgets.actions import Menu, make_menu
from photosearch.gui.widgets.controls import ChoiceBox


def test_the_list_of_a_choice_opens_below_it(qtbot: QtBot) -> None:
    choice = ChoiceBox()
    qtbot.addWidget(choice)
    choice.addItems(["As the system", "Light", "Dark"])
    choice.setCurrentIndex(2)
    choice.show()
    choice.showPopup()
    qtbot.waitUntil(choice.view().isVisible)
    assert choice.view().mapToGlobal(QPoint(0, 0)).y() >= choice.mapToGlobal(choice.rect().bottomLeft()).y()
    choice.hidePopup()


def test_menus_within_menus_have_no_ground_behind_their_corners(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    window.show()
    menu = make_menu(window)
    within = Menu(menu)
    menu.addMenu(within)
    menu.popup(window.mapToGlobal(QPoint(0, 0)))
    assert within.testAttribute(Qt.WidgetAttribute.WA_TranslucentBackground)
    menu.close()
