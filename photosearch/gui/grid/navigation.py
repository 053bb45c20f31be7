"""Where a key leads in a layout of rows."""

from __future__ import annotations

from typing import NamedTuple

from PySide6.QtCore import Qt

from photosearch.gui.grid.layout import Layout

_VERTICAL = (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown)
_KEYS = (*_VERTICAL, Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Home, Qt.Key.Key_End)


class Step(NamedTuple):
    """Where a key leads: to a photo, out over the first row, or nowhere."""

    photo: int | None = None
    leaves: bool = False


class Navigation:
    """Remembers the column that ↑ and ↓ aim at, so that they return where they came from."""

    def __init__(self) -> None:
        self._column: float | None = None  # device pixels

    def forget_column(self) -> None:
        """Let the next step up or down begin where the photo is, not where earlier ones began."""
        self._column = None

    def step(
        self,
        key: Qt.Key,
        layout: Layout,
        current: int | None,
        page: int,
    ) -> Step | None:
        """Return where a key leads, or None for keys that lead nowhere.

        Args:
            current: the photo that has the keyboard, or had it last.
            page: height of what is in view, device pixels.
        """
        if key not in _KEYS:
            return None
        place = current or 0
        if not len(layout):
            return Step()
        if key == Qt.Key.Key_Up and layout.row_of(place) == 0:
            return Step(leaves=True)
        return Step(photo=self._target(key, layout, place, page))

    def _target(self, key: Qt.Key, layout: Layout, current: int, page: int) -> int:
        if key in _VERTICAL:
            return self._vertical(key, layout, current, page)
        self._column = None
        last = len(layout) - 1
        match key:
            case Qt.Key.Key_Left:
                return max(current - 1, 0)
            case Qt.Key.Key_Right:
                return min(current + 1, last)
            case Qt.Key.Key_Home:
                return 0
            case _:
                return last

    def _vertical(self, key: Qt.Key, layout: Layout, current: int, page: int) -> int:
        if self._column is None:
            rect = layout.rect(current)
            self._column = rect.x + rect.width / 2
        row, last = layout.row_of(current), len(layout.tops) - 1
        top = int(layout.tops[row])
        match key:
            case Qt.Key.Key_Up:
                row -= 1
            case Qt.Key.Key_Down:
                row += 1
            case Qt.Key.Key_PageUp:
                row = min(row - 1, layout.rows(top - page, top).start)
            case _:
                row = max(row + 1, layout.rows(top, top + page).stop - 1)
        return layout.nearest_in_row(min(max(row, 0), last), self._column)
