"""The captions of a file, or of a folder of photos, in whatever format they are."""

import os
import re
from pathlib import Path
from typing import NamedTuple, Protocol

import msgspec

from photosearch.captions import coco, csv_tables, flickr, jsonl, karpathy, text_beside
from photosearch.captions.files import FileIndex, FilesNear
from photosearch.captions.table import CaptionRows, Fault, Table
from photosearch.captions.text import encoding_of, opened, read_json
from photosearch.core.errors import KnownError, Sentence, system_reason
from photosearch.core.photo import PHOTO_EXTENSIONS
from photosearch.core.reading import decode_json

FORMATS = (csv_tables, karpathy, flickr, coco, jsonl, text_beside)  # of folders; the first that fits is taken
_BEGINNING = 1 << 16  # bytes that tell a format


class Finder(Protocol):
    """Finds the images of a table beside it."""

    def find(self, name: str) -> Path | None:
        """The image that a table calls so; None where there is none.

        Raises:
            KnownError: the name leads out of the table's folder, or may mean several images.
        """


class Captions(NamedTuple):
    """The captions of a file or folder, and where their images are looked for."""

    table: Table
    files: Finder  # the images that lie beside it, if any


class _Shape(msgspec.Struct):
    images: msgspec.Raw = msgspec.Raw(b"")
    annotations: msgspec.Raw = msgspec.Raw(b"")


def read_captions(path: Path, fault: Fault) -> Captions | None:
    """What is written at a path; None for a folder in which no known format is found.

    Raises:
        KnownError: there is no such path, it cannot be read, or a file is in no known format.
    """
    if not _is_folder(path):
        return Captions(_read_file(path, fault), FilesNear(path.parent))
    files = FileIndex(path)
    tables = (form.read(files, fault) for form in FORMATS)
    table = next((table for table in tables if table is not None), None)
    return Captions(table, files) if table else None


def _is_folder(path: Path) -> bool:
    """
    Raises:
        KnownError: it is one that cannot be read.
    """
    try:
        os.scandir(path).close()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError as error:
        raise KnownError(
            "{path} cannot be read: {reason}.", path=path, reason=system_reason(error)
        ) from error
    return True


def _read_file(path: Path, fault: Fault) -> Table:
    if path.suffix.lower() in PHOTO_EXTENSIONS:
        raise KnownError(
            "{path} is a photo; captions in photos are known once these are indexed. Name a table of "
            "captions, or a folder.",
            path=path,
        )
    notes: list[Sentence] = []
    rows, form = _rows(path, notes, fault)
    return Table(form, rows, notes)


def _rows(path: Path, notes: list[Sentence], fault: Fault) -> tuple[CaptionRows, str]:
    """The rows of a file and what its format is called, told by how the file begins."""
    first = _first_line(path)
    if first.startswith(("{", "[")):
        if _is_json_line(first):
            return jsonl.rows(path, notes, fault), "JSON lines"
        if bytes(read_json(path, _Shape).annotations):
            return coco.rows(path, fault), "COCO captions"
        return karpathy.rows(path), "Karpathy's JSON"
    kaggle = path.name == flickr.WITH_COMMAS and "," in first and not {"\t", ";"} & set(first)
    if kaggle or flickr.pattern_of(first):
        return flickr.rows(path, notes, fault), "Flickr's captions"
    return csv_tables.rows(path, notes, fault), "CSV"


def _first_line(path: Path) -> str:
    with opened(path) as file:
        encoding = encoding_of(file, path, [])
        file.seek(0)
        start = file.read(_BEGINNING).decode(encoding, errors="ignore")
    return next(filter(None, map(str.strip, re.split("[\r\n]", start))), "")


def _is_json_line(line: str) -> bool:
    """A whole object of its own, and no file that has everything in one."""
    try:
        return "images" not in decode_json(line, dict[str, msgspec.Raw])
    except msgspec.DecodeError:
        return False
