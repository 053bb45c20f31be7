"""What the pages of the teaching window have in common: a column to read, a foot with what can be done."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget

from photosearch.gui.widgets import theme
from photosearch.gui.widgets.icons import icon
from photosearch.i18n import said_again

WIDEST = 812
MARGIN = 24


class TeachPage(QWidget):
    """A page of the teaching window: `column` scrolls, `foot` stays."""

    def __init__(self) -> None:
        super().__init__()
        inside = QWidget()
        self.column = QVBoxLayout(inside)
        self.column.setContentsMargins(theme.QUIET_INSET, MARGIN, theme.QUIET_INSET, MARGIN)
        self.column.setSpacing(0)
        middle = QWidget()
        _centre(inside, middle)
        self.area = QScrollArea(widgetResizable=True)
        self.area.setFrameShape(QFrame.Shape.NoFrame)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.area.setWidget(middle)
        below = QWidget()
        below.setObjectName("status")
        below.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        ending = QWidget()
        self.foot = QHBoxLayout(ending)
        self.foot.setContentsMargins(theme.QUIET_INSET, 12, theme.QUIET_INSET, 12)
        self.foot.setSpacing(12)
        _centre(ending, below)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(self.area, 1)
        whole.addWidget(below)


class Remark(QWidget):
    """A sentence on a soft ground, with room below; gone while there is none."""

    def __init__(self) -> None:
        super().__init__()
        ground = QFrame()
        ground.setObjectName("remark")
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 24)
        whole.addWidget(ground)
        self._mark = QLabel()
        self.text = QLabel(textFormat=Qt.TextFormat.PlainText, wordWrap=True)
        row = QHBoxLayout(ground)
        row.setContentsMargins(12, 10, 12, 10)
        row.setSpacing(12)
        row.addWidget(self._mark, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self.text, 1)
        self._said = ""
        self.hide()

    def retranslate(self) -> None:
        self._said = said_again(self._said)
        self.text.setText(self._said)

    def say(self, text: str, picture: str = "info") -> None:
        """Show a sentence; an empty one takes it away."""
        self._said = text
        self.text.setText(text)
        role = QPalette.ColorRole.BrightText if picture == "alert" else QPalette.ColorRole.PlaceholderText
        self._mark.setPixmap(icon(picture, role).pixmap(20, 20))
        self.setVisible(bool(text))


def _centre(inside: QWidget, around: QWidget) -> None:
    """As wide as there is room and as is still good to read; quiet buttons reach out of the column."""
    inside.setMaximumWidth(WIDEST + 2 * theme.QUIET_INSET)
    row = QHBoxLayout(around)
    beside = MARGIN - theme.QUIET_INSET
    row.setContentsMargins(beside, 0, beside, 0)
    row.addStretch(1)
    row.addWidget(inside, 10_000)  # until it is as wide as it may be
    row.addStretch(1)


def title() -> QLabel:
    """Return a label for the title of a page."""
    label = QLabel(textFormat=Qt.TextFormat.PlainText, wordWrap=True)
    label.setFont(theme.scaled_font(1.5, semibold=True))
    return label


def heading() -> QLabel:
    """Return a label for the heading of a part."""
    label = QLabel(textFormat=Qt.TextFormat.PlainText, wordWrap=True)
    label.setFont(theme.scaled_font(1.15, semibold=True))
    return label


def body() -> QLabel:
    """Return a label for running text."""
    return QLabel(textFormat=Qt.TextFormat.PlainText, wordWrap=True)


def quiet(factor: float = 1.0) -> QLabel:
    """Return a label for what matters less; `factor` is of the usual size."""
    label = body()
    label.setFont(theme.scaled_font(factor))
    label.setForegroundRole(QPalette.ColorRole.PlaceholderText)
    return label


def primary() -> QPushButton:
    """Return a button for what most people want."""
    button = QPushButton(autoDefault=True)
    button.setObjectName("primary")
    return button


def plain() -> QPushButton:
    """As high as a primary one, beside which it stands."""
    button = QPushButton(autoDefault=True)
    button.setFixedHeight(theme.SEARCH_HEIGHT)
    return button
