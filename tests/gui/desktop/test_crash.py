import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from pytestqt.exceptions import capture_exceptions
from pytestqt.qtbot import QtBot

from photosearch.gui.desktop.crash import CrashHandler, report
from photosearch.paths import Library

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints", "does not support raise")


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
    assert crashes.dialog is not None
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


def test_ctrl_c_ends_the_program_as_ever(crashes: CrashHandler, capsys: pytest.CaptureFixture[str]) -> None:
    before: list[type] = []
    crashes._before = lambda kind, error, trace: before.append(kind)
    handle(crashes, KeyboardInterrupt())
    assert before == [KeyboardInterrupt]
    assert crashes.dialog is None


def test_what_escapes_from_a_slot_comes_here(qtbot: QtBot, crashes: CrashHandler) -> None:
    def slot() -> None:
        raise ValueError("from a slot")

    with capture_exceptions():  # pytest-qt's own hook steps aside
        hook = sys.excepthook
        crashes.install()
        try:
            QTimer.singleShot(0, slot)
            qtbot.waitUntil(lambda: crashes.dialog is not None)
        finally:
            sys.excepthook = hook
