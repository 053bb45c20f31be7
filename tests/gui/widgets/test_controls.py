"""What opens from a control: a list under its box, menus without square corners."""

import pytest
from PySide6.QtCore import QPoint, QPointF, QRect, Qt, QTimer
from PySide6.QtGui import QGuiApplication, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from photosearch.gui.widgets import theme
from photosearch.gui.widgets.actions import Menu, make_menu
from photosearch.gui.widgets.choice_button import ChoiceButton
from photosearch.gui.widgets.controls import CheckBox, ChoiceBox, NumberBox


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


@pytest.mark.parametrize("made", [ChoiceBox, NumberBox])
def test_the_wheel_is_left_to_the_page(qtbot: QtBot, made: type[ChoiceBox] | type[NumberBox]) -> None:
    control = made()
    qtbot.addWidget(control)
    if isinstance(control, ChoiceBox):
        control.addItems(["one", "two"])
    else:
        control.setValue(5)
    control.show()
    before, at = (control.property("currentIndex"), control.property("value")), QPointF(5, 5)
    buttons, keys = Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier
    phase = Qt.ScrollPhase.NoScrollPhase
    wheel = QWheelEvent(at, control.mapToGlobal(at), QPoint(), QPoint(0, -120), buttons, keys, phase, False)
    QApplication.sendEvent(control, wheel)
    assert (control.property("currentIndex"), control.property("value")) == before
    assert not wheel.isAccepted()
    assert not control.focusPolicy() & Qt.FocusPolicy.WheelFocus & ~Qt.FocusPolicy.StrongFocus


def test_down_opens_the_menu_of_a_choice(qtbot: QtBot) -> None:
    button = ChoiceButton(lambda: "Order", {"one": lambda: "One", "two": lambda: "Two"})
    qtbot.addWidget(button)
    button.show()
    QTimer.singleShot(0, lambda: QTest.keyClick(button.menu(), Qt.Key.Key_Escape))
    with qtbot.waitSignal(button.menu().aboutToShow):
        QTest.keyClick(button, Qt.Key.Key_Down)


def test_a_menu_that_is_higher_than_the_screen_scrolls_in_one_column(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    window.show()
    menu = make_menu(window)
    actions = [menu.addAction(f"Action {number}") for number in range(60)]
    menu.popup(window.mapToGlobal(QPoint(0, 0)))
    assert {menu.actionGeometry(action).left() for action in actions} == {
        menu.actionGeometry(actions[0]).left()
    }
    menu.close()


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


def test_where_nothing_may_compose_windows_a_menus_corners_are_cut_off(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    window.show()
    monkeypatch.setattr(QGuiApplication, "platformName", lambda: "xcb")
    menu = make_menu(window)
    menu.addAction("Rename")
    menu.popup(window.mapToGlobal(QPoint(0, 0)))
    assert not menu.testAttribute(Qt.WidgetAttribute.WA_TranslucentBackground)
    shape, edges = menu.mask(), menu.rect()
    corners = (edges.topLeft(), edges.topRight(), edges.bottomLeft(), edges.bottomRight())
    assert not any(shape.contains(corner) for corner in corners)
    assert shape.boundingRect() == edges
    menu.close()


@pytest.mark.parametrize("colours", [theme.LIGHT, theme.DARK])
def test_the_square_of_a_checkbox_is_seen_and_its_mark(
    qtbot: QtBot, qapp: QApplication, colours: theme.Theme
) -> None:
    theme.apply(qapp, colours)
    page = QWidget()
    qtbot.addWidget(page)
    box = CheckBox("Keep it", page)
    page.resize(200, 60)
    box.move(10, 10)
    page.show()

    def shown() -> set[str]:
        image = page.grab(QRect(10, 10, 20, box.height())).toImage()
        found = [image.pixelColor(x, y) for x in range(image.width()) for y in range(image.height())]
        return {colour.name().upper() for colour in found}

    assert colours.edge.upper() in shown() and colours.accent.upper() not in shown()
    box.setChecked(True)
    assert {colours.accent.upper(), colours.on_accent.upper()} <= shown()
