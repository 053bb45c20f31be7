"""The bar below the photos while several are selected: how many, and what can be done with them."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, QTimer
from PySide6.QtGui import QAction, QKeySequence, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QToolButton, QWidget

from photosearch.gui.grid.grid import PhotoGrid
from photosearch.gui.shell.photo_actions import PhotoActions
from photosearch.gui.widgets import theme
from photosearch.gui.widgets.actions import Menu
from photosearch.gui.widgets.icons import icon
from photosearch.i18n import tr

_PAUSE_MS = 120  # a rubber band, and a hand that goes on selecting, are let be


class SelectionBar(QWidget):
    """Shown while more than one photo is selected; its buttons are the commands that keys and menus have."""

    def __init__(self, grid: PhotoGrid, actions: PhotoActions, leave_album: QAction) -> None:
        super().__init__()
        self.setObjectName("status")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._grid = grid
        self.count = QLabel(textFormat=Qt.TextFormat.PlainText)
        self.count.setFont(theme.scaled_font(1.0, semibold=True))
        self.count.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.rating = QAction(icon("star"), "", self)
        self.stars = Menu(self)
        self.stars.addActions(actions.ratings[::-1])
        self.rating.setMenu(self.stars)
        self.clear = QAction(icon("clear"), "", self)
        self.clear.setShortcut(QKeySequence("Ctrl+D"))
        self.clear.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)  # the grid's own key does it there
        self.clear.triggered.connect(grid.clear_selection)
        self.buttons = [
            _button(action)
            for action in (
                actions.favourite,
                self.rating,
                actions.albums.menuAction(),
                leave_album,
                actions.similar,
                actions.export,
                actions.trash,
                self.clear,
            )
        ]
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.MARGIN, 4, 8, 4)
        row.setSpacing(4)
        row.addWidget(self.count, 1)
        for button in self.buttons:
            row.addWidget(button)
        self._timer = QTimer(self, interval=_PAUSE_MS, singleShot=True)
        self._timer.timeout.connect(self._update)
        grid.selection_changed.connect(self.refresh)
        grid.overview.visibility_changed.connect(self.refresh)
        leave_album.changed.connect(self._fit)
        self.hide()
        self.retranslate()

    def retranslate(self) -> None:
        self.rating.setText(tr("Rating"))
        self.clear.setText(tr("Select none"))
        self._count()
        self._fit()

    def refresh(self) -> None:
        """Show in a moment what is selected by then, if that is more than one photo and in view."""
        self._timer.start()

    def _update(self) -> None:
        """Where the bar comes up, photos make room: not while a rubber band is drawn over them."""
        if self._grid.pointer.band is not None:
            self._timer.start()
            return
        self._count()
        in_view = not self._grid.isHidden() and self._grid.overview.isHidden()
        self.setVisible(len(self._grid.selection) > 1 and in_view)

    def _count(self) -> None:
        self.count.setText(self._grid.selection_told)
        self.count.setToolTip(self.count.text())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Words beside the icons where there is room for all of them."""
        shown = [button for button in self.buttons if button.defaultAction().isVisible()]
        for button in self.buttons:
            button.setVisible(button in shown)
            button.setToolTip(_told(button.defaultAction()))
        metrics = self.fontMetrics()
        words = sum(metrics.horizontalAdvance(button.defaultAction().text()) + 52 for button in shown)
        room = self.width() - metrics.horizontalAdvance(self.count.text()) - 48
        style = (
            Qt.ToolButtonStyle.ToolButtonTextBesideIcon
            if words <= room
            else Qt.ToolButtonStyle.ToolButtonIconOnly
        )
        for button in shown:
            button.setToolButtonStyle(style)


def _button(action: QAction) -> QToolButton:
    button = QToolButton()
    button.setObjectName("quiet")
    button.setDefaultAction(action)
    button.setIconSize(QSize(18, 18))
    button.setFixedHeight(theme.CONTROL_HEIGHT)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a click leaves the keyboard with the photos
    if action.menu():
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
    return button


def _told(action: QAction) -> str:
    """What a button does, and its key."""
    text = action.text().rstrip("…")
    key = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
    return f"{text} ({key})" if key else text
