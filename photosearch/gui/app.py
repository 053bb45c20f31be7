"""The window as a program. Nothing heavy is imported here: it paints in under a second."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from pathlib import Path

from PySide6.QtCore import QEvent, QLoggingCategory, QSize, Qt, Signal
from PySide6.QtGui import QFileOpenEvent
from PySide6.QtWidgets import QApplication

from photosearch import paths, programs, settings
from photosearch.gui.data.engine_link import Connect, EngineLink
from photosearch.gui.data.library_reader import LibraryReader
from photosearch.gui.data.thumbnail_cache import ThumbnailCache
from photosearch.gui.desktop import fonts, language
from photosearch.gui.desktop.crash import CrashHandler
from photosearch.gui.desktop.garbage import GarbageCollector
from photosearch.gui.desktop.preferences import Preferences
from photosearch.gui.desktop.program_watch import ProgramWatch
from photosearch.gui.desktop.single_instance import SingleInstance, Wish
from photosearch.gui.shell.commands import Commands
from photosearch.gui.shell.notifications import Notifications
from photosearch.gui.shell.opening import Opening
from photosearch.gui.shell.tray import Tray, come_forward
from photosearch.gui.shell.window import Window
from photosearch.gui.shell.window_state import WindowState
from photosearch.gui.teach.compare_controller import CompareController
from photosearch.gui.teach.teach_controller import TeachController
from photosearch.gui.widgets import theme
from photosearch.gui.widgets.icons import app_icon
from photosearch.log import start_logging
from photosearch.paths import Library

_SIZE = QSize(1240, 820)
_FRAME = QSize(16, 48)  # room for borders and title bar: how large they are is known only once it is shown


class Application(QApplication):
    """Qt's, which says what the system wants opened: so macOS tells what is dropped on the icon."""

    file_opened = Signal(object)  # bytes: its path

    def event(self, event: QEvent) -> bool:
        """See Qt."""
        if isinstance(event, QFileOpenEvent) and event.file():
            self.file_opened.emit(os.fsencode(event.file()))
            return True
        return super().event(event)


def main(library: Library, model: str | None = None, wish: Wish = "") -> int:
    """Open the window on a library and run until it is closed; -> the exit status.

    Args:
        wish: what to do at first; a window that is open already is told it.
    """
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # Qt's loop would never let Python see Ctrl-C
    app = application()
    alone = SingleInstance(library)
    if not alone.claim(wish):
        return 0
    garbage = GarbageCollector()
    crashes = CrashHandler(library)
    crashes.install()
    with contextlib.suppress(OSError):
        start_logging(library, "window")
    preferences = Preferences(_writable(paths.config_file()))
    follow_preferences(app, preferences)
    if spoken := os.environ.get("PHOTOSEARCH_LANG"):
        language.use(spoken)
    said = ""
    while True:
        status, copy = _run(app, library, model, wish, said, alone, preferences)
        if copy is None:
            break
        from photosearch.gui.shell.restore_dialog import gone_back

        said, wish = gone_back(library, copy), ""
    garbage.close()
    alone.close()
    crashes.remove()
    return status


def _run(
    app: Application,
    library: Library,
    model: str | None,
    wish: Wish,
    said: str,
    alone: SingleInstance,
    preferences: Preferences,
) -> tuple[int, Path | None]:
    """One window, until it is closed; -> the exit status, and a copy of the library to go back to, if any."""
    window = build(library, model, preferences=preferences)
    commands, opening = window.findChild(Commands), window.findChild(Opening)
    assert commands is not None and opening is not None
    copies: list[Path] = []
    commands.restore_wanted.connect(copies.append)

    def fulfil(wish: Wish) -> None:
        if isinstance(wish, tuple):
            opening.open(wish)
        elif wish:
            window.answer(wish)

    def on_raised(wish: Wish) -> None:
        come_forward(window)
        fulfil(wish)

    raised = alone.raised.connect(on_raised)
    opened = app.file_opened.connect(lambda path: on_raised((path,)))
    window.status.show_message(said)
    window.show()
    window.activateWindow()  # under a plain X server nobody else does, and shortcuts need it
    fulfil(wish)
    status = app.exec()
    alone.raised.disconnect(raised)
    app.file_opened.disconnect(opened)
    if not copies:
        return status, None
    window.deleteLater()
    return status, copies[0]


def application() -> Application:
    """Return Qt's application, with the name, icon and style of this program."""
    # A widget's palette holds for what is in it also where there is a style sheet.
    QApplication.setAttribute(Qt.ApplicationAttribute.AA_UseStyleSheetPropagationInWidgetStyles)
    app = Application(sys.argv[:1])
    programs.restore_environment()
    app.setApplicationName("PhotoSearch")
    app.setDesktopFileName("photosearch")
    app.setStyle("Fusion")
    app.setFont(fonts.with_chinese(app.font()))
    app.setWindowIcon(app_icon())
    # A damaged thumbnail shows as a placeholder; the terminal need not hear of each.
    QLoggingCategory.setFilterRules("qt.gui.imageio.*=false")
    return app


def follow_preferences(app: QApplication, preferences: Preferences) -> None:
    """Speak and look as the person chose, now and after each change; or as the system does and changes."""

    def apply_theme() -> None:
        theme.apply_scheme(app, preferences.value(settings.THEME))

    def on_changed(key: str) -> None:
        if key == settings.THEME:
            apply_theme()
        elif key == settings.LANGUAGE:
            language.change(preferences.value(key))

    preferences.changed.connect(on_changed)
    language.use(preferences.value(settings.LANGUAGE))
    apply_theme()
    app.styleHints().colorSchemeChanged.connect(apply_theme)


def build(
    library: Library,
    model: str | None = None,
    *,
    connect: Connect | None = None,
    preferences: Preferences | None = None,
) -> Window:
    """A window that works, not yet shown. The engine is found or started in the background.

    Args:
        connect: how the engine is reached, for those who bring their own.
        preferences: None: the defaults, and nothing is remembered.
    """
    link = EngineLink(library, model, connect)
    reader = LibraryReader(library)
    window = Window(link, reader, ThumbnailCache(library))
    window.resize(_SIZE.boundedTo(window.screen().availableSize() - _FRAME))
    preferences = preferences or Preferences()
    tray = Tray(window, preferences)
    Commands(window, library, reader, link, preferences, tray.leave)
    Opening(window, reader, link)
    TeachController(window, link, reader, preferences)
    CompareController(window, link, reader)
    window.changes.preferences = preferences
    WindowState(window, preferences)
    Notifications(window, link, preferences, tray.say)
    window.library.sidebar.may_tell = lambda: preferences.value(settings.NOTIFY) == settings.YES
    ProgramWatch(window).gone.connect(window.say_program_gone)
    link.start()
    return window


def _writable(file: Path) -> Path:
    """Qt writes there if the folder exists; where it cannot be made, nothing is remembered."""
    with contextlib.suppress(OSError):
        file.parent.mkdir(parents=True, exist_ok=True)
    return file
