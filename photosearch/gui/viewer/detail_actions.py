"""The detail view's own commands, which work while the photo has the keyboard."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction, QKeySequence

from photosearch.gui.widgets.icons import icon
from photosearch.i18n import tr

if TYPE_CHECKING:
    from photosearch.gui.viewer.detail import DetailView


class DetailActions(QObject):
    def __init__(self, detail: DetailView) -> None:
        super().__init__(detail)
        self._picture = detail.picture
        self.next = self._action(lambda: detail.walk(1), "Right", "PgDown")
        self.previous = self._action(lambda: detail.walk(-1), "Left", "PgUp")
        self.up = self._action(lambda: detail.step_or_pan(-1, down=1), "Up")
        self.down = self._action(lambda: detail.step_or_pan(1, down=-1), "Down")
        self.first = self._action(lambda: detail.go_to(0), "Home")
        self.last = self._action(lambda: detail.go_to(detail.count - 1), "End")
        self.zoom_in = self._action(detail.picture.zoom_in, "+", "=", "Ctrl++", "Ctrl+=")
        self.zoom_out = self._action(detail.picture.zoom_out, "-", "Ctrl+-")
        self.fit = self._action(detail.picture.fit, "Ctrl+0")
        self.why = self._action(detail.why_wanted.emit, "W")
        self.full_screen = self._action(detail.full_screen_wanted.emit, "F11")
        self.back = self._action(detail.closed.emit, "Space", "Return", "Enter", "Backspace")

    def retranslate(self) -> None:
        self.next.setText(tr("Next photo"))
        self.previous.setText(tr("Previous photo"))
        self.up.setText(tr("Up in the photo"))
        self.down.setText(tr("Down in the photo"))
        self.first.setText(tr("First photo"))
        self.last.setText(tr("Last photo"))
        self.zoom_in.setText(tr("Closer"))
        self.zoom_out.setText(tr("Farther"))
        self.fit.setText(tr("Whole photo"))
        self.why.setText(tr("Why this photo"))
        self.why.setIcon(icon("why"))
        self.full_screen.setText(tr("Full screen"))
        self.back.setText(tr("Back to the photos"))

    def _action(self, act: Callable[[], object], *keys: str) -> QAction:
        action = QAction(self._picture)
        action.setShortcuts([QKeySequence(key) for key in keys])
        action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        action.triggered.connect(lambda: act())
        self._picture.addAction(action)
        return action
