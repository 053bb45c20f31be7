"""When PhotoSearch itself is wrong: a report that the person can read before doing anything with it."""

from __future__ import annotations

import logging
import os
import platform
import sys
import threading
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

from PySide6.QtCore import QObject, Signal, qVersion
from PySide6.QtGui import QFontDatabase, QGuiApplication
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLabel,
    QMessageBox,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
)

from photosearch import __version__, programs
from photosearch.gui.desktop import files
from photosearch.gui.widgets import theme
from photosearch.i18n import tr, translated
from photosearch.paths import Library

_log = logging.getLogger(__name__)


def report(error: BaseException) -> str:
    """What happened and on what, as text, without the name of the person's own folder. Nobody is sent it."""
    lines = [
        f"PhotoSearch {__version__}",
        f"Python {platform.python_version()}, Qt {qVersion()}, {QGuiApplication.platformName()}",
        platform.platform(),
        "",
        *"".join(traceback.format_exception(error)).splitlines(),
    ]
    home = os.path.expanduser("~")  # noqa: PTH111 (to be looked for in text)
    return "\n".join(lines).replace(home, "~") + "\n"


class CrashHandler(QObject):
    """Takes what escapes from the window's own code, in any thread: logs it, writes it down, shows it.

    One error is shown at a time. Where the program was removed under its window, that is all that is said.
    """

    _caught = Signal(object, object)  # report, file or None: the dialog belongs to the GUI thread

    _went = Signal()  # the program

    def __init__(self, library: Library) -> None:
        super().__init__()
        self._library = library
        self._imports = programs.RefusesImports()
        self._before, self._thread_before = sys.excepthook, threading.excepthook
        self.dialog: CrashDialog | QMessageBox | None = None
        self._caught.connect(lambda text, file: self._show(lambda: CrashDialog(text, file)))
        self._went.connect(lambda: self._show(_gone_box))

    def install(self) -> None:
        """Take the place of the hooks of Python and of its threads; see programs.RefusesImports, too."""
        sys.meta_path.insert(0, self._imports)
        sys.excepthook = self.handle
        threading.excepthook = self._handle_in_thread

    def remove(self) -> None:
        """Put the hooks back as they were."""
        sys.meta_path.remove(self._imports)
        sys.excepthook = self._before
        threading.excepthook = self._thread_before

    def handle(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        """Log an error, write its report down and have it shown; as sys.excepthook is called."""
        if not issubclass(kind, Exception):
            self._before(kind, error, trace)  # Ctrl-C and the like
            return
        if programs.is_gone():
            _log.warning("The program is gone: %s", error)
            self._went.emit()
            return
        _log.error("The window met an error of its own", exc_info=error)
        text = report(error)
        self._caught.emit(text, self._write(text))

    def _handle_in_thread(self, args: threading.ExceptHookArgs) -> None:
        if args.exc_value is not None:
            self.handle(args.exc_type, args.exc_value, args.exc_traceback)

    def _write(self, text: str) -> Path | None:
        file = self._library.logs / time.strftime("window-error-%Y%m%d-%H%M%S.txt")
        try:
            self._library.logs.mkdir(parents=True, exist_ok=True)
            file.write_text(text, "utf-8", errors="backslashreplace")
        except OSError as error:
            _log.warning("The report could not be written: %s", error)
            return None
        return file

    def _show(self, make: Callable[[], CrashDialog | QMessageBox]) -> None:
        if self.dialog is None:
            self.dialog = make()
            self.dialog.finished.connect(self._forget_dialog)
            self.dialog.show()

    def _forget_dialog(self) -> None:
        if self.dialog is not None:
            self.dialog.deleteLater()
            self.dialog = None


def _gone_box() -> QMessageBox:
    box = QMessageBox(QMessageBox.Icon.NoIcon, "PhotoSearch", translated(programs.gone().sentence))
    box.addButton(tr("Close"), QMessageBox.ButtonRole.AcceptRole)
    return box


class CrashDialog(QDialog):
    """Shows a report, to be read and copied."""

    def __init__(self, text: str, file: Path | None) -> None:
        super().__init__()
        self._file = file
        self._title = QLabel()
        self._title.setFont(theme.scaled_font(1.15, semibold=True))
        self._explanation = QLabel(wordWrap=True)
        self.text = QPlainTextEdit(text, readOnly=True)
        self.text.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.copy = QPushButton()
        self.folder = QPushButton()
        self.folder.setVisible(file is not None)
        self.close_button = QPushButton(default=True)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addWidget(self.copy)
        buttons.addWidget(self.folder)
        buttons.addStretch(1)
        buttons.addWidget(self.close_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 24, 24, 16)
        column.setSpacing(12)
        column.addWidget(self._title)
        column.addWidget(self._explanation)
        column.addWidget(self.text, 1)
        column.addLayout(buttons)
        self.copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(text))
        self.folder.clicked.connect(self._open_folder)
        self.close_button.clicked.connect(self.accept)
        self.retranslate()
        self.resize(680, 440)

    def retranslate(self) -> None:
        self.setWindowTitle("PhotoSearch")
        self._title.setText(tr("Something in PhotoSearch went wrong"))
        self._explanation.setText(
            tr(
                "Your photos and your library are not touched, and you can go on. Below is all that is known "
                "of it. It stays on this computer; read it, and share it if you like."
            )
        )
        self.text.setAccessibleName(tr("Report"))
        self.copy.setText(tr("Copy the report"))
        self.folder.setText(tr("Show in file manager"))
        self.close_button.setText(tr("Go on"))

    def _open_folder(self) -> None:
        if self._file is not None:
            files.open_file(os.fsencode(self._file.parent))
