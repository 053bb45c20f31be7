"""Text files of unknown origin: their encoding is found out, and they are read line by line."""

import codecs
import io
import os
import re
import stat
from collections.abc import Generator
from pathlib import Path
from typing import BinaryIO, TypeVar

import msgspec

from photosearch.core.errors import KnownError, Sentence, system_reason
from photosearch.core.reading import decode_json

LARGEST_JSON = 1 << 29  # bytes; JSON is read in one piece
LONGEST_LINE = 1 << 20  # characters
_CHUNK = 1 << 20  # bytes
_SAMPLE = 1 << 12  # bytes
_ARCHIVE = b"PK\3\4"  # zip, and workbooks
_ENCODINGS = {  # how they are called for a person
    "utf-16": "UTF-16",
    "utf-16-le": "UTF-16",
    "utf-16-be": "UTF-16",
    "gb18030": "GBK",
    "cp1252": "Western (Windows-1252)",
}

T = TypeVar("T")


def read_lines(path: Path, notes: list[Sentence]) -> Generator[str, None, None]:
    """The lines of a text file with their ends, whatever its encoding; one that was guessed goes to `notes`.

    The file stays open until this is closed or at its end.

    Raises:
        KnownError: it cannot be read, is not text, has a line without end, or changes meanwhile.
    """
    with opened(path) as file:
        before = _stamp(file)
        encoding = encoding_of(file, path, notes)
        file.seek(0)
        text = io.TextIOWrapper(file, encoding, newline="")
        try:
            number = 0
            while line := text.readline(LONGEST_LINE):
                number += 1
                if len(line) == LONGEST_LINE:
                    raise KnownError(
                        "Line {number} of {path} is longer than any caption; it is no table of them.",
                        number=number,
                        path=path,
                    )
                yield line
        except UnicodeDecodeError:
            raise _changed(path) from None
        except OSError as error:
            raise KnownError(
                "{path} cannot be read: {reason}.", path=path, reason=system_reason(error)
            ) from error
        if _stamp(file) != before:
            raise _changed(path)


def read_text(path: Path, notes: list[Sentence]) -> str:
    """A small file's text, as `read_lines`."""
    return "".join(read_lines(path, notes))


def decode(data: bytes, place: object, notes: list[Sentence]) -> str:
    """As `read_text`, from bytes; `place` is named in notes and errors."""
    return data.decode(encoding_of(io.BytesIO(data), place, notes))


def read_json(path: Path, kind: type[T]) -> T:
    """A JSON file of this shape.

    Raises:
        KnownError: it cannot be read, is not JSON, or has another shape.
    """
    with opened(path) as file:
        size = os.fstat(file.fileno()).st_size
        if size > LARGEST_JSON:
            raise KnownError(
                "{path} has {size:,} MB, at most {limit} are read at once; write it as JSON lines (.jsonl).",
                path=path,
                size=size >> 20,
                limit=LARGEST_JSON >> 20,
            )
        try:
            data = file.read()
        except OSError as error:
            raise KnownError(
                "{path} cannot be read: {reason}.", path=path, reason=system_reason(error)
            ) from error
    try:
        return decode_json(data.removeprefix(codecs.BOM_UTF8), kind)
    except msgspec.DecodeError as error:
        raise KnownError("{path} is not as it must be: {reason}.", path=path, reason=error) from None


