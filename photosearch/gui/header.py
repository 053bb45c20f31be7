"""The window's head: search field, add-folder button, the line that says what is shown, a thin busy bar."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QKeyEvent, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from photosearch.gui import theme
from photosearch.gui.icons import icon
from photosearch.i18n import tr

_WIDEST_FIELD = 760


class SearchField(QLineEdit):
    left_downwards = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("search")
        self.setPlaceholderText(tr("Describe a photo: two dogs on a beach"))
        self.setAccessibleName(tr("Search"))
        self.setFixedHeight(theme.SEARCH_HEIGHT)
        self.setMaximumWidth(_WIDEST_FIELD)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFont(theme.scaled_font(1.08))
        self.setMaxLength(10_000)  # far beyond what the engine takes, which says so
        secondary = QPalette.ColorRole.PlaceholderText
        self.addAction(QAction(icon("search", secondary), "", self), QLineEdit.ActionPosition.LeadingPosition)
        self._clear = QAction(icon("clear", secondary), tr("Clear"), self)
        self._clear.triggered.connect(self._cleared)
        self.addAction(self._clear, QLineEdit.ActionPosition.TrailingPosition)
        self._clear.setVisible(False)  # only heeded once it is added
        self.textChanged.connect(lambda text: self._clear.setVisible(bool(text)))

    def _cleared(self) -> None:
        self.clear()
        self.setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Down:
            self.left_downwards.emit()
        else:
            super().keyPressEvent(event)


class BusyBar(QWidget):
    """A short stroke that wanders along a two-pixel line."""

    _STEP_MS = 16
    _ROUND = 75  # steps from edge to edge

    def __init__(self) -> None:
        super().__init__()
        self.setFixedHeight(2)
        self._step = 0
        self._timer = QTimer(self, interval=self._STEP_MS)
        self._timer.timeout.connect(self._advance)

    @property
    def busy(self) -> bool:
        return self._timer.isActive()

    def set_busy(self, busy: bool) -> None:
        if busy and not self.busy:
            self._step = 0
            self._timer.start()
        elif not busy:
            self._timer.stop()
        self.update()

    def _advance(self) -> None:
        self._step += 1
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self.busy:
            return
        length = self.width() // 4
        way = self.width() + length
        left = way * (self._step % self._ROUND) // self._ROUND - length
        with QPainter(self) as painter:
            painter.fillRect(
                left, 0, length, self.height(), self.palette().color(QPalette.ColorRole.Highlight)
            )


class Header(QWidget):
    def __init__(self) -> None:
        super().__init__()
        self.field = SearchField()
        self.add_folder = QPushButton(icon("folder-add"), tr("Add folder"))
        self.add_folder.setIconSize(QSize(18, 18))
        self.add_folder.setFixedHeight(theme.SEARCH_HEIGHT)
        self.add_folder.setToolTip(tr("Add a folder of photos (or drop one on the window)"))
        self.count = QLabel(textFormat=Qt.TextFormat.PlainText)
        self.count.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self.count.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.busy = BusyBar()
        top = QHBoxLayout()
        top.setContentsMargins(theme.MARGIN, 12, theme.MARGIN, 0)
        top.setSpacing(12)
        top.addWidget(self.field, 100)
        top.addStretch(1)
        top.addWidget(self.add_folder)
        line = QHBoxLayout()
        line.setContentsMargins(theme.MARGIN, 10, theme.MARGIN, 8)
        line.addWidget(self.count)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(top)
        column.addLayout(line)
        column.addWidget(self.busy)
