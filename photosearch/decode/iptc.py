"""The IPTC-IIM records of an image, which news agencies' and older photo programs write."""

from PIL import Image, ImageFile, IptcImagePlugin

from photosearch.decode.exif import BROKEN

# Record and data set, as IIM 4.2 numbers them.
KEYWORDS = (2, 25)
CAPTION = (2, 120)
_CHARSET = (1, 90)
_UTF8 = b"\x1b%G"


def texts(image: Image.Image, data_set: tuple[int, int]) -> list[str]:
    """The texts of a data set of an opened image, none where it is missing or damaged."""
    if not isinstance(image, ImageFile.ImageFile):
        return []
    try:
        records = IptcImagePlugin.getiptcinfo(image) or {}
    except BROKEN:
        return []
    found = records.get(data_set, [])
    encoding = "utf-8" if records.get(_CHARSET) == _UTF8 else None
    values = found if isinstance(found, list) else [found]
    return [_decoded(value, encoding) for value in values if isinstance(value, bytes)]


def _decoded(text: bytes, encoding: str | None) -> str:
    """IPTC seldom says its encoding: UTF-8 where it is that, else Latin-1."""
    try:
        return text.decode(encoding or "utf-8")
    except UnicodeDecodeError:
        return text.decode("latin-1")
