import threading
from collections.abc import Callable, Iterator

import pytest
from PySide6.QtWidgets import QApplication, QSystemTrayIcon
from pytestqt.qtbot import QtBot

from photosearch import settings
from photosearch.gui.desktop.preferences import Preferences
from photosearch.gui.shell import tray as tray_module
from photosearch.gui.shell.commands import Commands
from photosearch.gui.shell.tray import Tray
from photosearch.gui.shell.window import Window

pytestmark = pytest.mark.qt_log_ignore("systemTrayWindowChanged")


@pytest.fixture(autouse=True)
def _a_desktop_with_a_tray(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(QSystemTrayIcon, "isSystemTrayAvailable", lambda: True)
    monkeypatch.setattr(tray_module, "SHOWN_MS", 1)
    yield
    QApplication.setQuitOnLastWindowClosed(True)


@pytest.fixture
def window(make_window: Callable[[], Window]) -> Iterator[Window]:
    made = make_window()
    yield made
    tray_of(made).leave()


def tray_of(window: Window) -> Tray:
    tray = window.findChild(Tray)
    assert tray is not None
    return tray


def is_at_work() -> bool:
    return any(thread.name == "library-reader" for thread in threading.enumerate())


def test_there_is_no_icon_unless_it_is_wanted(window: Window) -> None:
    assert not tray_of(window).icon.isVisible()
    assert QApplication.quitOnLastWindowClosed()


def test_closing_the_window_leaves_the_program_at_work(window: Window, preferences: Preferences) -> None:
    tray = tray_of(window)
    preferences.change(settings.TRAY, settings.YES)
    assert tray.icon.isVisible() and not QApplication.quitOnLastWindowClosed()
    window.close()
    assert not window.isVisible()
    assert is_at_work()
    tray.open.trigger()
    assert window.isVisible()


def test_quitting_ends_it_all_the_same(window: Window, preferences: Preferences) -> None:
    tray = tray_of(window)
    preferences.change(settings.TRAY, settings.YES)
    commands = window.findChild(Commands)
    assert commands is not None
    commands.quit.trigger()
    assert not window.isVisible() and not tray.icon.isVisible()
    assert not is_at_work()


def test_where_the_desktop_has_no_tray_the_window_closes(
    window: Window, preferences: Preferences, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QSystemTrayIcon, "isSystemTrayAvailable", lambda: False)
    preferences.change(settings.TRAY, settings.YES)
    assert not tray_of(window).icon.isVisible()
    window.close()
    assert not is_at_work()


def test_a_message_brings_the_icon_for_a_while_only(
    qtbot: QtBot, window: Window, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = []
    monkeypatch.setattr(QSystemTrayIcon, "showMessage", lambda icon, *said: shown.append(said[:2]))
    tray = tray_of(window)
    tray.say("Title", "text")
    assert shown == [("Title", "text")] and tray.icon.isVisible()
    qtbot.waitUntil(lambda: not tray.icon.isVisible())
