"""Where a key leads in a layout of rows."""

from __future__ import annotations

from PySide6.QtCore import Qt

from photosearch.gui.layout import Layout

ABOVE = -1  # out of the grid, over its first row

_VERTICAL = (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown)


class Navigation:
    """Remembers the column that ↑ and ↓ aim at, so that they return where they came from."""

    def __init__(self) -> None:
        self._column: float | None = None  # device pixels

    def forget_column(self) -> None:
        self._column = None

    def target(self, key: Qt.Key, layout: Layout, current: int, page: int) -> int | None:
        """The photo that a key leads to from `current`; ABOVE, or None for keys that lead nowhere.

        Args:
            page: height of what is in view, device pixels.
        """
        if not len(layout):
            return None
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
            case Qt.Key.Key_End:
                return last
        return None

    def _vertical(self, key: Qt.Key, layout: Layout, current: int, page: int) -> int:
        if self._column is None:
            rect = layout.rect(current)
            self._column = rect.x + rect.width / 2
        row, last = layout.row_of(current), len(layout.tops) - 1
        top = int(layout.tops[row])
        match key:
            case Qt.Key.Key_Up:
                if row == 0:
                    return ABOVE
                row -= 1
            case Qt.Key.Key_Down:
                row += 1
            case Qt.Key.Key_PageUp:
                row = min(row - 1, layout.rows(top - page, top).start)
            case _:
                row = max(row + 1, layout.rows(top, top + page).stop - 1)
        return layout.nearest_in_row(min(max(row, 0), last), self._column)
