"""Runs of photos under headings: by day while browsing, by what a search says of them in its results."""

from __future__ import annotations

import os
from collections.abc import Sequence
from itertools import accumulate, groupby
from typing import NamedTuple

from PySide6.QtCore import QDate, QLocale, Qt

from photosearch import i18n
from photosearch.core.messages import HitGroup
from photosearch.gui import files
from photosearch.i18n import tr
from photosearch.store.rows import Count


class Section(NamedTuple):
    """Photos from `start` to where the next section starts; perhaps none, where all of them are folded away.

    A section with `more` ends with a row of that text, which asks for what is folded away.
    """

    start: int
    title: str = ""  # empty: the day is the title
    more: str = ""
    day: str = ""  # "2024-07-14"

    @property
    def heading(self) -> str:
        return self.title or day_name(self.day)


class Month(NamedTuple):
    """A month of a timeline, and the first section that lies in it."""

    year: int
    month: int
    section: int


def by_day(days: Sequence[Count]) -> list[Section]:
    """Of a timeline and its days, as Reader.timeline() and Reader.days() tell them."""
    ends = accumulate(day.photos for day in days)
    return [Section(end - day.photos, day=day.value) for end, day in zip(ends, days, strict=True)]


def by_groups(groups: Sequence[HitGroup]) -> list[Section]:
    """Of results that the engine put together by day or by folder."""
    return [_of_group(group) for group in groups]


def months(sections: Sequence[Section]) -> list[Month]:
    """The months that sections by day go through; none where they do not go from new to old."""
    days = [section.day for section in sections]
    if not all(days) or days != sorted(days, reverse=True):
        return []
    runs = groupby(range(len(days)), lambda section: days[section][:7])
    return [Month(int(month[:4]), int(month[5:]), next(places)) for month, places in runs]


def day_name(day: str) -> str:
    """ "2024-07-14" as the person's language writes it in full; as it stands where it is no day."""
    date = QDate.fromString(day, Qt.DateFormat.ISODate)
    return _locale().toString(date, QLocale.FormatType.LongFormat) if date.isValid() else day


def month_name(year: int, month: int) -> str:
    name = _locale().standaloneMonthName(month, QLocale.FormatType.LongFormat)
    return tr("{month} {year}", month=name, year=str(year))


def _locale() -> QLocale:
    """Of the language that the program speaks, which need not be the system's."""
    return QLocale(i18n.language())


def _of_group(group: HitGroup) -> Section:
    text = files.shown(group.key)
    if QDate.fromString(text, Qt.DateFormat.ISODate).isValid():
        return Section(group.start, day=text)
    return Section(group.start, files.shown(os.path.basename(group.key)) or text)  # noqa: PTH119 (bytes)
