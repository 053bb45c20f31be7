"""What comes after the last photo of a round of captions."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from photosearch.gui.widgets import theme
from photosearch.gui.widgets.icons import icon
from photosearch.i18n import tr, tr_n


class EndPage(QWidget):
    """Says after the last photo how many captions were written, and leads on to teaching."""

    def __init__(self) -> None:
        super().__init__()
        self._count = 0
        mark = QLabel(alignment=Qt.AlignmentFlag.AlignCenter)
        mark.setPixmap(icon("teach", QPalette.ColorRole.Dark).pixmap(56, 56))
        self._title = QLabel(alignment=Qt.AlignmentFlag.AlignCenter)
        self._title.setFont(theme.scaled_font(1.5, semibold=True))
        self.teach = QPushButton(autoDefault=True)
        self.teach.setObjectName("primary")
        self.done = QPushButton(autoDefault=True)
        self.done.setFixedHeight(theme.SEARCH_HEIGHT)
        buttons = QHBoxLayout()
        buttons.setSpacing(12)
        buttons.addStretch(1)
        buttons.addWidget(self.done)
        buttons.addWidget(self.teach)
        buttons.addStretch(1)
        column = QVBoxLayout(self)
        column.setSpacing(0)
        column.addStretch(4)
        column.addWidget(mark)
        column.addSpacing(16)
        column.addWidget(self._title)
        column.addSpacing(24)
        column.addLayout(buttons)
        column.addStretch(5)
        self.retranslate()

    def show_count(self, count: int) -> None:
        """Say how many captions were written."""
        self._count = count
        self.retranslate()

    def retranslate(self) -> None:
        self._title.setText(tr_n("{n} caption written", "{n} captions written", self._count))
        self.teach.setText(tr("Teach it your words…"))
        self.done.setText(tr("Done"))
