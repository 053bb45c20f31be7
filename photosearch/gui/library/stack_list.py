"""Files that belong together as a tree: a row for each stack, a row with a tick for each of its files."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QFocusEvent, QIcon, QImage, QPainter, QPalette, QPixmap, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTreeWidget,
    QTreeWidgetItem,
)

from photosearch.core.stack_messages import PhotoStack, StackedFile
from photosearch.gui.data.library_reader import LibraryReader
from photosearch.gui.data.preview_cache import decoded
from photosearch.gui.desktop import files
from photosearch.gui.widgets import theme
from photosearch.gui.widgets.focus import light_row, past_headings
from photosearch.gui.widgets.progress_text import size_text
from photosearch.i18n import tr, tr_n
from photosearch.store.folders import contains
from photosearch.store.reader import Reader

MOST = 300  # stacks that are shown at once; the next come when these are done with

_PICTURE = QSize(72, 54)
_ROW_HEIGHT, _HEADING_HEIGHT = 62, 40
_NAME, _FOLDER, _PIXELS, _BYTES = range(4)
_NAME_WIDTH, _PIXELS_WIDTH, _BYTES_WIDTH = 330, 170, 90
# Logical pixels: in less, name and folder need theirs, and in least the name all.
_ROOM_FOR_PIXELS, _ROOM_FOR_BYTES, _ROOM_FOR_FOLDER = 560, 380, 260
_NAME_SHARE = 0.6  # of what name and folder have together, where that is little
_FILE = Qt.ItemDataRole.UserRole
_FUSION_DARKENS = 140  # percent: the frame of a tick is so much darker than a window
_SETTLED_MS = 30  # pictures are read once scrolling rests

Index = QModelIndex | QPersistentModelIndex


class StackList(QTreeWidget):
    """Shows stacks; the person ticks files. Of each stack one file at least stays without a tick."""

    ticks_changed = Signal()
    last_one_kept = Signal()  # the person wanted to tick the last file of a stack

    def __init__(self, reader: LibraryReader) -> None:
        super().__init__()
        self._reader = reader
        self._wanted: dict[int, list[QTreeWidgetItem]] = {}  # rows that wait for the picture of a photo
        self.gone: frozenset[bytes] = frozenset()  # folders that are not there, while their drives are
        self.setObjectName("stacks")
        self.setColumnCount(4)
        self.setRootIsDecorated(False)
        self.setItemsExpandable(False)
        self.setIndentation(12)
        self.setIconSize(_PICTURE)
        self.setItemDelegate(_Rows(self))
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)  # what is said of a file begins with what matters
        header = self.header()
        header.setStretchLastSection(False)
        for column, width in ((_NAME, _NAME_WIDTH), (_PIXELS, _PIXELS_WIDTH), (_BYTES, _BYTES_WIDTH)):
            header.resizeSection(column, width)
        header.setSectionResizeMode(_FOLDER, QHeaderView.ResizeMode.Stretch)
        self.headerItem().setTextAlignment(
            _BYTES, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        )
        self._settled = QTimer(self, interval=_SETTLED_MS, singleShot=True)
        self._settled.timeout.connect(self._read_pictures)
        self.verticalScrollBar().valueChanged.connect(lambda _: self._settled.start())
        self.itemChanged.connect(self._on_changed)
        self.retranslate()

    def show_stacks(self, stacks: Sequence[PhotoStack]) -> None:
        """Show the first MOST of these, with a tick at each file that may go; files that stay keep theirs."""
        checks = {_file(row).path_bytes: row.checkState(_NAME) for row in self._rows()}
        self.blockSignals(True)
        self.clear()
        self._wanted.clear()
        for stack in stacks[:MOST]:
            heading = QTreeWidgetItem(self, [heading_of(stack)])
            heading.setFlags(Qt.ItemFlag.ItemIsEnabled)
            heading.setFont(_NAME, theme.scaled_font(1, semibold=True))
            heading.setSizeHint(_NAME, QSize(0, _HEADING_HEIGHT))
            heading.setFirstColumnSpanned(True)
            for place, file in enumerate(stack.files):
                heading.addChild(_row(file, _rank(stack) if place == 0 else "", self.gone))
            _keep_checks(_below(heading), checks)
        self.expandAll()
        for row in self._rows()[:1]:
            self.setCurrentItem(row)
            self.clearSelection()
        self.blockSignals(False)
        self._settled.start()
        self.ticks_changed.emit()

    def ticked(self) -> list[tuple[StackedFile, tuple[StackedFile, ...]]]:
        """The files with a tick, each with those of its stack that stay."""
        found = []
        for heading in self._headings():
            rows = _below(heading)
            staying = tuple(_file(row) for row in rows if not _is_ticked(row))
            found += [(_file(row), staying) for row in rows if _is_ticked(row)]
        return found

    @property
    def ids(self) -> NDArray[np.int64]:
        """The photos of the files listed, each once, in their order (N,)."""
        return np.array(list(dict.fromkeys(_file(row).photo_id for row in self._rows())), dtype=np.int64)

    def set_current(self, photo_id: int) -> None:
        """Select a file of a photo alone and have it in view; nothing where it is not there."""
        rows = [row for row in self._rows() if _file(row).photo_id == photo_id]
        if rows and self.currentItem() not in rows:
            self.setCurrentItem(rows[0])

    def selected(self) -> list[StackedFile]:
        """The files whose rows are selected."""
        return [_file(row) for row in self.selectedItems() if row.parent() is not None]

    def tick_spare(self, ticked: bool) -> None:
        """Tick each file that may go, or take all ticks away."""
        self.blockSignals(True)
        for row in self._rows():
            if row.flags() & Qt.ItemFlag.ItemIsUserCheckable:
                row.setCheckState(_NAME, _check(ticked and _file(row).spare))
        self.blockSignals(False)
        self.viewport().update()
        self.ticks_changed.emit()

    def retranslate(self) -> None:
        self.setAccessibleName(tr("Files that belong together"))
        self.setHeaderLabels([tr("File"), tr("Folder"), tr("Picture"), tr("Size")])

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        left = width = self.viewport().width()
        for column, room, own in (
            (_PIXELS, _ROOM_FOR_PIXELS, _PIXELS_WIDTH),
            (_BYTES, _ROOM_FOR_BYTES, _BYTES_WIDTH),
        ):
            self.setColumnHidden(column, width < room)
            left -= own if width >= room else 0
        has_folder = width >= _ROOM_FOR_FOLDER
        self.setColumnHidden(_FOLDER, not has_folder)
        self.header().resizeSection(
            _NAME, min(_NAME_WIDTH, round(_NAME_SHARE * left)) if has_folder else left
        )
        self._settled.start()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        light_row(self, event)

    def moveCursor(
        self, action: QAbstractItemView.CursorAction, modifiers: Qt.KeyboardModifier
    ) -> QModelIndex:
        to = super().moveCursor(action, modifiers)
        return past_headings(self, action, to, lambda index: not index.parent().isValid())

    def _on_changed(self, row: QTreeWidgetItem) -> None:
        heading = row.parent()
        if heading is not None and all(map(_is_ticked, _below(heading))):
            self.blockSignals(True)
            row.setCheckState(_NAME, Qt.CheckState.Unchecked)
            self.blockSignals(False)
            self.last_one_kept.emit()
        self.ticks_changed.emit()

    def _headings(self) -> list[QTreeWidgetItem]:
        return _below(self.invisibleRootItem())

    def _rows(self) -> list[QTreeWidgetItem]:
        return [row for heading in self._headings() for row in _below(heading)]

    def _read_pictures(self) -> None:
        """Of the rows in view that have none."""
        bottom = self.viewport().height()
        row: QTreeWidgetItem | None = self.itemAt(4, 1) or self.topLevelItem(0)
        while row is not None and self.visualItemRect(row).top() < bottom:
            if row.parent() is not None and row.icon(_NAME).isNull():
                self._want(_file(row).photo_id, row)
            row = self.itemBelow(row)

    def _want(self, photo_id: int, row: QTreeWidgetItem) -> None:
        waiting = self._wanted.setdefault(photo_id, [])
        waiting.append(row)
        if len(waiting) == 1:
            pixels = _PICTURE * self.devicePixelRatioF()
            self._reader.ask(
                self,
                lambda reader: _picture(reader, photo_id, pixels),
                lambda image: self._show_picture(photo_id, image),
            )

    def _show_picture(self, photo_id: int, image: QImage) -> None:
        pixmap = QPixmap.fromImage(image)
        pixmap.setDevicePixelRatio(self.devicePixelRatioF())
        shown = QIcon(pixmap)
        shown.addPixmap(pixmap, QIcon.Mode.Selected)  # else Qt tints it
        self.blockSignals(True)
        for row in self._wanted.pop(photo_id, ()):  # none where other stacks are shown meanwhile
            row.setIcon(_NAME, shown)
        self.blockSignals(False)
        self.viewport().update()


class _Rows(QStyledItemDelegate):
    """All but the name in secondary text, and ticks in frames that show in the dark, too."""

    def initStyleOption(self, option: QStyleOptionViewItem, index: Index) -> None:
        super().initStyleOption(option, index)
        can_go = index.flags() & Qt.ItemFlag.ItemIsUserCheckable
        edge = option.palette.color(QPalette.ColorRole.Dark if can_go else QPalette.ColorRole.Midlight)
        option.palette.setColor(QPalette.ColorRole.Window, edge.lighter(_FUSION_DARKENS))
        if index.column() != _NAME:
            secondary = option.palette.color(QPalette.ColorRole.PlaceholderText)
            option.palette.setColor(QPalette.ColorRole.Text, secondary)


def heading_of(stack: PhotoStack) -> str:
    """What a stack is, in a line."""
    kinds = {
        "identical": tr("The same file"),
        "copies": tr("The same picture"),
        "raw": tr("RAW and picture of one shot"),
        "burst": tr("Taken one after the other"),
    }
    parts = [kinds[stack.kind], tr_n("{n} file", "{n} files", len(stack.files))]
    if stack.to_win:
        parts.append(tr("{size} to win", size=size_text(stack.to_win)))
    return "  ·  ".join(parts)


def _rank(stack: PhotoStack) -> str:
    """What the first of its files is."""
    return tr("the oldest") if stack.kind == "identical" else tr("the best")


def _row(file: StackedFile, rank: str, gone: Collection[bytes]) -> QTreeWidgetItem:
    folder, name = os.path.split(file.path_bytes)
    remarks = [
        *([rank] if rank else []),
        *([tr("has notes of yours")] if file.noted else []),
    ]
    if file.away:
        is_gone = any(contains(one, file.path_bytes) for one in gone)
        remarks.append(tr("renamed, moved or deleted") if is_gone else tr("its drive is not connected"))
    shown = files.shown(name) + (f"\n{tr(', ').join(remarks)}" if remarks else "")
    pixels = f"{file.width} × {file.height}  {file.format}"
    row = QTreeWidgetItem([shown, files.shown(folder), pixels, size_text(file.size)])
    row.setData(_NAME, _FILE, file)
    row.setToolTip(_NAME, files.shown(file.path_bytes))
    row.setToolTip(_FOLDER, files.shown(folder))
    row.setSizeHint(_NAME, QSize(0, _ROW_HEIGHT))
    row.setTextAlignment(_BYTES, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
    can_go = Qt.ItemFlag.NoItemFlags if file.away else Qt.ItemFlag.ItemIsUserCheckable
    row.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | can_go)
    row.setCheckState(_NAME, _check(file.spare and not file.away))  # a box that takes no tick, too, has room
    return row


def _keep_checks(rows: Sequence[QTreeWidgetItem], checks: Mapping[bytes, Qt.CheckState]) -> None:
    for row in rows:
        if row.flags() & Qt.ItemFlag.ItemIsUserCheckable:
            row.setCheckState(_NAME, checks.get(_file(row).path_bytes, row.checkState(_NAME)))
    if all(map(_is_ticked, rows)):  # what was to stay is gone
        rows[0].setCheckState(_NAME, Qt.CheckState.Unchecked)


def _check(ticked: bool) -> Qt.CheckState:
    return Qt.CheckState.Checked if ticked else Qt.CheckState.Unchecked


def _below(item: QTreeWidgetItem) -> list[QTreeWidgetItem]:
    found = (item.child(place) for place in range(item.childCount()))
    return [child for child in found if child is not None]


def _is_ticked(row: QTreeWidgetItem) -> bool:
    return row.checkState(_NAME) == Qt.CheckState.Checked


def _file(row: QTreeWidgetItem) -> StackedFile:
    file = row.data(_NAME, _FILE)
    assert isinstance(file, StackedFile)
    return file


def _picture(reader: Reader, photo_id: int, pixels: QSize) -> QImage:
    """A photo's thumbnail in the middle of a picture of this size."""
    thumbnail = decoded(reader.thumbnail(photo_id) or b"")
    small = thumbnail.scaled(
        pixels, Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
    )
    whole = QImage(pixels, QImage.Format.Format_ARGB32_Premultiplied)
    whole.fill(Qt.GlobalColor.transparent)
    with QPainter(whole) as painter:
        painter.drawImage(
            (pixels.width() - small.width()) // 2, (pixels.height() - small.height()) // 2, small
        )
    return whole
