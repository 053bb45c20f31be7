"""Photos of which some are selected, by keys and by the mouse; one of them has the keyboard."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPoint, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent

from photosearch.gui.grid import accessible_grid
from photosearch.gui.grid.justified_view import JustifiedView
from photosearch.gui.grid.navigation import Navigation
from photosearch.gui.grid.pointer import Pointer
from photosearch.gui.grid.sections import Section
from photosearch.gui.grid.selection import Selection
from photosearch.gui.grid.spots import SpotKind, spot_at
from photosearch.gui.widgets.actions import make_action
from photosearch.gui.widgets.announce import announce
from photosearch.i18n import tr, tr_n

_SHIFT, _CTRL = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier
_OPEN = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space)


class SelectableView(JustifiedView):
    """Selects photos as a file manager selects files; a subclass paints them."""

    opened = Signal(object)  # photo id, by Enter, Space or double click
    selection_changed = Signal()
    current_changed = Signal()  # another photo has the keyboard
    left_upwards = Signal()  # the keyboard wants to go above the first row

    def __init__(self) -> None:
        super().__init__()
        self._selection = Selection()
        self._navigation = Navigation()
        self._last_current: int | None = None  # photo id
        self._pointer = Pointer(self, self._selection)
        self._pointer.selected.connect(self._on_selection_changed)
        self._pointer.band_moved.connect(self.viewport().update)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled, False)  # keys are commands here
        self.viewport().setMouseTracking(True)
        for text, keys, slot in (
            (lambda: tr("Select all"), "Ctrl+A", self.select_all),
            (lambda: tr("Select none"), "Ctrl+D", self.clear_selection),
            (lambda: tr("Invert the selection"), "Ctrl+I", self.invert_selection),
            (lambda: tr("Select or unselect this photo"), "X", self.toggle_current),
        ):
            make_action(self, text, keys, slot, local=True)

    @property
    def selected_ids(self) -> NDArray[np.int64]:
        """The ids of the selected photos (n,), in the order shown."""
        return self._selection.ids

    @property
    def selection(self) -> Selection:
        """Which photos are selected."""
        return self._selection

    @property
    def selection_told(self) -> str:
        """How many photos are selected, and that none behind them is."""
        count = len(self._selection)
        told = tr_n("{n} photo selected", "{n} photos selected", count)
        behind = self.folding.behind(self._selection.mask)
        if not behind:
            return told
        return tr("{selected}, without {n} behind them", selected=told, n=behind)

    @property
    def current(self) -> int | None:
        """The position that has the keyboard."""
        return self._selection.current

    @property
    def current_id(self) -> int | None:
        """The photo that has the keyboard."""
        return None if self.current is None else int(self.ids[self.current])

    @property
    def pointer(self) -> Pointer:
        """What the mouse does."""
        return self._pointer

    def show_photos(
        self,
        ids: NDArray[np.int64],
        aspects: NDArray[np.float32],
        sections: Sequence[Section] = (),
        *,
        keep_place: bool,
    ) -> None:
        """See above; of other photos those are selected that were before."""
        selected = len(self._selection)
        self._pointer.stop()
        self._leave()
        self._selection.follow(ids, closing=keep_place)
        super().show_photos(ids, aspects, sections, keep_place=keep_place)
        accessible_grid.reset(self)
        if len(self._selection) != selected or self.current_id != self._last_current:
            self._on_selection_changed()

    def set_row_height(self, height: int) -> None:
        """See above; the photo that has the keyboard stays in view."""
        was_seen = self.current is not None and self.current in self.visible()
        super().set_row_height(height)
        if was_seen and self.current is not None:
            self.ensure_visible(self.current)

    def set_current(self, photo_id: int) -> None:
        """Select a photo alone and have it in view; nothing where it is not there."""
        index = self.index_of(photo_id)
        if index is not None:
            self._go_to(index, Qt.KeyboardModifier.NoModifier)

    def select_all(self) -> None:
        """Select every photo; first only those before the sections that stand apart."""
        end = next((section.start for section in self.sections if section.apart), len(self.ids))
        self._selection.all(end if end and not self._selection.has_all(0, end) else len(self.ids))
        self._on_selection_changed(announced=True)

    def invert_selection(self) -> None:
        """Select the photos that are not selected, and no others."""
        self._selection.invert()
        self._on_selection_changed(announced=True)

    def clear_selection(self) -> bool:
        """Select nothing; return False where nothing was selected."""
        if not len(self._selection):
            return False
        self._selection.clear()
        self._on_selection_changed(announced=True)
        return True

    def leave_current(self) -> None:
        """Take the keyboard from the photo that has it: other photos are about to be looked at."""
        self._selection.leave()
        self._on_selection_changed()

    def toggle_current(self) -> None:
        """Select the photo that has the keyboard, or no longer do."""
        if self.current is not None:
            self._selection.toggle(self.current)
            self._on_selection_changed()

    def enter(self) -> None:
        """Take the keyboard, at the photo that had it last or the first in view.

        The one that had it is taken only where it is seen, or selected with others, and is then scrolled to.
        """
        self._selection.ringed = True
        self.setFocus(Qt.FocusReason.OtherFocusReason)
        if self.current is not None and (self.current in self.visible() or len(self._selection) > 1):
            self.ensure_visible(self.current)
        elif (first := self.first_in_view) is not None:
            self.set_current(first)

    def global_place_of_current(self) -> QPoint:
        """Where a menu opens that the keyboard asked for: at the photo that has it, else in the middle."""
        shown = self.viewport().rect()
        cell = shown if self.current is None else self.cell_of(self.current).toRect() & shown
        return self.viewport().mapToGlobal((cell or shown).center())

    # --- the mouse

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        super().scrollContentsBy(dx, dy)
        self._leave()

    def _leave(self) -> None:
        """The pointer is over nothing any more."""
        self._pointer.leave()

    def focusInEvent(self, event: QFocusEvent) -> None:
        self.viewport().update()
        if event.reason() in (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason):
            self.enter()  # so that one sees where one is
        self._announce_focus()

    def focusOutEvent(self, event: QEvent) -> None:
        self.viewport().update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._pointer.move(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._navigation.forget_column()
        self._selection.ringed = False
        self._pointer.press(event)
        self.viewport().update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._pointer.release()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        spot = spot_at(self, event.position().toPoint())
        if spot is not None and spot.kind is not SpotKind.PHOTO:
            self._pointer.press(event)
        elif spot is not None and event.button() == Qt.MouseButton.LeftButton:
            self.opened.emit(int(self.ids[spot.position]))

    # --- the keyboard

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        self._selection.ringed = True
        if key in _OPEN and not event.modifiers() & (_SHIFT | _CTRL):
            self._open_current()
        elif key == Qt.Key.Key_Space and event.modifiers() & _CTRL:
            self.toggle_current()
        elif not self._walk(key, event.modifiers()):
            super().keyPressEvent(event)

    def _open_current(self) -> None:
        if self.current_id is not None:
            self.opened.emit(self.current_id)

    def _walk(self, key: Qt.Key, modifiers: Qt.KeyboardModifier) -> bool:
        """Where an arrow, Home, End or a page leads; False for other keys."""
        page = self.px(self.viewport().height()) - self.px(self.covered)
        step = self._navigation.step(key, self.layout_, self.current, page)
        if step is None:
            return False
        if step.leaves:
            self.left_upwards.emit()
        elif step.photo is not None:
            self._go_to(step.photo, modifiers)
        return True

    def _go_to(self, index: int, modifiers: Qt.KeyboardModifier) -> None:
        """The keyboard goes to a photo and selects it; with Shift the range up to it, with Ctrl nothing."""
        if modifiers & _SHIFT:
            self._selection.extend(index, adding=bool(modifiers & _CTRL))
        elif modifiers & _CTRL:
            self._selection.move(index)
        else:
            self._selection.only(index)
        self.ensure_visible(index)
        self._on_selection_changed()

    # --- consequences

    def _on_selection_changed(self, *, announced: bool = False) -> None:
        """`announced`: a screen reader says how many are selected; of single photos it says it by itself."""
        self.viewport().update()
        self.selection_changed.emit()
        if announced:
            announce(self, self.selection_told)
        if self.current_id != self._last_current:
            self._last_current = self.current_id
            self.current_changed.emit()
            self._announce_focus()

    def _announce_focus(self) -> None:
        if self.current is not None:
            accessible_grid.focus_moved(self, self.current)
