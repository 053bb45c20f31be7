"""Filters: what a person asks of a photo besides what it shows. Each is exact, and can be negated."""

from typing import Literal

import msgspec

from photosearch.core.photo import RAW_FORMATS, VIDEO_FORMATS

# What a person may call a type of file -> how `Facts.format` names those that it is.
FORMATS: dict[str, tuple[str, ...]] = {
    "jpeg": ("JPEG",),
    "jpg": ("JPEG",),
    "png": ("PNG",),
    "webp": ("WEBP",),
    "gif": ("GIF",),
    "tiff": ("TIFF",),
    "tif": ("TIFF",),
    "bmp": ("BMP",),
    "avif": ("AVIF",),
    "heic": ("HEIF",),
    "heif": ("HEIF",),
    "jxl": ("JXL",),
    "raw": RAW_FORMATS,
    "video": VIDEO_FORMATS,
    **{name.lower(): (name,) for name in VIDEO_FORMATS},
    **{name.lower(): (name,) for name in RAW_FORMATS if name != "RAW"},
}

Fact = Literal["gps", "caption", "keywords", "rating", "camera", "text"]
Orientation = Literal["portrait", "landscape", "square"]


class Filter(msgspec.Struct, frozen=True, kw_only=True, tag_field="filter"):
    """A set of photos; several together mean the photos that are in all of them.

    Attributes:
        negated: the photos that are not in it instead.
    """

    negated: bool = False


class Dated(Filter, frozen=True, tag="dated"):
    """When it was taken, as far as is known (see DateSource): from `start` on, and before `end`.

    Both are ISO 8601 without an offset, as long as wanted ("2023", "2023-06", "2023-06-01T12:30"), or None
    for open. June 2023 is start "2023-06", end "2023-07".
    """

    start: str | None = None
    end: str | None = None


class InFolder(Filter, frozen=True, tag="folder"):
    """A file of it lies in or below one of these folders, given by absolute path as os.fsencode gives it."""

    paths_bytes: tuple[bytes, ...]


class TakenWith(Filter, frozen=True, tag="camera"):
    """Its camera's maker and model hold this text, whatever the case."""

    camera: str


class OfType(Filter, frozen=True, tag="type"):
    """Its file is of one of these kinds, as `Facts.format` names them."""

    formats: tuple[str, ...]


class Rated(Filter, frozen=True, tag="rating"):
    """At least so many stars, 1 to 5; the person's own rating goes before the file's."""

    stars: int


class Has(Filter, frozen=True, tag="has"):
    """Photos of which something is known."""

    fact: Fact


class Favourite(Filter, frozen=True, tag="favourite"):
    """Photos among the person's favourites."""


class Near(Filter, frozen=True, tag="near"):
    """Taken at most so far from a place, along a great circle of a sphere of radius 6371.0088 km."""

    latitude: float  # degrees north, -90 to 90
    longitude: float  # degrees east, -180 to 180
    kilometres: float


class TakenAt(Filter, frozen=True, tag="place"):
    """At a town of whose name this is the beginning, or of whose country's; in English or in Chinese.

    "Lisbon", "Lisbon, Portugal", "Portugal", "葡萄牙": what the name holds from the beginning of a word on.
    """

    place: str


class Turned(Filter, frozen=True, tag="orientation"):
    """Upright and in full: higher than wide, wider than high, or neither."""

    orientation: Orientation


class Lasts(Filter, frozen=True, tag="length"):
    """It is a video of at least so many seconds, and of less than so many where that is not None."""

    at_least: float
    below: float | None = None


class Away(Filter, frozen=True, tag="away"):
    """Every file of it is on a drive that is not here."""


class Says(Filter, frozen=True, tag="phrase"):
    """These words in this order in its caption, in one of its keywords, in the name of a file of it or in it.

    Case, accents and widths of letters do not count, nor whether Chinese is traditional or simplified. The
    last word may be the beginning of one in a file name, and is a whole one elsewhere. Scripts written
    without spaces are compared letter by letter.
    """

    phrase: str


class Written(Filter, frozen=True, tag="text"):
    """These words in this order are written in it, compared as those of `Says`; the last may go on."""

    phrase: str


class Tagged(Filter, frozen=True, tag="tagged"):
    """It has one of these tags, or its file this keyword, whatever its case and accents."""

    tags: tuple[str, ...]
    keyword: str = ""  # none


class InAlbum(Filter, frozen=True, tag="album"):
    """Photos of an album."""

    album_id: int


class InLiveAlbum(Filter, frozen=True, tag="live_album"):
    """Photos of an album that fills itself, as it was filled last."""

    search_id: int


AnyFilter = (
    Dated
    | InFolder
    | TakenWith
    | OfType
    | Rated
    | Has
    | Favourite
    | Near
    | TakenAt
    | Turned
    | Lasts
    | Away
    | Says
    | Written
    | Tagged
    | InAlbum
    | InLiveAlbum
)
