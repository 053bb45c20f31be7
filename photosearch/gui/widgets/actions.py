"""What a person can do, as Qt knows it: an action with a text, keys and what it calls."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QKeyCombination, QRectF, Qt
from PySide6.QtGui import (
    QAction,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QPainterPath,
    QRegion,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractButton, QMenu, QWidget

from photosearch.gui.widgets import theme
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


def give_on(event: QKeyEvent, owner: QWidget) -> bool:
    """Trigger the action of a widget by a key of which whoever has the keyboard made nothing.

    Enter is left to a button, which the window presses. -> whether there was such an action
    """
    on_button = isinstance(owner.window().focusWidget(), QAbstractButton)
    if on_button and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
        return False
    modifiers = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
    if not event.text().isalpha():  # a sign may need Shift on one keyboard and not on another
        modifiers &= ~Qt.KeyboardModifier.ShiftModifier
    pressed = QKeySequence(QKeyCombination(modifiers, Qt.Key(event.key())))
    for action in owner.actions():
        if pressed in action.shortcuts() and action.isEnabled():
            action.trigger()
            return True
    return False


class Menu(QMenu):
    """A menu with round corners that keeps all keys to itself while it is open."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        # What is beside the corners is seen through, or cut off: X11 shows it black where nothing composes.
        self._cut = QGuiApplication.platformName() == "xcb"
        self.setAttribute(Qt.WidgetAttribute.WA_TranslucentBackground, not self._cut)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._cut:
            shape = QPainterPath()
            shape.addRoundedRect(QRectF(self.rect()), theme.CONTROL_RADIUS, theme.CONTROL_RADIUS)
            self.setMask(QRegion(shape.toFillPolygon().toPolygon()))

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride:
            event.accept()  # else it acts on what lies behind, which still has the keyboard
            return True
        return super().event(event)


def make_menu(parent: QWidget) -> Menu:
    """Return an empty menu, to be shown at a place and gone once it is closed."""
    menu = Menu(parent)
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    return menu
