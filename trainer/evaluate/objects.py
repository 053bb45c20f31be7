"""Whether a model knows objects: how well "a photo of a X" ranks photos that were labelled by hand.

And how well their bare names do in other languages.
"""

import csv
from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from photosearch.core.errors import KnownError
from photosearch.core.reading import decode_json, read_regular
from trainer.data.pairs import content_hash
from trainer.evaluate.class_texts import photo_of
from trainer.models.folders import LARGEST_JSON

MINIMUM = 2  # photos that must show a category for it to count
# Categories of COCO in 13 languages, a column each, English first. No model of ours learns from it; the names
# that the third stage of `bundled` learns from leave these out.
NAMES = Path(__file__).with_name("object_names.csv")


@dataclass(frozen=True)
class LabelledPhotos:
    """Photos, and which objects each of them shows."""

    images: list[Path]
    hashes: list[bytes]
    categories: list[str]  # those in at least MINIMUM photos
    shows: NDArray[np.bool_]  # (categories, images)

    @property
    def sentences(self) -> list[str]:
        """What is asked for, one sentence a category."""
        return [photo_of(category) for category in self.categories]

    def named(self) -> dict[str, dict[int, str]]:
        """By language, the bare names of the categories that NAMES knows, by their place; English first."""
        with NAMES.open(encoding="utf-8", newline="") as file:
            rows = {row["en"]: row for row in csv.DictReader(file)}
        known = [(place, rows[name]) for place, name in enumerate(self.categories) if name in rows]
        languages = known[0][1] if known else ()
        return {language: {place: row[language] for place, row in known} for language in languages}


def read_labels(labels: Path, images: Path) -> LabelledPhotos:
    """Read `{file: [object names]}` as JSON.

    Raises:
        KnownError: the file or an image is missing, it is not such JSON, or no object is in two photos.
    """
    try:
        named = decode_json(read_regular(labels, LARGEST_JSON), dict[str, list[str]])
    except OSError:
        raise KnownError(f"There are no labels at {labels}.") from None
    except msgspec.DecodeError as error:
        raise KnownError(f"{labels} is not JSON of the form {{file: [object names]}}: {error}.") from None
    names = sorted(named)
    for name in names:
        if not (images / name).is_file():
            raise KnownError(f"{labels.name} names {name}, which is not in {images}.")
    shown = [set(named[name]) for name in names]
    counted = {c: sum(c in objects for objects in shown) for c in sorted(set().union(*shown))}
    categories = [c for c, count in counted.items() if count >= MINIMUM]
    if not categories:
        raise KnownError(f"No object of {labels} is in {MINIMUM} photos; there is nothing to measure.")
    return LabelledPhotos(
        images=[images / name for name in names],
        hashes=[content_hash(images / name) for name in names],
        categories=categories,
        shows=np.array([[c in objects for objects in shown] for c in categories]),
    )
