"""`images/` with captions.csv, or with train.csv, val.csv and perhaps test.csv."""

import csv
import io
from pathlib import Path

from photosearch.core.errors import KnownError
from trainer.data.formats.files import FileIndex
from trainer.data.formats.listing import Listing
from trainer.data.formats.text import read_text

LOOKS_FOR = "captions.csv, or train.csv with val.csv, with the header filename,caption"
HEADER = ["filename", "caption"]  # a third column, label, may follow


def read(files: FileIndex) -> Listing | None:
    """The tables that lie in the folder itself, or None where there are none."""
    tables = {split: files.folder / f"{split}.csv" for split in ("train", "val", "test")}
    if tables["train"].is_file():
        listing = Listing("train.csv and val.csv", {})
        for split, table in tables.items():
            if table.is_file():
                listing.add_named(split, rows(table), files)
        return listing
    if (files.folder / "captions.csv").is_file():
        listing = Listing("captions.csv", {})
        listing.add_named("all", rows(files.folder / "captions.csv"), files)
        return listing
    return None


def rows(table: Path) -> list[tuple[str, str, str]]:
    """(filename, caption, label) of each line of a table; the label is empty where there is no such column.

    Raises:
        KnownError: there is no such table, it is not UTF-8 or not such a CSV, or it has no captions.
    """
    reader = csv.reader(io.StringIO(read_text(table), newline=""), strict=True)
    found = []
    try:
        header = [field.strip().lower() for field in next(reader, [])]
        if header not in (HEADER, [*HEADER, "label"]):
            raise KnownError(
                f"The first line of {table} must be `filename,caption`, not {','.join(header)!r}."
            )
        for fields in reader:
            if not fields:
                continue
            fields = _joined(fields, len(header))
            if len(fields) != len(header) or not fields[0].strip() or not fields[1].strip():
                raise KnownError(
                    f"Line {reader.line_num} of {table} is not a filename and a caption; put quotation marks "
                    "around a caption that contains commas."
                )
            found.append((fields[0].strip(), fields[1], fields[2].strip() if len(fields) > 2 else ""))
    except csv.Error as error:
        raise KnownError(f"Line {reader.line_num} of {table} is not valid CSV: {error}.") from None
    if not found:
        raise KnownError(f"{table} has a header and no captions.")
    return found


def _joined(fields: list[str], width: int) -> list[str]:
    """A word processor's quotation marks enclose a caption too, but mean nothing to a CSV reader."""
    last = len(fields) - width + 2
    caption = ",".join(fields[1:last]).strip()
    if len(caption) > 1 and caption[0] in "“„" and caption[-1] in "”“":
        return [fields[0], caption[1:-1], *fields[last:]]
    return fields
