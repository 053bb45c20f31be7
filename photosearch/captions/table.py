"""What every format of captions comes down to: rows of an image's name and a caption."""

from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from photosearch.core.errors import KnownError, Sentence

# What to do about a row that cannot be read: raise this, or note it and go on.
Fault = Callable[[KnownError], None]

UNLISTED = "unlisted"


class CaptionRow(NamedTuple):
    """One caption of a table, and the image that it names."""

    name: str  # of the image, as the table writes it: "1.jpg", "beach/1.jpg"
    caption: str  # as it was written, perhaps empty
    source: Path  # the file that this row was read from
    folder: str = ""  # where the table says that its images lie, "train2017"; they may lie elsewhere
    label: str = ""  # of a class, where the data set has some
    split: str = ""  # "train", "val" or "test", UNLISTED in none of them; "" where the row does not say


CaptionRows = Generator[CaptionRow, None, None]  # holds its file open until it is closed or at its end


@dataclass
class Table:
    """A file of captions, or several that belong together, read row by row; close `rows` at the end."""

    format: str
    rows: CaptionRows
    notes: list[Sentence] = field(default_factory=list)  # of what was repaired; whole after the last row


def refuse(error: KnownError) -> None:
    """A `Fault` that takes no such row; raises the error."""
    raise error
