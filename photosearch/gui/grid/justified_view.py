"""Photos in justified rows that scroll: which they are, where each lies, and how one keeps one's place."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import (
    QElapsedTimer,
    QEvent,
    QObject,
    QPoint,
    QPointF,
    QRect,
    QRectF,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QWidget

from photosearch.gui.grid.folding import Folding
from photosearch.gui.grid.layout import Beside, Layout, PhotoCell, Rect, justify
from photosearch.gui.grid.sections import Section, stand_side_by_side
from photosearch.gui.widgets import theme
from photosearch.gui.widgets.pinch import Pinch

GAP = 4
ROW_HEIGHT, LOWEST, HIGHEST, STEP = 180, 96, 360, 40
HEADING = 40
_NARROWEST_SECTION = 120  # logical pixels: a day written short
_SECTIONS_APART = 16
_RELAYOUT_MS = 50
_WHEEL_NOTCH = 120  # as Qt counts
_LINE = 40  # logical pixels that an arrow of a scroll bar moves


class _Anchor(NamedTuple):
    """A photo and where its row lay in the viewport, to be found again in another layout."""

    photo_id: int
    position: int
    offset: int


class JustifiedView(QAbstractScrollArea):
    """A scroll area that knows where its photos lie; a subclass paints them.

    The layout is in device pixels, Qt in logical ones.
    """

    laid_out = Signal()  # photos lie elsewhere now
    view_changed = Signal()  # other photos are in view, or they lie elsewhere
    row_height_changed = Signal(object)  # int, logical pixels
    zoomed_out = Signal()  # photos are to be smaller than the smallest

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._ids: NDArray[np.int64] = np.empty(0, dtype=np.int64)
        self._aspects: NDArray[np.float32] = np.empty(0, dtype=np.float32)
        self._sections: Sequence[Section] = ()
        self.folding = Folding()  # which photos stand for others, by position
        self._row_height = ROW_HEIGHT
        self._pinched_height: float = ROW_HEIGHT  # a step of a pinch is less than a pixel
        self._right = theme.MARGIN  # room at the right edge
        self._layout = self._justified()
        self._since_layout = QElapsedTimer()
        self._relayout = QTimer(self, interval=_RELAYOUT_MS, singleShot=True)
        self._relayout.timeout.connect(lambda: self._lay_out(self._anchor or self._anchor_in_view()))
        self._anchor: _Anchor | None = None  # what is to stay where it is in the next layout
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.viewport().installEventFilter(self)
        self._pinch = Pinch(self.viewport())
        self._pinch.pinched.connect(self._pinched)

    @property
    def ids(self) -> NDArray[np.int64]:
        """The photos shown, in their order (N,)."""
        return self._ids

    @property
    def sections(self) -> Sequence[Section]:
        """What the photos are grouped into; empty where they are not."""
        return self._sections

    @property
    def layout_(self) -> Layout:
        """Where everything lies, in device pixels; `layout` is Qt's own."""
        return self._layout

    @property
    def row_height(self) -> int:
        """The height that rows come close to, in logical pixels."""
        return self._row_height

    def index_of(self, photo_id: int) -> int | None:
        """Return the position of a photo, or None where it is not shown."""
        found = np.flatnonzero(self._ids == photo_id)
        return int(found[0]) if len(found) else None

    def section_photos(self, section: int) -> range:
        """Return the positions of a section's photos."""
        following = section + 1
        end = self._sections[following].start if following < len(self._sections) else len(self._ids)
        return range(self._sections[section].start, end)

    def show_photos(
        self,
        ids: NDArray[np.int64],
        aspects: NDArray[np.float32],
        sections: Sequence[Section] = (),
        *,
        keep_place: bool,
    ) -> None:
        """Show other photos, (N,) and (N,): from the top, or with what is in view where it was."""
        anchor = self._anchor_in_view() if keep_place else None
        self._ids, self._aspects, self._sections = ids, aspects, sections
        self._lay_out(anchor)

    @property
    def first_in_view(self) -> int | None:
        """The photo that scroll_to_photo() brings back to where it is; None where none is in view."""
        anchor = self._anchor_in_view()
        return anchor.photo_id if anchor else None

    def scroll_to_photo(self, photo_id: int) -> None:
        """Scroll so that a photo is in the first row in view; nothing where it is not shown."""
        index = self.index_of(photo_id)
        if index is not None:
            self._scroll_to_anchor(_Anchor(photo_id, index, self.px(self.covered)))

    def ensure_visible(self, index: int) -> None:
        """Scroll only where the photo is not wholly in view."""
        cell = self.cell_of(index)
        row = self._layout.row_of(index)
        bar = self.verticalScrollBar()
        if row == 0:
            bar.setValue(0)
        elif row == len(self._layout.tops) - 1:
            bar.setValue(bar.maximum())
        else:
            self._ensure_between(cell.top(), cell.bottom())

    # --- where things lie

    @property
    def covered(self) -> int:
        """How much of the viewport the heading that stays in view covers, in logical pixels."""
        return HEADING if self._sections else 0

    def px(self, logical: float) -> int:
        """Return logical pixels as device pixels."""
        return round(logical * self.devicePixelRatioF())

    def logical(self, rect: Rect) -> QRectF:
        """Convert a rectangle of device pixels to logical ones."""
        scale = self.devicePixelRatioF()
        return QRectF(rect.x / scale, rect.y / scale, rect.width / scale, rect.height / scale)

    @property
    def origin(self) -> tuple[int, int]:
        """Where the layout's top left corner lies in the viewport, in device pixels."""
        return self.px(theme.MARGIN), self.px(self._above) - self.px(self.verticalScrollBar().value())

    def on_screen(self, rect: Rect) -> Rect:
        """Return a rectangle of the layout as it lies in the viewport now, in device pixels."""
        left, top = self.origin
        return Rect(rect.x + left, rect.y + top, rect.width, rect.height)

    def visible_rows(self, exposed: QRect | None = None) -> range:
        """Return the rows that lie within `exposed` (logical pixels), or within the whole viewport."""
        exposed = exposed or self.viewport().rect()
        _, top = self.origin
        return self._layout.rows(self.px(exposed.top()) - top, self.px(exposed.bottom() + 1) - top)

    def visible(self) -> range:
        """Return the positions of the photos in view."""
        rows = self.visible_rows()
        if not rows:
            return range(0)
        return range(int(self._layout.starts[rows.start]), int(self._layout.starts[rows.stop]))

    def near(self, screens: int) -> list[PhotoCell]:
        """Return the cells in view, then those up to `screens` away, nearest first."""
        _, origin = self.origin
        return self._layout.cells_near(-origin, self.px(self.viewport().height()), screens)

    def index_at(self, point: QPoint) -> int | None:
        """Return the position of the photo at a point of the viewport, or None between photos."""
        left, top = self.origin
        return self._layout.at(self.px(point.x()) - left, self.px(point.y()) - top)

    def cell_of(self, index: int) -> QRectF:
        """Return where a photo lies in the viewport, in logical pixels."""
        return self.logical(self.on_screen(self._layout.rect(index)))

    def heading_of(self, section: int) -> QRectF:
        """Return where a heading lies in the viewport; that of the section in view stays at the top."""
        _, origin = self.origin
        scale = self.devicePixelRatioF()
        left, top, right = self._layout.heading(section)
        y = (top + origin) / scale
        if y < 0:
            y = min(0.0, max(y, (self._layout.below(section) + origin) / scale - HEADING))
        return QRectF(theme.MARGIN + left / scale, y, (right - left) / scale, HEADING)

    def sections_in_view(self) -> range:
        """Return the sections of which some part is in the viewport."""
        _, top = self.origin
        return self._layout.sections_between(-top, -top + self.px(self.viewport().height()))

    def section_top(self, section: int) -> float:
        """Return the scroll bar's value at which a section is at the top, in logical pixels."""
        return float(self._layout.headings[section]) / self.devicePixelRatioF()

    # --- how large photos are

    def set_row_height(self, height: int) -> None:
        """Make rows about so high, in logical pixels."""
        self._set_row_height(height)
        self._lay_out_again()

    def enlarge(self, steps: int) -> None:
        """Make photos larger by some steps, or smaller where `steps` is negative."""
        self.set_row_height(self._row_height + steps * STEP)

    def reset_row_height(self) -> None:
        """Make rows as high as they are at first."""
        self.set_row_height(ROW_HEIGHT)

    def _pinched(self, factor: float, at: QPointF) -> None:
        if round(self._pinched_height) != self._row_height:
            self._pinched_height = self._row_height
        self._pinched_height = min(self._pinched_height * factor, HIGHEST)
        self._zoom_at(at, round(self._pinched_height))

    def _zoom_at(self, at: QPointF, row_height: int) -> None:
        """What is under the pointer stays there."""
        under = self.index_at(at.toPoint())
        anchor = self._anchor_in_view() if under is None else self._anchor_at(under)
        self._set_row_height(row_height)
        self._lay_out_soon(anchor)

    def _set_row_height(self, height: int) -> None:
        beyond = height < LOWEST == self._row_height
        self._row_height = min(max(height, LOWEST), HIGHEST)
        self.row_height_changed.emit(self._row_height)
        if beyond:
            self.zoomed_out.emit()

    # --- laying out

    def reserve_right(self, width: int) -> None:
        """Keep room at the right edge, in place of the scroll bar; 0 for none."""
        if self._right != max(width, theme.MARGIN):
            policy = Qt.ScrollBarPolicy
            self._right = max(width, theme.MARGIN)
            self.setVerticalScrollBarPolicy(policy.ScrollBarAlwaysOff if width else policy.ScrollBarAsNeeded)
            self.setViewportMargins(0, 0, width, 0)
            self._lay_out_again()

    def _justified(self) -> Layout:
        beside = Beside(self.px(_NARROWEST_SECTION), self.px(_SECTIONS_APART))
        return justify(
            self._aspects,
            width=self.px(self.width() - theme.MARGIN - self._right),
            row_height=self.px(self._row_height),
            gap=self.px(GAP),
            sections=[section.start for section in self._sections],
            heading=self.px(HEADING),
            beside=beside if stand_side_by_side(self._sections) else None,
        )

    @property
    def _above(self) -> int:
        """Room above the first row; a heading brings its own."""
        return 0 if self._sections else GAP

    def _lay_out_again(self) -> None:
        self._lay_out(self._anchor_in_view())

    def _lay_out_soon(self, anchor: _Anchor | None) -> None:
        """Now, but no more often than can be shown."""
        self._anchor = self._anchor or anchor
        if not self._since_layout.isValid() or self._since_layout.hasExpired(_RELAYOUT_MS):
            self._lay_out(self._anchor)
        elif not self._relayout.isActive():
            self._relayout.start()

    def _lay_out(self, anchor: _Anchor | None) -> None:
        """Anew, with `anchor` where it was; from the top without one."""
        at_top = self.verticalScrollBar().value() == 0
        self._layout = self._justified()
        self._since_layout.start()
        self._relayout.stop()
        self._anchor = None
        bar = self.verticalScrollBar()
        height = self.viewport().height()
        content = self._layout.height / self.devicePixelRatioF() + theme.MARGIN
        bar.setPageStep(max(1, height - self._row_height // 2))
        bar.setSingleStep(_LINE)
        bar.setRange(0, max(0, round(content - height)))
        if anchor is None:
            bar.setValue(0)
        elif not at_top:  # at the top, what is new is what one wants to see
            self._scroll_to_anchor(anchor)
        self.view_changed.emit()
        self.viewport().update()
        self.laid_out.emit()

    def _anchor_in_view(self) -> _Anchor | None:
        _, top = self.origin
        seen = self._layout.rows(-top + self.px(self.covered), -top + self.px(self.viewport().height()))
        for row in seen:
            return self._anchor_at(int(self._layout.starts[row]))
        return None

    def _anchor_at(self, index: int) -> _Anchor:
        _, top = self.origin
        row = self._layout.row_of(index)
        return _Anchor(int(self._ids[index]), index, int(self._layout.tops[row]) + top)

    def _scroll_to_anchor(self, anchor: _Anchor) -> None:
        if not len(self._ids):
            return
        found = self.index_of(anchor.photo_id)
        if found is None:
            found = self.folding.nearest(anchor.photo_id)
        index = min(anchor.position, len(self._ids) - 1) if found is None else found
        top = int(self._layout.tops[self._layout.row_of(index)]) - anchor.offset
        self.verticalScrollBar().setValue(round(top / self.devicePixelRatioF()) + self._above)

    def _ensure_between(self, top: float, bottom: float) -> None:
        """Scroll so that this stretch of the viewport is in view."""
        bar = self.verticalScrollBar()
        lowest = self.viewport().height() - GAP
        if top < self.covered + GAP:
            bar.setValue(round(bar.value() + top - self.covered - GAP))
        elif bottom > lowest:
            bar.setValue(round(bar.value() + bottom - lowest))

    # --- events

    def wheelEvent(self, event: QWheelEvent) -> None:
        if not event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            super().wheelEvent(event)
            return
        notches = event.angleDelta().y() / _WHEEL_NOTCH
        self._zoom_at(event.position(), self._row_height + round(notches * STEP / 2))
        event.accept()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._lay_out_soon(self._anchor_in_view())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Of the viewport. An override of event() would be on the stack below every other handler, where
        shiboken 6.11 on Python 3.11 ends the process for some exceptions instead of telling of them."""
        if event.type() == QEvent.Type.DevicePixelRatioChange:
            self._lay_out_again()
        return False

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        if self._relayout.isActive():
            self._anchor = self._anchor_in_view()  # where one has scrolled to since
        viewport = self.viewport()
        if self.devicePixelRatioF().is_integer():
            viewport.scroll(0, dy)
            # The heading that stayed at the top was moved too.
            viewport.update(0, 0, viewport.width(), self.covered + max(dy, 0))
        else:  # a whole number of logical pixels is not one of device pixels
            viewport.update()
        self.view_changed.emit()
