"""A look at the person's own folder of pictures, beside the GUI thread and with an end."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from PySide6.QtCore import QObject, QStandardPaths, Signal

from photosearch.core.photo import PHOTO_EXTENSIONS

SECONDS = 2.0  # that a look takes at most
MOST = 20_000  # photos that it counts to


class Pictures(NamedTuple):
    """A folder with photos in it; `counted_all` where there are no more than `photos`."""

    path: str
    photos: int
    counted_all: bool


def location() -> str | None:
    """The folder of pictures; None where there is none, or where it is nothing but the home folder."""
    path = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.PicturesLocation)
    is_own = bool(path) and Path(path).is_dir() and Path(path) != Path.home()
    return path if is_own else None


def look(path: str, is_over: Callable[[], bool]) -> Pictures:
    """Count the photos in a folder and below it, until that is over or enough were seen."""
    photos = 0
    for _, folders, files in os.walk(path):
        folders[:] = [name for name in folders if not name.startswith(".")]
        photos += sum(os.path.splitext(name)[1].lower() in PHOTO_EXTENSIONS for name in files)  # noqa: PTH122
        if photos >= MOST or is_over():
            return Pictures(path, photos, False)
    return Pictures(path, photos, True)


class PicturesLook(QObject):
    """Looks once, when asked to. It lives in the GUI thread."""

    found = Signal(object)  # Pictures: with photos in it

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._closed = threading.Event()
        self._thread: threading.Thread | None = None

    def begin(self) -> None:
        """Look, where that was not done yet."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._look, name="pictures", daemon=True)
            self._thread.start()

    def close(self) -> None:
        """Look no further; a drive that does not answer is not waited for longer than a look takes."""
        self._closed.set()
        if self._thread:
            self._thread.join(SECONDS)

    def _look(self) -> None:
        end = time.monotonic() + SECONDS
        if (path := location()) is None:
            return
        pictures = look(path, lambda: self._closed.is_set() or time.monotonic() > end)
        if pictures.photos and not self._closed.is_set():
            self.found.emit(pictures)
