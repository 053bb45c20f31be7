"""What stands below the header: the photos, or a page in their place."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QSizePolicy, QStackedWidget, QWidget

from photosearch.gui.grid.grid import PhotoGrid
from photosearch.gui.widgets.pages import MessagePage, WelcomePage

_LEAST = 240  # logical pixels: a page may be narrower than it would be, for a panel beside it


class Pages(QStackedWidget):
    """Shows one of these at a time.

    Args:
        nothing_found: stands there where a search has no answer
        of_sidebar: what the sidebar leads to besides photos, by the keys of its rows
    """

    def __init__(self, photos: PhotoGrid, nothing_found: QWidget, of_sidebar: Mapping[str, QWidget]) -> None:
        super().__init__()
        self._photos, self._of_sidebar = photos, of_sidebar
        self.welcome, self.message = WelcomePage(), MessagePage()
        self.setMinimumWidth(_LEAST)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        for page in (photos, self.welcome, self.message, nothing_found, *of_sidebar.values()):
            self.addWidget(page)

    @property
    def key(self) -> str | None:
        """Of the sidebar's page that stands where photos would; None where none of them does."""
        shown = self.currentWidget()
        return next((key for key, page in self._of_sidebar.items() if page is shown), None)

    def show_message(self, title: str, explanation: str) -> None:
        """Say something where photos would be."""
        self.message.say(title, explanation)
        self.setCurrentWidget(self.message)

    def enter(self, reason: Qt.FocusReason = Qt.FocusReason.TabFocusReason) -> None:
        """Give the keyboard to the photos or the sidebar's page; by another reason it selects nothing."""
        for page in (self._photos, *self._of_sidebar.values()):
            if page is self.currentWidget():
                page.setFocus(reason)
