"""The grid of photos: justified rows, painted by hand, so that 100,000 photos scroll like a hundred."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QObject, QPoint, Qt, QTimer, Signal
from PySide6.QtGui import (
    QAccessible,
    QContextMenuEvent,
    QFocusEvent,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
)
from PySide6.QtWidgets import QToolTip

from photosearch.gui.data.library_reader import LibraryReader
from photosearch.gui.data.thumbnail_cache import ThumbnailCache, ThumbnailWish
from photosearch.gui.grid import accessible_grid
from photosearch.gui.grid.accessible_grid import AccessibleGrid
from photosearch.gui.grid.drag_out import DragOut
from photosearch.gui.grid.justified_view import JustifiedView
from photosearch.gui.grid.navigation import Navigation
from photosearch.gui.grid.overview import Overview
from photosearch.gui.grid.painting import GridPainter
from photosearch.gui.grid.photo_facts import PhotoFacts
from photosearch.gui.grid.pointer import Pointer
from photosearch.gui.grid.sections import Section
from photosearch.gui.grid.selection import Selection
from photosearch.gui.grid.spots import Spot, SpotKind, area_of, name_of, spot_at
from photosearch.gui.grid.timeline import TimelineScrubber
from photosearch.gui.grid.video_scrub import VideoScrub
from photosearch.gui.widgets import theme
from photosearch.gui.widgets.actions import make_action
from photosearch.gui.widgets.announce import announce
from photosearch.i18n import tr, tr_n
from photosearch.store.stacking import Stacked

_SCREENS_AHEAD = 2
_SHIFT, _CTRL = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier
_OPEN = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space)


class PhotoGrid(JustifiedView):
    """Shows photos by id; asks `thumbnails` for what is visible and two screens around.

    It shows their colours and marks too, can be dragged from and is read aloud by name.
    """

    opened = Signal(object)  # photo id, by Enter, Space or double click
    selection_changed = Signal()
    current_changed = Signal()  # another photo has the keyboard
    menu_wanted = Signal(object)  # QPoint, global
    left_upwards = Signal()  # the keyboard wants to go above the first row
    hover_text_wanted = Signal(object)  # photo id
    favourite_wanted = Signal(object, object)  # photo id; whether it is to be one

    def __init__(self, thumbnails: ThumbnailCache, reader: LibraryReader) -> None:
        super().__init__()
        accessible_grid.register(PhotoGrid, lambda grid: AccessibleGrid(grid, grid.facts, grid.selection))
        self._thumbnails = thumbnails
        self._selection = Selection()
        self._navigation = Navigation()
        self._last_current: int | None = None  # photo id
        self._pointer = Pointer(self, self._selection)
        self._facts = PhotoFacts(reader)
        self._drag = DragOut(self, reader)
        self.scrub = VideoScrub(self, self._pointer, self._facts, reader)
        self._painter = GridPainter(self, thumbnails, self._facts, self._selection, self._pointer, self.scrub)
        self._wish = QTimer(self, interval=0, singleShot=True)
        self._wish.timeout.connect(self._make_wishes)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled, False)  # keys are commands here
        self.setMinimumWidth(240)
        self.viewport().setMouseTracking(True)
        self._connect()
        self._timeline = TimelineScrubber(self)
        self._overview = Overview(self, thumbnails)
        self._overview.opened.connect(self._go_to_period)
        self._overview.visibility_changed.connect(lambda: self._timeline.cover(not self._overview.isHidden()))
        self._make_actions()
        self.retranslate()

    def _connect(self) -> None:
        self._thumbnails.arrived.connect(self._repaint_photos)
        self._pointer.selected.connect(self._on_selection_changed)
        self._pointer.hover_moved.connect(self._on_hover_moved)
        self._pointer.band_moved.connect(self.viewport().update)
        self._pointer.drag_wanted.connect(self._begin_drag)
        self._pointer.heart_pressed.connect(self._toggle_favourite)
        self._pointer.stack_pressed.connect(self._turn_stack)
        self._pointer.more_pressed.connect(
            lambda point: self.menu_wanted.emit(self.viewport().mapToGlobal(point))
        )
        self.scrub.changed.connect(lambda photo_id: self._repaint_photos([photo_id]))
        self._facts.arrived.connect(self._repaint_photos)
        self._facts.marks_changed.connect(self.viewport().update)
        self._facts.refresh()
        self.view_changed.connect(self._wish.start)

    def _make_actions(self) -> None:
        for text, keys, slot in (
            (lambda: tr("Select all"), "Ctrl+A", self.select_all),
            (lambda: tr("Select none"), "Ctrl+D", self.clear_selection),
            (lambda: tr("Invert the selection"), "Ctrl+I", self.invert_selection),
            (lambda: tr("Select or unselect this photo"), "X", self.toggle_current),
        ):
            make_action(self, text, keys, slot, local=True)
        self.zooms = [
            make_action(self, text, keys, slot, local=True)
            for text, keys, slot in (
                (lambda: tr("Larger photos"), "Ctrl++ Ctrl+=", lambda: self.enlarge(1)),
                (lambda: tr("Smaller photos, then months and years"), "Ctrl+-", lambda: self.enlarge(-1)),
                (lambda: tr("Photos of usual size"), "Ctrl+0", self.reset_row_height),
            )
        ]
        self.turn_stack = make_action(
            self, lambda: tr("Show or fold photos like this"), ".", self._turn_stack, "stack", local=True
        )

    def retranslate(self) -> None:
        self.setAccessibleName(tr("Photos"))
        self._timeline.scrubber.retranslate()
        self.viewport().update()

    # --- what is shown and selected

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

    @property
    def thumbnails(self) -> ThumbnailCache:
        """Where the pictures come from."""
        return self._thumbnails

    @property
    def facts(self) -> PhotoFacts:
        """What is shown of photos beside their pictures."""
        return self._facts

    def show_photos(
        self,
        ids: NDArray[np.int64],
        aspects: NDArray[np.float32],
        sections: Sequence[Section] = (),
        *,
        keep_place: bool,
    ) -> None:
        """Show other photos, (N,) and (N,): from the top, or with what is in view where it was.

        Those of a stack fold behind its best, where there are stacks.
        """
        if not keep_place:
            self.folding.fold_all()
        self._show(*self.folding.shown((ids, aspects, sections)), keep_place=keep_place)

    def show_stacks(self, stacked: Stacked) -> None:
        """Show the best of each of these stacks for all of it, from now on."""
        if self.folding.use(stacked):
            self._fold_anew()

    def unfold(self, photo_id: int) -> None:
        """Show a photo that is behind another."""
        if self.folding.unfold(photo_id):
            self._fold_anew()

    def _turn_stack(self, index: int | None = None) -> None:
        """Unfold or fold the stack of a photo: of that at a position, or of that which has the keyboard."""
        index = self.current if index is None else index
        best = None if index is None else self.folding.turn(index)
        if best is None:
            return
        self._fold_anew()
        if (place := self.index_of(best)) is None:
            return
        several = len(self._selection) > 1  # which one goes on with
        self._go_to(place, _CTRL if several else Qt.KeyboardModifier.NoModifier)
        announce(self, name_of(self, Spot(SpotKind.STACK, place)))

    def _fold_anew(self) -> None:
        self._show(*self.folding.shown(), keep_place=True)

    def _show(
        self,
        ids: NDArray[np.int64],
        aspects: NDArray[np.float32],
        sections: Sequence[Section],
        *,
        keep_place: bool,
    ) -> None:
        selected = len(self._selection)
        self._pointer.stop()
        self._leave()
        self._selection.follow(ids, closing=keep_place)
        self._facts.follow(ids)
        super().show_photos(ids, aspects, sections, keep_place=keep_place)
        accessible_grid.reset(self)
        self._allow_turning()
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
        self.unfold(photo_id)
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

    @property
    def overview(self) -> Overview:
        """The months and years, which lie over the photos while one looks at them."""
        return self._overview

    def _go_to_period(self, photo_id: int) -> None:
        self.set_current(photo_id)
        self.scroll_to_photo(photo_id)

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

    def refresh_marks(self) -> None:
        """Read the marks again: favourites, drives or files have changed."""
        self._facts.refresh()

    # --- painting

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self.viewport()) as painter:
            self._painter.paint(painter, event.rect())

    def _repaint_photos(self, photo_ids: Sequence[int]) -> None:
        visible = self.visible()
        for place in np.flatnonzero(np.isin(self.ids[visible.start : visible.stop], photo_ids)):
            self.viewport().update(self.cell_of(visible.start + int(place)).toAlignedRect())

    def _on_hover_moved(self, before: Spot | None, now: Spot | None) -> None:
        for spot in (before, now):
            if spot is not None:
                self.viewport().update(area_of(self, spot))

    # --- reading ahead

    def _make_wishes(self) -> None:
        """Ask for what is in view, then for what is near, nearest first."""
        radius = self.px(theme.THUMBNAIL_RADIUS)
        near = [(int(self.ids[index]), rect) for index, rect in self.near(_SCREENS_AHEAD)]
        moment = self._facts.moment
        self._thumbnails.want(
            [
                ThumbnailWish(photo_id, rect.width, rect.height, radius, moment(photo_id))
                for photo_id, rect in near
            ]
        )
        self._facts.want_colours([photo_id for photo_id, _ in near])
        if QAccessible.isActive():
            visible = self.visible()
            self._facts.want_names(self.ids[visible.start : visible.stop].tolist())

    # --- events

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self.viewport().update()
        elif event.type() == QEvent.Type.LanguageChange:
            self.retranslate()

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        super().scrollContentsBy(dx, dy)
        self._leave()

    def _leave(self) -> None:
        """The pointer is over nothing any more."""
        self._pointer.leave()
        self.scrub.leave()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Leave:
            self._leave()
        elif event.type() == QEvent.Type.ToolTip and (hover := self._pointer.hover):
            if hover.kind is SpotKind.PHOTO and self.scrub.shows(int(self.ids[hover.position])):
                pass  # it would lie over what one looks at
            elif hover.kind is SpotKind.PHOTO:
                self.hover_text_wanted.emit(int(self.ids[hover.position]))
            elif isinstance(event, QHelpEvent) and hover.kind is not SpotKind.HEADING:
                QToolTip.showText(event.globalPos(), name_of(self, hover), self.viewport())
            return True
        return super().eventFilter(watched, event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        self.viewport().update()
        if event.reason() in (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason):
            self.enter()  # so that one sees where one is
        self._announce_focus()

    def focusOutEvent(self, event: QEvent) -> None:
        self.viewport().update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._pointer.move(event)
        self.scrub.move(event.position().toPoint())

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

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        where = event.globalPos()
        if event.reason() == QContextMenuEvent.Reason.Keyboard:
            where = self.global_place_of_current()
        self.menu_wanted.emit(where)

    # --- keyboard

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
        self._drag.prepare(self._selection.ids)
        self._allow_turning()
        if announced:
            announce(self, self.selection_told)
        if self.current_id != self._last_current:
            self._last_current = self.current_id
            self.current_changed.emit()
            self._announce_focus()

    def _allow_turning(self) -> None:
        """Only of a photo in a stack is there something to unfold."""
        self.turn_stack.setVisible(self.current is not None and self.folding.like(self.current) > 0)

    def _announce_focus(self) -> None:
        if self.current is not None:
            accessible_grid.focus_moved(self, self.current)

    def _toggle_favourite(self, index: int) -> None:
        self.favourite_wanted.emit(int(self.ids[index]), not self._facts.is_favourite(index))

    def _begin_drag(self) -> None:
        if self.current_id is not None:
            self._drag.begin(self._thumbnails.get(self.current_id))
