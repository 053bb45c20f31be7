"""The IPTC-IIM records of an image, which news agencies' and older photo programs write."""

from PIL import Image, ImageFile, IptcImagePlugin

from photosearch.decode import dates
from photosearch.decode.exif import BROKEN
from photosearch.decode.said import Said, as_caption, as_words

# Record and data set, as IIM 4.2 numbers them.
_TITLE, _KEYWORDS, _CAPTION = (2, 5), (2, 25), (2, 120)
_DATE, _TIME, _DIGITAL_DATE, _DIGITAL_TIME = (2, 55), (2, 60), (2, 62), (2, 63)
_CHARSET = (1, 90)
_UTF8 = b"\x1b%G"


def said(image: Image.Image) -> Said:
    """What the records of an opened image say; nothing where they are missing or damaged."""
    records = _records(image)
    if not records:
        return Said()
    return Said(
        taken=_moment(records, _DATE, _TIME),
        digitized=_moment(records, _DIGITAL_DATE, _DIGITAL_TIME),
        title=as_caption(*_texts(records, _TITLE)),
        caption=as_caption(*_texts(records, _CAPTION)),
        keywords=as_words(_texts(records, _KEYWORDS)),
    )


_Records = dict[tuple[int, int], bytes | list[bytes]]


def _records(image: Image.Image) -> _Records:
    if not isinstance(image, ImageFile.ImageFile):
        return {}
    try:
        return IptcImagePlugin.getiptcinfo(image) or {}
    except BROKEN:
        return {}


def _moment(records: _Records, day: tuple[int, int], time: tuple[int, int]) -> dates.Moment | None:
    """Of "20200815" and "123000+0200", which may be missing."""
    written = next(iter(_texts(records, day)), "")
    clock = next(iter(_texts(records, time)), "")
    if len(clock) >= 6 and clock[:6].isdigit():
        written += f" {clock[:2]}:{clock[2:4]}:{clock[4:]}"
    return dates.moment(written)


def _texts(records: _Records, data_set: tuple[int, int]) -> list[str]:
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
