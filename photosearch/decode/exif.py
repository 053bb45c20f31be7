"""What a camera wrote beside the pixels. Nothing here fails a photo: what cannot be read is None."""

import math
import re
import struct
from datetime import datetime
from typing import Any

import msgspec
from PIL import Image

_ORIENTATION, _MAKE, _MODEL, _DATE_TIME = 0x0112, 0x010F, 0x0110, 0x0132
_EXIF_IFD, _DATE_TIME_ORIGINAL, _DATE_TIME_DIGITIZED = 0x8769, 0x9003, 0x9004
_EXPOSURE_TIME, _F_NUMBER, _FOCAL_LENGTH, _LENS_MODEL = 0x829A, 0x829D, 0x920A, 0xA434
_ISO, _RECOMMENDED_EXPOSURE_INDEX, _ISO_SPEED = 0x8827, 0x8832, 0x8833
_COLOUR_SPACE, _ADOBE, _UNCALIBRATED, _INTEROP_IFD = 0xA001, 2, 0xFFFF, 0xA005
_RATING = 0x4746  # Microsoft's, which many write
_GPS_IFD, _NORTH_SOUTH, _LATITUDE, _EAST_WEST, _LONGITUDE, _BELOW_SEA, _ALTITUDE = 0x8825, 1, 2, 3, 4, 5, 6

_DATE = re.compile(r"(\d{4})[:/.-](\d\d)[:/.-](\d\d)[ T](\d\d):(\d\d):(\d\d)")
_FIRST_PHOTOGRAPH = 1826
_COMPANY = re.compile(
    r"\b(corporation|corp|company|co|ltd|inc|imaging|optical|camera ag)\b\.?,?", re.IGNORECASE
)

# What Pillow raises on malformed EXIF, XMP or TIFF tags.
BROKEN = (OSError, EOFError, SyntaxError, ValueError, LookupError, TypeError, ArithmeticError, struct.error)


def read_exif(image: Image.Image) -> Image.Exif:
    """The EXIF of an image, empty where it is missing or damaged."""
    try:
        return image.getexif()
    except BROKEN:
        return Image.Exif()


def orientation(exif: Image.Exif) -> int:
    """1..8 as EXIF numbers them; 1, upright, for anything else."""
    value = exif.get(_ORIENTATION)
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


def is_adobe_rgb(exif: Image.Exif) -> bool:
    """Whether a camera says that its colours are Adobe RGB, by one of the two ways to say so."""
    space = _ifd(exif, _EXIF_IFD).get(_COLOUR_SPACE)
    return space == _ADOBE or (space == _UNCALIBRATED and _ifd(exif, _INTEROP_IFD).get(1) == "R03")


def taken_at(exif: Image.Exif) -> str | None:
    """Local time by the camera's clock, ISO 8601 without an offset; None when missing or not a date."""
    details = _ifd(exif, _EXIF_IFD)
    for value in (details.get(_DATE_TIME_ORIGINAL), details.get(_DATE_TIME_DIGITIZED), exif.get(_DATE_TIME)):
        match = _DATE.match(one_line(value))
        if match is None:
            continue
        try:
            moment = datetime(*(int(number) for number in match.groups()))  # type: ignore[arg-type]
        except ValueError:
            continue
        if _FIRST_PHOTOGRAPH <= moment.year <= datetime.now().year + 1:  # clocks run ahead a little
            return moment.isoformat()
    return None


def camera(exif: Image.Exif) -> str | None:
    """Maker and model as people say them: "Canon EOS R5", not "Canon Canon EOS R5"."""
    make = " ".join(_COMPANY.sub("", one_line(exif.get(_MAKE))).split())
    model = one_line(exif.get(_MODEL))
    brand = make.split(" ")[0]
    if brand and model.casefold().startswith(brand.casefold()):
        return model
    return f"{make} {model}".strip() or None


class Shot(msgspec.Struct, frozen=True):
    """How a picture was taken; see Facts."""

    lens: str | None
    iso: int | None
    exposure_seconds: float | None
    f_number: float | None
    focal_length_mm: float | None


def shot(exif: Image.Exif) -> Shot:
    """How the photo was taken; what the camera did not write, or wrote wrongly, is None."""
    details = _ifd(exif, _EXIF_IFD)
    speeds = [_number(details.get(tag)) for tag in (_ISO, _RECOMMENDED_EXPOSURE_INDEX, _ISO_SPEED)]
    # 65535 is what does not fit into two bytes; the others then hold it.
    iso = next((int(speed) for speed in speeds if speed and 1 <= speed < 1e8 and speed != 65535), None)
    return Shot(
        lens=one_line(details.get(_LENS_MODEL)) or None,
        iso=iso,
        exposure_seconds=_positive(details.get(_EXPOSURE_TIME), 1e6),
        f_number=_positive(details.get(_F_NUMBER), 1e3),
        focal_length_mm=_positive(details.get(_FOCAL_LENGTH), 1e5),
    )


class Position(msgspec.Struct, frozen=True):
    """Where a picture was taken; see Facts."""

    latitude: float | None = None
    longitude: float | None = None
    altitude_metres: float | None = None


def position(exif: Image.Exif) -> Position:
    """Degrees to the seventh decimal, about a centimetre. A place of 0, 0 is a receiver without a fix."""
    gps = _ifd(exif, _GPS_IFD)
    latitude = _degrees(gps.get(_LATITUDE), gps.get(_NORTH_SOUTH), "S", 90)
    longitude = _degrees(gps.get(_LONGITUDE), gps.get(_EAST_WEST), "W", 180)
    if latitude is None or longitude is None or latitude == longitude == 0:
        return Position()
    altitude = _number(gps.get(_ALTITUDE))
    if altitude is None or abs(altitude) > 1e5:
        return Position(latitude, longitude)
    below = gps.get(_BELOW_SEA) in (1, b"\x01")
    return Position(latitude, longitude, -altitude if below else altitude)


def rating(exif: Image.Exif) -> int | None:
    """The file's stars as they are written, whatever number that is; None where there are none."""
    value: object = exif.get(_RATING)
    return value if isinstance(value, int) else None


def _degrees(value: object, hemisphere: object, negative: str, limit: float) -> float | None:
    """Degrees, minutes and seconds as EXIF writes them; None for what is no place."""
    parts = [_number(part) for part in value] if isinstance(value, tuple) and len(value) == 3 else [None]
    if None in parts:
        return None
    degrees = sum(abs(part or 0.0) / 60.0**power for power, part in enumerate(parts))
    if degrees > limit:
        return None
    return round(-degrees if one_line(hemisphere).upper() == negative else degrees, 7)


def _positive(value: object, limit: float) -> float | None:
    number = _number(value)
    return number if number is not None and 0 < number <= limit else None


def _number(value: Any) -> float | None:
    """A tag's value, of several the first, as a finite number."""
    if isinstance(value, tuple) and value:
        value = value[0]
    try:
        number = float(value)
    except BROKEN:
        return None
    return number if math.isfinite(number) else None


def _ifd(exif: Image.Exif, tag: int) -> dict[int, Any]:
    """The tags of a part of the EXIF, none where it is damaged."""
    try:
        return exif.get_ifd(tag)
    except BROKEN:
        return {}


def one_line(value: object) -> str:
    """A tag's value as one tidy line of at most 100 characters; empty unless it is text."""
    if isinstance(value, bytes):
        value = value.decode("ascii", errors="replace")
    if not isinstance(value, str):
        return ""
    printable = "".join(letter if letter.isprintable() else " " for letter in value.split("\0")[0])
    return " ".join(printable.split())[:100]
