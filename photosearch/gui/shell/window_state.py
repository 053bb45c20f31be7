"""How the window last stood: its place and size, the sidebar, the size of photos, the order of places."""

from __future__ import annotations

import contextlib

from PySide6.QtCore import QByteArray, QEvent, QObject

from photosearch.gui.desktop.preferences import Preferences
from photosearch.gui.library.places import Place
from photosearch.gui.shell.window import Window

_MOST_OPENED = 500  # folders, so that what is kept stays small


class WindowState(QObject):
    """Puts the window as it last stood, and notes how it stands when it closes.

    What was noted and makes no sense is left out.
    """

    def __init__(self, window: Window, preferences: Preferences) -> None:
        super().__init__(window)
        self._window, self._preferences = window, preferences
        self._restore()
        window.installEventFilter(self)
        for name, button in window.library.orders.items():
            button.chosen.connect(lambda values, name=name: preferences.note(f"order_{name}", values[0]))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Close:
            self.save()
        return False

    def save(self) -> None:
        """Remember size, sidebar, opened folders, filmstrip, the pace of slideshows and row height."""
        window, kept = self._window, self._preferences
        kept.note_state("geometry", window.saveGeometry())
        kept.note("sidebar", "yes" if window.splitter.wanted else "no")
        kept.note("sidebar_width", str(window.splitter.sidebar_width))
        opened = [key.path for key in window.library.sidebar.tree.opened if isinstance(key, Place)]
        kept.note("opened", " ".join(path.hex() for path in opened[:_MOST_OPENED]))
        kept.note("filmstrip", "yes" if window.viewer.detail.filmstrip.wanted else "no")
        kept.note("slideshow_seconds", str(window.viewer.detail.slideshow.seconds.value()))
        kept.note("row_height", str(window.grid.row_height))
        kept.save()

    def _restore(self) -> None:
        window, kept = self._window, self._preferences
        geometry: QByteArray = kept.state("geometry")
        if not geometry.isEmpty():
            window.restoreGeometry(geometry)  # Qt heeds nothing that is damaged or off every screen
        window.splitter.want(kept.text("sidebar") != "no")
        if (width := _number(kept.text("sidebar_width"))) is not None:
            window.splitter.set_sidebar_width(width)
        window.library.sidebar.tree.open_once_shown(_folders(kept.text("opened")))
        window.viewer.detail.filmstrip.want(kept.text("filmstrip") != "no")
        if (seconds := _number(kept.text("slideshow_seconds"))) is not None:
            window.viewer.detail.slideshow.seconds.setValue(seconds)
        if (height := _number(kept.text("row_height"))) is not None:
            window.grid.set_row_height(height)
        for name, button in window.library.orders.items():
            button.choose(kept.text(f"order_{name}"))


def _folders(text: str) -> list[Place]:
    with contextlib.suppress(ValueError):
        return [Place("folder", path=bytes.fromhex(path)) for path in text.split(" ") if path]
    return []


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 6 else None
