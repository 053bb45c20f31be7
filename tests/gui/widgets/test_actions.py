from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from photosearch.gui.desktop import language
from photosearch.gui.widgets.actions import make_action, make_menu
from photosearch.i18n import tr


def test_an_action_answers_to_each_of_its_keys_and_speaks_the_language(qtbot: QtBot) -> None:
    done: list[int] = []
    window = QWidget()
    qtbot.addWidget(window)
    action = make_action(window, lambda: tr("Search"), "Ctrl+F /", lambda: done.append(1), "search")
    window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    QTest.keyClick(window, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClick(window, Qt.Key.Key_Slash)
    assert len(done) == 2
    assert action.text() == "Search"
    language.change("zh_CN")
    try:
        assert action.text() == "搜索"
    finally:
        language.change("en")


def test_a_local_action_leaves_its_key_to_other_widgets(qtbot: QtBot) -> None:
    done: list[int] = []
    window, owner, other = QWidget(), QWidget(), QWidget()
    qtbot.addWidget(window)
    column = QVBoxLayout(window)
    for widget in (owner, other):
        column.addWidget(widget)
        widget.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    make_action(owner, lambda: tr("Search"), "X", lambda: done.append(1), local=True)
    window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    for widget, times in ((other, 0), (owner, 1)):
        widget.setFocus()
        QTest.keyClick(widget, Qt.Key.Key_X)
        assert len(done) == times


def test_an_open_menu_keeps_the_keys_from_what_lies_behind_it(qtbot: QtBot) -> None:
    done: list[int] = []
    window = QWidget()
    qtbot.addWidget(window)
    make_action(window, lambda: tr("Search"), "X", lambda: done.append(1), local=True)
    window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    window.setFocus()
    menu = make_menu(window)
    menu.addAction("Nothing")
    menu.popup(window.mapToGlobal(window.rect().center()))
    QTest.keyClick(menu, Qt.Key.Key_X)
    assert not done and menu.isVisible()
    menu.close()
    QTest.keyClick(window, Qt.Key.Key_X)
    assert done
