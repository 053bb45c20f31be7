"""Whether a model knows objects: how well "a photo of a X" ranks photos that were labelled by hand."""

from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from photosearch.core.errors import KnownError
from trainer.data.pairs import content_hash
from trainer.evaluate.class_texts import photo_of

MINIMUM = 2  # photos that must show a category for it to count


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


def read_labels(labels: Path, images: Path) -> LabelledPhotos:
    """Read `{file: [object names]}` as JSON.

    Raises:
        KnownError: the file or an image is missing, it is not such JSON, or no object is in two photos.
    """
    try:
        named = msgspec.json.decode(labels.read_bytes(), type=dict[str, list[str]])
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
