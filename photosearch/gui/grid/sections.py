"""Runs of photos under headings: by day while browsing, by what a search says of them in its results."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from functools import lru_cache
from itertools import groupby
from typing import NamedTuple

from PySide6.QtCore import QDate, QLocale, Qt

from photosearch import i18n
from photosearch.core.search_messages import HitGroup
from photosearch.gui.desktop import files
from photosearch.i18n import tr
from photosearch.store.rows import Count

_FEW = 5  # photos: a month whose days have no more stands under one heading
_MONTH = "yyyy-MM"


class Section(NamedTuple):
    """Photos from `start` to where the next section starts.

    Those of a section that stands `apart` are not what one looks for: all is selected without them first.
    """

    start: int
    title: str = ""  # empty: the day is the title
    day: str = ""  # "2024-07-14"; "2024-07" for a whole month
    apart: bool = False

    @property
    def heading(self) -> str:
        """What stands above the section: its title, or else its day or month."""
        return self.title or _headed(days_name, (self.day, self.day), i18n.language())

    @property
    def short_heading(self) -> str:
        """The same where there is little room."""
        return self.title or _headed(_shortly, (self.day,), i18n.language())


class Month(NamedTuple):
    """A month of a timeline, and the first section that lies in it."""

    year: int
    month: int
    section: int


def by_day(days: Sequence[Count]) -> list[Section]:
    """Put a timeline under its days, as Reader.timeline() and Reader.days() tell them, or both from the end.

    A month of several days, none of which has more than a few photos, is one section.
    """
    sections: list[Section] = []
    start = 0
    for month, run in groupby(days, lambda day: day.value[:7]):
        of_month = list(run)
        thin = len(of_month) > 1 and max(day.photos for day in of_month) <= _FEW
        if thin:
            sections.append(Section(start, day=month))
        for day in of_month:
            if not thin:
                sections.append(Section(start, day=day.value))
            start += day.photos
    return sections


def stand_side_by_side(sections: Sequence[Section]) -> bool:
    """Whether short ones may share a row: days may, of which a timeline has many."""
    return all(section.day for section in sections[_before_days(sections) :])


def by_groups(groups: Sequence[HitGroup]) -> list[Section]:
    """Put results under headings as the engine grouped them, by day, by folder or by town."""
    return [_of_group(group) for group in groups]


def months(sections: Sequence[Section]) -> list[Month]:
    """Return the months that sections by day go through; none where they do not go along the time."""
    before = _before_days(sections)
    days = [section.day for section in sections[before:]]
    if not all(days) or days not in (sorted(days), sorted(days, reverse=True)):
        return []
    runs = groupby(range(before, len(sections)), lambda section: sections[section].day[:7])
    return [Month(int(month[:4]), int(month[5:]), next(places)) for month, places in runs]


def _before_days(sections: Sequence[Section]) -> int:
    """How many sections stand before a timeline of days: one that is new, or none."""
    return int(len(sections) > 1 and not sections[0].day)


def days_name(newest: str, oldest: str) -> str:
    """Return a day ("2024-07-14"), a month ("2024-07") or a span of days in the person's language."""
    if (month := QDate.fromString(newest, _MONTH)).isValid():
        return _month_of(month)
    first, last = (QDate.fromString(day, Qt.DateFormat.ISODate) for day in (oldest, newest))
    locale = _locale()
    if not (first.isValid() and last.isValid()):
        return newest
    if first == last:
        return locale.toString(last, QLocale.FormatType.LongFormat)
    if first.year() != last.year():
        return tr("{first} – {last}", first=_month_of(first), last=_month_of(last))
    ending = tr("d, yyyy") if first.month() == last.month() else tr("MMMM d, yyyy")
    return tr(
        "{first} – {last}",
        first=locale.toString(first, tr("MMMM d")),
        last=locale.toString(last, ending),
    )


def month_name(year: int, month: int) -> str:
    """Return a month in the person's language."""
    return _month_of(QDate(year, month, 1))


@lru_cache(4096)
def _headed(name: Callable[..., str], days: tuple[str, ...], language: str) -> str:
    """Put together once: each paint asks for all headings in view. `language` is that of the moment."""
    return name(*days)


def _shortly(day: str) -> str:
    if (month := QDate.fromString(day, _MONTH)).isValid():
        return _locale().toString(month, tr("MMM yyyy"))
    date = QDate.fromString(day, Qt.DateFormat.ISODate)
    return _locale().toString(date, tr("MMM d, yyyy")) if date.isValid() else day


def _month_of(day: QDate) -> str:
    return _locale().toString(day, tr("MMMM yyyy"))


def _locale() -> QLocale:
    """Of the language that the program speaks, which need not be the system's."""
    return QLocale(i18n.language())


def _of_group(group: HitGroup) -> Section:
    if group.town is not None:
        english, chinese = group.town
        said = chinese if i18n.language().startswith("zh") else english
        return Section(group.start, said or tr("Place not known"))
    text = files.shown(group.key)
    if QDate.fromString(text, Qt.DateFormat.ISODate).isValid():
        return Section(group.start, day=text)
    return Section(group.start, files.shown(os.path.basename(group.key)) or text)  # noqa: PTH119 (bytes)
