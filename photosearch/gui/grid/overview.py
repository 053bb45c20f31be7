"""Months or years of a timeline, a tile each: what one sees from further away than the smallest photos."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from itertools import groupby, pairwise
from typing import NamedTuple

from PySide6.QtCore import (
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import (
    QHideEvent,
    QKeyEvent,
    QPainter,
    QPalette,
    QPen,
    QResizeEvent,
    QShowEvent,
    QStandardItem,
    QStandardItemModel,
    QWheelEvent,
)
from PySide6.QtWidgets import QFrame, QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget
from shiboken6 import isValid

from photosearch.gui.data.thumbnail_cache import ThumbnailCache, ThumbnailWish
from photosearch.gui.grid.cells import CellPainter
from photosearch.gui.grid.justified_view import JustifiedView
from photosearch.gui.grid.layout import Rect
from photosearch.gui.grid.sections import Month, Section, month_name, months
from photosearch.gui.widgets import theme
from photosearch.gui.widgets.actions import make_action
from photosearch.i18n import tr, tr_n

_TILE = {"months": 200, "years": 320}  # logical pixels: the narrowest, by level
_LABEL = 52
_GAP = 16
_PHOTO, _COUNT = Qt.ItemDataRole.UserRole, Qt.ItemDataRole.UserRole + 1


class Period(NamedTuple):
    """A month, or for month 0 a year, and its photos from `start` on."""

    year: int
    month: int
    start: int
    photos: int

    @property
    def name(self) -> str:
        """In the person's language."""
        return month_name(self.year, self.month) if self.month else str(self.year)


def periods(sections: Sequence[Section], photos: int, level: str) -> list[Period]:
    """Return the months or years that so many photos under these sections go through."""
    found: list[Month] = months(sections)
    if level == "years":
        found = [next(run)._replace(month=0) for _, run in groupby(found, lambda month: month.year)]
    starts = [*(sections[month.section].start for month in found), photos]
    return [
        Period(month.year, month.month, start, end - start)
        for month, (start, end) in zip(found, pairwise(starts), strict=True)
    ]


