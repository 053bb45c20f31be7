"""The menu of albums that photos can be put into."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from photosearch.gui.widgets.actions import Menu
from photosearch.gui.widgets.icons import icon
from photosearch.i18n import tr
from photosearch.store.rows import Album


class AlbumMenu(Menu):
    """Names the albums there are when it opens, and a new one; a letter leads to those that begin with it."""

    chosen = Signal(object)  # Album; None: a new one

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._albums: Sequence[Album] = ()
        self.setIcon(icon("album"))
        self.aboutToShow.connect(self._fill)
        self.retranslate()

    def retranslate(self) -> None:
        self.setTitle(tr("Add to album"))

    def show_albums(self, albums: Sequence[Album]) -> None:
        """These are there, from the next time on that it opens."""
        self._albums = albums

    def _fill(self) -> None:
        self.clear()
        for album in self._albums:
            # An ampersand would underline what follows it.
            action = self.addAction(icon("album"), album.name.replace("&", "&&"))
            action.triggered.connect(lambda _=False, album=album: self.chosen.emit(album))
        self.addSeparator()
        self.addAction(icon("plus"), tr("New album…")).triggered.connect(lambda: self.chosen.emit(None))
        self.setActiveAction(self.actions()[0 if self._albums else -1])
