"""The grid's own commands, which work while it has the keyboard; the sheet behind ? is made of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction, QKeySequence

from photosearch.gui.grid.justified_view import STEP
from photosearch.i18n import tr

if TYPE_CHECKING:
    from photosearch.gui.grid.grid import PhotoGrid


class GridActions(QObject):
    def __init__(self, grid: PhotoGrid) -> None:
        super().__init__(grid)
        self._grid = grid
        self.all = self._action("Ctrl+A", grid.select_all)
        self.none = self._action("Ctrl+D", grid.clear_selection)
        self.invert = self._action("Ctrl+I", grid.invert_selection)
        self.toggle = self._action("X", grid.toggle_current)
        self.larger = self._action("Ctrl++", lambda: grid.set_row_height(grid.row_height + STEP))
        self.larger.setShortcuts([QKeySequence("Ctrl++"), QKeySequence("Ctrl+=")])
        self.smaller = self._action("Ctrl+-", lambda: grid.set_row_height(grid.row_height - STEP))
        self.usual = self._action("Ctrl+0", grid.reset_row_height)

    def retranslate(self) -> None:
        self.all.setText(tr("Select all"))
        self.none.setText(tr("Select none"))
        self.invert.setText(tr("Invert the selection"))
        self.toggle.setText(tr("Select or unselect this photo"))
        self.larger.setText(tr("Larger photos"))
        self.smaller.setText(tr("Smaller photos"))
        self.usual.setText(tr("Photos of usual size"))

    def _action(self, keys: str, act: Callable[[], object]) -> QAction:
        action = QAction(self._grid)
        action.setShortcut(QKeySequence(keys))
        action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        action.triggered.connect(lambda: act())
        self._grid.addAction(action)
        return action
