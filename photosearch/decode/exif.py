"""What a camera wrote beside the pixels. Nothing here fails a photo: what cannot be read is None."""

import re
import struct
from datetime import datetime

from PIL import Image

_ORIENTATION, _MAKE, _MODEL, _DATE_TIME = 0x0112, 0x010F, 0x0110, 0x0132
_EXIF_IFD, _DATE_TIME_ORIGINAL, _DATE_TIME_DIGITIZED = 0x8769, 0x9003, 0x9004

_DATE = re.compile(r"(\d{4})[:/.-](\d\d)[:/.-](\d\d)[ T](\d\d):(\d\d):(\d\d)")
_FIRST_PHOTOGRAPH = 1826
_COMPANY = re.compile(
    r"\b(corporation|corp|company|co|ltd|inc|imaging|optical|camera ag)\b\.?,?", re.IGNORECASE
)

# What Pillow raises on malformed EXIF, XMP or TIFF tags.
_BROKEN = (OSError, EOFError, SyntaxError, ValueError, LookupError, TypeError, ArithmeticError, struct.error)


def read_exif(image: Image.Image) -> Image.Exif:
    """The EXIF of an image, empty where it is missing or damaged."""
    try:
        return image.getexif()
    except _BROKEN:
        return Image.Exif()


def orientation(exif: Image.Exif) -> int:
    """1..8 as EXIF numbers them; 1, upright, for anything else."""
    value = exif.get(_ORIENTATION)
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


def taken_at(exif: Image.Exif) -> str | None:
    """Local time by the camera's clock, ISO 8601 without an offset; None when missing or not a date."""
    try:
        details = exif.get_ifd(_EXIF_IFD)
    except _BROKEN:
        details = {}
    for value in (details.get(_DATE_TIME_ORIGINAL), details.get(_DATE_TIME_DIGITIZED), exif.get(_DATE_TIME)):
        match = _DATE.match(_text(value))
        if match is None:
            continue
        try:
            moment = datetime(*(int(number) for number in match.groups()))  # type: ignore[arg-type]
        except ValueError:
            continue
        if moment.year >= _FIRST_PHOTOGRAPH:
            return moment.isoformat()
    return None


def camera(exif: Image.Exif) -> str | None:
    """Maker and model as people say them: "Canon EOS R5", not "Canon Canon EOS R5"."""
    make = " ".join(_COMPANY.sub("", _text(exif.get(_MAKE))).split())
    model = _text(exif.get(_MODEL))
    brand = make.split(" ")[0]
    if brand and model.casefold().startswith(brand.casefold()):
        return model
    return f"{make} {model}".strip() or None


def _text(value: object) -> str:
    """A tag's value as one tidy line of at most 100 characters; empty unless it is text."""
    if isinstance(value, bytes):
        value = value.decode("ascii", errors="replace")
    if not isinstance(value, str):
        return ""
    printable = "".join(letter if letter.isprintable() else " " for letter in value.split("\0")[0])
    return " ".join(printable.split())[:100]
