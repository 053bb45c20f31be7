"""The words of a window, as a test of its translation looks for them."""

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QAbstractButton, QLabel, QWidget


def shown_words(window: QWidget) -> set[str]:
    """What stands in a window for a person to read or to hear, hidden parts and menus included."""
    shown = {label.text() for label in window.findChildren(QLabel)}
    shown |= {button.text() for button in window.findChildren(QAbstractButton)}
    shown |= {action.text() for action in window.findChildren(QAction)}
    shown |= {widget.toolTip() for widget in window.findChildren(QWidget)}
    return shown | {widget.accessibleName() for widget in window.findChildren(QWidget)}
