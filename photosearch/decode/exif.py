"""What a camera wrote beside the pixels. Nothing here fails a photo: what cannot be read is None."""

import math
import re
import struct
from typing import Any

import msgspec
from PIL import Image

from photosearch.decode import comment, dates
from photosearch.decode.dates import Moment
from photosearch.decode.said import Position, Said, as_caption, as_words, one_line, stars

_ORIENTATION, _MAKE, _MODEL, _DATE_TIME, _DESCRIPTION = 0x0112, 0x010F, 0x0110, 0x0132, 0x010E
_EXIF_IFD, _DATE_TIME_ORIGINAL, _DATE_TIME_DIGITIZED = 0x8769, 0x9003, 0x9004
_OFFSET, _OFFSET_ORIGINAL, _OFFSET_DIGITIZED, _USER_COMMENT = 0x9010, 0x9011, 0x9012, 0x9286
_EXPOSURE_TIME, _F_NUMBER, _FOCAL_LENGTH, _LENS_MODEL = 0x829A, 0x829D, 0x920A, 0xA434
_ISO, _RECOMMENDED_EXPOSURE_INDEX, _ISO_SPEED = 0x8827, 0x8832, 0x8833
_COLOUR_SPACE, _ADOBE, _UNCALIBRATED, _INTEROP_IFD = 0xA001, 2, 0xFFFF, 0xA005
_SMALLEST = 1e-9  # of what is measured; what is told of less, one divided by it, would overflow
_RATING, _RATING_PERCENT, _XP_TITLE, _XP_COMMENT = 0x4746, 0x4749, 0x9C9B, 0x9C9C  # Microsoft's
_XP_KEYWORDS = 0x9C9E
_GPS_IFD, _NORTH_SOUTH, _LATITUDE, _EAST_WEST, _LONGITUDE, _BELOW_SEA, _ALTITUDE = 0x8825, 1, 2, 3, 4, 5, 6
_GPS_TIME, _GPS_DATE = 7, 29

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


def said(exif: Image.Exif) -> Said:
    """What the tags say of when, where and what, and by what it was taken."""
    details, gps = _ifd(exif, _EXIF_IFD), _ifd(exif, _GPS_IFD)
    by_satellite = gps_moment(gps)

    def local(written: object, offset: object) -> Moment | None:
        zone = dates.utc_offset(offset) or dates.utc_offset(details.get(_OFFSET))
        moment = dates.moment(written, zone)
        if moment and by_satellite and not moment.utc_offset:
            return Moment(moment.at, dates.offset_between(moment, by_satellite))
        return moment

    return Said(
        taken=local(details.get(_DATE_TIME_ORIGINAL), details.get(_OFFSET_ORIGINAL)),
        digitized=local(details.get(_DATE_TIME_DIGITIZED), details.get(_OFFSET_DIGITIZED)),
        changed=local(exif.get(_DATE_TIME), None),
        by_satellite=by_satellite,
        position=position(gps),
        rating=stars(exif.get(_RATING), exif.get(_RATING_PERCENT)),
        title=as_caption(comment.windows_text(exif.get(_XP_TITLE))),
        caption=as_caption(
            comment.text(exif.get(_DESCRIPTION)),
            comment.comment(details.get(_USER_COMMENT), exif.endian or "<"),
            comment.windows_text(exif.get(_XP_COMMENT)),
        ),
        keywords=as_words(comment.windows_text(exif.get(_XP_KEYWORDS)).split(";")),
        make=one_line(exif.get(_MAKE)),
        model=one_line(exif.get(_MODEL)),
        lens=one_line(details.get(_LENS_MODEL)) or None,
    )


def camera(make: str, model: str) -> str | None:
    """Maker and model as people say them: "Canon EOS R5", not "Canon Canon EOS R5"."""
    make = " ".join(_COMPANY.sub("", make).split())
    brand = make.split(" ")[0]
    if brand and model.casefold().startswith(brand.casefold()):
        return model
    return f"{make} {model}".strip() or None


class Shot(msgspec.Struct, frozen=True):
    """How a picture was taken; see Facts."""

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
        iso=iso,
        exposure_seconds=_positive(details.get(_EXPOSURE_TIME), 1e6),
        f_number=_positive(details.get(_F_NUMBER), 1e3),
        focal_length_mm=_positive(details.get(_FOCAL_LENGTH), 1e5),
    )


def position(gps: dict[int, Any]) -> Position:
    """Degrees to the seventh decimal, about a centimetre. A place of 0, 0 is a receiver without a fix."""
    latitude = _degrees(gps.get(_LATITUDE), gps.get(_NORTH_SOUTH), "NS", 90)
    longitude = _degrees(gps.get(_LONGITUDE), gps.get(_EAST_WEST), "EW", 180)
    if latitude is None or longitude is None or latitude == longitude == 0:
        return Position()
    altitude = _number(gps.get(_ALTITUDE))
    if altitude is None or abs(altitude) > 1e5:
        return Position(latitude, longitude)
    reference = gps.get(_BELOW_SEA)
    if isinstance(reference, bytes):
        reference = int.from_bytes(reference[:1])
    # EXIF 3.0 adds 2 and 3: above and below the sea, where 0 and 1 are above and below the ellipsoid.
    return Position(latitude, longitude, -altitude if str(reference) in ("1", "3") else altitude)


def gps_moment(gps: dict[int, Any]) -> Moment | None:
    """When the receiver had its fix, in UTC."""
    time = gps.get(_GPS_TIME)
    parts = [_number(part) for part in time] if isinstance(time, tuple) and len(time) == 3 else [None]
    if None in parts:
        return None
    clock = ":".join(f"{int(part or 0):02}" for part in parts)
    return dates.moment(f"{one_line(gps.get(_GPS_DATE))} {clock}Z")


def _degrees(value: object, reference: object, hemispheres: str, limit: float) -> float | None:
    """Degrees, with minutes and seconds or without; None for what is no place.

    The hemisphere may be written out ("South"). Where none is, and no sign tells it, a place that half of the
    people on Earth would be surprised by is no place.
    """
    parts = [_number(part) for part in (value if isinstance(value, tuple) else (value,))[:3]]
    known = parts[: parts.index(None)] if None in parts else parts  # 0/0 is what a receiver does not know
    if not known or any(part is not None for part in parts[len(known) :]):
        return None
    degrees = sum(abs(part or 0.0) / 60.0**power for power, part in enumerate(known))
    letter = one_line(reference)[:1].upper()
    negative = (known[0] or 0.0) < 0 or letter == hemispheres[1]
    if degrees > limit or not (negative or letter == hemispheres[0]):
        return None
    return round(-degrees if negative else degrees, 7)


def _positive(value: object, limit: float) -> float | None:
    number = _number(value)
    return number if number is not None and _SMALLEST <= number <= limit else None


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
