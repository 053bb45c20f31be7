"""Photos and hits as every part of the program speaks of them."""

import enum
import hashlib
import os
from io import BufferedReader
from typing import Literal

import msgspec

# How files of photos are named, in lower case; what they hold is told by their content.
PHOTO_EXTENSIONS = frozenset(
    (
        ".jpg",
        ".jpeg",
        ".jpe",
        ".jfif",
        ".png",
        ".webp",
        ".gif",
        ".tif",
        ".tiff",
        ".bmp",
        ".avif",
        ".heic",
        ".heif",
        ".hif",
        ".jxl",
        ".cr2",
        ".cr3",
        ".nef",
        ".arw",
        ".dng",
        ".raf",
        ".orf",
        ".rw2",
        ".pef",
    )
)

# Those of videos, which are looked at where the person wants it.
VIDEO_EXTENSIONS = frozenset((".mp4", ".m4v", ".mov", ".3gp", ".avi", ".mkv", ".webm"))

# As `Facts.format` names them.
VIDEO_FORMATS = ("MP4", "MOV", "AVI", "MKV", "WEBM")

# What cameras write before they make a picture of it, as `Facts.format` names it. "RAW": of another maker.
RAW_FORMATS = ("CR2", "CR3", "NEF", "ARW", "DNG", "RAF", "ORF", "RW2", "PEF", "RAW")

LONGEST_CAPTION = 5_000  # characters that are kept of what a person wrote


_LATEST_NS = 2**63 - 1  # in the year 2262; no database holds more, and file systems do


def mtime_ns_of(status: os.stat_result) -> int:
    """When a file was last written, in nanoseconds since the epoch, as near to it as 64 bits go."""
    return max(-_LATEST_NS, min(status.st_mtime_ns, _LATEST_NS))


def ctime_ns_of(status: os.stat_result) -> int | None:
    """When a file's bytes, names or rights last changed, in nanoseconds as above; no program can set it back.

    None on Windows, which gives the time of its making instead.
    """
    return None if os.name == "nt" else max(-_LATEST_NS, min(status.st_ctime_ns, _LATEST_NS))


def identity_of(path: bytes) -> tuple[int, int] | None:
    """Which file a path leads to, by device and inode, over links; None where there is none to be seen.

    Two paths of one file have the same one. Few file systems give it to two files as well.
    """
    try:
        status = os.stat(path)  # noqa: PTH116  (pathlib takes no bytes)
    except OSError:
        return None
    return status.st_dev, status.st_ino


def content_hash_of(path: bytes) -> bytes:
    """BLAKE2b-160 of what a file holds, by which its photo is known.

    Raises:
        OSError: it cannot be read.
    """
    with open(path, "rb") as content:  # noqa: PTH123  (bytes)
        return content_hash_in(content)


def content_hash_in(content: BufferedReader) -> bytes:
    """BLAKE2b-160 of an open file, from where it stands on."""
    return hashlib.file_digest(content, lambda: hashlib.blake2b(digest_size=20)).digest()


def is_raw(photo_format: str) -> bool:
    """Whether a photo of this format, by `Facts.format`, is what the sensor of a camera saw."""
    return photo_format in RAW_FORMATS


def is_video(photo_format: str) -> bool:
    """Whether a photo of this format, by `Facts.format`, is the poster of a video."""
    return photo_format in VIDEO_FORMATS


class Confidence(enum.StrEnum):
    """How sure the program is that a hit shows what was asked."""

    STRONG = "strong"
    LIKELY = "likely"
    WEAK = "weak"


# Raised whenever `Facts` gains something, or reads it better: photos of older facts are then read again.
FACTS_VERSION = 2

# What a photo's date is taken from: its file's metadata, a video's container, a file beside it, its file's
# name, or the earliest time at which a file of it was seen to be written.
DateSource = Literal["exif", "xmp", "iptc", "gps", "video", "sidecar", "name", "file"]


