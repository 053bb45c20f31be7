"""Windows of the program, and what they show."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from photosearch.gui.shell.window import Window

MakeWindow = Callable[[], Window]


def shows(window: Window, ids: list[int]) -> Callable[[], bool]:
    """To wait until the window shows exactly these photos, in this order."""
    return lambda: window.pages.currentWidget() is window.grid and window.grid.ids.tolist() == ids


def click_row(window: Window, key: object) -> None:
    """Click the row of the sidebar that has this key."""
    tree = window.library.sidebar.tree
    item = tree.item_of(key)
    assert item is not None
    QTest.mouseClick(tree.viewport(), Qt.MouseButton.LeftButton, pos=tree.visualItemRect(item).center())
