"""The files that could not be read, why, and another try; and those that are damaged, shown all the same."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import NamedTuple

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QFocusEvent, QPalette, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QLabel,
    QPushButton,
    QTreeView,
    QVBoxLayout,
    QWidget,
)

from photosearch.core.errors import Sentence
from photosearch.gui.desktop import files
from photosearch.gui.widgets import theme
from photosearch.gui.widgets.focus import light_row
from photosearch.gui.widgets.rows import Rows
from photosearch.i18n import tr, tr_n, translated
from photosearch.store.rows import Damaged, Failure

_NAME, _WHY, _FOLDER = range(3)
_NAME_WIDTH, _REASON_WIDTH = 220, 440
_ROOM_FOR_FOLDER = 800  # logical pixels: in less, name and reason have all
_NAME_SHARE = 0.35

Index = QModelIndex | QPersistentModelIndex


class _Problem(NamedTuple):
    """What is wrong with a file."""

    path: bytes
    reason: Sentence
    failed: bool  # else its photo is shown as far as it goes

    @property
    def why(self) -> str:
        """The reason, in a sentence of its own."""
        reason = translated(self.reason)
        if not self.failed:
            return tr("Damaged, shown as far as it goes: {reason}", reason=reason)
        return reason[:1].upper() + reason[1:]


class _Problems(QAbstractTableModel):
    """A row for each file: its name, why, where."""

    def __init__(self) -> None:
        super().__init__()
        self.problems: Sequence[_Problem] = ()

    @property
    def failures(self) -> int:
        """How many files could not be read."""
        return sum(problem.failed for problem in self.problems)

    def show(self, problems: Sequence[_Problem]) -> None:
        self.beginResetModel()
        self.problems = problems
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 (Qt's own signature)
        return 0 if parent.isValid() else len(self.problems)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 3

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        problem = self.problems[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            folder, name = os.path.split(problem.path)
            return (files.shown(name), problem.why, files.shown(folder))[index.column()]
        if role == Qt.ItemDataRole.ToolTipRole:
            return f"{files.shown(problem.path)}\n{problem.why}"
        return None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        if role == Qt.ItemDataRole.DisplayRole and orientation == Qt.Orientation.Horizontal:
            return (tr("File"), tr("Why"), tr("Folder"))[section]
        return None


class _List(QTreeView):
    def resizeEvent(self, event: QResizeEvent) -> None:
        """Where there is little room, what is wrong needs it, not where the file lies, which its tip says."""
        super().resizeEvent(event)
        width = self.viewport().width()
        is_wide = width >= _ROOM_FOR_FOLDER
        self.setColumnHidden(_FOLDER, not is_wide)
        self.setColumnWidth(_NAME, _NAME_WIDTH if is_wide else round(_NAME_SHARE * width))
        self.setColumnWidth(_WHY, _REASON_WIDTH if is_wide else width - self.columnWidth(_NAME))

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        light_row(self, event)


class ProblemsPage(QWidget):
    """Lists the files that could not be read, then those that are damaged."""

    retry_wanted = Signal(object)  # tuple[bytes, ...]: paths; None: all of them

    def __init__(self) -> None:
        super().__init__()
        self._model = _Problems()
        self._title = QLabel(textFormat=Qt.TextFormat.PlainText, wordWrap=True)
        self._title.setFont(theme.scaled_font(1.5, semibold=True))
        self._explanation = QLabel(textFormat=Qt.TextFormat.PlainText, wordWrap=True)
        self._explanation.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self.list = _List(rootIsDecorated=False, uniformRowHeights=True)
        self.list.setModel(self._model)
        self.list.setObjectName("table")
        self.list.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.list.activated.connect(lambda _: self._reveal())
        self.list.selectionModel().selectionChanged.connect(lambda *_: self.retranslate())
        self.again = QPushButton()
        self.reveal = QPushButton()
        self.again.clicked.connect(self._try_again)
        self.reveal.clicked.connect(self._reveal)
        buttons = Rows(8)
        buttons.add(self.again)
        buttons.add(self.reveal)
        self.setFocusProxy(self.list)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.MARGIN, 0, theme.MARGIN, theme.MARGIN)
        column.setSpacing(8)
        column.addWidget(self._title)
        column.addWidget(self._explanation)
        column.addSpacing(8)
        column.addWidget(buttons)
        column.addSpacing(8)
        column.addWidget(self.list, 1)
        self.retranslate()

    def show_problems(self, failures: Sequence[Failure], damaged: Sequence[Damaged] = ()) -> None:
        """Show the files that cannot be read, those that are shown as far as they go, and why."""
        problems = [_Problem(row.path, row.reason, failed=True) for row in failures]
        problems += [_Problem(row.path, row.reason, failed=False) for row in damaged]
        if problems != list(self._model.problems):
            self._model.show(problems)
        self.retranslate()

    def retranslate(self) -> None:
        failures, damaged = self._model.failures, len(self._model.problems) - self._model.failures
        selected, again = len(self._selected()), len(self._selected_failures())
        self.list.viewport().update()  # the reasons
        self.list.setAccessibleName(tr("Files that could not be read"))
        said = (
            [tr_n("{n} file could not be read", "{n} files could not be read", failures)] if failures else []
        )
        if damaged:
            said.append(tr_n("{n} file is damaged", "{n} files are damaged", damaged))
        self._title.setText("  ·  ".join(said) or tr("Every file could be read"))
        self._explanation.setText("\n".join(_explanations(failures, damaged)))
        self.again.setText(
            tr_n("Try {n} file again", "Try {n} files again", again) if again else tr("Try all again")
        )
        self.again.setEnabled(again > 0 or (failures > 0 and not selected))
        self.reveal.setText(tr("Show in file manager"))
        self.reveal.setEnabled(selected == 1)

    def _selected(self) -> list[_Problem]:
        return [self._model.problems[index.row()] for index in self.list.selectionModel().selectedRows()]

    def _selected_failures(self) -> tuple[bytes, ...]:
        return tuple(problem.path for problem in self._selected() if problem.failed)

    def _try_again(self) -> None:
        self.retry_wanted.emit(self._selected_failures() or None)

    def _reveal(self) -> None:
        if selected := self._selected():
            files.reveal(selected[0].path)


def _explanations(failures: int, damaged: int) -> list[str]:
    said = []
    if failures:
        said.append(
            tr(
                "They are left as they are. Files that change are tried again by themselves; "
                "so are those on a drive that was busy."
            )
        )
    if damaged:
        said.append(
            tr(
                "Damaged photos are shown as far as they go. Where you have a sound copy, put it in the "
                "place of the file: it is read by itself."
            )
        )
    return said or [tr("Should one fail, it is listed here with the reason.")]