def encoding_of(file: BinaryIO, place: object, notes: list[Sentence]) -> str:
    """The encoding of a whole file, which it is read for; `place` is named in notes and errors.

    UTF-8 or what a byte order mark says; else GBK where bytes above ASCII stand together, as Chinese does,
    and else what Western Windows writes. The last two are guesses and noted.

    Raises:
        KnownError: it is not text, or in none of these.
    """
    start = file.read(_CHUNK)
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return _checked("utf-16", file, place, notes)
    if wide := _wide(start):
        return _checked(wide, file, place, notes)
    decoder = codecs.getincrementaldecoder("utf-8-sig")()
    chunk = seen = start
    while True:
        if b"\0" in chunk or start.startswith(_ARCHIVE):
            raise _no_text(place, start)
        try:
            decoder.decode(chunk, final=not chunk)
        except UnicodeDecodeError:
            if _mostly_utf8(seen):
                raise KnownError(
                    "{place} is UTF-8 with damaged letters in it; save it anew from where it was written.",
                    place=place,
                ) from None
            return _checked("gb18030" if _together(seen) else "cp1252", file, place, notes)
        if not chunk:
            return "utf-8-sig"
        chunk = file.read(_CHUNK)
        seen = chunk or seen


def _checked(encoding: str, file: BinaryIO, place: object, notes: list[Sentence]) -> str:
    """The encoding, if all of the file is in it."""
    decoder = codecs.getincrementaldecoder(encoding)()
    file.seek(0)
    start = chunk = file.read(_CHUNK)
    try:
        while chunk:
            if b"\0" in chunk and not encoding.startswith("utf-16"):
                raise _no_text(place, start)
            decoder.decode(chunk)
            chunk = file.read(_CHUNK)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        raise _no_text(place, start) from None
    notes.append(_guessed(place, _ENCODINGS[encoding]))
    return encoding


def _guessed(place: object, encoding: str) -> Sentence:
    return Sentence(
        "{place} is not UTF-8; it seems to be {encoding}, and was read so.", place=place, encoding=encoding
    )


def _wide(start: bytes) -> str | None:
    """UTF-16 without a mark: of names and ends of lines, every other byte is zero."""
    even, odd = start[0::2].count(0), start[1::2].count(0)
    if max(even, odd) * 20 <= len(start) or max(even, odd) <= 5 * min(even, odd):
        return None
    encoding = "utf-16-be" if even > odd else "utf-16-le"
    letters = start[:_SAMPLE].decode(encoding, errors="ignore")
    return encoding if all(letter >= " " or letter in "\t\r\n" for letter in letters) else None


def _together(chunk: bytes) -> bool:
    """Chinese stands together, accented letters stand alone."""
    runs = re.findall(rb"[\x80-\xff]+", chunk)
    return 2 * sum(len(run) > 1 for run in runs) > len(runs)


def _mostly_utf8(chunk: bytes) -> bool:
    text = chunk.decode("utf-8", errors="replace")
    damaged = text.count("\ufffd")
    return sum(not letter.isascii() for letter in text) > 2 * damaged


def opened(path: Path) -> BinaryIO:
    """A file to read.

    Raises:
        KnownError: it is not there, is a folder, is nothing that is kept on a disk, or cannot be read.
    """
    try:
        kind = path.stat().st_mode
        if stat.S_ISDIR(kind):
            raise KnownError("{path} is a folder; name the captions table (a .csv file) in it.", path=path)
        if not stat.S_ISREG(kind):
            raise KnownError("{path} is no file on a disk; save what it gives to a file first.", path=path)
        return path.open("rb")
    except FileNotFoundError:
        raise KnownError("There is no file {path}.", path=path) from None
    except OSError as error:
        raise KnownError(
            "{path} cannot be read: {reason}.", path=path, reason=system_reason(error)
        ) from error


def _stamp(file: BinaryIO) -> tuple[int, int]:
    found = os.fstat(file.fileno())
    return found.st_size, found.st_mtime_ns


def _changed(path: Path) -> KnownError:
    return KnownError("{path} changed while it was read; try again when it is whole.", path=path)


def _no_text(place: object, start: bytes) -> KnownError:
    if start.startswith(_ARCHIVE):
        return KnownError(
            "{place} is a workbook or an archive, not text; save its sheet as “CSV UTF-8”, or unpack it.",
            place=place,
        )
    return KnownError("{place} is not text in an encoding that is known here; save it as UTF-8.", place=place)
