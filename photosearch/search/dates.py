"""Days, months and years as a person writes them."""

import re
from datetime import date, timedelta

Span = tuple[str, str]  # from the first day on, and before the second, both ISO 8601

_WRITTEN = re.compile(r"(\d{4})(?:-(\d{1,2}))?(?:-(\d{1,2}))?")
RELATIVE = (
    "today",
    "yesterday",
    "this-week",
    "last-week",
    "this-month",
    "last-month",
    "this-year",
    "last-year",
)


def span_of(written: str, today: date) -> Span | None:
    """The days that "2023", "2023-06", "2023-06-14" or one of RELATIVE means; None where it means none.

    Weeks begin on Monday.
    """
    written = written.lower()
    if written in RELATIVE:
        first, after = _relative(written, today)
        return _iso(first, after)
    match = _WRITTEN.fullmatch(written)
    if match is None:
        return None
    year, month, day = (int(part) if part else None for part in match.groups())
    assert year is not None
    try:
        if day is not None and month is not None:
            return _iso(date(year, month, day), date(year, month, day) + timedelta(days=1))
        if month is not None:
            return _iso(date(year, month, 1), _next_month(date(year, month, 1)))
        return _iso(date(year, 1, 1), date(year + 1, 1, 1))
    except (ValueError, OverflowError):
        return None


def _relative(word: str, today: date) -> tuple[date, date]:
    day = timedelta(days=1)
    monday = today - today.weekday() * day
    month = today.replace(day=1)
    year = today.replace(month=1, day=1)
    spans = {
        "today": (today, today + day),
        "yesterday": (today - day, today),
        "this-week": (monday, monday + 7 * day),
        "last-week": (monday - 7 * day, monday),
        "this-month": (month, _next_month(month)),
        "last-month": ((month - day).replace(day=1), month),
        "this-year": (year, year.replace(year=year.year + 1)),
        "last-year": (year.replace(year=year.year - 1), year),
    }
    return spans[word]


def _next_month(first: date) -> date:
    return (first + timedelta(days=31)).replace(day=1)


def _iso(first: date, after: date) -> Span:
    return first.isoformat(), after.isoformat()
