"""Copies of photos into a folder of the person's choice. The photos themselves are only read."""

from __future__ import annotations

import contextlib
import itertools
import os
import shutil
import threading
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from photosearch.core.errors import system_reason
from photosearch.core.photo import Photo
from photosearch.gui.data.library_reader import LibraryReader
from photosearch.gui.desktop import files
from photosearch.gui.widgets.dialogs import ask_folder
from photosearch.i18n import tr, tr_n, translated


class Export(QObject):
    """Copies photos into a folder, in a thread; a file that is there is never written over."""

    begun = Signal(object)  # str
    ended = Signal(object, object)  # str: how many were copied; str: the folder
    failed = Signal(object)  # str: why no more could be copied, or which ones were not
    _ended = Signal(object, object, object)  # int: copies; Path: the folder; str: what went wrong, or ""

    def __init__(self, parent: QWidget, reader: LibraryReader) -> None:
        super().__init__(parent)
        self._parent, self._reader = parent, reader
        self._closing = threading.Event()
        self._threads: list[threading.Thread] = []
        self._ended.connect(self._report, Qt.ConnectionType.QueuedConnection)

    def ask(self, photo_ids: Sequence[int]) -> QFileDialog:
        """Ask the person for a folder, and copy these photos into it."""
        wanted = list(photo_ids)
        return ask_folder(
            self._parent,
            tr("Copy photos to a folder"),
            files.pictures_folder(),
            lambda folder: self.copy_to(Path(folder), wanted),
        )

    def copy_to(self, folder: Path, photo_ids: Sequence[int]) -> None:
        """Copy these photos into a folder."""
        self._reader.ask(
            self,
            lambda reader: reader.photos(photo_ids, self._reader.choice),
            lambda photos: self._copy(folder, photos),
            self.failed.emit,
        )

    def close(self) -> None:
        """End after the file that is being copied."""
        self._closing.set()
        for thread in self._threads:
            thread.join()

    def _copy(self, folder: Path, photos: Sequence[Photo]) -> None:
        here = [photo for photo in photos if not photo.away]
        away = len(photos) - len(here)
        self.begun.emit(tr_n("Copying {n} photo…", "Copying {n} photos…", len(here)))

        def work() -> None:
            problem = ""
            copied = 0
            for photo in here:
                if self._closing.is_set():
                    return
                if problem := copy_or_say(photo.path_bytes, folder):
                    break
                copied += 1
            if away and not problem:
                problem = tr_n(
                    "{n} photo was not copied: its folder or drive is not there.",
                    "{n} photos were not copied: their folders or drives are not there.",
                    away,
                )
            self._ended.emit(copied, folder, problem)

        self._threads = [thread for thread in self._threads if thread.is_alive()]
        thread = threading.Thread(target=work, name="export", daemon=True)
        self._threads.append(thread)
        thread.start()

    def _report(self, copied: int, folder: Path, problem: str) -> None:
        name = folder.name or os.fspath(folder)
        said = tr_n("{n} photo copied to {folder}", "{n} photos copied to {folder}", copied, folder=name)
        self.ended.emit(said, os.fspath(folder))
        if problem:
            self.failed.emit(problem)


def copy_or_say(path: bytes, folder: Path) -> str:
    """Copy a file into a folder; -> why that could not be done, or ""."""
    try:
        copy_into(folder, Path(os.fsdecode(path)))
    except OSError as error:
        return tr(
            "{file} could not be copied to {folder}: {reason}.",
            file=files.shown(path),
            folder=files.shown(os.fsencode(folder)),
            reason=translated(system_reason(error)),
        )
    return ""


def copy_into(folder: Path, file: Path) -> Path:
    """Copy a file with its times, under a name of its own where one of its name is there; -> the copy.

    Raises:
        OSError: it cannot be read, or the folder not be written.
    """
    with file.open("rb") as source:
        for number in itertools.count(1):
            copy = folder / (file.name if number == 1 else f"{file.stem} ({number}){file.suffix}")
            try:
                target = copy.open("xb")
            except FileExistsError:
                continue
            break
        try:
            with target:
                shutil.copyfileobj(source, target)
        except OSError:
            copy.unlink(missing_ok=True)  # half a photo is none
            raise
    # Many network drives keep no times or permissions, and no system all times that another one has.
    with contextlib.suppress(OSError, OverflowError):
        shutil.copystat(file, copy)
    return copy
