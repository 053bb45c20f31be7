from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QLabel,
    QLineEdit,
    QMessageBox,
    QPlainTextEdit,
    QSpinBox,
)
from pytestqt.qtbot import QtBot
from shiboken6 import isValid

from photosearch import settings
from photosearch.core import messages
from photosearch.core.errors import KnownError, Sentence
from photosearch.core.extra_messages import (
    AddExtra,
    Extra,
    ExtraChanged,
    FetchProgress,
    RemoveExtra,
    StopExtra,
)
from photosearch.core.model_messages import ChangeModel, ModelsChanged
from photosearch.decode import video_kind
from photosearch.gui import app
from photosearch.gui.desktop.preferences import Preferences
from photosearch.gui.shell.commands import Commands
from photosearch.gui.shell.setting_row import SettingRow
from photosearch.gui.shell.settings_dialog import SettingsDialog
from photosearch.gui.shell.window import Window
from photosearch.gui.widgets import theme
from photosearch.gui.widgets.controls import ToggleSwitch
from photosearch.models import accelerators, catalog
from photosearch.paths import Library
from photosearch.store.writer import Writer
from tests.helpers.fake_engine import FakeEngine
from tests.helpers.int8_model import make_int8
from tests.helpers.shelf import Shelf
from tests.helpers.windows import MakeWindow


@pytest.fixture
def dialog(qtbot: QtBot, shelf: Shelf, library: Library, make_window: Callable[[], Window]) -> SettingsDialog:
    shelf.add(1)
    with Writer.open(library) as writer:
        writer.set_setting(settings.THREADS, "3")
        writer.set_setting(settings.DEVICE, "a toaster")  # makes no sense: the default
    commands = make_window().findChild(Commands)
    assert commands is not None
    opened = commands.open_settings()
    assert commands.open_settings() is opened
    qtbot.waitUntil(opened.rows[settings.THREADS].isEnabled)
    return opened


def test_every_setting_has_a_row_with_its_value(dialog: SettingsDialog) -> None:
    assert set(dialog.rows) | {settings.MODEL} == set(settings.SETTINGS)
    assert dialog.rows[settings.THREADS].value == "3"
    assert dialog.rows[settings.DEVICE].value == "auto"
    assert all(row.control.accessibleName() for row in dialog.rows.values())


