"""JSON lines: an image and its captions each, as many tools and the datasets library write them."""

import contextlib
from pathlib import Path
from typing import Literal

import msgspec

from photosearch.captions.files import FileIndex
from photosearch.captions.table import CaptionRow, CaptionRows, Fault, Table, refuse
from photosearch.captions.text import read_lines
from photosearch.core.errors import KnownError, Sentence
from photosearch.core.reading import decode_json

LOOKS_FOR = 'JSON lines (.jsonl) such as {"image": "1.jpg", "caption": "..."}'


class _Line(msgspec.Struct):
    image: str | None = None
    filename: str | None = None
    file_name: str | None = None
    photo: str | None = None
    caption: str | list[str] | None = None
    captions: list[str] | None = None
    text: str | list[str] | None = None
    label: str | int | None = None
    split: Literal["train", "val", "test"] | None = None


def read(files: FileIndex, fault: Fault = refuse) -> Table | None:
    """All .jsonl files; names go from the file's own folder, or from the whole."""
    tables = files.ending(".jsonl")
    if not tables:
        return None
    notes: list[Sentence] = []
    found = (
        row._replace(folder=path.parent.relative_to(files.folder).as_posix())
        for path in tables
        for row in rows(path, notes, fault)
    )
    return Table("JSON lines", found, notes)


def rows(table: Path, notes: list[Sentence], fault: Fault = refuse) -> CaptionRows:
    """The rows of one table, a JSON object a line; lines that make no sense go to `fault`.

    Raises:
        KnownError: the table cannot be read.
    """
    with contextlib.closing(read_lines(table, notes)) as lines:
        for number, text in enumerate(lines, 1):
            if not text.strip():
                continue
            try:
                line = _parse(text, table, number)
                name, captions = _content(line, table, number)
            except KnownError as error:
                fault(error)
                continue
            label = "" if line.label is None else str(line.label)
            for caption in captions:
                yield CaptionRow(name, caption, table, label=label, split=line.split or "")


def _parse(text: str, path: Path, number: int) -> _Line:
    try:
        return decode_json(text, _Line)
    except msgspec.DecodeError as error:
        raise KnownError(
            "Line {number} of {path} is not as it must be: {reason}.", number=number, path=path, reason=error
        ) from None


def _content(line: _Line, path: Path, number: int) -> tuple[str, list[str]]:
    name = line.image or line.filename or line.file_name or line.photo
    given: list[str | list[str]] = [
        said for said in (line.captions, line.caption, line.text) if said is not None
    ]
    if not name or not given:
        raise KnownError(
            'Line {number} of {path} must have "image" (or "filename", "file_name", "photo") and '
            '"caption" (or "captions", "text").',
            number=number,
            path=path,
        )
    said = next(filter(None, given), "")
    return name, [said] if isinstance(said, str) else list(said)
