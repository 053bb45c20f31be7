"""What the desktop does with a photo's file: open it, show it in the file manager, hand it to a program."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from urllib.parse import quote_from_bytes

from PySide6.QtCore import QCoreApplication, QMimeData, QProcess, QStandardPaths, Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog, QWidget

from photosearch.core.file_names import shown as shown
from photosearch.core.photo import Photo
from photosearch.i18n import tr

if sys.platform not in ("win32", "darwin"):
    from PySide6.QtDBus import (
        QDBusConnection,
        QDBusMessage,
        QDBusPendingCallWatcher,
        QDBusUnixFileDescriptor,
    )

_XDG_REFUSED = (2, 3, 4)  # exit codes: no such file, no program, and it failed


def url(path: bytes) -> QUrl:
    """The URL of a file whose name need not be Unicode."""
    if sys.platform == "win32":
        return QUrl.fromLocalFile(os.fsdecode(path))
    return QUrl.fromEncoded(b"file://" + quote_from_bytes(path).encode(), QUrl.ParsingMode.StrictMode)


def pictures_folder() -> str:
    """Where a person's photos most likely are: the folder of pictures, else the home folder."""
    pictures = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.PicturesLocation)
    return pictures if Path(pictures).is_dir() else os.fspath(Path.home())


def nearest_folder(path: bytes) -> str:
    """The folder that holds a file or folder, or the nearest one above it that is there."""
    folder = Path(os.fsdecode(path)).parent
    while not folder.is_dir() and folder != folder.parent:
        folder = folder.parent
    return os.fspath(folder)


def mime_data(photos: Sequence[Photo]) -> QMimeData:
    """Photos as files, and their paths as text, a line each."""
    carried = QMimeData()
    carried.setUrls([url(photo.path_bytes) for photo in photos])
    carried.setText("\n".join(shown(photo.path_bytes) for photo in photos))
    return carried


def open_file(path: bytes, refused: Callable[[], object] | None = None) -> None:
    """Open a file with the program that the system has for it.

    Args:
        refused: called where there is none, which may be known only after a moment.
    """
    xdg_open = QStandardPaths.findExecutable("xdg-open") if sys.platform == "linux" else ""
    if refused is not None and xdg_open:
        _ask_xdg_open(xdg_open, path, refused)
    elif not QDesktopServices.openUrl(url(path)) and refused is not None:
        refused()


def _ask_xdg_open(xdg_open: str, path: bytes, refused: Callable[[], object]) -> None:
    """As Qt does, which starts it, too, but hears nothing of how it ended."""
    opening = QProcess(QCoreApplication.instance())
    opening.setProcessChannelMode(QProcess.ProcessChannelMode.ForwardedChannels)

    def ended(code: int) -> None:
        opening.deleteLater()
        if code in _XDG_REFUSED:
            refused()

    opening.finished.connect(ended)
    opening.start(xdg_open, [bytes(url(path).toEncoded().data()).decode()])


def open_page(address: str) -> None:
    """Open a page of the web in the person's browser."""
    QDesktopServices.openUrl(QUrl(address, QUrl.ParsingMode.StrictMode))


def reveal(path: bytes) -> None:
    """Show the file, selected, in the system's file manager."""
    if sys.platform == "win32":
        # As one string: explorer wants quotes around the path but not around its option.
        subprocess.Popen(f'explorer /select,"{os.fsdecode(path)}"')
    elif sys.platform == "darwin":
        QProcess.startDetached("open", ["-R", os.fsdecode(path)])
    else:
        _show_items(path)


def choose_program(path: bytes, window: QWidget, refused: Callable[[], object]) -> None:
    """Let the person choose the program that opens a file.

    Args:
        refused: called where the desktop cannot offer a choice, or the file cannot be opened.
    """
    if sys.platform == "win32":
        QProcess.startDetached("rundll32.exe", ["shell32.dll,OpenAs_RunDLL", os.fsdecode(path)])
    elif sys.platform == "darwin":
        dialog = QFileDialog(window, tr("Open with…"), "/Applications", "*.app")
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(
            lambda program: QProcess.startDetached("open", ["-a", program, os.fsdecode(path)])
        )
        dialog.open()
    else:
        _ask_desktop(path, refused)


def _ask_desktop(path: bytes, refused: Callable[[], object]) -> None:
    """The desktop's portal shows its own choice of programs, and opens the file with the one chosen."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        refused()
        return
    call = QDBusMessage.createMethodCall(
        "org.freedesktop.portal.Desktop",
        "/org/freedesktop/portal/desktop",
        "org.freedesktop.portal.OpenURI",
        "OpenFile",
    )
    call.setArguments(["", QDBusUnixFileDescriptor(descriptor), {"ask": True}])
    os.close(descriptor)  # the message has one of its own
    _send(call, refused)


def _show_items(path: bytes) -> None:
    call = QDBusMessage.createMethodCall(
        "org.freedesktop.FileManager1",
        "/org/freedesktop/FileManager1",
        "org.freedesktop.FileManager1",
        "ShowItems",
    )
    call.setArguments([[bytes(url(path).toEncoded().data()).decode()], ""])
    # Where there is no such file manager, its folder will do.
    _send(call, lambda: open_file(os.fsencode(Path(os.fsdecode(path)).parent)))


def _send(call: QDBusMessage, failed: Callable[[], object]) -> None:
    bus = QDBusConnection.sessionBus()
    if not bus.isConnected():
        failed()
        return
    watcher = QDBusPendingCallWatcher(bus.asyncCall(call))

    def done() -> None:
        if watcher.isError():
            failed()
        watcher.deleteLater()

    watcher.finished.connect(done)
