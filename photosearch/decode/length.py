"""Whether a file ends before it should, by what its container says of its own length."""

from typing import Literal

TIFF_MARKS = (b"II*\0", b"MM\0*")
_OF_ISO = {b"ftyp", b"meta", b"mdat", b"moov", b"free", b"skip", b"uuid", b"mpvd"}
_OF_JPEG_XL = {b"JXL ", b"jxlc", b"jxlp", b"jxll", b"jxli", b"jbrd", b"brob", b"Exif", b"xml ", b"jumb"}
_BOXES = _OF_ISO | _OF_JPEG_XL  # any other kind is what follows the picture
_MOST_PARTS = 1_000_000  # that are looked at; a picture of more is taken to be whole
_TO_THE_END, _IN_64_BITS = 0, 1  # what the size of a box says instead of a number


def missing_bytes(data: bytes) -> int:
    """How many bytes a picture lacks at its end, at least; 0 where none does, or where nothing tells.

    RIFF (WebP) and BMP say their length, ISO's boxes (HEIC, AVIF, JPEG XL) each their own; a PNG has a mark
    at its end and a TIFF a directory, which many programs write last.
    """
    if data[:4] == b"RIFF":
        said = 8 + int.from_bytes(data[4:8], "little")
    elif data[:2] == b"BM":
        said = int.from_bytes(data[2:6], "little")
    elif data[:4] in TIFF_MARKS:
        said = end_of_directory(data)
    elif data[4:8] in (b"ftyp", b"JXL "):
        said = _end_of_boxes(data)
    elif data[:4] == b"\x89PNG":
        said = _end_of_chunks(data)
    else:
        said = 0
    return max(0, said - len(data))


def end_of_directory(data: bytes) -> int:
    """Where the tags of a TIFF's first page end, with four bytes for the place of the next."""
    order: Literal["little", "big"] = "little" if data[:1] == b"I" else "big"
    place = int.from_bytes(data[4:8], order)
    return place + 2 + 12 * int.from_bytes(data[place : place + 2], order) + 4


def _end_of_boxes(data: bytes) -> int:
    place = 0
    for _ in range(_MOST_PARTS):
        if place + 8 > len(data):
            break
        size, kind = int.from_bytes(data[place : place + 4], "big"), data[place + 4 : place + 8]
        if size == _IN_64_BITS:
            size = int.from_bytes(data[place + 8 : place + 16], "big")
        if kind not in _BOXES or size == _TO_THE_END or size < 8:
            return len(data)
        place += size
    return place if place > len(data) else len(data)


def _end_of_chunks(data: bytes) -> int:
    place = 8
    for _ in range(_MOST_PARTS):
        if place + 8 > len(data):
            return max(place, len(data)) + 12
        kind = data[place + 4 : place + 8]
        place += 12 + int.from_bytes(data[place : place + 4], "big")
        if kind == b"IEND":
            return place
    return len(data)
