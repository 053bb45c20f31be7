from collections.abc import Callable

import pytest
from PySide6.QtGui import QAction, QDesktopServices
from PySide6.QtWidgets import QMessageBox
from pytestqt.qtbot import QtBot

from photosearch import __version__, updates
from photosearch.core.errors import KnownError
from photosearch.gui.shell.commands import Commands
from photosearch.gui.shell.window import Window

PAGE = "https://photos.example/99"


def shown(commands: Commands) -> list[QAction]:
    return [action for action in commands.help_menu().actions() if action.isVisible()]


def test_a_new_version_is_shown_when_asked_for(
    qtbot: QtBot, make_window: Callable[[], Window], monkeypatch: pytest.MonkeyPatch
) -> None:
    answers: list[KnownError | updates.Release] = [
        KnownError("There is no line."),
        updates.Release(__version__, PAGE),
        updates.Release("99.0", PAGE, "<b>Finds</b> more."),
    ]
    opened: list[str] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: opened.append(url.toString()))

    def newest() -> updates.Release:
        answer = answers.pop(0)
        if isinstance(answer, KnownError):
            raise answer
        return answer

    monkeypatch.setattr(updates, "newest", newest)
    monkeypatch.setattr(updates, "address", lambda: PAGE)
    window = make_window()
    commands = window.findChild(Commands)
    assert commands is not None
    check = commands.updates
    assert check in shown(commands)
    check.trigger()
    qtbot.waitUntil(lambda: window.status.text.text() == "There is no line.")
    check.trigger()
    newest_is = f"PhotoSearch {__version__} is the newest version."
    qtbot.waitUntil(lambda: window.status.text.text() == newest_is)
    assert not window.findChildren(QMessageBox)
    check.trigger()
    qtbot.waitUntil(lambda: bool(window.findChildren(QMessageBox)))
    (box,) = window.findChildren(QMessageBox)
    assert box.text() == "PhotoSearch 99.0 is out"
    assert box.informativeText().endswith("Nothing is installed by itself.\n\n<b>Finds</b> more.")
    box.buttons()[0].click()
    assert opened == [PAGE]


def test_where_there_is_nobody_to_ask_it_is_not_offered(
    make_window: Callable[[], Window], monkeypatch: pytest.MonkeyPatch
) -> None:
    commands = make_window().findChild(Commands)
    assert commands is not None
    monkeypatch.setattr(updates, "address", lambda: "")
    assert commands.updates not in shown(commands)
    monkeypatch.setattr(updates, "address", lambda: PAGE)
    assert commands.updates in shown(commands)
