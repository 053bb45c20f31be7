"""The files that could not be read, why, and another try."""

from __future__ import annotations

import os
from collections.abc import Sequence

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QTreeView,
    QVBoxLayout,
    QWidget,
)

from photosearch.gui.desktop import files
from photosearch.gui.widgets import theme
from photosearch.i18n import tr, tr_n, translated
from photosearch.store.rows import Failure

_NAME_WIDTH, _REASON_WIDTH = 220, 280

Index = QModelIndex | QPersistentModelIndex


class _Failures(QAbstractTableModel):
    """A row for each file: its name, why, where."""

    def __init__(self) -> None:
        super().__init__()
        self.failures: Sequence[Failure] = ()

    def show(self, failures: Sequence[Failure]) -> None:
        self.beginResetModel()
        self.failures = failures
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 (Qt's own signature)
        return 0 if parent.isValid() else len(self.failures)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 3

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        failure = self.failures[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            folder, name = os.path.split(failure.path)
            reason = translated(failure.reason)
            return (files.shown(name), reason[:1].upper() + reason[1:], files.shown(folder))[index.column()]
        if role == Qt.ItemDataRole.ToolTipRole:
            return files.shown(failure.path)
        return None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        if role == Qt.ItemDataRole.DisplayRole and orientation == Qt.Orientation.Horizontal:
            return (tr("File"), tr("Why"), tr("Folder"))[section]
        return None


class ProblemsPage(QWidget):
    """Lists the files that could not be read."""

    retry_wanted = Signal(object)  # tuple[bytes, ...]: paths; None: all of them

    def __init__(self) -> None:
        super().__init__()
        self._model = _Failures()
        self._title = QLabel(textFormat=Qt.TextFormat.PlainText)
        self._title.setFont(theme.scaled_font(1.5, semibold=True))
        self._explanation = QLabel(textFormat=Qt.TextFormat.PlainText, wordWrap=True)
        self._explanation.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self.list = QTreeView(rootIsDecorated=False, uniformRowHeights=True)
        self.list.setModel(self._model)
        self.list.setObjectName("table")
        self.list.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.list.setColumnWidth(0, _NAME_WIDTH)
        self.list.setColumnWidth(1, _REASON_WIDTH)
        self.list.activated.connect(lambda _: self._reveal())
        self.list.selectionModel().selectionChanged.connect(lambda *_: self.retranslate())
        self.again = QPushButton()
        self.reveal = QPushButton()
        self.again.clicked.connect(self._try_again)
        self.reveal.clicked.connect(self._reveal)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addWidget(self.again)
        buttons.addWidget(self.reveal)
        buttons.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.MARGIN, 24, theme.MARGIN, theme.MARGIN)
        column.setSpacing(8)
        column.addWidget(self._title)
        column.addWidget(self._explanation)
        column.addSpacing(8)
        column.addLayout(buttons)
        column.addSpacing(8)
        column.addWidget(self.list, 1)
        self.retranslate()

    def show_failures(self, failures: Sequence[Failure]) -> None:
        """Show the files that cannot be read, and why."""
        if list(failures) != list(self._model.failures):
            self._model.show(failures)
        self.retranslate()

    def selected(self) -> tuple[bytes, ...]:
        """Return the paths of the rows that are selected."""
        return tuple(
            self._model.failures[index.row()].path for index in self.list.selectionModel().selectedRows()
        )

    def retranslate(self) -> None:
        count, selected = len(self._model.failures), len(self.selected())
        self.list.viewport().update()  # the reasons
        self.list.setAccessibleName(tr("Files that could not be read"))
        self._title.setText(
            tr_n("{n} file could not be read", "{n} files could not be read", count)
            if count
            else tr("Every file could be read")
        )
        self._explanation.setText(
            tr(
                "They are left as they are. Files that change are tried again by themselves; "
                "so are those on a drive that was busy."
            )
            if count
            else tr("Should one fail, it is listed here with the reason.")
        )
        self.again.setText(
            tr_n("Try {n} file again", "Try {n} files again", selected) if selected else tr("Try all again")
        )
        self.again.setEnabled(count > 0)
        self.reveal.setText(tr("Show in file manager"))
        self.reveal.setEnabled(selected == 1)

    def _try_again(self) -> None:
        self.retry_wanted.emit(self.selected() or None)

    def _reveal(self) -> None:
        if paths := self.selected():
            files.reveal(paths[0])
