"""The page that shows where photos were taken, and leads to those of a place."""

from __future__ import annotations

import itertools
import math

import numpy as np
from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QToolButton, QVBoxLayout, QWidget

from photosearch.gui.data.library_reader import LibraryReader
from photosearch.gui.data.thumbnail_cache import ThumbnailCache
from photosearch.gui.map.clusters import Circle, Places
from photosearch.gui.map.map_view import STEP, MapView
from photosearch.gui.widgets import theme
from photosearch.gui.widgets.icons import icon
from photosearch.gui.widgets.rows import Rows
from photosearch.i18n import tr, tr_n
from photosearch.store.places import Coordinates
from photosearch.store.reader import Reader


class MapPage(QWidget):
    """Shows the map and its buttons; says by its signal of which place one wants the photos."""

    query_wanted = Signal(object)  # str

    def __init__(self, reader: LibraryReader, thumbnails: ThumbnailCache) -> None:
        super().__init__()
        self._reader = reader
        self._places: Places | None = None
        self._title = QLabel(textFormat=Qt.TextFormat.PlainText, wordWrap=True)
        self._title.setFont(theme.scaled_font(1.5, semibold=True))
        self._explanation = QLabel(textFormat=Qt.TextFormat.PlainText, wordWrap=True)
        self._explanation.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self.view = MapView(thumbnails)
        self.closer, self.farther, self.whole = (_button(name) for name in ("plus", "minus", "full-screen"))
        self.circle, self.here = QPushButton(), QPushButton()
        self.circle.setCheckable(True)
        self._buttons = Rows(8)
        zooms = QWidget()
        row = QHBoxLayout(zooms)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        for button in (self.closer, self.farther, self.whole):
            row.addWidget(button)
        for part in (self.circle, self.here, zooms):
            self._buttons.add(part)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.MARGIN, 0, theme.MARGIN, theme.MARGIN)
        column.setSpacing(8)
        column.addWidget(self._title)
        column.addWidget(self._explanation)
        column.addWidget(self._buttons)
        column.addWidget(self.view, 1)
        self.setFocusProxy(self.view)
        order = (self.circle, self.here, self.closer, self.farther, self.whole, self.view)
        for before, behind in itertools.pairwise(order):
            self.setTabOrder(before, behind)
        self.closer.clicked.connect(lambda: self.view.zoom_by(STEP))
        self.farther.clicked.connect(lambda: self.view.zoom_by(-STEP))
        self.whole.clicked.connect(self.view.fit)
        self.circle.toggled.connect(self.view.draw)
        self.view.drawing_changed.connect(self.circle.setChecked)
        self.here.clicked.connect(lambda: self._ask(self.view.in_view()))
        self.view.chosen.connect(self._ask)
        self.retranslate()

    def read(self) -> None:
        """Read where photos were taken, and show that."""
        self._reader.ask(self, Reader.coordinates, self._on_read)

    def _on_read(self, found: Coordinates) -> None:
        self._places = Places(found.ids, found.latitudes, found.longitudes)
        self.view.show_places(self._places)
        self.retranslate()

    def _ask(self, circle: Circle) -> None:
        self.query_wanted.emit(as_query(circle))

    def retranslate(self) -> None:
        photos = len(self._places) if self._places is not None else 0
        self._title.setText(tr("Map"))
        self._explanation.setText(
            tr_n("{n} photo says where it was taken.", "{n} photos say where they were taken.", photos)
            if photos
            else tr("Photos that say where they were taken, as those of phones do, stand here.")
        )
        self.circle.setText(tr("Draw a circle"))
        self.circle.setToolTip(tr("Drag from its middle outwards; or hold Shift and drag."))
        self.here.setText(tr("Photos in view"))
        for button, text, keys in (
            (self.closer, tr("Closer"), "+"),
            (self.farther, tr("Farther"), "-"),
            (self.whole, tr("All places"), tr("Home")),
        ):
            button.setAccessibleName(text)
            button.setToolTip(f"{text} ({keys})")
        self.view.retranslate()


def as_query(circle: Circle) -> str:
    """What to type for the photos in a circle; what is rounded away of its radius is added."""
    digits = max(0, 2 - math.floor(math.log10(circle.kilometres)))
    kilometres = np.ceil(circle.kilometres * 10**digits) / 10**digits
    return f"near:{circle.latitude:.5f},{circle.longitude:.5f},{kilometres:.{digits}f}"


def _button(picture: str) -> QToolButton:
    button = QToolButton()
    button.setObjectName("bar")
    button.setIcon(icon(picture))
    button.setIconSize(QSize(20, 20))
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return button
