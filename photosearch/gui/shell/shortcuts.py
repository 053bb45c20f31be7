"""The sheet behind `?`: every key, read from the live actions, so that it cannot lie."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeyEvent, QKeySequence, QPalette
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QGridLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from photosearch.gui.viewer.detail import DetailView
from photosearch.gui.widgets import theme
from photosearch.i18n import tr

_KEYS_WIDTH = 150


class Shortcut(NamedTuple):
    """Keys and what they do."""

    keys: str  # as the system writes them
    text: str


def shortcuts(window: QWidget) -> dict[str, list[Shortcut]]:
    """Of the whole window, of the grid and of the detail view; actions without a text are not for telling."""
    everywhere, photos, one = dict[str, Shortcut](), dict[str, Shortcut](), dict[str, Shortcut]()
    for widget, action in _live(window):
        # Return and Enter are one key in some languages.
        keys = "   ".join(dict.fromkeys(_written(key) for key in action.shortcuts() if not key.isEmpty()))
        text = action.text().replace("&", "").rstrip("…")
        if keys and text:
            local = action.shortcutContext() in (
                Qt.ShortcutContext.WidgetShortcut,
                Qt.ShortcutContext.WidgetWithChildrenShortcut,
            )
            known = (one if _in_detail(widget) else photos) if local else everywhere
            known.setdefault(text, Shortcut(keys, text))
    return {
        tr("Everywhere"): list(everywhere.values()),
        tr("On photos"): list(photos.values()),
        tr("Looking at one photo"): [each for each in one.values() if each not in photos.values()],
    }


def _live(window: QWidget) -> Iterator[tuple[QWidget, QAction]]:
    for widget in (window, *window.findChildren(QWidget)):
        for action in widget.actions():
            yield widget, action


def _in_detail(widget: QWidget | None) -> bool:
    while widget is not None and not isinstance(widget, DetailView):
        widget = widget.parentWidget()
    return widget is not None


def _written(key: QKeySequence) -> str:
    return key.toString(QKeySequence.SequenceFormat.NativeText)


class ShortcutSheet(QDialog):
    """Lists the shortcuts of the window, the grid and the detail view."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._area = QScrollArea(widgetResizable=True)
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        self._close = QPushButton(default=True)
        self._close.clicked.connect(self.accept)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._area, 1)
        column.addWidget(self._close, 0, Qt.AlignmentFlag.AlignRight)
        column.setContentsMargins(0, 0, 24, 16)
        self.retranslate()
        self.resize(600, min(640, window.height()))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Home and End, which a scroll area does not take; it does the arrows and pages itself."""
        bar = self._area.verticalScrollBar()
        if event.key() == Qt.Key.Key_Home:
            bar.setValue(bar.minimum())
        elif event.key() == Qt.Key.Key_End:
            bar.setValue(bar.maximum())
        else:
            super().keyPressEvent(event)

    def retranslate(self) -> None:
        self.setWindowTitle(tr("Keyboard shortcuts"))
        self._close.setText(tr("Close"))
        self._area.setWidget(_sheet(shortcuts(self._window)))


def _sheet(groups: dict[str, list[Shortcut]]) -> QWidget:
    sheet = QWidget()
    grid = QGridLayout(sheet)
    grid.setContentsMargins(24, 16, 24, 16)
    grid.setHorizontalSpacing(24)
    grid.setVerticalSpacing(8)
    grid.setColumnMinimumWidth(0, _KEYS_WIDTH)
    grid.setColumnStretch(1, 1)
    for title, found in groups.items():
        heading = QLabel(title)
        heading.setFont(theme.scaled_font(1.15, semibold=True))
        heading.setContentsMargins(0, 8 if grid.count() else 0, 0, 4)
        grid.addWidget(heading, grid.rowCount(), 0, 1, 2)
        for keys, text in found:
            row = grid.rowCount()
            pressed = QLabel(keys, textFormat=Qt.TextFormat.PlainText)
            pressed.setForegroundRole(QPalette.ColorRole.PlaceholderText)
            grid.addWidget(pressed, row, 0)
            grid.addWidget(QLabel(text, textFormat=Qt.TextFormat.PlainText, wordWrap=True), row, 1)
    grid.setRowStretch(grid.rowCount(), 1)
    return sheet