def test_only_processors_that_can_be_here_are_offered_and_the_chosen_one(
    make_window: MakeWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    def offered() -> list[str]:
        box = opened.rows[settings.DEVICE].control
        assert isinstance(box, QComboBox)
        return [box.itemData(place) for place in range(box.count())]

    monkeypatch.setattr(accelerators, "conceivable", lambda: frozenset({"cuda"}))
    commands = make_window().findChild(Commands)
    assert commands is not None
    opened = commands.open_settings()
    assert offered() == ["auto", "cpu", "cuda"]
    opened.rows[settings.DEVICE].show_value("xpu")
    assert offered() == ["auto", "cpu", "cuda", "xpu"]
    opened.rows[settings.DEVICE].show_value("auto")
    assert offered() == ["auto", "cpu", "cuda"]


def test_what_runs_where_and_why_is_said(
    qtbot: QtBot, engine: FakeEngine, make_window: Callable[[], Window]
) -> None:
    engine.status = msgspec.structs.replace(engine.status, runtime="ONNX Runtime 1.32.0", why="fastest")
    commands = make_window().findChild(Commands)
    assert commands is not None
    opened = commands.open_settings()
    said = "Now: cpu in float32, ONNX Runtime 1.32.0, the fastest on this computer."
    qtbot.waitUntil(lambda: any(said in label.text() for label in opened.findChildren(QLabel)))


@pytest.mark.parametrize("readable", [True, False])
def test_what_reads_videos_is_offered_where_it_is_not_installed(
    qtbot: QtBot,
    engine: FakeEngine,
    make_window: MakeWindow,
    monkeypatch: pytest.MonkeyPatch,
    *,
    readable: bool,
) -> None:
    monkeypatch.setattr(video_kind, "can_be_read", lambda: readable)
    commands = make_window().findChild(Commands)
    assert commands is not None
    dialog = commands.open_settings()
    assert dialog.video.isHidden() == readable
    if not readable:
        engine.tell(ExtraChanged(Extra("missing", name="video")))
        qtbot.waitUntil(dialog.video.isEnabled)
        dialog.video.button.click()
        (question,) = (box for box in dialog.findChildren(QMessageBox) if box.isVisible())
        assert "36 MB" in question.informativeText() and "GPL" in question.informativeText()
        question.buttons()[0].click()
        assert engine.orders.get(timeout=5) == AddExtra(name="video")
        engine.tell(ExtraChanged(Extra("fetched", "18.1", name="video")))
        qtbot.waitUntil(lambda: "PyAV 18.1 was fetched" in dialog.video.help.text())
        assert dialog.restart.isHidden()  # videos are read at once


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


def test_lines_are_told_once_they_are_left(qtbot: QtBot, engine: FakeEngine, dialog: SettingsDialog) -> None:
    lines = dialog.rows[settings.EXCLUDE].control
    assert isinstance(lines, QPlainTextEdit)
    qtbot.waitActive(dialog)
    lines.setFocus()
    qtbot.keyClicks(lines, "*.gif")
    qtbot.keyClick(lines, Qt.Key.Key_Return)
    qtbot.keyClicks(lines, "Screenshots/")
    qtbot.keyClick(lines, Qt.Key.Key_Tab)
    assert engine.orders.get(timeout=5) == messages.ChangeSetting("exclude", "*.gif\nScreenshots/")


@pytest.fixture
def in_8_bits(library: Library) -> Path:
    """The library's model, which has a form in 8 bits."""
    return make_int8(library.models / "tiny")


def opened_with(
    qtbot: QtBot, shelf: Shelf, library: Library, make_window: Callable[[], Window], model: str
) -> SettingsDialog:
    shelf.add(1)
    with Writer.open(library) as writer:
        writer.set_setting(settings.MODEL, catalog.find(model, library).model_id)
    commands = make_window().findChild(Commands)
    assert commands is not None
    opened = commands.open_settings()
    qtbot.waitUntil(opened.rows[settings.THREADS].isEnabled)
    return opened


def test_a_mirror_is_told_once_its_address_is_typed(
    qtbot: QtBot, engine: FakeEngine, dialog: SettingsDialog
) -> None:
    address = dialog.rows[settings.HUB_MIRROR].control
    assert isinstance(address, QLineEdit) and address.text() == ""
    assert address.height() == theme.CONTROL_HEIGHT, "as that of the boxes around it"
    qtbot.keyClicks(address, "https://hub.example.org")
    assert engine.orders.empty()
    qtbot.keyClick(address, Qt.Key.Key_Return)
    told = messages.ChangeSetting(settings.HUB_MIRROR, "https://hub.example.org")
    assert engine.orders.get(timeout=5) == told
    assert dialog.isVisible()
    address.setText("hub.example.org")
    qtbot.keyClick(address, Qt.Key.Key_Return)
    said = "Mirror takes an address that begins with https:// or http://, or nothing."
    assert any(label.text() == said for label in dialog.findChildren(QLabel))
    assert dialog.isVisible() and engine.orders.empty()


def test_the_mirror_that_the_environment_names_is_shown(
    monkeypatch: pytest.MonkeyPatch, qapp: QApplication
) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://hub.example.org")
    control = SettingRow(settings.SETTINGS[settings.HUB_MIRROR]).control
    assert isinstance(control, QLineEdit) and control.placeholderText() == "http://hub.example.org"


def test_nothing_is_cut_off_in_a_narrow_window(dialog: SettingsDialog) -> None:
    dialog.resize(480, dialog.height())
    QApplication.processEvents()
    form = dialog.models.parentWidget()
    assert form is not None and form.width() <= dialog.width()


@pytest.mark.usefixtures("in_8_bits")
def test_faster_reading_is_offered_where_it_is_worthwhile_with_what_it_costs(
    qtbot: QtBot, engine: FakeEngine, shelf: Shelf, library: Library, make_window: Callable[[], Window]
) -> None:
    engine.replies[messages.GetFasterReading] = messages.FasterReading(
        "tiny-int8", "tiny", True, True, photos=60_000, now_ms=19.6, then_ms=10.0
    )
    engine.may_answer.clear()
    dialog = opened_with(qtbot, shelf, library, make_window, "tiny")
    row, below = dialog.rows[settings.INT8], dialog.rows[settings.THREADS]
    assert row.isVisible() and not row.isEnabled()
    dialog.resize(500, dialog.height())  # where what it brings takes a line more
    QApplication.processEvents()
    place = below.geometry()
    engine.may_answer.set()
    qtbot.waitUntil(row.isEnabled)
    QApplication.processEvents()
    assert below.geometry() == place  # nothing moves once it is measured
    assert row.value == settings.NO
    said = "Here a photo takes 10 ms in place of 20 ms. Reading all of them again takes about 10 minutes."
    assert any(said in label.text() for label in row.findChildren(QLabel))
    assert isinstance(row.control, ToggleSwitch)
    row.control.click()
    assert engine.orders.get(timeout=5) == ChangeModel(catalog.find("tiny-int8", library).model_id)
    with Writer.open(library) as writer:
        writer.set_setting(settings.MODEL, catalog.find("tiny-int8", library).model_id)
    engine.tell(ModelsChanged())
    qtbot.waitUntil(lambda: row.value == settings.YES)
    assert dialog.restart.isHidden()


@pytest.mark.usefixtures("in_8_bits")
def test_faster_reading_is_not_offered_where_it_is_not(
    qtbot: QtBot, shelf: Shelf, library: Library, make_window: Callable[[], Window]
) -> None:
    dialog = opened_with(qtbot, shelf, library, make_window, "tiny")
    row = dialog.rows[settings.INT8]
    qtbot.waitUntil(lambda: any("not be worth" in label.text() for label in row.findChildren(QLabel)))
    assert not row.isEnabled()


@pytest.mark.usefixtures("in_8_bits")
def test_faster_reading_that_was_chosen_can_be_left(
    qtbot: QtBot, engine: FakeEngine, shelf: Shelf, library: Library, make_window: Callable[[], Window]
) -> None:
    dialog = opened_with(qtbot, shelf, library, make_window, "tiny-int8")
    row = dialog.rows[settings.INT8]
    assert row.isVisible()
    assert row.value == settings.YES
    assert isinstance(row.control, ToggleSwitch)
    row.control.click()
    assert engine.orders.get(timeout=5) == ChangeModel(catalog.find("tiny", library).model_id)


def test_torch_is_offered_fetched_and_taken_back(
    qtbot: QtBot, engine: FakeEngine, dialog: SettingsDialog
) -> None:
    row, window = dialog.extra, dialog.parent()
    assert isinstance(window, Window)

    told = []

    def agree() -> None:
        (question,) = (box for box in dialog.findChildren(QMessageBox) if box.isVisible())
        told.append(question.informativeText())
        question.buttons()[0].click()

    qtbot.waitUntil(row.isEnabled)
    assert "not here" in row.help.text()
    row.button.click()
    assert engine.orders.empty()  # nothing is fetched before the person has agreed
    agree()
    assert engine.orders.get(timeout=5) == AddExtra()
    assert "3 GB to download" in told[0] and "licences" in told[0]
    progress = FetchProgress("downloading", "torch", 2, 9, 530_000_000, 3_000_000_000)
    engine.tell(ExtraChanged(Extra("changing", progress=progress)))
    said = "Fetching torch: 530.0 MB of 3.0 GB"
    qtbot.waitUntil(lambda: row.help.text() == window.status.text.text() == said)
    row.button.click()
    assert engine.orders.get(timeout=5) == StopExtra()
    assert dialog.restart.isHidden()
    engine.tell(ExtraChanged(Extra("fetched", "2.15.0")))
    qtbot.waitUntil(dialog.restart.isVisible)
    assert "Torch 2.15.0" in row.help.text()
    row.button.click()
    agree()
    assert engine.orders.get(timeout=5) == RemoveExtra()
    failure = Sentence(
        "Torch could not be fetched ({reason}); try again, and it goes on where it was.", reason="x"
    )
    engine.tell(ExtraChanged(Extra("missing", sentence=failure)))
    qtbot.waitUntil(lambda: row.help.text() == str(failure))


def test_torch_beside_the_program_is_only_told(
    qtbot: QtBot, engine: FakeEngine, dialog: SettingsDialog
) -> None:
    engine.tell(ExtraChanged(Extra("installed", "2.15.0")))
    qtbot.waitUntil(lambda: "2.15.0 is installed" in dialog.extra.help.text())
    assert dialog.extra.button.isHidden()


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


def test_what_is_chosen_counts_though_a_shell_wrote_the_same_before(tmp_path: Path, qtbot: QtBot) -> None:
    file = tmp_path / "photosearch.ini"
    window, shell = Preferences(file), Preferences(file)
    told: list[object] = []
    window.changed.connect(told.append)
    shell.change(settings.THEME, "dark")
    shell.save()
    window.save()
    row = SettingRow(settings.SETTINGS[settings.THEME])
    qtbot.addWidget(row)
    row.chosen.connect(lambda value: window.change(settings.THEME, value))
    row.show_value(window.value(settings.THEME))
    assert row.value == "dark" and isinstance(row.control, QComboBox)
    row.control.activated.emit(row.control.currentIndex())
    assert told == [settings.THEME]


def test_the_theme_follows_the_choice(qapp: QApplication) -> None:
    preferences = Preferences()
    app.follow_preferences(qapp, preferences)
    preferences.change(settings.THEME, "dark")
    assert qapp.palette().window().color().name().upper() == theme.DARK.bg
    preferences.change(settings.THEME, "light")
    assert qapp.palette().window().color().name().upper() == theme.LIGHT.bg
