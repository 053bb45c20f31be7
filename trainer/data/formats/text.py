"""Text files of unknown origin, read as UTF-8 or refused with the encoding they seem to have."""

import codecs
import re
from pathlib import Path
from typing import TypeVar

import msgspec

from photosearch.core.errors import KnownError

T = TypeVar("T")


def read_bytes(path: Path) -> bytes:
    """Raises KnownError where there is no such file, or it cannot be read."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise KnownError(f"There is no captions table at {path}.") from None
    except IsADirectoryError:
        raise KnownError(f"{path} is a folder; name the captions table (a .csv file) in it.") from None
    except OSError as error:
        raise KnownError(f"{path} cannot be read: {error.strerror}.") from error


def read_text(path: Path) -> str:
    """A file's text: UTF-8, with a byte order mark or without.

    Raises:
        KnownError: it cannot be read, or it is in another encoding, which is named.
    """
    return decode(read_bytes(path), path)


def decode(data: bytes, path: object) -> str:
    """As `read_text`, from bytes; `path` is named in the error."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise KnownError(
            f"{path} is not UTF-8 (it seems to be {_guess(data)}); save it in UTF-8, which Excel calls "
            "“CSV UTF-8”."
        ) from None


def read_json(path: Path, kind: type[T]) -> T:
    """A JSON file of this shape.

    Raises:
        KnownError: it cannot be read, is not JSON, or has another shape.
    """
    data = read_bytes(path).removeprefix(codecs.BOM_UTF8)
    try:
        return msgspec.json.decode(data, type=kind)
    except msgspec.DecodeError as error:
        raise KnownError(f"{path} is not as it must be: {error}.") from None


def _guess(data: bytes) -> str:
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "UTF-16"
    runs = re.findall(rb"[\x80-\xff]+", data)  # Chinese stands together, accented letters stand alone
    together = 2 * sum(len(run) > 1 for run in runs) > len(runs)
    return "GBK, of a Chinese Windows" if together else "of a Western Windows"
