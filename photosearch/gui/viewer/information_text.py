"""What is known of a photo, as one says it: dates, sizes, exposure, coordinates."""

from __future__ import annotations

import os

from PySide6.QtCore import QDateTime, QLocale, Qt

from photosearch import i18n
from photosearch.core.exposure import shutter
from photosearch.core.photo import DateSource, Facts
from photosearch.gui.desktop import files
from photosearch.gui.grid.sections import month_name
from photosearch.i18n import tr
from photosearch.store.rows import Details


def name_and_folder(path: bytes) -> tuple[str, str]:
    """The name of a file and the folder it lies in, as text."""
    folder, _, name = files.shown(path).replace("\\", "/").rpartition("/")
    return name, folder or "/"


def folder_of(details: Details) -> bytes:
    """The folder in which a photo's first file lies."""
    return os.path.dirname(details.files[0].path)  # noqa: PTH120


def taken(details: Details) -> str:
    """When a photo was taken, as far as it is known."""
    return details.facts.taken_at or details.dated_at


def date(dated_at: str) -> str:
    """Weekday, day and time of a moment, in the window's language; less where less of it is known."""
    if len(dated_at) == len("1965-08"):
        return month_name(int(dated_at[:4]), int(dated_at[5:]))
    when = QDateTime.fromString(dated_at[:19], Qt.DateFormat.ISODate)
    if len(dated_at) == len("1965") or not when.isValid():
        return dated_at
    if "T" not in dated_at:
        return day(dated_at)
    time = QLocale(i18n.language()).toString(when.time(), QLocale.FormatType.ShortFormat)
    return f"{day(dated_at)} {time}"


def day(dated_at: str) -> str:
    """Weekday and day of a moment, in the window's language."""
    when = QDateTime.fromString(dated_at[:19], Qt.DateFormat.ISODate)
    if not when.isValid():
        return dated_at
    return QLocale(i18n.language()).toString(when.date(), QLocale.FormatType.LongFormat)


def time_zone(facts: Facts) -> str:
    """Whose time the camera's clock showed; empty where it is not known."""
    return "UTC" if facts.utc_offset == "+00:00" else f"UTC{facts.utc_offset}" if facts.utc_offset else ""


def date_name(source: DateSource) -> str:
    """What a photo's date is, and what it was taken from."""
    files = {
        "name": tr("by the file's name"),
        "sidecar": tr("by a file beside it"),
        "video": tr("by the video itself"),
        "file": tr("by the file's earliest time"),
    }
    return f"{tr('Taken')}  ·  {files.get(source) or source.upper()}"


def dimensions(facts: Facts) -> str:
    """Return width and height in pixels, and the megapixels."""
    megapixels = facts.width * facts.height / 1e6
    size = f"{facts.width:,} × {facts.height:,}"
    return f"{size}  ·  {megapixels:.1f} MP" if megapixels >= 0.1 else size


def exposure(facts: Facts) -> str:
    """Shutter, aperture and ISO; empty where the camera said none of them."""
    parts = []
    if facts.exposure_seconds:
        parts.append(tr("{seconds} s", seconds=shutter(facts.exposure_seconds)))
    if facts.f_number:
        parts.append(f"f/{facts.f_number:g}")
    if facts.iso:
        parts.append(f"ISO {facts.iso}")
    return "  ·  ".join(parts)


def focal_length(facts: Facts) -> str:
    """Return the focal length in millimetres, or nothing where it is not known."""
    return f"{facts.focal_length_mm:g} mm" if facts.focal_length_mm else ""


def coordinates(facts: Facts) -> str:
    """Degrees as every map takes them: latitude, longitude; empty where there are none."""
    if facts.latitude is None or facts.longitude is None:
        return ""
    return f"{facts.latitude:.6f}, {facts.longitude:.6f}"


def altitude(facts: Facts) -> str:
    """Return the altitude in metres, or nothing where it is not known."""
    return f"{facts.altitude_metres:,.0f} m" if facts.altitude_metres is not None else ""
