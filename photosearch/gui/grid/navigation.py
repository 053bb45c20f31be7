"""Where a key leads in a layout of rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from PySide6.QtCore import Qt

from photosearch.gui.grid.layout import Layout
from photosearch.gui.grid.sections import Section

_VERTICAL = (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown)
_ONWARDS = (Qt.Key.Key_Down, Qt.Key.Key_Right, Qt.Key.Key_PageDown)
_BACK = (Qt.Key.Key_Up, Qt.Key.Key_Left, Qt.Key.Key_PageUp)
_KEYS = (*_VERTICAL, Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Home, Qt.Key.Key_End)


class Step(NamedTuple):
    """Where a key leads: to a photo, to the row that ends a section, out over the first row, or nowhere."""

    photo: int | None = None
    more: int | None = None
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
        sections: Sequence[Section],
        current: int | None,
        more: int | None,
        page: int,
    ) -> Step | None:
        """Return where a key leads, or None for keys that lead nowhere.

        Args:
            current: the photo that has the keyboard, or had it last.
            more: the section whose last row has the keyboard.
            page: height of what is in view, device pixels.
        """
        if key not in _KEYS:
            return None
        if more is not None and key in (*_ONWARDS, *_BACK):
            return _from_more(key, layout, sections, more)
        place = current or 0
        if key in _ONWARDS:
            found = _more_after(_end_of(key, layout, place), layout, sections)
            if found is not None:
                return Step(more=found)
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


def _end_of(key: Qt.Key, layout: Layout, current: int) -> int:
    """The position after the photo or, for keys that go down, after its row."""
    if not len(layout) or key == Qt.Key.Key_Right:
        return min(current + 1, len(layout))
    return int(layout.starts[layout.row_of(current) + 1])


def _more_after(end: int, layout: Layout, sections: Sequence[Section]) -> int | None:
    """The first section with a last row of its own that ends at a position."""
    ends = [*(section.start for section in sections[1:]), len(layout)]
    return next((n for n, shown in enumerate(sections) if shown.more and ends[n] == end), None)


def _from_more(key: Qt.Key, layout: Layout, sections: Sequence[Section], more: int) -> Step:
    following = sections[more + 1].start if more + 1 < len(sections) else len(layout)
    if key in _BACK:
        return Step(photo=following - 1) if following else Step(leaves=True)
    return Step(photo=following) if following < len(layout) else Step(more=more)
