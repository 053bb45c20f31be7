"""What every format of data set comes down to: rows of an image and a caption, by split."""

import unicodedata
from dataclasses import dataclass, field
from typing import NamedTuple

from photosearch.core.errors import Sentence
from trainer.data.image_file import ImageFile

_PLAIN_QUOTES = str.maketrans(
    {"“": '"', "”": '"', "„": '"', "‘": "'", "’": "'", "\u00a0": " ", "\u200b": None}
)


class CaptionedImage(NamedTuple):
    """One image with one caption, as a data set states it."""

    image: ImageFile
    caption: str
    label: str = ""  # of a class, where the data set has some


@dataclass
class Listing:
    """The rows of a data set as its files state them, not looked at yet.

    `splits` holds "train" with "val", "test" or both, or "all" where the format knows no splits.
    """

    format: str
    splits: dict[str, list[CaptionedImage]]
    missing: list[str] = field(default_factory=list)  # images that are named and not there
    empty: list[str] = field(default_factory=list)  # images with a caption of no words
    notes: list[Sentence] = field(default_factory=list)  # what was repaired on the way, a sentence each

    def add(self, split: str, image: ImageFile, caption: str, label: str = "") -> None:
        """One row, with its caption tidied; an empty one is noted."""
        caption = tidy(caption)
        if caption:
            self.splits.setdefault(split, []).append(CaptionedImage(image, caption, label))
        else:
            self.empty.append(str(image))


def tidy(caption: str) -> str:
    """One line of composed Unicode, with plain quotation marks and single spaces."""
    return " ".join(unicodedata.normalize("NFC", caption).translate(_PLAIN_QUOTES).split())
