"""Captions written to a file, so that `reading` and other programs take them in again."""

import csv
import io
import json
from collections.abc import Iterable
from pathlib import Path
from typing import TextIO

import msgspec

from photosearch.captions.csv_tables import in_curly_quotes
from photosearch.core.reading import decode_json
from photosearch.core.writing import exported

HEADER = ["filename", "caption"]
_LINES = (".jsonl", ".ndjson")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what spreadsheets compute, and might fetch from anywhere
_BEGINNING = 1 << 16  # bytes of a file that tell whether it is an export

Named = tuple[str, str]  # the name of an image, and its caption; both are Unicode


def write_captions(path: Path, captions: Iterable[Named]) -> int:
    """Write a table, whole or not at all: JSON lines where its name ends so, else CSV; -> how many captions.

    Raises:
        KnownError: it cannot be written, or a file that is no such table is there already.
    """
    with exported(path, _is_export) as file:
        text = io.TextIOWrapper(file, "utf-8", newline="")
        written = write_rows(text, captions, lines=is_lines(path))
        text.detach()
    return written


def is_lines(path: Path) -> bool:
    """Whether a file of this name is to hold JSON lines."""
    return path.suffix.lower() in _LINES


def write_rows(file: TextIO, captions: Iterable[Named], *, lines: bool) -> int:
    """Write JSON lines, or CSV with a header; -> how many captions."""
    table = csv.writer(file, lineterminator="\r\n")  # with it, a caption's own line ends are quoted
    if not lines:
        table.writerow(HEADER)
    number = 0
    for name, caption in captions:
        number += 1
        if lines:
            row = dict(zip(HEADER, (name, caption), strict=True))
            file.write(json.dumps(row, ensure_ascii=False) + "\n")
        else:
            table.writerow((_plain_name(name), _plain_caption(caption)))
    return number


def _plain_name(name: str) -> str:
    """A path that no spreadsheet takes for a formula."""
    return f"./{name}" if name.startswith(_FORMULA) else name


def _plain_caption(caption: str) -> str:
    """In quotation marks, of which reading takes one pair off, where a spreadsheet would see a formula."""
    quoted = in_curly_quotes(caption) or caption.startswith(_FORMULA)
    return f"“{caption}”" if quoted else caption


def _is_export(path: Path) -> bool:
    with path.open("rb") as file:
        start = file.read(_BEGINNING).decode("utf-8-sig", errors="replace")
    first = start.partition("\n")[0].strip()
    if not is_lines(path):
        return first == ",".join(HEADER)
    try:
        return list(decode_json(first, dict[str, str])) == HEADER
    except msgspec.DecodeError:
        return False
