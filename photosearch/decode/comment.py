"""Texts that a person wrote into EXIF, whose encoding is told wrongly as often as rightly."""

import re

_LARGEST = 1 << 20  # bytes; what is larger is no person's
_UNICODE = b"UNICODE\0"
_JIS = b"JIS\0\0\0\0\0"
_MARKS = (_UNICODE, _JIS, b"ASCII\0\0\0", b"\0" * 8)
_BYTE_ORDER_MARKS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
_ORDERS = {"<": ("utf-16-le", "utf-16-be"), ">": ("utf-16-be", "utf-16-le")}
# The characters of languages; a text that is read in the wrong byte order has few of any one language.
_LANGUAGES = (
    *("latin-1", "cp1250", "cp1251", "cp1253", "cp1255", "cp1256"),
    *("gb2312", "big5", "shift_jis", "euc_kr"),
)
_WORDS = re.compile(r"(?=.*([^\W\d_]{3}|[^\0-\x7f]))[^\0-\x08\x0e-\x1f\x7f]*", re.DOTALL)


def text(value: object) -> str:
    """A tag of text: EXIF says ASCII; programs write UTF-8, older ones Latin-1. Pillow reads Latin-1."""
    if isinstance(value, str):
        value = value.encode("latin-1", errors="replace")
    if not isinstance(value, bytes):
        return ""
    return _strictly(value, "utf-8") or value.decode("latin-1")


def comment(value: object, byte_order: str) -> str:
    """A user comment, whose first eight bytes name its encoding.

    Args:
        byte_order: of the block that holds it, "<" or ">".
    """
    if not isinstance(value, bytes):
        return text(value)
    if len(value) > _LARGEST:
        return ""
    mark, rest = value[:8].upper(), value[8:]
    if mark == _UNICODE:
        return _unicode(rest, byte_order)
    if mark == _JIS:
        return rest.decode("iso2022_jp", errors="ignore")
    rest = rest if mark in _MARKS else value
    return _unicode(rest, byte_order) if b"\0" in rest.strip(b"\0") else text(rest)


def windows_text(value: object) -> str:
    """A tag of Windows Explorer's."""
    if isinstance(value, tuple):
        value = bytes(number for number in value if isinstance(number, int) and 0 <= number < 256)
    return value.decode("utf-16-le", errors="ignore") if isinstance(value, bytes) else ""


def _unicode(data: bytes, byte_order: str) -> str:
    """UTF-16 in the block's byte order, as EXIF 2 has it; in the other one; or UTF-8, as EXIF 3.0 has it.

    A byte order mark decides. Else what UTF-8 makes words of is that: hardly any UTF-16 can be read so,
    but for a Chinese character alone.
    """
    for mark, encoding in _BYTE_ORDER_MARKS:
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, errors="ignore")
    own, other = (data.decode(encoding, errors="ignore").split("\0")[0] for encoding in _ORDERS[byte_order])
    short = data.rstrip(b"\0")
    utf_8 = _strictly(short, "utf-8") if b"\0" not in short else ""
    if _WORDS.fullmatch(utf_8):
        return utf_8
    return other if _common(other) > _common(own) else own


def _common(text: str) -> float:
    """The share of characters that belong to the language which holds most of them."""
    most = max(len(text.encode(name, "ignore").decode(name)) for name in _LANGUAGES)
    return most / max(1, len(text))


def _strictly(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        return ""
