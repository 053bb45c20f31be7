"""The window as a program. Nothing heavy is imported here: it paints in under a second."""

from __future__ import annotations

import os
import signal
import sys

from PySide6.QtCore import QLocale, QLoggingCategory, QSize
from PySide6.QtWidgets import QApplication

from photosearch import i18n
from photosearch.gui import theme
from photosearch.gui.engine_link import Connect, EngineLink
from photosearch.gui.icons import app_icon
from photosearch.gui.library_reader import LibraryReader
from photosearch.gui.thumbnails import Thumbnails
from photosearch.gui.window import Window
from photosearch.paths import Library

_SIZE = QSize(1240, 820)


def main(library: Library, model: str | None = None) -> int:
    """Open the window on a library and run until it is closed; -> the exit status."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # Qt's loop would never let Python see Ctrl-C
    app = application()
    i18n.use(os.environ.get("PHOTOSEARCH_LANG") or QLocale.system().uiLanguages()[0])
    theme.follow_system(app)
    window = build(library, model)
    window.show()
    window.activateWindow()  # under a plain X server nobody else does, and shortcuts need it
    return app.exec()


def application() -> QApplication:
    app = QApplication(sys.argv[:1])
    app.setApplicationName("PhotoSearch")
    app.setDesktopFileName("photosearch")
    app.setStyle("Fusion")
    app.setWindowIcon(app_icon())
    # A damaged thumbnail shows as a placeholder; the terminal need not hear of each.
    QLoggingCategory.setFilterRules("qt.gui.imageio.*=false")
    return app


def build(library: Library, model: str | None = None, *, connect: Connect | None = None) -> Window:
    """A window that works, not yet shown. The engine is found or started in the background.

    Args:
        connect: how the engine is reached, for those who bring their own.
    """
    link = EngineLink(library, model, connect)
    window = Window(link, LibraryReader(library), Thumbnails(library))
    screen = window.screen().availableSize()
    window.resize(_SIZE.boundedTo(screen))
    link.start()
    return window
