"""Flickr8k and Flickr30k as their authors and Kaggle hand them out."""

import contextlib
import re
from pathlib import Path

from photosearch.captions.files import FileIndex
from photosearch.captions.table import UNLISTED, CaptionRow, CaptionRows, Fault, Table, refuse
from photosearch.captions.text import read_lines, read_text
from photosearch.core.errors import KnownError, Sentence

LOOKS_FOR = "Flickr8k's captions.txt or Flickr8k.token.txt; Flickr30k's results.csv or results_20130124.token"

# name.jpg,caption with commas of its own; Kaggle's Flickr30k puts the caption's number between.
_COMMA = re.compile(r"(?P<name>.+?\.(?:jpe?g|png|webp)),(?:\s*\d,)?(?P<caption>.*)", re.IGNORECASE)
_TOKEN = re.compile(r"(?P<name>.+)#\d+\t(?P<caption>.*)")
# In row 19999 of results.csv no bar follows the caption's number.
_BARS = re.compile(r"(?P<name>[^|]+?)\s*\|\s*\d+\s*(?P<bar>\|)?(?P<caption>.*)")
WITH_COMMAS = "captions.txt"
_TABLES = {
    WITH_COMMAS: _COMMA,
    "Flickr8k.token.txt": _TOKEN,
    "results_20130124.token": _TOKEN,
    "results.csv": _BARS,
}
_LISTS = {"trainImages": "train", "devImages": "val", "testImages": "test"}
_NO_IMAGE = ".jpg.1"  # Flickr8k.token.txt has captions of one image that was never handed out


def read(files: FileIndex, fault: Fault = refuse) -> Table | None:
    """The first of the known tables that is here, split by Flickr8k's lists where they are."""
    path = files.one(*_TABLES)
    if path is None:
        return None
    split_of = _split_lists(files)
    notes: list[Sentence] = []
    found = (
        row._replace(split=split_of.get(row.name, UNLISTED) if split_of else "")
        for row in rows(path, notes, fault)
    )
    return Table(f"Flickr, {path.name}", found, notes)


def rows(table: Path, notes: list[Sentence], fault: Fault = refuse) -> CaptionRows:
    """The captions of one table, by the pattern that its name or else its first line tells."""
    pattern = _TABLES.get(table.name)
    barless, example = 0, ""
    with contextlib.closing(read_lines(table, notes)) as lines:
        for number, line in enumerate(map(str.strip, lines), 1):
            pattern = pattern or pattern_of(line)
            match = pattern.fullmatch(line) if pattern else None
            if match is None:
                if line and number > 1:
                    fault(_no_caption(table, number, line))
                continue
            name = match["name"].strip()
            if match.groupdict().get("bar", "|") is None:
                barless, example = barless + 1, example or name
            if not name.endswith(_NO_IMAGE):
                yield CaptionRow(name, _unquoted(match["caption"]), table)
    if barless:
        notes.append(_barless(barless, example))


def pattern_of(line: str) -> re.Pattern[str] | None:
    """The pattern of a table that begins so, if it is one of these; commas alone tell nothing."""
    if re.match(r"[^|]+\|\s*(comment_number|\d+)\s*\|", line):
        return _BARS
    return _TOKEN if _TOKEN.fullmatch(line) else None


def _no_caption(table: Path, number: int, line: str) -> KnownError:
    return KnownError(
        "Line {number} of {table} names no image with a caption: {line}; correct it or delete it.",
        number=number,
        table=table,
        line=repr(line[:80]),
    )


def _barless(captions: int, example: str) -> Sentence:
    return Sentence(
        "{captions} caption(s) lack the bar before them, such as one of {example}; they were taken whole.",
        captions=captions,
        example=example,
    )


def _unquoted(caption: str) -> str:
    """Without the quotation marks of a CSV, which Kaggle's tables have around some captions."""
    caption = caption.strip()
    if len(caption) > 1 and caption[0] == caption[-1] == '"':
        return caption[1:-1].replace('""', '"')
    return caption


def _split_lists(files: FileIndex) -> dict[str, str]:
    """The split of each image by Flickr8k's three lists; empty unless all are here."""
    split_of: dict[str, str] = {}
    for name, split in _LISTS.items():
        path = files.one(f"Flickr_8k.{name}.txt")
        if path is None:
            return {}
        split_of |= dict.fromkeys(read_text(path, []).split(), split)
    return split_of
