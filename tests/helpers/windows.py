"""Windows of the program, and what they show."""

from collections.abc import Callable

from photosearch.gui.shell.window import Window

MakeWindow = Callable[[], Window]


def shows(window: Window, ids: list[int]) -> Callable[[], bool]:
    """To wait until the window shows exactly these photos, in this order."""
    return lambda: window.pages.currentWidget() is window.grid and window.grid.ids.tolist() == ids