class Facts(msgspec.Struct, frozen=True):
    """What a file says about its picture. What it does not say, or what makes no sense, is None."""

    format: str  # as Pillow names it ("JPEG", "PNG", "HEIF"), or one of RAW_FORMATS
    width: int  # upright and in full, pixels
    height: int
    # Local time by the camera's clock, ISO 8601 as far as it is known: "1965", "1965-08", "2020-08-15T12:30".
    taken_at: str | None = None
    taken_from: DateSource | None = None  # what says so
    utc_offset: str | None = None  # of the camera's clock, "+02:00"
    camera: str | None = None  # maker and model
    lens: str | None = None
    iso: int | None = None
    exposure_seconds: float | None = None
    f_number: float | None = None
    focal_length_mm: float | None = None
    latitude: float | None = None  # degrees north; never without longitude
    longitude: float | None = None  # degrees east
    altitude_metres: float | None = None  # above the sea
    rating: int | None = None  # stars, 0 to 5
    title: str | None = None  # where there is a caption as well, and it is another text
    caption: str | None = None
    keywords: tuple[str, ...] = ()
    people: tuple[str, ...] = ()  # names of those who are in it


class Told(msgspec.Struct, frozen=True):
    """What a file beside a photo says of it, as in Facts. What it does not say is None or empty."""

    taken_at: str | None = None
    utc_offset: str | None = None
    taken_roughly: bool = False  # `taken_at` may be by the clock of another time zone
    latitude: float | None = None  # never without longitude
    longitude: float | None = None
    altitude_metres: float | None = None
    rating: int | None = None
    title: str | None = None
    caption: str | None = None
    keywords: tuple[str, ...] = ()
    people: tuple[str, ...] = ()


# Raised whenever other pictures of a video are kept than before: videos of older ones are then read again.
VIDEO_VERSION = 1


class Video(msgspec.Struct, frozen=True):
    """What is known of a video beside its facts."""

    seconds: float  # 0 where it does not say how long it is
    of_live_photo: bool  # it says that it belongs to a photo


MINIATURE_EDGE = 16  # pixels


class Look(msgspec.Struct, frozen=True):
    """What a picture's pixels are known by, however its file was written."""

    fingerprint: int  # 63 signs, see decode/fingerprint.py
    # The picture squashed to MINIATURE_EDGE x MINIATURE_EDGE bytes of grey, row by row. Of two pictures that
    # may be the same it tells whether they are, be one cut out of the other.
    miniature: bytes


class Photo(msgspec.Struct, frozen=True):
    """One picture, by content: files that hold the same bytes are one photo."""

    photo_id: int
    path_bytes: bytes  # os.fsencode of one file that holds it; file names need not be Unicode
    width: int  # upright, after EXIF orientation, pixels
    height: int
    taken_at: str | None  # local time as the camera wrote it, ISO 8601
    away: bool = False  # its drive is not here; the thumbnail still is

    @property
    def path(self) -> str:
        """The file's path; bytes that are not Unicode become surrogates, as `os.fsdecode` has it."""
        return os.fsdecode(self.path_bytes)

    @property
    def aspect(self) -> float:
        """Width over height, upright."""
        return self.width / self.height


Place = Literal["caption", "name", "text", "folder", "album", "place", "camera"]


class Hit(msgspec.Struct, frozen=True):
    """A photo that answers a query."""

    photo_id: int
    path_bytes: bytes
    score: float  # cosine of query and photo minus the photo's bias
    confidence: Confidence
    aspect: float = 1.0  # width over height, upright
    # Where the words stand: in its caption, title, keywords or people, in its file's name, in the name of a
    # folder or album that holds it, in that of the town where it was taken, or in itself; None: only the
    # picture answers.
    found_in: Place | None = None
    behind: bool = False  # the likely ones: only its folder's or its album's name answers
    line: str = ""  # what is written in it where the words stand, if they stand there
    at_ms: int | None = None  # of a video that its pictures answer for: where the best of them is

    @property
    def path(self) -> str:
        """The file's path; bytes that are not Unicode become surrogates, as `os.fsdecode` has it."""
        return os.fsdecode(self.path_bytes)
