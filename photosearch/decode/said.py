"""What one source says of a picture: its EXIF, its XMP, its IPTC records, or a file that lies beside it."""

import math
import re

import msgspec

from photosearch.core.photo import LONGEST_CAPTION
from photosearch.decode.dates import Moment

_MOST_WORDS = 200
_MOST_STARS = 5
_JOINERS = "\u200c\u200d"  # of which Persian words and families of emoji are made; they are not printable
_LONGEST_WORD = 100  # characters of a keyword, a name of a person, a camera
_LONGEST_TEXT = 20 * LONGEST_CAPTION  # that are looked at, as blanks between words go

# What cameras, telephones and programs write of themselves where a caption belongs.
_BOILERPLATE = (
    "olympus digital camera", "minolta digital camera", "konica minolta digital camera", "digital camera",
    "samsung", "samsung digital camera", "sony dsc", "dcim", "kodak digital still camera", "default", "image",
    "untitled", "screenshot", "dji", "binary", "none", "my picture", "unicode", "ascii", "jis",
    "charset=ascii", "charset=unicode", "created with gimp",
)  # fmt: skip
_FILE_NAME = re.compile(r"[a-z]{2,4}[_-]?\d{3,}[\w-]*(\.\w{3,4})?", re.IGNORECASE)  # DSC_0123, IMG-2020…


class Position(msgspec.Struct, frozen=True):
    """Where a picture was taken; see Facts."""

    latitude: float | None = None
    longitude: float | None = None
    altitude_metres: float | None = None


class Said(msgspec.Struct, frozen=True):
    """What a source says. What it does not say, or what makes no sense, is None or empty.

    Attributes:
        taken: when the picture was taken, of a scan when what it shows was.
        digitized: when it became a file.
        changed: when a program last wrote the file.
        by_satellite: when the receiver of satellites knew where it was, in UTC.
    """

    taken: Moment | None = None
    digitized: Moment | None = None
    changed: Moment | None = None
    by_satellite: Moment | None = None
    position: Position = Position()
    rating: int | None = None  # stars, 0 to 5
    title: str | None = None
    caption: str | None = None
    keywords: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    make: str = ""
    model: str = ""
    lens: str | None = None


def as_caption(*texts: str) -> str | None:
    """The first that a person may have written, as one line of printable letters; None without one."""
    return next((tidy for text in texts if text and (tidy := _tidy(text))), None)


def as_words(texts: list[str]) -> tuple[str, ...]:
    """Keywords or names of people: tidied, each once, whatever its case."""
    once: dict[str, str] = {}
    for word in filter(None, map(one_line, texts)):
        once.setdefault(word.casefold(), word)
        if len(once) == _MOST_WORDS:
            break
    return tuple(once.values())


def stars(given: object, percent: object) -> int | None:
    """Stars, 0 to 5, of a number of stars, else of Windows' percents (1, 25, 50, 75, 99); else None.

    A picture that was rejected, which XMP writes as -1, has none.
    """
    count = number(given)
    if count is not None and count <= _MOST_STARS:
        return max(0, int(count))
    share = number(percent)
    if share is not None and 0 <= share <= 100:
        return 1 + round(share / 25) if share >= 1 else 0
    return None


def number(written: object) -> float | None:
    """A finite number, or a text of one, or of a fraction such as "1055/10"."""
    if not isinstance(written, (str, int, float)):
        return None
    above, _, below = str(written).partition("/")
    try:
        value = float(above) / float(below or 1)
    except (ValueError, ZeroDivisionError):
        return None
    return value if math.isfinite(value) else None


def one_line(value: object) -> str:
    """A tag's value as one tidy line of at most 100 characters; empty unless it is text."""
    if isinstance(value, bytes):
        value = value.decode("ascii", errors="replace")
    return _line(value)[:_LONGEST_WORD] if isinstance(value, str) else ""


def _tidy(text: str) -> str:
    """One line of printable letters; empty for what no person wrote."""
    line = _line(text)[:LONGEST_CAPTION]
    if line.startswith('{"shape":'):  # tifffile's note of an array
        return ""
    if line.casefold() in _BOILERPLATE or _FILE_NAME.fullmatch(line) or not any(map(str.isalpha, line)):
        return ""
    return line


def _line(text: str) -> str:
    text = text[:_LONGEST_TEXT].split("\0")[0]
    printable = "".join(letter if letter.isprintable() or letter in _JOINERS else " " for letter in text)
    return " ".join(printable.split())
