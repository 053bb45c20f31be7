"""Moments as cameras and programs write them. What is no date, or what no clock showed, is None."""

import re
from datetime import date, datetime, timedelta

import msgspec

_FIRST_PHOTOGRAPH = 1826
_SEPARATOR = r"\s*[:/.年月-]\s*"
_WRITTEN = re.compile(
    rf"""(?P<year>\d{{4}})
    (?: {_SEPARATOR}(?P<month>\d{{1,2}}) (?: {_SEPARATOR}(?P<day>\d{{1,2}}) )? | (?P<packed>\d{{4}}) )?日?
    (?: [\s:T]+ (?P<hour>\d{{1,2}}) \s*[:.]\s* (?P<minute>\d{{1,2}})
        (?: \s*[:.]\s* (?P<second>\d{{1,2}}) (?:[.,]\d+)? )? )?
    \s* (?P<zone>Z|[+-]\d\d:?\d\d)?""",
    re.VERBOSE,
)
_BEFORE_NOON = re.compile(r"上午|午前|오전|(?<![a-z])a\.?m\b\.?", re.IGNORECASE)
_AFTER_NOON = re.compile(r"下午|午後|오후|(?<![a-z])p\.?m\b\.?", re.IGNORECASE)
_OFFSET = re.compile(r"\s*([+-])(\d{1,2}):?(\d\d)?\s*\0*$")
_QUARTER = 15 * 60  # seconds; all time zones lie whole quarters of an hour from UTC
_FARTHEST = 14 * 3600
_STALE = 90  # seconds that a receiver's last fix may be older than the picture

# The first day of clocks that nobody has set, to the day or to the minute; two are zeros of computers.
_UNSET = ("1904-01-01T", "1970-01-01T", "1980-01-01T", "2000-01-01T00:00", "2002-12-08T12:00")


class Moment(msgspec.Struct, frozen=True):
    """When something was, by the clock of the place.

    Attributes:
        at: ISO 8601 without an offset, as far as it is known: to a year, a month, a day, or better.
        utc_offset: of that clock, as "+02:00"; None where it is not known.
    """

    at: str
    utc_offset: str | None = None


def moment(written: object, offset: str | None = None) -> Moment | None:
    """What a tag or a property says; `offset` holds where it says none itself.

    None for what is no date, for days before the first photograph or after tomorrow, and for what clocks say
    that were never set: that is no better than nothing.
    """
    text = _text(written).strip(" \t\r\n\0") if written else ""
    if not text:
        return None
    late = bool(_AFTER_NOON.search(text))
    early = bool(_BEFORE_NOON.search(text))
    if late or early:
        text = _AFTER_NOON.sub(" ", _BEFORE_NOON.sub(" ", text))
    found = _WRITTEN.match(text)
    if found is None:
        return None
    month, day = found["month"], found["day"]
    if packed := found["packed"]:
        month, day = packed[:2], packed[2:]
    at = _at(int(found["year"]), int(month or 0), int(day or 0))
    if at is None or (len(at) < len("2020-08-15") and text[found.end() :].strip(" :-")):
        return None  # text that begins with a number is no year
    if len(at) == len("2020-08-15") and found["hour"]:
        at = _with_time(at, found, late, early)
    if at.startswith(_UNSET) or at[:10] > (date.today() + timedelta(days=1)).isoformat():
        return None
    return Moment(at, utc_offset(found["zone"]) or offset)


def utc_offset(written: object) -> str | None:
    """How far a clock is from UTC, as "+02:00"; None for what is no time zone."""
    text = "+00:00" if written == "Z" else _text(written) if written else ""
    found = _OFFSET.match(text)
    if found is None:
        return None
    sign, hours, minutes = found[1], int(found[2]), int(found[3] or 0)
    if hours * 3600 + minutes * 60 > _FARTHEST or minutes > 59:
        return None
    return f"{sign}{hours:02}:{minutes:02}"


def offset_between(local: Moment, utc: Moment) -> str | None:
    """The time zone in which a clock showed `local` at `utc`, which a receiver of satellites told it."""
    if min(len(local.at), len(utc.at)) < len("2020-08-15T12:30"):
        return None
    seconds = int((datetime.fromisoformat(local.at) - datetime.fromisoformat(utc.at)).total_seconds())
    quarters = round(seconds / _QUARTER)
    if abs(seconds - quarters * _QUARTER) > _STALE or abs(quarters * _QUARTER) > _FARTHEST:
        return None
    return f"{'-' if quarters < 0 else '+'}{abs(quarters) // 4:02}:{abs(quarters) % 4 * 15:02}"


def _at(year: int, month: int, day: int) -> str | None:
    """As far as it is known: a month or a day of 0 is not."""
    if year < _FIRST_PHOTOGRAPH:
        return None
    try:
        whole = date(year, month or 1, day or 1).isoformat()
    except ValueError:
        return None
    return whole[:4] if not month else whole[:7] if not day else whole


def _with_time(day: str, found: re.Match[str], late: bool, early: bool) -> str:
    """The day with its time; the day alone where that is none."""
    hour, minute, second = int(found["hour"]), int(found["minute"]), int(found["second"] or 0)
    if late and hour < 12:
        hour += 12
    elif early and hour == 12:
        hour = 0
    if hour == 24:  # some count from 1 to 24: it is the first hour of that very day
        hour = 0
    if hour > 23 or minute > 59 or second > 60:
        return day
    moment = datetime.fromisoformat(day) + timedelta(hours=hour, minutes=minute, seconds=second)
    return moment.isoformat(timespec="seconds" if found["second"] else "minutes")


def _text(written: object) -> str:
    """Tags are ASCII; telephones that speak Chinese write UTF-8 or GBK. Pillow reads Latin-1."""
    if isinstance(written, str):
        try:
            written = written.encode("latin-1")
        except UnicodeEncodeError:
            return str(written)
    if not isinstance(written, bytes):
        return ""
    for encoding in ("utf-8", "gb18030"):
        try:
            return written.decode(encoding)
        except UnicodeDecodeError:
            continue
    return written.decode("latin-1")
