"""What dates a photo: its metadata, else the name of a file that holds it, else when that was written."""

# Paths are bytes, which pathlib does not take.
# ruff: noqa: PTH119

from __future__ import annotations

import os
import re
import sqlite3
import time
from datetime import UTC, date, datetime, timedelta

from photosearch.core.photo import DateSource, Facts

_DAY = r"(?P<year>(?:19|20)\d\d)(?P<mark>[-_.年 ]?)(?P<month>\d\d)(?:(?P=mark)|月)(?P<day>\d\d)日?"
_BETWEEN = r"(?:[-_ T]|at|um|à|kl|a las|alle|om|上午|下午|\u202f)*"
_TIME = r"(?P<hour>\d{1,2})(?P<dot>[-_.:]?)(?P<minute>\d\d)(?P=dot)(?P<second>\d\d)"
_DATE_IN_NAME = re.compile(rf"(?<!\d){_DAY}(?:(?!\d)|(?=\d{{6,9}}(?!\d)))(?:{_BETWEEN}{_TIME}(?!\d{{4}}))?")
_AFTER_NOON = re.compile(r"下午|\d[\s\u202f]*p\.?m\b", re.IGNORECASE)
_BEFORE_NOON = re.compile(r"上午|\d[\s\u202f]*a\.?m\b", re.IGNORECASE)
_COUNTED = re.compile(r"^(?:mmexport|FB_IMG_)(\d{13})(?!\d)")  # milliseconds since the epoch
_IN_UTC = "PXL_"  # what Pixels name their photos; all others go by the clock on the wall
_EPOCH = datetime(1970, 1, 1)
_FIRST_PHOTOGRAPH = "1826"


def taken_day(facts: Facts) -> str | None:
    """The photo's date by its metadata, to the day at least: the first one of a year or a month."""
    taken_at = facts.taken_at
    return f"{taken_at}-01-01"[:10] if taken_at and len(taken_at) < 10 else taken_at


def write_date(database: sqlite3.Connection, photo_id: int) -> None:
    """Bring a photo's date in line with the files that hold it, where its metadata tell none.

    A day in a name goes before the time of writing, and of several the earliest; a photo that was moved or
    copied stays as old as it was known to be.
    """
    taken_at, *known = database.execute(
        "SELECT taken_at, dated_at, dated_from FROM photos WHERE photo_id = ?", (photo_id,)
    ).fetchone()
    if taken_at is not None:
        return
    files = database.execute("SELECT path, mtime_ns FROM files WHERE photo_id = ?", (photo_id,)).fetchall()
    if not files:
        return
    named = [day for path, _ in files if (day := date_in_name(path))]
    source: DateSource
    if named:
        # Of one day the one with a time.
        dated_at, source = min(named, key=lambda day: (day[:10], "T" not in day, day)), "name"
    else:
        written = [local_time(mtime_ns) for _, mtime_ns in files]
        dated_at, source = min([*written, known[0]] if known[1] == "file" else written), "file"
    if [dated_at, source] != known:
        database.execute(
            "UPDATE photos SET dated_at = ?, dated_from = ? WHERE photo_id = ?", (dated_at, source, photo_id)
        )


def photos_dated_in(database: sqlite3.Connection, folder: bytes) -> list[int]:
    """Ids of the photos that a name may date in this added folder, and that others hold as well."""
    sql = """SELECT DISTINCT photo_id FROM files JOIN folders USING (folder_id) JOIN photos USING (photo_id)
        WHERE folders.path = ? AND dated_from = 'name' AND EXISTS (
            SELECT 1 FROM files AS other
            WHERE other.photo_id = files.photo_id AND other.folder_id <> files.folder_id
        )"""
    return [photo_id for (photo_id,) in database.execute(sql, (folder,))]


def date_in_name(path: bytes) -> str | None:
    """The day that a file's name tells, "2020-08-15", with the time where it tells that, too; else None.

    Names are given by cameras, messengers, programs that take pictures of the screen, and people.
    """
    name = os.path.basename(path).decode("utf-8", errors="replace")
    if counted := _COUNTED.match(name):
        return local_time(int(counted[1]) * 10**6)
    for found in _DATE_IN_NAME.finditer(name):
        try:
            day = date(int(found["year"]), int(found["month"]), int(found["day"]))
        except ValueError:
            continue
        if day > date.today() + timedelta(days=1):
            continue
        moment = _with_time(day, found, name) if found["hour"] else None
        if moment is None:
            return day.isoformat()
        if name.startswith(_IN_UTC):
            moment = moment.replace(tzinfo=UTC).astimezone().replace(tzinfo=None)
        return moment.isoformat()
    return None


def local_time(mtime_ns: int) -> str:
    """ISO 8601. What is from the future is of now, and what no photograph is as old as, of the epoch."""
    seconds = min(mtime_ns // 10**9, max(int(time.time()), 0))
    if seconds >= 0:
        return datetime.fromtimestamp(seconds).isoformat()
    # Systems differ in what they know of older summers, and Windows knows nothing.
    moment = (_EPOCH + timedelta(seconds=seconds - time.timezone)).isoformat()
    return moment if moment >= _FIRST_PHOTOGRAPH else _EPOCH.isoformat()


def _with_time(day: date, found: re.Match[str], name: str) -> datetime | None:
    hour = int(found["hour"])
    if hour < 12 and _AFTER_NOON.search(name):
        hour += 12
    elif hour == 12 and _BEFORE_NOON.search(name):
        hour = 0
    try:
        return datetime(day.year, day.month, day.day, hour, int(found["minute"]), int(found["second"]))
    except ValueError:
        return None
