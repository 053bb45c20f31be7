"""Captions written to a file, so that `reading` and other programs take them in again."""

import contextlib
import csv
import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import TextIO

from photosearch.captions.csv_tables import in_curly_quotes
from photosearch.core.errors import KnownError, system_reason

HEADER = ["filename", "caption"]
_LINES = (".jsonl", ".ndjson")
_BEGINNING = 1 << 16  # bytes of a file that tell whether it is an export

Named = tuple[str, str]  # the name of an image, and its caption


def write_captions(path: Path, captions: Iterable[Named]) -> int:
    """Write a table, whole or not at all: JSON lines where its name ends so, else CSV; -> how many captions.

    Raises:
        KnownError: it cannot be written, or a file that is no such table is there already.
    """
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        _refuse_others(path)
        with contextlib.ExitStack() as undo:
            undo.callback(partial.unlink, missing_ok=True)
            with partial.open("w", encoding="utf-8", newline="") as file:
                written = write_rows(file, captions, lines=is_lines(path))
                file.flush()
                os.fsync(file.fileno())
            partial.replace(path)
    except OSError as error:
        raise KnownError(
            "{path} cannot be written: {reason}.", path=path, reason=system_reason(error)
        ) from error
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
        row = (_unicode(name), _unicode(caption))
        if lines:
            file.write(json.dumps(dict(zip(HEADER, row, strict=True)), ensure_ascii=False) + "\n")
        else:
            table.writerow(
                (row[0], f"“{row[1]}”") if in_curly_quotes(row[1]) else row
            )  # reading takes one off
    return number


def _refuse_others(path: Path) -> None:
    if path.is_dir():
        raise KnownError(
            "{path} is a folder; name a file in it, such as {example}.",
            path=path,
            example=path / "captions.csv",
        )
    if not path.exists():
        return
    with path.open("rb") as file:
        start = file.read(_BEGINNING)
    if start and not _is_export(start.decode("utf-8-sig", errors="replace"), is_lines(path)):
        raise KnownError(
            "{path} is there already and is no export of captions; choose another name.", path=path
        )


def _is_export(start: str, lines: bool) -> bool:
    first = start.partition("\n")[0].strip()
    if not lines:
        return first == ",".join(HEADER)
    try:
        content = json.loads(first)
    except ValueError:
        return False
    return isinstance(content, dict) and list(content) == HEADER


def _unicode(text: str) -> str:
    """File names need not be Unicode, tables must."""
    return text.encode(errors="backslashreplace").decode()
