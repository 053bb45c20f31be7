"""The mouse in the grid, as in a file manager: click, Ctrl, Shift, rubber band, drag out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QPoint, QRect, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication

from photosearch.gui.grid.justified_view import JustifiedView
from photosearch.gui.grid.layout import Rect
from photosearch.gui.grid.selection import Selection
from photosearch.gui.grid.spots import Spot, SpotKind, spot_at

_TICK_MS = 16
_EDGE = 24  # logical pixels: nearer to the edge than this, a rubber band scrolls
_FASTEST = 60  # logical pixels a tick

_CTRL = Qt.KeyboardModifier.ControlModifier
_SHIFT = Qt.KeyboardModifier.ShiftModifier


@dataclass
class _Band:
    """A rubber band from where the button went down; it shows once the mouse has moved."""

    start: QPoint  # of the content, logical pixels
    pointer: QPoint  # in the viewport
    before: NDArray[np.bool_]  # (N,), what was selected
    modifiers: Qt.KeyboardModifier
    shows: bool = False


class Pointer(QObject):
    """Changes the selection by the mouse; the grid paints it and tells of it."""

    selected = Signal()  # the selection has changed
    hover_moved = Signal(object, object)  # Spot | None before and now
    band_moved = Signal()
    drag_wanted = Signal()  # of what is selected
    heart_pressed = Signal(object)  # position of a photo
    stack_pressed = Signal(object)  # position of a photo in one
    more_pressed = Signal(object)  # QPoint in the viewport: the menu of what is selected is wanted there

    def __init__(self, view: JustifiedView, selection: Selection) -> None:
        super().__init__(view)
        self._view, self._selection = view, selection
        self.hover: Spot | None = None
        self._drag_from: QPoint | None = None
        self._keep_only: int | None = None  # photo to be selected alone, unless a drag begins
        self._band: _Band | None = None
        self._scrolling = QTimer(self, interval=_TICK_MS)
        self._scrolling.timeout.connect(self._scroll)

    @property
    def band(self) -> QRectF | None:
        """The rubber band in the viewport, in logical pixels; None where there is none."""
        if self._band is None or not self._band.shows:
            return None
        start = self._band.start - self._offset()
        return QRectF(QRect(start, self._band.pointer).normalized())

    def press(self, event: QMouseEvent) -> None:
        """A button went down: select, begin a drag, or begin a band."""
        self.stop()
        point, modifiers = event.position().toPoint(), event.modifiers()
        spot = spot_at(self._view, point)
        if event.button() == Qt.MouseButton.RightButton:
            if spot and spot.kind is not SpotKind.HEADING:
                self._select_for_menu(spot.position)
        elif event.button() == Qt.MouseButton.LeftButton:
            self._press_left(spot, point, modifiers)

    def _press_left(self, spot: Spot | None, point: QPoint, modifiers: Qt.KeyboardModifier) -> None:
        if spot is None:
            if not modifiers & (_CTRL | _SHIFT) and len(self._selection):
                self._change(self._selection.clear)
            self._begin_band(point, modifiers)
        elif spot.kind is SpotKind.HEADING:
            photos = self._view.section_photos(spot.position)
            self._change(lambda: self._selection.toggle_all(photos.start, photos.stop))
        elif spot.kind is SpotKind.BOX and not modifiers:
            self._change(lambda: self._selection.toggle(spot.position))
        elif spot.kind is SpotKind.HEART and not modifiers:
            self.heart_pressed.emit(spot.position)
        elif spot.kind is SpotKind.STACK and not modifiers:
            self.stack_pressed.emit(spot.position)
        elif spot.kind is SpotKind.MORE and not modifiers:
            self._select_for_menu(spot.position)
            self.more_pressed.emit(point)
        else:
            self._press_photo(spot.position, point, modifiers)

    def _select_for_menu(self, index: int) -> None:
        """A menu is of all that are selected, or of the photo that it opens on."""
        if index not in self._selection:
            self._change(lambda: self._selection.only(index))

    def _press_photo(self, index: int, point: QPoint, modifiers: Qt.KeyboardModifier) -> None:
        selection = self._selection
        if modifiers & _SHIFT:
            self._change(lambda: selection.extend(index, adding=bool(modifiers & _CTRL)))
            self._begin_band(point, modifiers)  # a drag with Shift is a band, wherever it starts
            return
        if modifiers & _CTRL:
            self._change(lambda: selection.toggle(index))
        elif index in selection:
            self._keep_only = index
        else:
            self._change(lambda: selection.only(index))
        self._drag_from = point

    def move(self, event: QMouseEvent) -> None:
        """The pointer moved: draw the band, drag the photos out, or show what is under it."""
        point = event.position().toPoint()
        if self._band is not None:
            self._move_band(point)
        elif self._drag_from is not None:
            if self._is_far(point - self._drag_from):
                self._drag_from = self._keep_only = None
                self.drag_wanted.emit()
        elif not event.buttons():
            self._hover(spot_at(self._view, point))

    def release(self) -> None:
        """The button went up: finish what the press began."""
        keep_only = self._keep_only
        self.stop()
        if keep_only is not None and keep_only < len(self._view.ids):
            self._change(lambda: self._selection.only(keep_only))

    def leave(self) -> None:
        """The pointer is no longer over the photos."""
        self._hover(None)

    def stop(self) -> None:
        """End a drag or a rubber band: the photos are others now, or the button was let go."""
        self._drag_from = self._keep_only = None
        self._scrolling.stop()
        if self._band is not None:
            self._band = None
            self.band_moved.emit()

    def _begin_band(self, point: QPoint, modifiers: Qt.KeyboardModifier) -> None:
        self._band = _Band(point + self._offset(), point, self._selection.mask, modifiers)

    def _move_band(self, point: QPoint) -> None:
        assert self._band is not None
        self._band.pointer = point
        if not self._band.shows:
            self._band.shows = self._is_far(point - (self._band.start - self._offset()))
            if not self._band.shows:
                return
            self._hover(None)
        if self._pull() and not self._scrolling.isActive():
            self._scrolling.start()
        self._select_band()

    def _select_band(self) -> None:
        band, shape = self._band, self.band
        if band is None or shape is None:
            return
        left, top = self._view.origin
        px = self._view.px
        touched = np.zeros(len(self._view.ids), dtype=bool)
        touched[
            self._view.layout_.within(
                Rect(
                    px(shape.left()) - left,
                    px(shape.top()) - top,
                    max(1, px(shape.width())),
                    max(1, px(shape.height())),
                )
            )
        ] = True
        if band.modifiers & _CTRL:
            touched ^= band.before
        elif band.modifiers & _SHIFT:
            touched |= band.before
        if self._selection.set_mask(touched):
            self.selected.emit()
        self.band_moved.emit()

    def _scroll(self) -> None:
        pull = self._pull()
        bar = self._view.verticalScrollBar()
        if not pull or self._band is None:
            self._scrolling.stop()
            return
        bar.setValue(bar.value() + pull)
        self._select_band()

    def _pull(self) -> int:
        """How far to scroll at a tick, the farther out the faster; 0 inside the viewport."""
        if self._band is None:
            return 0
        y, lowest = self._band.pointer.y(), self._view.viewport().height() - _EDGE
        beyond = min(0, y - _EDGE) + max(0, y - lowest)
        return max(-_FASTEST, min(_FASTEST, round(beyond / 2)))

    def _hover(self, spot: Spot | None) -> None:
        if spot != self.hover:
            before, self.hover = self.hover, spot
            self.hover_moved.emit(before, spot)

    def _change(self, change: Callable[[], None]) -> None:
        change()
        self.selected.emit()

    def _offset(self) -> QPoint:
        return QPoint(0, self._view.verticalScrollBar().value())

    def _is_far(self, way: QPoint) -> bool:
        return way.manhattanLength() >= QApplication.startDragDistance()
