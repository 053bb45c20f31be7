"""Qt without a display, in English, and libraries to show."""

import os

os.environ["QT_QPA_PLATFORM"] = "offscreen"  # before Qt is imported anywhere

import gc
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PIL import ImageFont
from PySide6.QtCore import QEvent
from PySide6.QtGui import QFont, QFontDatabase
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from photosearch.gui import app
from photosearch.gui.data.library_reader import LibraryReader
from photosearch.gui.data.thumbnail_cache import ThumbnailCache
from photosearch.gui.desktop import language, pictures
from photosearch.gui.desktop.preferences import Preferences
from photosearch.gui.grid.grid import PhotoGrid
from photosearch.gui.shell.window import Window
from photosearch.gui.widgets import theme
from photosearch.paths import Library
from tests.helpers.fake_engine import FakeEngine
from tests.helpers.shelf import Shelf


@pytest.fixture(scope="session")
def qapp() -> Iterator[QApplication]:
    application = app.application()
    # The font that Pillow carries, so that texts are as wide whatever fonts the machine has.
    font = ImageFont.load_default(12)
    assert isinstance(font, ImageFont.FreeTypeFont)
    held = QFontDatabase.addApplicationFontFromData(font.font_bytes)
    application.setFont(QFont(QFontDatabase.applicationFontFamilies(held)[0], 9))
    yield application
    # Qt's offscreen clipboard would free what Python made after Python has ended.
    application.clipboard().clear()


@pytest.fixture(autouse=True)
def _garbage_goes_in_this_thread() -> Iterator[None]:
    """As in the program: see photosearch/gui/desktop/garbage.py."""
    gc.disable()
    gc.freeze()  # so that only what the test has made is looked through, not all that was ever imported
    yield
    gc.collect()
    gc.unfreeze()
    gc.enable()


@pytest.fixture(autouse=True)
def _english_and_light(qapp: QApplication) -> None:
    language.use("en")  # Qt's own words too
    # The last test's windows, else kept until an event loop runs: to style them anew would take long.
    qapp.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    theme.apply(qapp, theme.LIGHT)


@pytest.fixture(autouse=True)
def _nobody_has_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "location", lambda: None)


@pytest.fixture
def library(tmp_path: Path) -> Library:
    """With nothing in it."""
    return Library(tmp_path / "library")


@pytest.fixture
def shelf(library: Library) -> Shelf:
    return Shelf(library)


@pytest.fixture
def engine() -> FakeEngine:
    return FakeEngine()


@pytest.fixture
def preferences() -> Preferences:
    """Of the windows; remembered as long as the test lasts."""
    return Preferences()


@pytest.fixture
def make_window(
    qapp: QApplication, library: Library, engine: FakeEngine, preferences: Preferences
) -> Iterator[Callable[[], Window]]:
    """Windows on `library` and `engine`; all their threads have ended when the test has."""
    before = set(threading.enumerate())
    windows = []

    def make() -> Window:
        window = app.build(library, connect=engine.connect, preferences=preferences)
        window.resize(1125, 600)
        window.show()
        windows.append(window)
        return window

    yield make
    for window in windows:
        window.close()
        window.deleteLater()
    qapp.processEvents()
    assert not [thread for thread in set(threading.enumerate()) - before if thread.is_alive()]


@pytest.fixture
def thumbnails(qapp: QApplication, library: Library) -> Iterator[ThumbnailCache]:
    made = ThumbnailCache(library)
    yield made
    made.close()


@pytest.fixture
def reader(qapp: QApplication, library: Library) -> Iterator[LibraryReader]:
    made = LibraryReader(library)
    yield made
    made.close()


@pytest.fixture
def grid(qtbot: QtBot, thumbnails: ThumbnailCache, reader: LibraryReader) -> PhotoGrid:
    made = PhotoGrid(thumbnails, reader)
    qtbot.addWidget(made)
    made.resize(900, 600)
    made.show()
    return made