class Overview(QListView):
    """Lies over a view that shows a timeline, from when one zooms out of that until a tile is opened."""

    opened = Signal(object)  # photo id, the first of a period
    visibility_changed = Signal()

    def __init__(self, view: JustifiedView, thumbnails: ThumbnailCache) -> None:
        super().__init__(view)
        self._view, self._thumbnails = view, thumbnails
        self._level = "months"
        self._home: QWidget | None = None  # had the keyboard before
        self._sections: Sequence[Section] = ()
        self._model = QStandardItemModel(self)
        self.setModel(self._model)
        self.setItemDelegate(_Tiles(self, thumbnails))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.viewport().setBackgroundRole(QPalette.ColorRole.Window)
        self.setViewMode(QListView.ViewMode.IconMode)
        self.setMovement(QListView.Movement.Static)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setUniformItemSizes(True)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setMouseTracking(True)
        self.clicked.connect(self._open)
        self.verticalScrollBar().valueChanged.connect(self._make_wishes)
        thumbnails.arrived.connect(self.viewport().update)
        for text, keys, step in (
            (lambda: tr("Nearer: months, then photos"), "Ctrl++ Ctrl+=", 1),
            (lambda: tr("Further away: years"), "Ctrl+-", -1),
        ):
            make_action(self, text, keys, partial(self.zoom, step), local=True)
        make_action(self, lambda: tr("Photos of usual size"), "Ctrl+0", self._usual_size, local=True)
        view.zoomed_out.connect(self._show_months)
        view.row_height_changed.connect(self.hide)
        view.laid_out.connect(self._follow)
        view.installEventFilter(self)
        self.installEventFilter(self)
        self.hide()
        self.retranslate()

    @property
    def shown(self) -> list[str]:
        """The names of the tiles, in their order."""
        return [self._model.item(row).text() for row in range(self._model.rowCount())]

    def zoom(self, steps: int) -> None:
        """Look at years from further away; from nearer at months, then at the photos themselves."""
        if steps > 0 and self._level == "months":
            self._open(self.currentIndex())
        else:
            self._show("months" if steps > 0 else "years", self._photo_at(self.currentIndex()))

    def _usual_size(self) -> None:
        """The photos themselves, at the tile that has the keyboard."""
        photo_id = self._photo_at(self.currentIndex())
        self._view.reset_row_height()
        self.hide()
        if photo_id is not None:
            self.opened.emit(photo_id)

    def retranslate(self) -> None:
        self.setAccessibleName(tr("Months and years"))
        self._fill()

    def _show_months(self) -> None:
        if len(months(self._view.sections)) > 1:
            self._show("months", self._view.first_in_view)

    def _show(self, level: str, photo_id: int | None) -> None:
        """`photo_id`: what is shown of it has the keyboard."""
        if self.isHidden():
            self._home = self.window().focusWidget()
        self._level = level
        self._fill()
        self.setGeometry(self._view.rect())
        self._fit()
        self.show()
        self.raise_()
        self.setFocus(Qt.FocusReason.OtherFocusReason)
        position = (self._view.index_of(photo_id) if photo_id is not None else None) or 0
        starts = [period.start for period in self._periods()]
        row = max((row for row, start in enumerate(starts) if start <= position), default=0)
        self.setCurrentIndex(self._model.index(row, 0))
        self._make_wishes()

    def _periods(self) -> list[Period]:
        return periods(self._view.sections, len(self._view.ids), self._level)

    def _fill(self) -> None:
        self._sections = self._view.sections
        current = self.currentIndex().row()
        self._model.clear()
        for period in self._periods():
            item = QStandardItem(period.name)
            behind = self._view.folding.behind(slice(period.start, period.start + period.photos))
            count = tr_n("{n} photo", "{n} photos", period.photos + behind)
            item.setData(int(self._view.ids[period.start]), _PHOTO)
            item.setData(count, _COUNT)
            item.setData(f"{period.name}, {count}", Qt.ItemDataRole.AccessibleTextRole)
            item.setEditable(False)
            self._model.appendRow(item)
        self.setCurrentIndex(self._model.index(min(current, self._model.rowCount() - 1), 0))

    def _follow(self) -> None:
        """The view shows other photos."""
        if self.isHidden() or self._view.sections is self._sections:
            return
        if len(months(self._view.sections)) < 2:
            self.hide()
        else:
            self._fill()
            self._make_wishes()

    def _photo_at(self, index: QModelIndex | QPersistentModelIndex) -> int | None:
        photo: int | None = index.data(_PHOTO) if index.isValid() else None
        return photo

    def _open(self, index: QModelIndex | QPersistentModelIndex) -> None:
        if self._level == "years":
            self._show("months", self._photo_at(index))
        elif (photo_id := self._photo_at(index)) is not None:
            self.hide()
            self.opened.emit(photo_id)

    def _fit(self) -> None:
        """As many tiles side by side as have room, over the whole width."""
        room = self.viewport().width() - theme.MARGIN
        tile = max(1, room // max(1, room // (_TILE[self._level] + _GAP)))
        self.setGridSize(QSize(tile, round(tile * 0.75) + _LABEL))

    def _make_wishes(self) -> None:
        if self.isHidden():
            return
        scale, seen = self.devicePixelRatioF(), self.viewport().rect()
        wishes = []
        for row in range(self._model.rowCount()):
            index = self._model.index(row, 0)
            if (box := self.visualRect(index)).intersects(seen):
                cell = cell_in(box, scale)
                radius = round(theme.THUMBNAIL_RADIUS * scale)
                wishes.append(ThumbnailWish(index.data(_PHOTO), cell.width, cell.height, radius))
        self._thumbnails.want(wishes)

    # --- events

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._view and event.type() == QEvent.Type.Resize and not self.isHidden():
            self.setGeometry(self._view.rect())
        elif (
            watched is self
            and event.type() == QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and event.key() == Qt.Key.Key_Escape
        ):
            event.accept()  # it closes this first, not what the window has open
        return False

    def keyPressEvent(self, event: QKeyEvent) -> None:
        match event.key():
            case Qt.Key.Key_Escape:
                self.hide()
                if self._home is not None and isValid(self._home) and self._home.isVisible():
                    self._home.setFocus(Qt.FocusReason.OtherFocusReason)
            case Qt.Key.Key_Return | Qt.Key.Key_Enter | Qt.Key.Key_Space:
                self._open(self.currentIndex())
            case _:
                super().keyPressEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.zoom(1 if event.angleDelta().y() > 0 else -1)
            event.accept()
        else:
            super().wheelEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()
        self._make_wishes()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.visibility_changed.emit()

    def hideEvent(self, event: QHideEvent) -> None:
        self.visibility_changed.emit()
        super().hideEvent(event)
        if not self._view.isHidden():
            self._view.setFocus(Qt.FocusReason.OtherFocusReason)
            self._view.view_changed.emit()  # it wants its own thumbnails again


class _Tiles(QStyledItemDelegate):
    def __init__(self, overview: Overview, thumbnails: ThumbnailCache) -> None:
        super().__init__(overview)
        self._overview, self._thumbnails = overview, thumbnails

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return self._overview.gridSize()

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        scale, palette, box = painter.device().devicePixelRatio(), self._overview.palette(), option.rect
        cell = cell_in(box, scale)
        painter.save()
        painter.scale(1 / scale, 1 / scale)
        cells = CellPainter(painter, palette, scale)
        if (pixmap := self._thumbnails.get(index.data(_PHOTO))) is not None:
            cells.photo(cell, pixmap)
        else:
            cells.placeholder(cell, None)
        if option.state & QStyle.StateFlag.State_MouseOver:
            cells.hover(cell)
        if option.state & QStyle.StateFlag.State_HasFocus:
            cells.focus(cell, inside=False)
        painter.restore()
        painter.save()
        label = QRectF(box).adjusted(_GAP, box.height() - _LABEL + 6, 0, -_GAP // 2)
        for text, role, font, place in (
            (
                index.data(),
                QPalette.ColorRole.WindowText,
                theme.scaled_font(1.0, semibold=True),
                Qt.AlignmentFlag.AlignTop,
            ),
            (
                index.data(_COUNT),
                QPalette.ColorRole.PlaceholderText,
                theme.scaled_font(0.85),
                Qt.AlignmentFlag.AlignBottom,
            ),
        ):
            painter.setFont(font)
            painter.setPen(QPen(palette.color(role)))
            painter.drawText(label.adjusted(0, 0, 0, -6), place | Qt.AlignmentFlag.AlignLeft, text)
        painter.restore()


def cell_in(box: QRect, scale: float) -> Rect:
    """Return where the picture of a tile lies, in device pixels."""
    left, top = round((box.left() + _GAP) * scale), round((box.top() + _GAP) * scale)
    right, bottom = round((box.right() + 1) * scale), round((box.bottom() + 1 - _LABEL) * scale)
    return Rect(left, top, max(1, right - left), max(1, bottom - top))
