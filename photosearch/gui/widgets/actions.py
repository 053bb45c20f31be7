"""What a person can do, as Qt knows it: an action with a text, keys and what it calls."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu, QWidget

from photosearch.gui.widgets.icons import icon


class Action(QAction):
    """An action whose text follows the language, as that of everything with a retranslate() does."""

    def __init__(self, owner: QWidget, text: Callable[[], str]) -> None:
        super().__init__(owner)
        self._text = text
        self.retranslate()

    def retranslate(self) -> None:
        self.setText(self._text())


def make_action(
    owner: QWidget,
    text: Callable[[], str],
    keys: str,
    slot: Callable[[], object],
    picture: str = "",
    *,
    local: bool = False,
) -> Action:
    """Give a widget or a menu an action.

    Args:
        text: what it is called in the language of the moment, in menus and on the sheet behind `?`.
        keys: its shortcuts as QKeySequence reads them, with blanks between: "Ctrl++ Ctrl+="; "" for none.
        picture: the name of its icon; "" for none.
        local: whether its keys work only while `owner` itself has the keyboard, not in all of its window.
    """
    action = Action(owner, text)
    action.setShortcuts([QKeySequence(key) for key in keys.split()])
    if local:
        action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
    if picture:
        action.setIcon(icon(picture))
    action.triggered.connect(lambda: slot())
    owner.addAction(action)
    return action


def make_menu(parent: QWidget) -> QMenu:
    """Return an empty menu, to be shown at a place and gone once it is closed."""
    menu = QMenu(parent)
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    round_corners(menu)
    menu.aboutToShow.connect(lambda: _round_submenus(menu))
    return menu


def round_corners(menu: QMenu) -> None:
    """Let what is behind a menu be seen beside its round corners."""
    menu.setAttribute(Qt.WidgetAttribute.WA_TranslucentBackground)


def _round_submenus(menu: QMenu) -> None:
    for action in menu.actions():
        submenu = action.menu()
        if isinstance(submenu, QMenu):
            round_corners(submenu)
