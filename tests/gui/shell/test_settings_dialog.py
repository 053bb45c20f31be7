from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from PySide6.QtWidgets import QApplication, QComboBox, QLabel, QSpinBox
from pytestqt.qtbot import QtBot
from shiboken6 import isValid

from photosearch import settings
from photosearch.core import messages
from photosearch.core.errors import KnownError
from photosearch.gui import app
from photosearch.gui.desktop.preferences import Preferences
from photosearch.gui.shell.commands import Commands
from photosearch.gui.shell.settings_dialog import SettingsDialog
from photosearch.gui.shell.window import Window
from photosearch.gui.widgets import theme
from photosearch.gui.widgets.controls import ToggleSwitch
from photosearch.paths import Library
from photosearch.store.writer import Writer
from tests.helpers.fake_engine import FakeEngine
from tests.helpers.shelf import Shelf

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints", "does not support raise")


@pytest.fixture
def dialog(qtbot: QtBot, shelf: Shelf, library: Library, make_window: Callable[[], Window]) -> SettingsDialog:
    shelf.add(1)
    with Writer.open(library) as writer:
        writer.set_setting(settings.THREADS, "3")
        writer.set_setting(settings.DEVICE, "a toaster")  # makes no sense: the default
    commands = make_window().findChild(Commands)
    assert commands is not None
    opened = commands.open_settings()
    assert isinstance(opened, SettingsDialog)
    assert commands.open_settings() is opened
    qtbot.waitUntil(opened.rows[settings.THREADS].isEnabled)
    return opened


def test_every_setting_has_a_row_with_its_value(dialog: SettingsDialog) -> None:
    assert set(dialog.rows) == set(settings.SETTINGS)
    assert dialog.rows[settings.THREADS].value == "3"
    assert dialog.rows[settings.DEVICE].value == "auto"
    assert all(row.control.accessibleName() for row in dialog.rows.values())


def test_what_runs_where_and_why_is_said(
    qtbot: QtBot, engine: FakeEngine, make_window: Callable[[], Window]
) -> None:
    engine.status = msgspec.structs.replace(engine.status, runtime="ONNX Runtime 1.32.0", why="fastest")
    commands = make_window().findChild(Commands)
    assert commands is not None
    opened = commands.open_settings()
    assert isinstance(opened, SettingsDialog)
    said = "Now: cpu in float32, ONNX Runtime 1.32.0, the fastest on this computer."
    qtbot.waitUntil(lambda: any(said in label.text() for label in opened.findChildren(QLabel)))


def test_a_change_is_told_to_the_engine_and_what_waits_is_said(
    qtbot: QtBot, engine: FakeEngine, dialog: SettingsDialog
) -> None:
    switch, threads = (dialog.rows[key].control for key in (settings.REMEMBER_SEARCHES, settings.THREADS))
    assert isinstance(switch, ToggleSwitch) and isinstance(threads, QSpinBox)
    switch.click()
    assert engine.orders.get(timeout=5) == messages.ChangeSetting("remember_searches", "no")
    assert dialog.restart.isHidden()
    threads.setValue(1)
    assert engine.orders.get(timeout=5) == messages.ChangeSetting("threads", "1")
    qtbot.waitUntil(dialog.restart.isVisible)
    dialog.restart.click()
    assert engine.orders.get(timeout=5) == messages.Shutdown()
    assert dialog.restart.isHidden()


def test_a_reply_that_comes_after_closing_meets_nobody(
    qtbot: QtBot, engine: FakeEngine, dialog: SettingsDialog
) -> None:
    window = dialog.parent()
    assert isinstance(window, Window)
    threads = dialog.rows[settings.THREADS].control
    assert isinstance(threads, QSpinBox)
    engine.may_answer.clear()
    threads.setValue(1)
    dialog.accept()
    qtbot.waitUntil(lambda: not isValid(dialog))
    engine.may_answer.set()
    engine.refusal = "There is no such folder."
    window.add_folder("/nowhere")  # orders are answered in turn: the first one's is here when this one's is
    qtbot.waitUntil(lambda: window.status.text.text() == "There is no such folder.")


def test_language_changes_while_one_looks(
    qapp: QApplication, preferences: Preferences, dialog: SettingsDialog
) -> None:
    app.follow_preferences(qapp, preferences)
    control = dialog.rows[settings.LANGUAGE].control
    assert isinstance(control, QComboBox)
    control.setCurrentIndex(control.findData("zh_CN"))
    control.activated.emit(control.currentIndex())
    assert dialog.windowTitle() == "设置"
    assert control.currentData() == "zh_CN"
    assert preferences.value(settings.LANGUAGE) == "zh_CN"


def test_preferences_outlive_the_program_and_nonsense_is_the_default(tmp_path: Path) -> None:
    file = tmp_path / "photosearch.ini"
    first = Preferences(file)
    first.change(settings.THEME, "dark")
    first.note("sort", "date")
    first.save()
    assert Preferences(file).value(settings.THEME) == "dark"
    assert Preferences(file).text("sort") == "date"
    other = tmp_path / "other.ini"
    other.write_text("[settings]\ntheme=plaid\nlanguage=\x00\xff\n", "latin-1")
    assert Preferences(other).value(settings.THEME) == settings.SYSTEM
    assert Preferences(other).value(settings.LANGUAGE) == settings.SYSTEM
    with pytest.raises(KnownError):
        first.change(settings.THEME, "plaid")


def test_the_theme_follows_the_choice(qapp: QApplication) -> None:
    preferences = Preferences()
    app.follow_preferences(qapp, preferences)
    preferences.change(settings.THEME, "dark")
    assert qapp.palette().window().color().name().upper() == theme.DARK.bg
    preferences.change(settings.THEME, "light")
    assert qapp.palette().window().color().name().upper() == theme.LIGHT.bg
