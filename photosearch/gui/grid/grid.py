"""The grid of photos: justified rows, painted by hand, so that 100,000 photos scroll like a hundred."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import (
    QAccessible,
    QContextMenuEvent,
    QHelpEvent,
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
from photosearch.gui.grid.folding import Listed
from photosearch.gui.grid.overview import Overview
from photosearch.gui.grid.painting import GridPainter
from photosearch.gui.grid.photo_facts import PhotoFacts
from photosearch.gui.grid.sections import Section
from photosearch.gui.grid.selectable_view import SelectableView
from photosearch.gui.grid.spots import Spot, SpotKind, area_of, name_of
from photosearch.gui.grid.timeline import TimelineScrubber
from photosearch.gui.grid.video_scrub import VideoScrub
from photosearch.gui.widgets import theme
from photosearch.gui.widgets.actions import make_action
from photosearch.gui.widgets.announce import announce
from photosearch.i18n import tr
from photosearch.store.stacking import Stacked

_SCREENS_AHEAD = 2


class PhotoGrid(SelectableView):
    """Shows photos by id; asks `thumbnails` for what is visible and two screens around.

    It shows their colours and marks too, can be dragged from and is read aloud by name.
    """

    menu_wanted = Signal(object)  # QPoint, global
    hover_text_wanted = Signal(object)  # photo id
    favourite_wanted = Signal(object, object)  # photo id; whether it is to be one

    def __init__(self, thumbnails: ThumbnailCache, reader: LibraryReader) -> None:
        super().__init__()
        accessible_grid.register(PhotoGrid, lambda grid: AccessibleGrid(grid, grid.facts, grid.selection))
        self._thumbnails = thumbnails
        self._facts = PhotoFacts(reader)
        self._drag = DragOut(self, reader)
        self.scrub = VideoScrub(self, self._pointer, self._facts, reader)
        self._painter = GridPainter(self, thumbnails, self._facts, self._selection, self._pointer, self.scrub)
        self._wish = QTimer(self, interval=0, singleShot=True)
        self._wish.timeout.connect(self._make_wishes)
        self.setMinimumWidth(240)
        self._connect()
        self._timeline = TimelineScrubber(self)
        self._overview = Overview(self, thumbnails)
        self._overview.opened.connect(self._go_to_period)
        self._overview.visibility_changed.connect(lambda: self._timeline.cover(not self._overview.isHidden()))
        self._make_actions()
        self.retranslate()

    def _connect(self) -> None:
        self._thumbnails.arrived.connect(self._repaint_photos)
        self.selection_changed.connect(self._allow_turning)
        self.selection_changed.connect(lambda: self._drag.prepare(self._selection.ids))
        self._pointer.hover_moved.connect(self._on_hover_moved)
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

    # --- what is shown

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
        self._show(self.folding.shown((ids, aspects, sections)), keep_place=keep_place)

    def show_stacks(self, stacked: Stacked) -> None:
        """Show the best of each of these stacks for all of it, from now on."""
        if self.folding.use(stacked):
            self._fold_anew()

    def set_current(self, photo_id: int) -> None:
        """See above; one that is behind another is unfolded for that."""
        self.unfold(photo_id)
        super().set_current(photo_id)

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
        modifiers = Qt.KeyboardModifier
        self._go_to(place, modifiers.ControlModifier if several else modifiers.NoModifier)
        announce(self, name_of(self, Spot(SpotKind.STACK, place)))

    def _fold_anew(self) -> None:
        self._show(self.folding.shown(), keep_place=True)

    def _show(self, listed: Listed, *, keep_place: bool) -> None:
        self._facts.follow(listed[0])
        super().show_photos(*listed, keep_place=keep_place)
        self._allow_turning()

    @property
    def overview(self) -> Overview:
        """The months and years, which lie over the photos while one looks at them."""
        return self._overview

    def _go_to_period(self, photo_id: int) -> None:
        self.set_current(photo_id)
        self.scroll_to_photo(photo_id)

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

    def _leave(self) -> None:
        super()._leave()
        self.scrub.leave()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        self.scrub.move(event.position().toPoint())

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

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        where = event.globalPos()
        if event.reason() == QContextMenuEvent.Reason.Keyboard:
            where = self.global_place_of_current()
        self.menu_wanted.emit(where)

    # --- consequences

    def _allow_turning(self) -> None:
        """Only of a photo in a stack is there something to unfold."""
        self.turn_stack.setVisible(self.current is not None and self.folding.like(self.current) > 0)

    def _toggle_favourite(self, index: int) -> None:
        self.favourite_wanted.emit(int(self.ids[index]), not self._facts.is_favourite(index))

    def _begin_drag(self) -> None:
        if self.current_id is not None:
            self._drag.begin(self._thumbnails.get(self.current_id))
