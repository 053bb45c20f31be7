"""Comparing models in the window: offered when another model has taken over, and among the models."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt

from photosearch.gui.data.engine_link import EngineLink
from photosearch.gui.data.library_reader import LibraryReader
from photosearch.gui.shell.window import Window


class CompareController(QObject):
    """Adds to a window the comparison of the model that answers with the one before."""

    def __init__(self, window: Window, link: EngineLink, reader: LibraryReader) -> None:
        super().__init__(window)
        self._window, self._link, self._reader = window, link, reader
        window.library.models.compare_wanted.connect(self.open_dialog)

    def open_dialog(self) -> None:
        """Open the comparison, anew each time: the models may be others."""
        from photosearch.gui.teach.compare_dialog import CompareDialog

        dialog = CompareDialog(self._link, self._reader, self._window)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()
