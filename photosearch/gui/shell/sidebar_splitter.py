"""The sidebar beside the photos: hidden by the person, and by itself where there is no room."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSplitter, QWidget

from photosearch.gui.library.sidebar import WIDTH

NARROW = 900  # pixels of a window that has no room for a sidebar


class SidebarSplitter(QSplitter):
    """Lays the sidebar beside the photos. In a narrow window the sidebar goes by itself."""

    menu_needed = Signal(bool)  # by whoever has no keyboard at hand: there is no room, or no sidebar
    keyboard_left = Signal()  # the sidebar that goes, for something else

    def __init__(self, sidebar: QWidget, rest: QWidget) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self._sidebar = sidebar
        self._narrow = False
        self._width = WIDTH  # that the person gave the sidebar, whatever there is room for
        self.wanted = True  # by the person, where there is room
        self.addWidget(sidebar)
        self.addWidget(rest)
        self.setHandleWidth(1)
        self.setCollapsible(0, False)
        self.setCollapsible(1, False)
        self.setStretchFactor(0, 0)
        self.setStretchFactor(1, 1)
        self.setSizes([WIDTH, 10 * WIDTH])
        self.splitterMoved.connect(self._on_moved)

    def toggle(self) -> None:
        """Show the sidebar or hide it; in a narrow window only until it has room again."""
        shown = self._sidebar.isHidden()
        if not self._narrow:
            self.wanted = shown
        self._set_sidebar_shown(shown)

    @property
    def sidebar_width(self) -> int:
        """The width that the sidebar has where there is room, in logical pixels."""
        return self._width

    def set_sidebar_width(self, width: int) -> None:
        """Give the sidebar this width, in logical pixels, and the photos the rest."""
        self._width = width
        self._share_out()

    def want(self, wanted: bool) -> None:
        """Show the sidebar wherever there is room for it, or nowhere."""
        self.wanted = wanted
        self._set_sidebar_shown(wanted and not self._narrow)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        narrow = self.width() < NARROW
        if narrow != self._narrow:
            self._narrow = narrow
            self._set_sidebar_shown(self.wanted and not narrow)

    def close_called(self) -> bool:
        """Hide the sidebar where it was called though there is no room; return False where it was not."""
        called = self._narrow and not self._sidebar.isHidden()
        if called:
            self._set_sidebar_shown(False)
        return called

    def _set_sidebar_shown(self, shown: bool) -> None:
        focus = self.window().focusWidget()
        if not shown and focus is not None and self._sidebar.isAncestorOf(focus):
            self.keyboard_left.emit()  # else Qt gives it to the field, where suggestions open
        self._sidebar.setVisible(shown)
        if shown:
            self._share_out()
        self.menu_needed.emit(self._narrow or not shown)

    def _share_out(self) -> None:
        self.setSizes([self._width, max(1, self.width() - self._width)])

    def _on_moved(self) -> None:
        self._width = self._sidebar.width()
