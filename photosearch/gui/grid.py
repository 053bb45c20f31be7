"""The grid of photos: justified rows, painted by hand, so that 100,000 photos scroll like a hundred."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QElapsedTimer, QEvent, QPoint, QRect, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QWidget

from photosearch.gui import theme
from photosearch.gui.cells import CellPainter
from photosearch.gui.layout import Layout, Rect, justify
from photosearch.gui.navigation import ABOVE, Navigation
from photosearch.gui.selection import Selection
from photosearch.gui.thumbnails import Thumbnails, Wish
from photosearch.i18n import tr

GAP = 4
ROW_HEIGHT, LOWEST, HIGHEST, STEP = 180, 100, 360, 40
HEADING = 40
_SCREENS_AHEAD = 2
_RELAYOUT_MS = 50


class Section(NamedTuple):
    """A run of photos under a heading."""

    start: int
    title: str


class _Place(NamedTuple):
    """A photo and where its row lay in the viewport, to be found again in another layout."""

    photo_id: int
    position: int
    offset: int


class PhotoGrid(QAbstractScrollArea):
    """Shows photos by id; asks `thumbnails` for what is visible and two screens around."""

    opened = Signal(object)  # photo id, by Enter or double click
    selection_changed = Signal()
    menu_wanted = Signal(object)  # QPoint, global
    left_upwards = Signal()  # the keyboard wants to go above the first row
    hover_text_wanted = Signal(object)  # photo id

    def __init__(self, thumbnails: Thumbnails, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._thumbnails = thumbnails
        self._ids: NDArray[np.int64] = np.empty(0, dtype=np.int64)
        self._aspects: NDArray[np.float32] = np.empty(0, dtype=np.float32)
        self._sections: Sequence[Section] = ()
        self._selection = Selection()
        self._row_height = ROW_HEIGHT
        self._hovered: int | None = None
        self._navigation = Navigation()
        self._layout = self._justified()
        self._since_layout = QElapsedTimer()
        self._relayout = QTimer(self, interval=_RELAYOUT_MS, singleShot=True)
        self._relayout.timeout.connect(self._lay_out_again)
        self._wish = QTimer(self, interval=0, singleShot=True)
        self._wish.timeout.connect(self._make_wishes)
        thumbnails.arrived.connect(self._repaint_photos)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName(tr("Photos"))
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.viewport().setMouseTracking(True)

    @property
    def ids(self) -> NDArray[np.int64]:
        return self._ids

    @property
    def selected_ids(self) -> NDArray[np.int64]:
        """In the order shown."""
        return self._selection.ids

    @property
    def row_height(self) -> int:
        return self._row_height

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
        self._ids, self._aspects, self._sections = ids, aspects, sections
        self._hovered = None
        self._selection.follow(ids)
        self._lay_out(place)
        if len(self._selection) != selected:
            self.selection_changed.emit()

    def place(self) -> int | None:
        """The first photo in view, for show_photo()."""
        place = self._place()
        return place.photo_id if place else None

    def show_photo(self, photo_id: int) -> None:
        """Scroll so that a photo is in the first row in view; nothing where it is not shown."""
        found = np.flatnonzero(self._ids == photo_id)
        if len(found):
            self._go_back(_Place(photo_id, int(found[0]), 0))

    def set_row_height(self, height: int) -> None:
        self._row_height = min(max(height, LOWEST), HIGHEST)
        self._lay_out_again()

    def select_all(self) -> None:
        self._selection.all()
        self._selection_is_new()

    def clear_selection(self) -> bool:
        """False where nothing was selected."""
        if not len(self._selection):
            return False
        self._selection.clear()
        self._selection_is_new()
        return True

    def enter(self) -> None:
        """Take the keyboard, at the photo that had it last or the first in view."""
        self.setFocus(Qt.FocusReason.OtherFocusReason)
        if self._selection.current is None and (place := self._place()):
            self._select(place.position)

    # --- geometry: device pixels in the layout, logical ones in Qt

    def _px(self, logical: float) -> int:
        return round(logical * self.devicePixelRatioF())

    def _justified(self) -> Layout:
        return justify(
            self._aspects,
            width=self._px(self.width() - 2 * theme.MARGIN),
            row_height=self._px(self._row_height),
            gap=self._px(GAP),
            sections=[section.start for section in self._sections],
            heading=self._px(HEADING),
        )

    @property
    def _origin(self) -> tuple[int, int]:
        """Of the layout in the viewport."""
        return self._px(theme.MARGIN), self._px(self._above) - self._px(self.verticalScrollBar().value())

    @property
    def _above(self) -> int:
        """Room above the first row; a heading brings its own."""
        return 0 if self._sections else GAP

    def _lay_out_again(self) -> None:
        self._lay_out(self._place())

    def _lay_out(self, place: _Place | None) -> None:
        at_top = self.verticalScrollBar().value() == 0
        self._layout = self._justified()
        self._since_layout.start()
        self._relayout.stop()
        bar = self.verticalScrollBar()
        height = self.viewport().height()
        content = self._layout.height / self.devicePixelRatioF() + theme.MARGIN
        bar.setPageStep(max(1, height - self._row_height // 2))
        bar.setSingleStep(40)
        bar.setRange(0, max(0, round(content - height)))
        if place is None:
            bar.setValue(0)
        elif not at_top:  # at the top, what is new is what one wants to see
            self._go_back(place)
        self._wish.start()
        self.viewport().update()

    def _place(self) -> _Place | None:
        _, top = self._origin
        for row in self._layout.rows(-top, -top + self._px(self.viewport().height())):
            index = int(self._layout.starts[row])
            return _Place(int(self._ids[index]), index, int(self._layout.tops[row]) + top)
        return None

    def _go_back(self, place: _Place) -> None:
        if not len(self._ids):
            return
        found = np.flatnonzero(self._ids == place.photo_id)
        index = int(found[0]) if len(found) else min(place.position, len(self._ids) - 1)
        top = int(self._layout.tops[self._layout.row_of(index)]) - place.offset
        self.verticalScrollBar().setValue(round(top / self.devicePixelRatioF()) + self._above)

    def _on_screen(self, rect: Rect) -> Rect:
        left, top = self._origin
        return Rect(rect.x + left, rect.y + top, rect.width, rect.height)

    def _visible_rows(self, exposed: QRect | None = None) -> range:
        exposed = exposed or self.viewport().rect()
        _, top = self._origin
        return self._layout.rows(self._px(exposed.top()) - top, self._px(exposed.bottom() + 1) - top)

    def _visible(self) -> range:
        """Positions of the photos in view."""
        rows = self._visible_rows()
        if not rows:
            return range(0)
        return range(int(self._layout.starts[rows.start]), int(self._layout.starts[rows.stop]))

    def _index_at(self, point: QPoint) -> int | None:
        left, top = self._origin
        return self._layout.at(self._px(point.x()) - left, self._px(point.y()) - top)

    # --- painting

    def paintEvent(self, event: QPaintEvent) -> None:
        scale = self.devicePixelRatioF()
        with QPainter(self.viewport()) as painter:
            painter.fillRect(event.rect(), self.palette().color(QPalette.ColorRole.Window))
            self._paint_headings(painter, event.rect())
            painter.scale(1 / scale, 1 / scale)
            cells = CellPainter(painter, self.palette(), scale)
            for index, rect in self._layout.cells(self._visible_rows(event.rect())):
                self._paint_cell(cells, index, self._on_screen(rect))

    def _paint_cell(self, cells: CellPainter, index: int, cell: Rect) -> None:
        photo_id = int(self._ids[index])
        pixmap = self._thumbnails.get(photo_id)
        if pixmap is None:
            cells.placeholder(cell, missing=self._thumbnails.is_missing(photo_id))
        else:
            cells.photo(cell, pixmap)
        if index == self._hovered:
            cells.hover(cell)
        if index in self._selection:
            cells.selected(cell)
        elif index == self._selection.current and self.hasFocus():
            cells.focus(cell)

    def _paint_headings(self, painter: QPainter, exposed: QRect) -> None:
        scale = self.devicePixelRatioF()
        _, top = self._origin
        painter.setFont(theme.scaled_font(1.0, semibold=True))
        for section, heading in zip(self._sections, self._layout.headings, strict=True):
            box = QRectF(theme.MARGIN, (int(heading) + top) / scale, self.width() - 2 * theme.MARGIN, HEADING)
            if box.intersects(QRectF(exposed)):
                painter.setPen(self.palette().color(QPalette.ColorRole.WindowText))
                painter.drawText(
                    box.adjusted(0, 0, 0, -10),
                    Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignBottom,
                    section.title,
                )

    def _repaint(self, index: int | None) -> None:
        if index is None or index >= len(self._ids):
            return
        cell = self._on_screen(self._layout.rect(index))
        scale = self.devicePixelRatioF()
        area = QRectF(cell.x / scale, cell.y / scale, cell.width / scale, cell.height / scale)
        self.viewport().update(area.toAlignedRect())

    def _repaint_photos(self, photo_ids: list[int]) -> None:
        visible = self._visible()
        for place in np.flatnonzero(np.isin(self._ids[visible.start : visible.stop], photo_ids)):
            self._repaint(visible.start + int(place))

    def _make_wishes(self) -> None:
        """Ask for what is in view, then for what is near, nearest first."""
        _, origin = self._origin
        radius = self._px(theme.THUMBNAIL_RADIUS)
        near = self._layout.cells_near(-origin, self._px(self.viewport().height()), _SCREENS_AHEAD)
        self._thumbnails.want(
            [Wish(int(self._ids[index]), rect.width, rect.height, radius) for index, rect in near]
        )

    # --- events

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if not self._since_layout.isValid() or self._since_layout.hasExpired(_RELAYOUT_MS):
            self._lay_out_again()
        elif not self._relayout.isActive():
            self._relayout.start()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.DevicePixelRatioChange:
            self._lay_out_again()
        return super().event(event)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self.viewport().update()

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        if self.devicePixelRatioF().is_integer():
            self.viewport().scroll(0, dy)
        else:  # a whole number of logical pixels is not one of device pixels
            self.viewport().update()
        self._hover(None)
        self._wish.start()

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Leave:
            self._hover(None)
        elif event.type() == QEvent.Type.ToolTip and self._hovered is not None:
            self.hover_text_wanted.emit(int(self._ids[self._hovered]))
            return True
        return super().viewportEvent(event)

    def focusInEvent(self, event: QEvent) -> None:
        self._repaint(self._selection.current)

    def focusOutEvent(self, event: QEvent) -> None:
        self._repaint(self._selection.current)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._hover(self._index_at(event.position().toPoint()))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        index = self._index_at(event.position().toPoint())
        if index is None:
            self.clear_selection()
            return
        modifiers = event.modifiers()
        if event.button() == Qt.MouseButton.RightButton:
            if index not in self._selection:
                self._select(index)
        elif modifiers & Qt.KeyboardModifier.ControlModifier:
            self._selection.toggle(index)
            self._selection_is_new()
        elif modifiers & Qt.KeyboardModifier.ShiftModifier:
            self._select(index, extend=True)
        else:
            self._select(index)
        self._navigation.forget_column()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        event.accept()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        index = self._index_at(event.position().toPoint())
        if index is not None and event.button() == Qt.MouseButton.LeftButton:
            self.opened.emit(int(self._ids[index]))

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        if not len(self._selection):
            return
        where = event.globalPos()
        if event.reason() == QContextMenuEvent.Reason.Keyboard and self._selection.current is not None:
            cell = self._on_screen(self._layout.rect(self._selection.current))
            scale = self.devicePixelRatioF()
            middle = QPoint(
                round((cell.x + cell.width / 2) / scale), round((cell.y + cell.height / 2) / scale)
            )
            where = self.viewport().mapToGlobal(middle)
        self.menu_wanted.emit(where)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self._selection.current is not None:
            self.opened.emit(int(self._ids[self._selection.current]))
            return
        if key == Qt.Key.Key_X and self._selection.current is not None:
            self._selection.toggle(self._selection.current)
            self._selection_is_new()
            return
        page = self._px(self.viewport().height())
        target = self._navigation.target(Qt.Key(key), self._layout, self._selection.current or 0, page)
        if target is None:
            super().keyPressEvent(event)
        elif target == ABOVE:
            self.left_upwards.emit()
        else:
            self._select(target, extend=bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier))

    def _select(self, index: int, *, extend: bool = False) -> None:
        if extend:
            self._selection.extend(index)
        else:
            self._selection.only(index)
        self._make_visible(index)
        self._selection_is_new()

    def _selection_is_new(self) -> None:
        self.viewport().update()
        self.selection_changed.emit()

    def _make_visible(self, index: int) -> None:
        """Scroll only where the photo is not wholly in view."""
        cell = self._on_screen(self._layout.rect(index))
        scale = self.devicePixelRatioF()
        top, bottom = cell.y / scale, (cell.y + cell.height) / scale
        bar = self.verticalScrollBar()
        row = self._layout.row_of(index)
        if row == 0:
            bar.setValue(0)
        elif row == len(self._layout.tops) - 1:
            bar.setValue(bar.maximum())
        elif top < GAP:
            bar.setValue(round(bar.value() + top - GAP))
        elif bottom > self.viewport().height() - GAP:
            bar.setValue(round(bar.value() + bottom - self.viewport().height() + GAP))

    def _hover(self, index: int | None) -> None:
        if index != self._hovered:
            self._repaint(self._hovered)
            self._hovered = index
            self._repaint(index)
