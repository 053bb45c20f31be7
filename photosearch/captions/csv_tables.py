"""captions.csv and its kin: a column of file names and one of captions, whatever they are called."""

import contextlib
import csv
import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from photosearch.captions.files import FileIndex
from photosearch.captions.table import CaptionRow, CaptionRows, Fault, Table, refuse
from photosearch.captions.text import read_lines
from photosearch.core.errors import KnownError, Sentence
from photosearch.core.photo import PHOTO_EXTENSIONS

LOOKS_FOR = (
    "captions.csv, or train.csv with val.csv, or train/captions.csv with valid/captions.csv, with the header "
    "filename,caption"
)
_PARTS = ("train", "val", "valid", "test")  # folders with a table each
_DELIMITERS = ",\t;|"
# What headings are called, in lower case without spaces and underscores; the first that is there is taken.
_NAMES = (
    "filename file filepath path image imagename imagefile imagepath img photo picture name 文件名 图片 照片"
)
_CAPTIONS = "caption captions description text comment sentence title 描述 说明 标题 文字"


class _Columns(NamedTuple):
    delimiter: str
    name: int  # of the columns, from 0
    caption: int
    label: int | None
    columns: int
    headed: bool  # the first line names the columns


def read(files: FileIndex, fault: Fault = refuse) -> Table | None:
    """The tables that lie in the folder itself, else those of its parts, or None where there are none."""
    train = files.folder / "train.csv"
    names = ("train", "val", "test") if train.is_file() else ("captions",)
    tables = [path for name in names if (path := files.folder / f"{name}.csv").is_file()]
    if not tables:
        return _in_parts(files.folder, fault)
    notes: list[Sentence] = []
    found = (row for path in tables for row in rows(path, notes, fault))
    return Table("train.csv and val.csv" if train in tables else "captions.csv", found, notes)


def _in_parts(folder: Path, fault: Fault) -> Table | None:
    """train/ and valid/, each with images/ and captions.csv of its own, which may use the same names."""
    tables = {part: path for part in _PARTS if (path := folder / part / "captions.csv").is_file()}
    if not tables:
        return None
    notes: list[Sentence] = []
    found = (
        row._replace(name=f"{part}/{'' if row.name.startswith('images/') else 'images/'}{row.name}")
        for part, path in tables.items()
        for row in rows(path, notes, fault)
    )
    return Table("train/captions.csv and valid/captions.csv", found, notes)


def rows(table: Path, notes: list[Sentence], fault: Fault = refuse) -> CaptionRows:
    """The rows of one table.

    The columns are told by their headings or, where there are none, by which of them holds image files.

    Raises:
        KnownError: it cannot be read, tells no such columns, or has a header and nothing else.
    """
    with contextlib.closing(read_lines(table, notes)) as file:
        start = list(_two_lines(file))
        first, second = [*filter(str.strip, start), "", ""][:2]
        layout = _layout(first, second)
        if layout is None:
            raise KnownError(
                "The first line of {table} must name the columns, as in `filename,caption`, not {line}.",
                table=table,
                line=repr(first.strip()[:80]),
            )
        wide = found = 0
        skipped = start.index(first) + 1 if layout.headed else 0
        lines = itertools.chain(start[skipped:], file)
        for number, fields in _records(lines, skipped, layout.delimiter, table, fault):
            joined = _joined(fields, layout)
            wide += len(joined) != len(fields)
            found += 1
            if len(joined) != layout.columns or not joined[layout.name].strip():
                fault(_no_caption(table, number))
                continue
            label = joined[layout.label].strip() if layout.label is not None else ""
            yield CaptionRow(joined[layout.name].strip(), joined[layout.caption], table, label=label)
    if wide:
        notes.append(_unquoted(table, wide))
    if not found:
        raise KnownError("{table} has a header and no captions.", table=table)


def _no_caption(table: Path, line: int) -> KnownError:
    return KnownError(
        "Line {line} of {table} is not a filename and a caption; put quotation marks around a caption "
        "that contains commas.",
        line=line,
        table=table,
    )


def _unquoted(table: Path, captions: int) -> Sentence:
    return Sentence(
        "{captions} caption(s) of {table} contain commas without quotation marks around them; they "
        "were taken whole.",
        captions=captions,
        table=table.name,
    )


def _two_lines(file: Iterator[str]) -> Iterator[str]:
    """The lines of a file to the second that is not empty."""
    written = 0
    while written < 2 and (line := next(file, "")):
        written += bool(line.strip())
        yield line


def _records(
    lines: Iterator[str], skipped: int, delimiter: str, table: Path, fault: Fault
) -> Iterator[tuple[int, list[str]]]:
    """The fields of each row with the number of its last line; empty lines are left out."""
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    while True:
        before = skipped + reader.line_num
        try:
            fields = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            last = skipped + reader.line_num
            fault(
                KnownError(
                    "Line {line} of {table} is not valid CSV, to line {last}: {reason}.",
                    line=before + 1,
                    table=table,
                    last=last,
                    reason=error,
                )
            )
            continue
        if any(map(str.strip, fields)):
            yield skipped + reader.line_num, fields


def _layout(first: str, second: str) -> _Columns | None:
    """How a table is laid out, by its first two lines."""
    for delimiter in _DELIMITERS:
        headings = [_heading(field) for field in _split(first, delimiter)]
        name, caption = _index(headings, _NAMES), _index(headings, _CAPTIONS)
        if name is not None and caption is not None:
            return _Columns(delimiter, name, caption, _index(headings, "label"), len(headings), True)
    return _by_images(first, headed=False) or _by_images(second, headed=True)


def _by_images(line: str, headed: bool) -> _Columns | None:
    """The first field that is an image file is the name; the longest of the others is the caption."""
    for delimiter in _DELIMITERS:
        fields = [field.strip() for field in _split(line, delimiter)]
        images = [n for n, field in enumerate(fields) if field.lower().endswith(tuple(PHOTO_EXTENSIONS))]
        if images and len(fields) > 1:
            name = images[0]
            if delimiter == "," and name == 0:  # what looks like more columns may be commas of the caption
                return _Columns(delimiter, 0, 1, None, 2, headed)
            caption = max((n for n in range(len(fields)) if n != name), key=lambda n: len(fields[n]))
            return _Columns(delimiter, name, caption, None, len(fields), headed)
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


def _joined(fields: list[str], layout: _Columns) -> list[str]:
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
    curly = in_curly_quotes(bare)
    if not curly and extra and (layout.caption != layout.columns - 1 or layout.name > layout.caption):
        return fields
    return [*fields[: layout.caption], bare[1:-1] if curly else caption, *fields[last:]]


def in_curly_quotes(text: str) -> bool:
    """Whether a word processor's quotation marks enclose the whole text."""
    return len(text) > 1 and text[0] in "“„" and text[-1] in "”“"
