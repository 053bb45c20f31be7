"""Which files are videos, by their first bytes; and whether videos can be read here at all."""

import importlib.util

from photosearch.decode.image import DecodeError
from photosearch.extras import VIDEO

BEGINNING = 128  # bytes, by which a video is known

_MOV_BRANDS = (b"qt",)
_MP4_BRANDS = tuple(
    b"isom iso2 iso3 iso4 iso5 iso6 iso7 iso8 iso9 mp41 mp42 avc1 M4V MSNV 3gp 3g2 dash XAVC f4v mmp4".split()
)
_OLD_MOV = (b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot")  # of QuickTime before it had brands
_MATROSKA = b"\x1a\x45\xdf\xa3"


def kind_of(beginning: bytes) -> str | None:
    """The format of a video, as Facts.format names it, by its first BEGINNING bytes; None: it is none."""
    if beginning[4:8] == b"ftyp":
        brand = beginning[8:12]
        return "MOV" if brand.startswith(_MOV_BRANDS) else "MP4" if brand.startswith(_MP4_BRANDS) else None
    if beginning[:4] == b"RIFF" and beginning[8:12] == b"AVI ":
        return "AVI"
    if beginning[:4] == _MATROSKA:
        return "WEBM" if b"webm" in beginning else "MKV"
    return "MOV" if beginning[4:8] in _OLD_MOV else None


def can_be_read() -> bool:
    """Whether the extra is installed or was fetched, just now too."""
    VIDEO.use()
    return importlib.util.find_spec(VIDEO.package) is not None


def cannot_be_read() -> DecodeError:
    """What is to be said of a video where it is not."""
    return DecodeError(
        "videos are read with an extra, which the settings fetch, or {command}",
        command=VIDEO.add,
        passing=True,
    )
