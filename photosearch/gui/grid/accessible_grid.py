"""The grid as screen readers see it: a list whose photos are made when they are asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QPoint, QRect
from PySide6.QtGui import (
    QAccessible,
    QAccessibleAnnouncementEvent,
    QAccessibleEvent,
    QAccessibleInterface,
    QColor,
)
from PySide6.QtWidgets import QAccessibleWidget, QWidget

from photosearch.i18n import tr

if TYPE_CHECKING:
    from photosearch.gui.grid.grid import PhotoGrid

Interface = Any  # QAccessibleInterface | None; what Qt declares for Python forgets the None

# What Python made must outlive what Qt keeps of it: by the address of the grid's C++ object.
_lists: dict[int, AccessibleGrid] = {}
_installed = False


def install() -> None:
    """Once for the program: Qt asks for an interface when a screen reader asks for a grid."""
    global _installed
    if not _installed:
        QAccessible.installFactory(_interface_of)
        _installed = True


def announce(widget: QWidget, sentence: str) -> None:
    """Said once by a screen reader, where there is one."""
    if QAccessible.isActive():
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(widget, sentence))


def tell_focus(grid: PhotoGrid) -> None:
    """The keyboard went to another photo."""
    if QAccessible.isActive() and grid.hasFocus() and grid.current is not None:
        event = QAccessibleEvent(grid, QAccessible.Event.Focus)
        event.setChild(grid.current)
        QAccessible.updateAccessibility(event)


def reset(grid: PhotoGrid) -> None:
    """It shows other photos."""
    if (found := _lists.get(id(grid))) is not None:
        found.forget()


class AccessiblePhoto(QAccessibleInterface):
    def __init__(self, grid: PhotoGrid, index: int) -> None:
        super().__init__()
        self._grid, self.index = grid, index

    def isValid(self) -> bool:
        return self.index < len(self._grid.ids)

    def object(self) -> Any:
        return None

    def window(self) -> Any:
        return self._grid.window().windowHandle()

    def parent(self) -> Interface:
        return QAccessible.queryAccessibleInterface(self._grid)

    def child(self, index: int) -> Interface:
        return None

    def childCount(self) -> int:
        return 0

    def childAt(self, x: int, y: int) -> Interface:
        return None

    def indexOfChild(self, child: QAccessibleInterface) -> int:
        return -1

    def role(self) -> QAccessible.Role:
        return QAccessible.Role.ListItem

    def rect(self) -> QRect:
        if not self.isValid():
            return QRect()
        cell = self._grid.cell_of(self.index).toAlignedRect()
        return QRect(self._grid.viewport().mapToGlobal(cell.topLeft()), cell.size())

    def text(self, kind: QAccessible.Text) -> str:
        if kind is not QAccessible.Text.Name or not self.isValid():
            return ""
        facts = self._grid.facts
        name = facts.name(int(self._grid.ids[self.index])) if facts else None
        return name or tr("Photo {n} of {total}", n=self.index + 1, total=len(self._grid.ids))

    def setText(self, kind: QAccessible.Text, text: str) -> None:
        """It has a name of its own."""

    def state(self) -> QAccessible.State:
        state = QAccessible.State()
        if not self.isValid():
            state.invalid = 1
            return state
        state.selectable = state.focusable = state.multiSelectable = state.extSelectable = 1
        state.selected = int(self.index in self._grid.selection)
        state.focused = int(self._grid.hasFocus() and self._grid.current == self.index)
        state.offscreen = int(self.index not in self._grid.visible())
        return state

    def foregroundColor(self) -> QColor:
        return QColor()

    def backgroundColor(self) -> QColor:
        return QColor()


class AccessibleGrid(QAccessibleWidget):
    def __init__(self, grid: PhotoGrid) -> None:
        super().__init__(grid, QAccessible.Role.List)
        self._grid = grid
        self._photos: dict[int, AccessiblePhoto] = {}

    def childCount(self) -> int:
        return len(self._grid.ids)

    def child(self, index: int) -> Interface:
        if not 0 <= index < len(self._grid.ids):
            return None
        if index not in self._photos:
            photo = self._photos[index] = AccessiblePhoto(self._grid, index)
            QAccessible.registerAccessibleInterface(photo)
        return self._photos[index]

    def indexOfChild(self, child: QAccessibleInterface) -> int:
        return child.index if isinstance(child, AccessiblePhoto) else -1

    def childAt(self, x: int, y: int) -> Interface:
        index = self._grid.index_at(self._grid.viewport().mapFromGlobal(QPoint(x, y)))
        return None if index is None else self.child(index)

    def focusChild(self) -> Interface:
        current = self._grid.current
        return None if current is None or not self._grid.hasFocus() else self.child(current)

    def forget(self) -> None:
        photos, self._photos = self._photos, {}
        for photo in photos.values():
            QAccessible.deleteAccessibleInterface(QAccessible.uniqueId(photo))


def _interface_of(name: str, thing: QObject) -> Interface:
    from photosearch.gui.grid.grid import PhotoGrid

    if not isinstance(thing, PhotoGrid):
        return None
    key = id(thing)
    _lists[key] = AccessibleGrid(thing)
    thing.destroyed.connect(lambda: _lists.pop(key, None))
    return _lists[key]
