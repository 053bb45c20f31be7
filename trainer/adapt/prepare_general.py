"""Makes the general set of a model, of photos and captions of Flickr8k's train part, kept as vectors only."""

from collections import defaultdict
from pathlib import Path

import numpy as np

from photosearch.captions import csv_tables
from trainer.adapt.base import read_base
from trainer.adapt.general import FILE, PAIRS, write_general
from trainer.evaluate.photos import encode_photos, refuse_unreadable


def prepare_general(data: Path, out: Path, model: str = "bundled") -> None:
    """Draw photos and one caption of each, and write their vectors.

    Args:
        data: a folder with train.csv and images/
        model: as `read_base` takes it
    Raises:
        KnownError: the folder or the model is not as it must be.
    """
    captions: dict[str, list[str]] = defaultdict(list)
    for row in csv_tables.rows(data / "train.csv", []):
        captions[row.name].append(row.caption)
    random = np.random.default_rng(0)
    drawn = np.sort(random.permutation(len(captions))[:PAIRS])
    names = [list(captions)[row] for row in drawn]
    texts = [captions[name][random.integers(len(captions[name]))] for name in names]
    encoder = read_base(model).encoder
    images = [data / "images" / name for name in names]
    photos, unreadable = encode_photos(encoder.encode_images, encoder.preprocessing, images)
    refuse_unreadable(unreadable, images)
    write_general(out / FILE, encoder.model_id, encoder.encode_texts(texts), photos, np.arange(len(names)))
