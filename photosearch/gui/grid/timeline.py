"""Browsing without a query: photos under their days, and the scrubber that goes along them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject

from photosearch.gui.grid.justified_view import JustifiedView
from photosearch.gui.grid.scrubber import WIDTH, MonthStop, Scrubber
from photosearch.gui.grid.sections import Section, by_day, months
from photosearch.store.browsing import Shown
from photosearch.store.reader import Reader
from photosearch.store.rows import Count

_SCREENS = 2  # less than these needs no scrubber


class Timeline(NamedTuple):
    """What PhotoGrid.show_photos() shows of a place in the library, and between which days it was taken."""

    ids: NDArray[np.int64]  # (N,)
    aspects: NDArray[np.float32]  # (N,)
    sections: Sequence[Section]
    newest: str = ""  # "2024-07-14"; "" where there are none
    oldest: str = ""
    moments: Mapping[int, int] = MappingProxyType({})  # see PhotoFacts.show_moments

    @property
    def photos(self) -> tuple[NDArray[np.int64], NDArray[np.float32], Sequence[Section]]:
        """What PhotoGrid.show_photos() takes."""
        return self[:3]


def read_timeline(
    reader: Reader, within: NDArray[np.int64] | None = None, *, oldest_first: bool = False
) -> Timeline:
    """Read all photos, or those of `within` (n,), under their days."""
    (ids, aspects), days = reader.timeline_and_days(within)
    if oldest_first:
        return _dated(ids[::-1], aspects[::-1], by_day(days[::-1]), days)
    return _dated(ids, aspects, by_day(days), days)


def with_first(
    reader: Reader,
    first: NDArray[np.int64],
    title: str,
    within: NDArray[np.int64],
    *,
    oldest_first: bool = False,
) -> Timeline:
    """Read photos of `within` (n,) under their days, and before them some of these (m,) under a title."""
    if not first.size:
        return read_timeline(reader, within, oldest_first=oldest_first)
    above = read_timeline(reader, first, oldest_first=oldest_first)
    rest = np.setdiff1d(within, first)
    below = read_timeline(reader, rest, oldest_first=oldest_first)
    sections = [section._replace(start=section.start + len(above.ids)) for section in below.sections]
    return Timeline(
        np.concatenate([above.ids, below.ids]),
        np.concatenate([above.aspects, below.aspects]),
        [Section(0, title), *sections],
        max(above.newest, below.newest),
        min(filter(None, (above.oldest, below.oldest))),
    )


def undivided(reader: Reader, shown: Shown) -> Timeline:
    """Return photos in the order they are given, without sections."""
    return _dated(*shown, (), reader.days(shown[0]))


def _dated(
    ids: NDArray[np.int64], aspects: NDArray[np.float32], sections: Sequence[Section], days: Sequence[Count]
) -> Timeline:
    newest, oldest = (days[0].value, days[-1].value) if days else ("", "")
    return Timeline(ids, aspects, sections, newest, oldest)


class TimelineScrubber(QObject):
    """Shows a scrubber in place of the view's scroll bar while its sections are days of several months."""

    def __init__(self, view: JustifiedView) -> None:
        super().__init__(view)
        self._view = view
        self._sections: Sequence[Section] = ()
        self._months = months(())
        self._making_room = False
        self._shows = self._covered = False
        self.scrubber = Scrubber(view)
        self.scrubber.hide()
        self.scrubber.jumped.connect(self._scroll_to)
        view.laid_out.connect(self._update_stops)
        view.verticalScrollBar().valueChanged.connect(self._update_place)

    def cover(self, covered: bool) -> None:
        """Something lies over the photos, or no longer does: nobody comes to the scrubber meanwhile."""
        self._covered = covered
        self.scrubber.setVisible(self._shows and not covered)

    def _update_stops(self) -> None:
        if self._making_room:  # the layout that this leads to asks for it again
            return
        view, end = self._view, self._view.verticalScrollBar().maximum()
        if view.sections is not self._sections:
            self._sections, self._months = view.sections, months(view.sections)
        # With room for it the photos may be less high than without: what is shown stays for longer.
        screens = _SCREENS / 2 if self._shows else _SCREENS
        shows = self._shows = len(self._months) > 1 and end > screens * view.viewport().height()
        self.cover(self._covered)
        self._making_room = True
        view.reserve_right(WIDTH if shows else 0)
        self._making_room = False
        if not shows:
            return
        self.scrubber.setGeometry(view.width() - WIDTH, 0, WIDTH, view.height())
        end = max(1, view.verticalScrollBar().maximum())
        self.scrubber.set_stops(
            [
                MonthStop(min(1.0, view.section_top(month.section) / end), month.year, month.month)
                for month in self._months
            ]
        )
        self._update_place()

    def _scroll_to(self, place: float) -> None:
        bar = self._view.verticalScrollBar()
        bar.setValue(round(place * bar.maximum()))

    def _update_place(self) -> None:
        bar = self._view.verticalScrollBar()
        self.scrubber.set_place(bar.value() / max(1, bar.maximum()))
