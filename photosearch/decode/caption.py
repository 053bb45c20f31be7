"""What a person wrote about a photo in the photo itself. Nothing here fails a photo."""

from PIL import Image

from photosearch.decode import iptc, xmp
from photosearch.decode.exif import BROKEN, read_exif

_EXIF_IFD = 0x8769
_IMAGE_DESCRIPTION, _USER_COMMENT, _XP_TITLE, _XP_COMMENT = 0x010E, 0x9286, 0x9C9B, 0x9C9C
_LONGEST = 2000  # characters
_CHARSETS = {  # of a user comment; "undefined" is mostly ASCII, and UTF-8 from programs that know no better
    b"ASCII\0\0\0": "utf-8",
    b"\0\0\0\0\0\0\0\0": "utf-8",
    b"JIS\0\0\0\0\0": "iso2022_jp",
}
_UNICODE = b"UNICODE\0"
# What cameras and telephones write of themselves where a caption belongs.
_BOILERPLATE = (
    "olympus digital camera", "minolta digital camera", "konica minolta digital camera", "digital camera",
    "samsung", "samsung digital camera", "sony dsc", "dcim", "kodak digital still camera", "default", "image",
    "untitled", "screenshot", "dji", "binary", "none", "my picture",
)  # fmt: skip


def caption_of(image: Image.Image) -> str | None:
    """The caption in an opened image, one line; None where nobody wrote one.

    The first of: XMP dc:description, IPTC caption, EXIF ImageDescription, UserComment, Windows' comment and
    title. What cameras write there by themselves is no caption.
    """
    packet = xmp.read_xmp(image)
    exif = read_exif(image)
    try:
        details = exif.get_ifd(_EXIF_IFD)
    except BROKEN:
        details = {}
    found = (
        *xmp.items(packet, "dc:description"),
        xmp.value(packet, "dc:description"),
        *iptc.texts(image, iptc.CAPTION),
        _text(exif.get(_IMAGE_DESCRIPTION)),
        _comment(details.get(_USER_COMMENT)),
        _windows_text(exif.get(_XP_COMMENT)),
        _windows_text(exif.get(_XP_TITLE)),
    )
    return next((caption for text in found if text and (caption := _tidy(text))), None)


def _text(value: object) -> str:
    """EXIF says ASCII; programs write UTF-8, older ones Latin-1. Pillow reads Latin-1."""
    if isinstance(value, str):
        value = value.encode("latin-1", errors="replace")
    return _decoded(value, "utf-8") if isinstance(value, bytes) else ""


def _comment(value: object) -> str:
    """A user comment, whose first eight bytes name its encoding."""
    if not isinstance(value, bytes):
        return _text(value)
    mark, rest = value[:8], value[8:]
    if (
        mark == _UNICODE
    ):  # UTF-16 in the byte order of the file, which is not known here: letters are seldom 0
        zeros = rest[0::2].count(0), rest[1::2].count(0)
        return _decoded(rest, "utf-16-be" if zeros[0] > zeros[1] else "utf-16-le")
    return _decoded(rest, _CHARSETS[mark]) if mark in _CHARSETS else _decoded(value, "utf-8")


def _windows_text(value: object) -> str:
    if isinstance(value, tuple):
        value = bytes(number for number in value if isinstance(number, int) and 0 <= number < 256)
    return _decoded(value, "utf-16-le") if isinstance(value, bytes) else ""


def _decoded(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        return data.decode("latin-1") if encoding == "utf-8" else data.decode(encoding, errors="ignore")


def _tidy(text: str) -> str:
    """One line of printable letters; empty for what no person wrote."""
    printable = "".join(letter if letter.isprintable() else " " for letter in text.split("\0")[0])
    line = " ".join(printable.split())[:_LONGEST]
    if line.startswith('{"shape":'):  # tifffile's note of an array
        return ""
    return "" if line.casefold() in _BOILERPLATE or not any(map(str.isalpha, line)) else line
