"""What the panels at the right of photos have in common: a title, a way to close them, a scrolling body."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QHideEvent, QKeyEvent, QPalette, QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QScrollArea, QToolButton, QVBoxLayout, QWidget

from photosearch.gui.widgets import theme
from photosearch.gui.widgets.actions import give_on
from photosearch.gui.widgets.icons import icon
from photosearch.i18n import tr

_WIDEST, _NARROWEST = 320, 240  # logical pixels: a narrow window is shared with the photos
_CLOSE = 32


class SidePanel(QWidget):
    """A panel beside photos, hidden at first.

    Args:
        title: what it is called in the language of the moment.

    Attributes:
        home: has the keyboard when the panel goes.
    """

    opened = Signal()
    closed = Signal()

    def __init__(self, title: Callable[[], str]) -> None:
        super().__init__()
        self.home: QWidget | None = None
        self._title_text = title
        self._title = QLabel(textFormat=Qt.TextFormat.PlainText)
        self._title.setFont(theme.scaled_font(1.15, semibold=True))
        self.close_button = QToolButton()
        self.close_button.setObjectName("bar")
        self.close_button.setIcon(icon("clear", QPalette.ColorRole.PlaceholderText, self))
        self.close_button.setIconSize(QSize(14, 14))
        self.close_button.setFixedSize(_CLOSE, _CLOSE)
        self.close_button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.close_button.clicked.connect(self.leave)
        self.setObjectName("panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setMinimumWidth(_NARROWEST)
        self.setMaximumWidth(_WIDEST)
        head = QHBoxLayout()
        head.setContentsMargins(theme.MARGIN, 8, 8, 4)
        head.addWidget(self._title, 1)
        head.addWidget(self.close_button)
        inside = QWidget()
        inside.setBackgroundRole(QPalette.ColorRole.Base)
        self.column = QVBoxLayout(inside)
        self.column.setContentsMargins(theme.MARGIN, 0, theme.MARGIN, theme.MARGIN)
        scroll = QScrollArea(widgetResizable=True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.viewport().setBackgroundRole(QPalette.ColorRole.Base)
        scroll.setWidget(inside)
        around = QVBoxLayout(self)
        around.setContentsMargins(1, 0, 0, 0)  # its edge
        around.setSpacing(0)
        around.addLayout(head)
        around.addWidget(scroll, 1)
        self.hide()

    def retranslate(self) -> None:
        self._title.setText(self._title_text())
        self.setAccessibleName(self._title_text())
        self.close_button.setToolTip(tr("Close"))
        self.close_button.setAccessibleName(tr("Close"))

    def sizeHint(self) -> QSize:
        return QSize(_WIDEST, super().sizeHint().height())

    @property
    def has_keyboard(self) -> bool:
        """Whether something in it takes what is typed."""
        focus = self.window().focusWidget()
        return focus is not None and self.isAncestorOf(focus)

    def leave(self) -> bool:
        """Hide; if the keyboard was here, it goes home. -> whether there was anything to hide"""
        was_open = not self.isHidden()
        if self.has_keyboard:
            self.go_home()
        self.hide()
        return was_open

    def go_home(self) -> None:
        """Before what has the keyboard goes: else Qt gives it on, as Tab does, with a ring."""
        if self.home is not None:
            self.home.setFocus(Qt.FocusReason.OtherFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """A key that nothing here takes is meant for the photos, as before one clicked here."""
        if self.home is None or not give_on(event, self.home):
            super().keyPressEvent(event)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.opened.emit()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.closed.emit()


def one_at_a_time(first: SidePanel, second: SidePanel) -> None:
    """Let either of two panels take the other's place."""
    first.opened.connect(second.leave)
    second.opened.connect(first.leave)
