"""Names of files in text: as they are, or as `file:` URIs (RFC 8089), which can name any file.

A file's name is bytes to most systems: it need not be Unicode, may hold line ends, and may be spelt like
another one but for the way in which its accents are written. Bytes that are no Unicode stand in text as
os.fsdecode puts them.
"""

import os
import sys
import unicodedata
from pathlib import Path
from urllib.parse import unquote_to_bytes, urlsplit

from photosearch.core.photo import PHOTO_EXTENSIONS

_OF_PHOTOS = frozenset(map(os.fsencode, PHOTO_EXTENSIONS))
# What file systems, NAS boxes and archivers leave lying around, in lower case.
_RUBBISH = frozenset(b"@eadir #recycle #snapshot $recycle.bin recycler lost+found __macosx".split()) | {
    b"system volume information"
}


def shown(path: bytes) -> str:
    """A path as text; bytes that are not Unicode become replacement marks."""
    return path.decode("utf-8", "replace") if sys.platform != "win32" else os.fsdecode(path)


def uri_of(path: str) -> str:
    """A file's URI, in ASCII; a path that is not whole goes from the present folder."""
    return Path(path).absolute().as_uri()


def path_of(text: str) -> str | None:
    """The path that a `file:` URI names; None where the text is no such URI."""
    if text[:6].lower() != "file:/":
        return None
    try:
        parts = urlsplit(text)
    except ValueError:  # no such host
        return None
    if "%00" in parts.path:  # no name has a NUL
        return None
    host = f"//{parts.netloc}" if parts.netloc not in ("", "localhost") else ""
    path = host + os.fsdecode(unquote_to_bytes(parts.path))
    return path.lstrip("/") if os.name == "nt" and not host else path


def whole_paths(text: str) -> list[bytes]:
    """The path that is named here, in each of its spellings; none where it is no whole path and no URI."""
    exact = path_of(text)
    path = exact or os.path.expanduser(text)  # noqa: PTH111 (raises nothing where there is no such user)
    if not os.path.isabs(path):  # noqa: PTH117
        return []
    return [os.fsencode(os.path.normpath(path)) for path in ([exact] if exact else spellings(path))]


def moved(path: bytes, old: bytes, new: bytes) -> bytes | None:
    """Where a folder or what is in it lies once the folder has moved; None for what is not in it.

    Args:
        path, old, new: absolute paths, those of the folder before and after; a separator at the end of
            `path` stays
    """
    separator = os.fsencode(os.sep)
    old, new = old.rstrip(separator), new.rstrip(separator)
    if path == old:
        return new or separator
    return new + path[len(old) :] if path.startswith(old + separator) else None


def spellings(path: str) -> tuple[str, ...]:
    """The path as it is written, then with its accents composed and apart: systems differ in these."""
    return tuple(
        dict.fromkeys((path, unicodedata.normalize("NFC", path), unicodedata.normalize("NFD", path)))
    )


def is_visible_name(name: bytes) -> bool:
    """Whether a file or folder of this name is looked at: it is neither hidden nor rubbish."""
    return not name.startswith(b".") and name.lower() not in _RUBBISH


def is_photo_name(name: bytes) -> bool:
    """Whether a file of this name may be a photo."""
    return os.path.splitext(name)[1].lower() in _OF_PHOTOS  # noqa: PTH122  (bytes)
