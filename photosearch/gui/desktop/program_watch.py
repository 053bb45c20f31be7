"""Notices that the program was removed, or another version put in its place, while its window is open."""

from __future__ import annotations

import os

from PySide6.QtCore import QFileSystemWatcher, QObject, Signal

from photosearch import programs


class ProgramWatch(QObject):
    """Watches the program's file; much of what the window does later would fail without it."""

    gone = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._watcher = QFileSystemWatcher([os.fspath(programs.file())], self)
        self._watcher.fileChanged.connect(self._look)

    def _look(self) -> None:
        if programs.is_gone():
            self.gone.emit()
