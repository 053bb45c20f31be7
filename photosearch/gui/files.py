"""What the desktop does with a photo's file: open it, show it in the file manager."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote_from_bytes

from PySide6.QtCore import QProcess, QUrl
from PySide6.QtGui import QDesktopServices

CAN_CHOOSE_PROGRAM = sys.platform == "win32"  # elsewhere no desktop offers it in one call

if sys.platform not in ("win32", "darwin"):
    from PySide6.QtDBus import QDBusConnection, QDBusMessage, QDBusPendingCallWatcher


def url(path: bytes) -> QUrl:
    """Of a file whose name need not be Unicode."""
    if sys.platform == "win32":
        return QUrl.fromLocalFile(os.fsdecode(path))
    return QUrl.fromEncoded(b"file://" + quote_from_bytes(path).encode(), QUrl.ParsingMode.StrictMode)


def open_file(path: bytes) -> bool:
    """With the program that the system has for it; False where there is none."""
    return QDesktopServices.openUrl(url(path))


def reveal(path: bytes) -> None:
    """Show the file, selected, in the system's file manager."""
    if sys.platform == "win32":
        # As one string: explorer wants quotes around the path but not around its option.
        subprocess.Popen(f'explorer /select,"{os.fsdecode(path)}"')
    elif sys.platform == "darwin":
        QProcess.startDetached("open", ["-R", os.fsdecode(path)])
    else:
        _show_items(path)


def choose_program(path: bytes) -> None:
    """Let the person choose the program; only where CAN_CHOOSE_PROGRAM."""
    if sys.platform == "win32":
        QProcess.startDetached("rundll32.exe", ["shell32.dll,OpenAs_RunDLL", os.fsdecode(path)])


def shown(path: bytes) -> str:
    """A path as text; bytes that are not Unicode become replacement marks."""
    return path.decode("utf-8", "replace") if sys.platform != "win32" else os.fsdecode(path)


def _show_items(path: bytes) -> None:
    call = QDBusMessage.createMethodCall(
        "org.freedesktop.FileManager1",
        "/org/freedesktop/FileManager1",
        "org.freedesktop.FileManager1",
        "ShowItems",
    )
    call.setArguments([[bytes(url(path).toEncoded().data()).decode()], ""])
    watcher = QDBusPendingCallWatcher(QDBusConnection.sessionBus().asyncCall(call))

    def done() -> None:
        if watcher.isError():  # no such file manager: its folder will do
            open_file(os.fsencode(Path(os.fsdecode(path)).parent))
        watcher.deleteLater()

    watcher.finished.connect(done)
