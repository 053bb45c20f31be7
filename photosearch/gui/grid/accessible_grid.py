"""The grid as screen readers see it: a list whose photos are made when they are asked for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from PySide6.QtCore import QObject, QPoint, QRect
from PySide6.QtGui import QAccessible, QAccessibleEvent, QAccessibleInterface, QColor
from PySide6.QtWidgets import QAccessibleWidget

from photosearch.core import length
from photosearch.gui.grid.justified_view import JustifiedView
from photosearch.gui.grid.photo_facts import PhotoFacts
from photosearch.gui.grid.selection import Selection
from photosearch.i18n import tr

View = TypeVar("View", bound=JustifiedView)

Interface = Any  # QAccessibleInterface | None; what Qt declares for Python forgets the None

_makers: dict[type[JustifiedView], Callable[[Any], AccessibleGrid]] = {}
# By the id of the view. Qt asks for another where Python has extended the view's class meanwhile, and keeps
# each until it is told to free it; what Python alone has freed, it frees once more when the program ends.
_lists: dict[int, list[AccessibleGrid]] = {}


def register(kind: type[View], make: Callable[[View], AccessibleGrid]) -> None:
    """Have Qt ask `make` for what a screen reader sees of each view of this kind, once it wants it."""
    if not _makers:
        QAccessible.installFactory(_interface_of)
    _makers[kind] = make


def focus_moved(view: JustifiedView, index: int) -> None:
    """Tell a screen reader that the keyboard went to the photo at this position."""
    if QAccessible.isActive() and view.hasFocus():
        event = QAccessibleEvent(view, QAccessible.Event.Focus)
        event.setChild(index)
        QAccessible.updateAccessibility(event)


def reset(view: JustifiedView) -> None:
    """Forget what a screen reader was told of the photos: the view shows others."""
    for made in _lists.get(id(view), ()):
        made.forget()


class AccessiblePhoto(QAccessibleInterface):
    """One photo, as an item of the list."""

    def __init__(self, view: JustifiedView, facts: PhotoFacts, selection: Selection, index: int) -> None:
        super().__init__()
        self._view, self._facts, self._selection, self.index = view, facts, selection, index

    def isValid(self) -> bool:
        return self.index < len(self._view.ids)

    def object(self) -> Any:
        return None

    def window(self) -> Any:
        return self._view.window().windowHandle()

    def parent(self) -> Interface:
        return QAccessible.queryAccessibleInterface(self._view)

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
        cell = self._view.cell_of(self.index).toAlignedRect()
        return QRect(self._view.viewport().mapToGlobal(cell.topLeft()), cell.size())

    def text(self, kind: QAccessible.Text) -> str:
        if kind is not QAccessible.Text.Name or not self.isValid():
            return ""
        name = self._facts.name(int(self._view.ids[self.index]))
        name = name or tr("Photo {n} of {total}", n=self.index + 1, total=len(self._view.ids))
        if seconds := self._facts.seconds(self.index):
            name = tr("{photo}, video of {length}", photo=name, length=length.shown(seconds))
        like = self._view.folding.told(self.index)
        return tr("{photo}, {like}", photo=name, like=like) if like else name

    def setText(self, kind: QAccessible.Text, text: str) -> None:
        """It has a name of its own."""

    def state(self) -> QAccessible.State:
        state = QAccessible.State()
        if not self.isValid():
            state.invalid = 1
            return state
        state.selectable = state.focusable = state.multiSelectable = state.extSelectable = 1
        state.selected = int(self.index in self._selection)
        state.focused = int(self._view.hasFocus() and self._selection.current == self.index)
        state.offscreen = int(self.index not in self._view.visible())
        return state

    def foregroundColor(self) -> QColor:
        return QColor()

    def backgroundColor(self) -> QColor:
        return QColor()


class AccessibleGrid(QAccessibleWidget):
    """The list of all photos shown."""

    def __init__(self, view: JustifiedView, facts: PhotoFacts, selection: Selection) -> None:
        super().__init__(view, QAccessible.Role.List)
        self._view, self._facts, self._selection = view, facts, selection
        self._photos: dict[int, AccessiblePhoto] = {}

    def childCount(self) -> int:
        return len(self._view.ids)

    def child(self, index: int) -> Interface:
        if not 0 <= index < len(self._view.ids):
            return None
        if index not in self._photos:
            photo = self._photos[index] = AccessiblePhoto(self._view, self._facts, self._selection, index)
            QAccessible.registerAccessibleInterface(photo)
        return self._photos[index]

    def indexOfChild(self, child: QAccessibleInterface) -> int:
        return child.index if isinstance(child, AccessiblePhoto) else -1

    def childAt(self, x: int, y: int) -> Interface:
        index = self._view.index_at(self._view.viewport().mapFromGlobal(QPoint(x, y)))
        return None if index is None else self.child(index)

    def focusChild(self) -> Interface:
        current = self._selection.current
        return None if current is None or not self._view.hasFocus() else self.child(current)

    def forget(self) -> None:
        """Drop what was made for photos that are not shown any more."""
        photos, self._photos = self._photos, {}
        for photo in photos.values():
            _free(photo)


def _interface_of(name: str, thing: QObject) -> Interface:
    make = next((make for kind, make in _makers.items() if isinstance(thing, kind)), None)
    if make is None:
        return None
    key = id(thing)
    if key not in _lists:
        _lists[key] = []
        thing.destroyed.connect(lambda: _free_lists(key))
    made = make(thing)
    _lists[key].append(made)
    return made


def _free_lists(key: int) -> None:
    for made in _lists.pop(key):
        made.forget()
        _free(made)


def _free(made: QAccessibleInterface) -> None:
    QAccessible.deleteAccessibleInterface(QAccessible.uniqueId(made))
