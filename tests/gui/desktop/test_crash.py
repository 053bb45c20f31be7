import importlib
import os
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QMessageBox
from pytestqt.exceptions import capture_exceptions
from pytestqt.qtbot import QtBot

from photosearch import programs
from photosearch.gui.desktop.crash import CrashDialog, CrashHandler, report
from photosearch.gui.shell.window import Window
from photosearch.paths import Library


@pytest.fixture
def crashes(library: Library) -> Iterator[CrashHandler]:
    handler = CrashHandler(library)
    yield handler
    if handler.dialog is not None:
        handler.dialog.accept()


def raised(message: str) -> ValueError:
    try:
        raise ValueError(message)
    except ValueError as error:
        return error


def handle(handler: CrashHandler, error: BaseException) -> None:
    handler.handle(type(error), error, error.__traceback__)


def test_a_report_says_what_and_where_and_not_who() -> None:
    home = str(Path.home())
    text = report(raised(f"no such thing in {home}/Pictures"))
    assert "ValueError: no such thing in ~/Pictures" in text
    assert "test_crash.py" in text
    assert home + os.sep not in text


def test_it_is_shown_to_be_read_and_written_down(library: Library, crashes: CrashHandler) -> None:
    handle(crashes, raised("first"))
    assert isinstance(crashes.dialog, CrashDialog)
    assert crashes.dialog.isVisible()
    assert "ValueError: first" in crashes.dialog.text.toPlainText()
    assert crashes.dialog.text.isReadOnly()
    (file,) = library.logs.glob("window-error-*.txt")
    assert file.read_text("utf-8") == crashes.dialog.text.toPlainText()
    crashes.dialog.copy.click()
    assert "ValueError: first" in QApplication.clipboard().text()


def test_one_error_after_another_opens_one_dialog(crashes: CrashHandler) -> None:
    handle(crashes, raised("first"))
    dialog = crashes.dialog
    handle(crashes, raised("second"))
    assert crashes.dialog is dialog
    assert dialog is not None
    dialog.accept()
    assert crashes.dialog is None


def test_ctrl_c_ends_the_program_as_ever(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    before: list[type] = []
    monkeypatch.setattr(sys, "excepthook", lambda kind, error, trace: before.append(kind))
    crashes = CrashHandler(library)
    handle(crashes, KeyboardInterrupt())
    assert before == [KeyboardInterrupt]
    assert crashes.dialog is None


@pytest.fixture
def installed(crashes: CrashHandler) -> Iterator[CrashHandler]:
    with capture_exceptions():  # pytest-qt's own hook steps aside
        crashes.install()
        yield crashes
        crashes.remove()


def test_what_escapes_from_a_slot_comes_here(qtbot: QtBot, installed: CrashHandler) -> None:
    def slot() -> None:
        raise ValueError("from a slot")

    QTimer.singleShot(0, slot)
    qtbot.waitUntil(lambda: installed.dialog is not None)


def test_what_escapes_from_a_thread_comes_here(qtbot: QtBot, installed: CrashHandler) -> None:
    def work() -> None:
        raise ValueError("from a thread")

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    qtbot.waitUntil(lambda: installed.dialog is not None)
    assert isinstance(installed.dialog, CrashDialog)
    assert "ValueError: from a thread" in installed.dialog.text.toPlainText()


def test_removed_it_leaves_the_hooks_as_they_were(crashes: CrashHandler) -> None:
    before = sys.excepthook, threading.excepthook
    crashes.install()
    crashes.remove()
    assert (sys.excepthook, threading.excepthook) == before


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file of a program that this process pretends to be."""
    file = tmp_path / "photosearch"
    file.write_bytes(b"")
    monkeypatch.setattr(programs, "file", lambda: file)
    monkeypatch.setattr(programs, "is_gone", lambda: not file.exists())
    return file


def test_of_a_program_that_was_removed_one_sentence_is_said(
    qtbot: QtBot, library: Library, installed: CrashHandler, program: Path
) -> None:
    def slot() -> None:
        importlib.import_module("photosearch.not_read_yet")

    program.unlink()
    QTimer.singleShot(0, slot)
    qtbot.waitUntil(lambda: installed.dialog is not None)
    assert isinstance(installed.dialog, QMessageBox)
    assert installed.dialog.text() == str(programs.gone().sentence)
    assert not list(library.logs.glob("window-error-*.txt"))


def test_the_window_says_at_once_that_its_program_is_gone(
    qtbot: QtBot, program: Path, make_window: Callable[[], Window]
) -> None:
    window = make_window()
    program.unlink()
    qtbot.waitUntil(lambda: window.status.text.text() == str(programs.gone().sentence))
