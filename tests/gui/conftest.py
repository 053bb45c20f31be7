"""Qt without a display, in English, and libraries to show."""

import os

os.environ["QT_QPA_PLATFORM"] = "offscreen"  # before Qt is imported anywhere

import gc
import hashlib
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from photosearch import i18n
from photosearch.core.photo import Facts
from photosearch.decode.thumbnail import thumbnail
from photosearch.gui import app
from photosearch.gui.data.library_reader import LibraryReader
from photosearch.gui.data.thumbnail_cache import ThumbnailCache
from photosearch.gui.grid.grid import PhotoGrid
from photosearch.gui.shell.window import Window
from photosearch.gui.widgets import theme
from photosearch.paths import Library
from photosearch.store.rows import IndexedFile
from photosearch.store.writer import Writer
from tests.helpers.fake_engine import FakeEngine
from tests.helpers.photos import picture

SIZES = [(96, 64), (64, 96), (80, 80), (120, 64)]


@pytest.fixture(scope="session")
def qapp() -> Iterator[QApplication]:
    application = app.application()
    yield application
    # Qt's offscreen clipboard would free what Python made after Python has ended.
    application.clipboard().clear()


@pytest.fixture(autouse=True)
def _garbage_goes_in_this_thread() -> Iterator[None]:
    """As in the program: see photosearch/gui/desktop/garbage.py."""
    gc.disable()
    yield
    gc.collect()
    gc.enable()


@pytest.fixture(autouse=True)
def _english_and_light(qapp: QApplication) -> None:
    i18n.use("en")
    theme.apply(qapp, theme.LIGHT)


@pytest.fixture
def library(tmp_path: Path) -> Library:
    """With nothing in it."""
    return Library(tmp_path / "library")


class Shelf:
    """Puts photos into a library as indexing would."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._count = 0

    def add(self, count: int, jpeg: Callable[[int], bytes] | None = None) -> list[int]:
        """`count` more photos, each newer than the ones before; -> their ids."""
        with Writer.open(self._library) as writer:
            folder = writer.add_folder(b"/photos", "a volume")
            writer.register_model("model", "model", 4)
            files = []
            for number in range(self._count, self._count + count):
                width, height = SIZES[number % len(SIZES)]
                files.append(
                    IndexedFile(
                        folder_id=folder.folder_id,
                        path=b"/photos/%d.jpg" % number,
                        size=1,
                        mtime_ns=(1_000_000 + number) * 10**9 * 60,
                        content_hash=hashlib.blake2b(b"%d" % number, digest_size=20).digest(),
                        facts=Facts("JPEG", width, height),
                        colour=b"\x80\x80\x80",
                        vector=np.ones(4, dtype=np.float16),
                        bias=0.0,
                        thumbnail=jpeg(number) if jpeg else thumbnail(picture(number, (width, height))),
                    )
                )
            self._count += count
            return writer.commit(files, "model")

    def favourite(self, photo_ids: list[int]) -> None:
        with Writer.open(self._library) as writer:
            writer.set_favourite(photo_ids, True)


@pytest.fixture
def shelf(library: Library) -> Shelf:
    return Shelf(library)


@pytest.fixture
def engine() -> FakeEngine:
    return FakeEngine()


@pytest.fixture
def make_window(qapp: QApplication, library: Library, engine: FakeEngine) -> Iterator[Callable[[], Window]]:
    """Windows on `library` and `engine`; all their threads have ended when the test has."""
    before = set(threading.enumerate())
    windows = []

    def make() -> Window:
        window = app.build(library, connect=engine.connect)
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
