"""captions.csv and its kin: a column of file names and one of captions, whatever they are called."""

import contextlib
import csv
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from photosearch.captions.files import FileIndex
from photosearch.captions.table import Fault, Row, Rows, Table, refuse
from photosearch.captions.text import read_lines
from photosearch.core.errors import KnownError, Sentence
from photosearch.core.photo import PHOTO_EXTENSIONS

LOOKS_FOR = "captions.csv, or train.csv with val.csv, with the header filename,caption"
_DELIMITERS = ",\t;|"
# What headings are called, in lower case without spaces and underscores; the first that is there is taken.
_NAMES = (
    "filename file filepath path image imagename imagefile imagepath img photo picture name 文件名 图片 照片"
)
_CAPTIONS = "caption captions description text comment sentence title 描述 说明 标题 文字"


class _Layout(NamedTuple):
    delimiter: str
    name: int  # of the columns, from 0
    caption: int
    label: int | None
    columns: int
    headed: bool  # the first line names the columns


def read(files: FileIndex, fault: Fault = refuse) -> Table | None:
    """The tables that lie in the folder itself, or None where there are none."""
    train = files.folder / "train.csv"
    names = ("train", "val", "test") if train.is_file() else ("captions",)
    tables = [path for name in names if (path := files.folder / f"{name}.csv").is_file()]
    if not tables:
        return None
    notes: list[str] = []
    found = (row for path in tables for row in rows(path, notes, fault))
    return Table("train.csv and val.csv" if train in tables else "captions.csv", found, notes)


def rows(table: Path, notes: list[str], fault: Fault = refuse) -> Rows:
    """The rows of one table.

    The columns are told by their headings or, where there are none, by which of them holds image files.

    Raises:
        KnownError: it cannot be read, tells no such columns, or has a header and nothing else.
    """
    with contextlib.closing(read_lines(table, notes)) as file:
        lines = _Lines(file)
        first = next(filter(str.strip, lines), "")
        layout = _layout(first)
        if layout is None:
            raise KnownError(
                f"The first line of {table} must name the columns, as in `filename,caption`, not "
                f"{first.strip()[:80]!r}."
            )
        wide = found = 0
        for fields in _records(lines, first, layout, table, fault):
            joined = _joined(fields, layout)
            wide += len(joined) != len(fields)
            found += 1
            if len(joined) != layout.columns or not joined[layout.name].strip():
                fault(_no_caption(table, lines.number))
                continue
            label = joined[layout.label].strip() if layout.label is not None else ""
            yield Row(joined[layout.name].strip(), joined[layout.caption], table, label=label)
    if wide:
        notes.append(_unquoted(table, wide))
    if not found:
        raise KnownError(f"{table} has a header and no captions.")


def _no_caption(table: Path, line: int) -> KnownError:
    return KnownError(
        f"Line {line} of {table} is not a filename and a caption; put quotation marks around a caption that "
        "contains commas."
    )


def _unquoted(table: Path, captions: int) -> Sentence:
    return (
        f"{captions} caption(s) of {table.name} contain commas without quotation marks around them; they "
        "were taken whole."
    )


class _Lines:
    """Lines, counted."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._lines = iter(lines)
        self.number = 0  # of the last one, from 1

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = next(self._lines)
        self.number += 1
        return line


def _records(lines: _Lines, first: str, layout: _Layout, table: Path, fault: Fault) -> Iterator[list[str]]:
    """The fields of each row; empty lines are left out."""
    if not layout.headed:
        yield _split(first, layout.delimiter)
    reader = csv.reader(lines, delimiter=layout.delimiter, strict=True)
    while True:
        start = lines.number + 1
        try:
            fields = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            fault(KnownError(f"Line {start} of {table} is not valid CSV, to line {lines.number}: {error}."))
            continue
        if any(map(str.strip, fields)):
            yield fields


def _layout(first: str) -> _Layout | None:
    """How a table is laid out, by its first line."""
    for delimiter in _DELIMITERS:
        headings = [_heading(field) for field in _split(first, delimiter)]
        name, caption = _index(headings, _NAMES), _index(headings, _CAPTIONS)
        if name is not None and caption is not None:
            return _Layout(delimiter, name, caption, _index(headings, "label"), len(headings), True)
    for delimiter in _DELIMITERS:
        fields = [field.strip() for field in _split(first, delimiter)]
        images = [n for n, field in enumerate(fields) if field.lower().endswith(tuple(PHOTO_EXTENSIONS))]
        if images and len(fields) > 1:
            name = images[0]
            if delimiter == "," and name == 0:  # what looks like columns may be commas of a caption
                return _Layout(delimiter, 0, 1, None, 2, False)
            others = [n for n in range(len(fields)) if n != name]
            caption = max(others, key=lambda n: len(fields[n]))
            return _Layout(delimiter, name, caption, None, len(fields), False)
    return None


def _split(line: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=delimiter), [])
    except csv.Error:
        return []


def _heading(field: str) -> str:
    return "".join(letter for letter in field.strip().strip("“”\"'").lower() if letter not in " _-")


def _index(headings: list[str], wanted: str) -> int | None:
    return next((headings.index(heading) for heading in wanted.split() if heading in headings), None)


def _joined(fields: list[str], layout: _Layout) -> list[str]:
    """With the caption in one piece where delimiters of its own have cut it up.

    A word processor's quotation marks enclose a caption too, but mean nothing to a CSV reader. Without any,
    only a caption that ends its row can be told from what follows.
    """
    extra = len(fields) - layout.columns
    last = layout.caption + extra + 1
    if extra < 0:
        return fields
    caption = layout.delimiter.join(fields[layout.caption : last])
    bare = caption.strip()
    enclosed = len(bare) > 1 and bare[0] in "“„" and bare[-1] in "”“"
    if not enclosed and extra and (layout.caption != layout.columns - 1 or layout.name > layout.caption):
        return fields
    return [*fields[: layout.caption], bare[1:-1] if enclosed else caption, *fields[last:]]
