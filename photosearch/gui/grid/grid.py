"""The grid of photos: justified rows, painted by hand, so that 100,000 photos scroll like a hundred."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import (
    QAccessible,
    QContextMenuEvent,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
)
from PySide6.QtWidgets import QWidget

from photosearch.gui.data.library_reader import LibraryReader
from photosearch.gui.data.thumbnails import Thumbnails, Wish
from photosearch.gui.grid import accessible_grid
from photosearch.gui.grid.drag_out import DragOut
from photosearch.gui.grid.grid_actions import GridActions
from photosearch.gui.grid.grid_painting import paint
from photosearch.gui.grid.justified_view import JustifiedView
from photosearch.gui.grid.navigation import Navigation
from photosearch.gui.grid.photo_facts import PhotoFacts
from photosearch.gui.grid.pointer import Pointer
from photosearch.gui.grid.sections import Section
from photosearch.gui.grid.selection import Selection
from photosearch.gui.grid.spots import Part, Spot, area_of
from photosearch.gui.grid.timeline import TimelineScrubber
from photosearch.gui.widgets import theme
from photosearch.i18n import tr, tr_n

_SCREENS_AHEAD = 2
_SHIFT, _CTRL = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier
_OPEN = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space)


class PhotoGrid(JustifiedView):
    """Shows photos by id; asks `thumbnails` for what is visible and two screens around.

    With a reader, it also shows colours and marks, can be dragged from and is read aloud by name.
    """

    opened = Signal(object)  # photo id, by Enter, Space or double click
    selection_changed = Signal()
    current_changed = Signal()  # another photo has the keyboard
    menu_wanted = Signal(object)  # QPoint, global
    left_upwards = Signal()  # the keyboard wants to go above the first row
    hover_text_wanted = Signal(object)  # photo id
    more_wanted = Signal(object)  # a section whose folded photos are to be shown

    def __init__(
        self, thumbnails: Thumbnails, reader: LibraryReader | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        accessible_grid.install()
        self._thumbnails = thumbnails
        self._selection = Selection()
        self._navigation = Navigation()
        self._on_more: int | None = None  # the section whose last row has the keyboard
        self._told_current: int | None = None  # photo id
        self._pointer = Pointer(self, self._selection)
        self._facts = PhotoFacts(reader) if reader else None
        self._drag = DragOut(self, reader) if reader else None
        self._is_favourite = self._is_away = np.empty(0, dtype=bool)
        self._wish = QTimer(self, interval=0, singleShot=True)
        self._wish.timeout.connect(self._make_wishes)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled, False)  # keys are commands here
        self.setMinimumWidth(240)
        self.viewport().setMouseTracking(True)
        self._connect()
        self._timeline = TimelineScrubber(self)
        self.actions_ = GridActions(self)
        self.retranslate()

    def _connect(self) -> None:
        self._thumbnails.arrived.connect(self._repaint_photos)
        self._pointer.selected.connect(self._selection_is_new)
        self._pointer.hover_moved.connect(self._hover_moved)
        self._pointer.band_moved.connect(self.viewport().update)
        self._pointer.more_wanted.connect(self.more_wanted)
        self._pointer.drag_wanted.connect(self._begin_drag)
        if self._facts:
            self._facts.arrived.connect(self._repaint_photos)
            self._facts.marks_changed.connect(self._mark)
            self._facts.refresh()

    def retranslate(self) -> None:
        self.setAccessibleName(tr("Photos"))
        self.actions_.retranslate()
        self._timeline.scrubber.retranslate()
        self.viewport().update()

    # --- what is shown and selected

    @property
    def selected_ids(self) -> NDArray[np.int64]:
        """In the order shown."""
        return self._selection.ids

    @property
    def selection(self) -> Selection:
        return self._selection

    @property
    def current(self) -> int | None:
        """The position that has the keyboard."""
        return self._selection.current

    @property
    def current_id(self) -> int | None:
        """The photo that has the keyboard."""
        return None if self.current is None else int(self._ids[self.current])

    @property
    def current_more(self) -> int | None:
        """The section whose last row has the keyboard."""
        return self._on_more

    @property
    def pointer(self) -> Pointer:
        return self._pointer

    @property
    def thumbnails(self) -> Thumbnails:
        return self._thumbnails

    @property
    def facts(self) -> PhotoFacts | None:
        return self._facts

    def is_favourite(self, index: int) -> bool:
        return bool(self._is_favourite[index])

    def is_away(self, index: int) -> bool:
        """Its drive is not connected."""
        return bool(self._is_away[index])

    def marked(self, start: int, stop: int) -> set[int]:
        """Those of a run of positions that have more to show than their picture."""
        run = slice(start, stop)
        marks = self._is_favourite[run] | self._is_away[run] | self._selection.mask_of(start, stop)
        found = set((np.flatnonzero(marks) + start).tolist())
        if self.current is not None:
            found.add(self.current)
        if (hover := self._pointer.hover) is not None:
            found.add(hover.position)
        return found

    def show_photos(
        self,
        ids: NDArray[np.int64],
        aspects: NDArray[np.float32],
        sections: Sequence[Section] = (),
        *,
        keep_place: bool,
    ) -> None:
        """Show other photos, (N,) and (N,): from the top, or with what is in view where it was."""
        place = self._place() if keep_place else None
        selected = len(self._selection)
        self._pointer.stop()
        self._pointer.leave()
        self._on_more = None
        self._set_photos(ids, aspects, sections)
        self._selection.follow(ids)
        self._mark()
        self._lay_out(place)
        accessible_grid.reset(self)
        if len(self._selection) != selected:
            self._selection_is_new()

    def set_current(self, photo_id: int) -> None:
        """Select a photo alone and have it in view; nothing where it is not shown."""
        index = self.index_of(photo_id)
        if index is not None:
            self._go_to(index, Qt.KeyboardModifier.NoModifier)

    def select_all(self) -> None:
        self._selection.all()
        self._selection_is_new(told=True)

    def invert_selection(self) -> None:
        self._selection.invert()
        self._selection_is_new(told=True)

    def clear_selection(self) -> bool:
        """False where nothing was selected."""
        if not len(self._selection):
            return False
        self._selection.clear()
        self._selection_is_new(told=True)
        return True

    def leave_current(self) -> None:
        """Other photos are about to be looked at."""
        self._selection.leave()
        self._selection_is_new()

    def toggle_current(self) -> None:
        if self.current is not None:
            self._selection.toggle(self.current)
            self._selection_is_new()

    def enter(self) -> None:
        """Take the keyboard, at the photo that had it last or the first in view."""
        self.setFocus(Qt.FocusReason.OtherFocusReason)
        if self.current is None and (place := self._place()):
            self._go_to(place.position, Qt.KeyboardModifier.NoModifier)

    def refresh_marks(self) -> None:
        """Favourites, drives or files have changed."""
        if self._facts:
            self._facts.refresh()

    # --- painting

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self.viewport()) as painter:
            paint(painter, self, event.rect())

    def _repaint(self, index: int | None) -> None:
        if index is not None and index < len(self._ids):
            self.viewport().update(self.cell_of(index).toAlignedRect())

    def _repaint_photos(self, photo_ids: Sequence[int]) -> None:
        visible = self.visible()
        for place in np.flatnonzero(np.isin(self._ids[visible.start : visible.stop], photo_ids)):
            self._repaint(visible.start + int(place))

    def _hover_moved(self, before: Spot | None, now: Spot | None) -> None:
        for spot in (before, now):
            if spot is not None:
                self.viewport().update(area_of(self, spot))

    def _mark(self) -> None:
        none = np.zeros(len(self._ids), dtype=bool)
        self._is_favourite = self._is_away = none
        if self._facts:
            favourites, away = self._facts.marks
            self._is_favourite = np.isin(self._ids, favourites) if len(favourites) else none
            self._is_away = np.isin(self._ids, away) if len(away) else none
        self.viewport().update()

    # --- reading ahead

    def _view_is_new(self) -> None:
        self._wish.start()

    def _make_wishes(self) -> None:
        """Ask for what is in view, then for what is near, nearest first."""
        radius = self.px(theme.THUMBNAIL_RADIUS)
        near = [(int(self._ids[index]), rect) for index, rect in self.near(_SCREENS_AHEAD)]
        self._thumbnails.want([Wish(photo_id, rect.width, rect.height, radius) for photo_id, rect in near])
        if self._facts:
            self._facts.want_colours([photo_id for photo_id, _ in near])
            if QAccessible.isActive():
                visible = self.visible()
                self._facts.want_names(self._ids[visible.start : visible.stop].tolist())

    # --- events

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self.viewport().update()
        elif event.type() == QEvent.Type.LanguageChange:
            self.retranslate()

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        super().scrollContentsBy(dx, dy)
        self._pointer.leave()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Leave:
            self._pointer.leave()
        elif event.type() == QEvent.Type.ToolTip and (hover := self._pointer.hover):
            if hover.part is Part.PHOTO:
                self.hover_text_wanted.emit(int(self._ids[hover.position]))
            return True
        return super().eventFilter(watched, event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        self.viewport().update()
        if event.reason() in (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason):
            self.enter()  # so that one sees where one is
        accessible_grid.tell_focus(self)

    def focusOutEvent(self, event: QEvent) -> None:
        self.viewport().update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._pointer.move(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._on_more = None
        self._navigation.forget_column()
        self._pointer.press(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._pointer.release(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        index = self.index_at(event.position().toPoint())
        hover = self._pointer.hover
        if hover is not None and hover.part is not Part.PHOTO:
            self._pointer.press(event)
        elif index is not None and event.button() == Qt.MouseButton.LeftButton:
            self.opened.emit(int(self._ids[index]))

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        if not len(self._selection):
            return
        where = event.globalPos()
        if event.reason() == QContextMenuEvent.Reason.Keyboard and self.current is not None:
            where = self.viewport().mapToGlobal(self.cell_of(self.current).center().toPoint())
        self.menu_wanted.emit(where)

    # --- keyboard

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        if key in _OPEN and not event.modifiers() & (_SHIFT | _CTRL):
            self._open_current()
        elif key == Qt.Key.Key_Space and event.modifiers() & _CTRL:
            self.toggle_current()
        elif not self._walk(key, event.modifiers()):
            super().keyPressEvent(event)

    def _open_current(self) -> None:
        if self._on_more is not None:
            self.more_wanted.emit(self._on_more)
        elif self.current_id is not None:
            self.opened.emit(self.current_id)

    def _walk(self, key: Qt.Key, modifiers: Qt.KeyboardModifier) -> bool:
        """Where an arrow, Home, End or a page leads; False for other keys."""
        page = self.px(self.viewport().height()) - self.px(self.covered)
        step = self._navigation.step(key, self._layout, self._sections, self.current, self._on_more, page)
        if step is None:
            return False
        self._set_on_more(step.more)
        if step.leaves:
            self.left_upwards.emit()
        elif step.photo is not None:
            self._go_to(step.photo, modifiers)
        return True

    def _set_on_more(self, section: int | None) -> None:
        self._on_more = section
        self.viewport().update()
        if section is not None:
            row = self.more_of(section)
            self._scroll_to(row.top(), row.bottom())
            accessible_grid.announce(self, self._sections[section].more)

    def _go_to(self, index: int, modifiers: Qt.KeyboardModifier) -> None:
        """The keyboard goes to a photo and selects it; with Shift the range up to it, with Ctrl nothing."""
        if modifiers & _SHIFT:
            self._selection.extend(index, adding=bool(modifiers & _CTRL))
        elif modifiers & _CTRL:
            self._selection.move(index)
        else:
            self._selection.only(index)
        self._make_visible(index)
        self._selection_is_new()

    # --- consequences

    def _selection_is_new(self, *, told: bool = False) -> None:
        """`told`: a screen reader says how many are selected; of single photos it says it by itself."""
        self.viewport().update()
        self.selection_changed.emit()
        if self._drag:
            self._drag.prepare(self._selection.ids)
        if told:
            count = len(self._selection)
            accessible_grid.announce(self, tr_n("{n} photo selected", "{n} photos selected", count))
        if self.current_id != self._told_current:
            self._told_current = self.current_id
            self.current_changed.emit()
            accessible_grid.tell_focus(self)

    def _begin_drag(self) -> None:
        if self._drag and self.current_id is not None:
            self._drag.begin(self._thumbnails.get(self.current_id))
