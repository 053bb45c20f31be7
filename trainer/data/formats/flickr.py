"""Flickr8k and Flickr30k as their authors and Kaggle hand them out."""

import re
from collections.abc import Iterator
from pathlib import Path

from photosearch.core.errors import KnownError
from trainer.data.formats.files import FileIndex
from trainer.data.formats.listing import Listing
from trainer.data.formats.text import read_text

LOOKS_FOR = "Flickr8k's captions.txt or Flickr8k.token.txt; Flickr30k's results.csv or results_20130124.token"

# name.jpg,caption with commas of its own; Kaggle's Flickr30k puts the caption's number between.
_COMMA = re.compile(r"(?P<name>.+?\.(?:jpe?g|png|webp)),(?:\s*\d,)?(?P<caption>.*)", re.IGNORECASE)
_TOKEN = re.compile(r"(?P<name>.+)#\d+\t(?P<caption>.*)")
# In row 19999 of results.csv no bar follows the caption's number.
_BARS = re.compile(r"(?P<name>[^|]+?)\s*\|\s*\d+\s*(?P<bar>\|)?(?P<caption>.*)")
_TABLES = (
    ("captions.txt", _COMMA),
    ("Flickr8k.token.txt", _TOKEN),
    ("results_20130124.token", _TOKEN),
    ("results.csv", _BARS),
)
_LISTS = {"trainImages": "train", "devImages": "val", "testImages": "test"}
_NO_IMAGE = ".jpg.1"  # Flickr8k.token.txt has captions of one image that was never handed out


def read(files: FileIndex) -> Listing | None:
    """The first of the known tables that is here, split by Flickr8k's lists where they are."""
    for name, pattern in _TABLES:
        if table := files.one(name):
            return _read(table, pattern, files)
    return None


def _read(table: Path, pattern: re.Pattern[str], files: FileIndex) -> Listing:
    listing = Listing(f"Flickr, {table.name}", {})
    split_of = _split_lists(files)
    rows: dict[str, list[tuple[str, str, str]]] = {}
    for match in _lines(table, pattern):
        name = match["name"].strip()
        if name.endswith(_NO_IMAGE) and files.find(name) is None:
            continue
        if match.groupdict().get("bar", "|") is None:
            listing.notes.append(f"A caption of {name} lacks the bar before it; it is taken all the same.")
        split = split_of.get(name, "unlisted") if split_of else "all"
        rows.setdefault(split, []).append((name, _unquoted(match["caption"]), ""))
    unlisted = {name for name, _, _ in rows.pop("unlisted", [])}
    if unlisted:
        listing.notes.append(f"{len(unlisted)} image(s) are in none of the three lists and are left out.")
    for split, some in rows.items():
        listing.add_named(split, some, files)
    return listing


def _lines(table: Path, pattern: re.Pattern[str]) -> Iterator[re.Match[str]]:
    """A match for each line but the header and empty ones."""
    for number, line in enumerate(read_text(table).split("\n"), 1):
        match = pattern.fullmatch(line.strip())
        if match is not None:
            yield match
        elif line.strip() and number > 1:
            raise KnownError(
                f"Line {number} of {table} names no image with a caption: {line.strip()[:80]!r}; correct it "
                "or delete it."
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
        split_of |= dict.fromkeys(read_text(path).split(), split)
    return split_of
