"""Labels for a model that brings none: from how its scores spread over general texts and a person's photos.

Models differ mostly in what their scores lie around and how far apart: cosines of one are from 0.1 to 0.3,
of another between -0.2 and 0.6. In units of that spread the labels of the bundled model, which were fitted on
known answers, held for every other that was tried; docs/search.md has the figures.
"""

from pathlib import Path
from typing import NamedTuple

import msgspec
import numpy as np
import safetensors
from numpy.typing import NDArray

from photosearch.core.encoder import Calibration, Logistic
from photosearch.core.errors import KnownError
from photosearch.core.vectors import l2_normed
from photosearch.models.config import WEIGHTS

STRONG, LIKELY = 0.7, 0.25  # P; on objects that nothing was fitted on, three of four strong hits are right

# The bundled model's labels over Flickr8k val by scores with mean 0 and deviation 1:
# `python -m trainer labels --model bundled --data FOLDER` prints them.
SHORT = Logistic(slope=1.234, offset=-3.822)
SENTENCE = Logistic(slope=0.998, offset=-4.618)
PICTURES = Logistic(slope=1.112, offset=-3.316)

LEAST_DEVIATION = 1e-4  # of scores that say anything

Vectors = NDArray[np.float32]


class Spread(NamedTuple):
    """Around what scores lie, and how far apart."""

    mean: float
    deviation: float

    def of(self, standard: Logistic) -> Logistic:
        """The label of these scores, from that of scores with mean 0 and deviation 1."""
        slope = standard.slope / self.deviation
        return Logistic(round(slope, 3), round(standard.offset - slope * self.mean, 3))

    def standard(self, label: Logistic) -> Logistic:
        """The reverse of `of`."""
        return Logistic(label.slope * self.deviation, label.offset + label.slope * self.mean)


def spreads(texts: Vectors, photos: Vectors, bias: Vectors) -> tuple[Spread, Spread]:
    """Of the scores of texts, and of photos as queries, each of which leaves itself out.

    Args:
        texts: general ones, of all that people may ask for  # (T, D), L2-normed
        photos: at least two  # (N, D), L2-normed
        bias: of these photos  # (N,)
    """
    by_texts = texts @ photos.T - bias
    by_photos = (photos @ photos.T - bias)[~np.eye(len(photos), dtype=bool)]
    return _spread(by_texts), _spread(by_photos)


def fit_labels(texts: Vectors, photos: Vectors, bias: Vectors, before: Calibration) -> Calibration | None:
    """Labels without known answers; see `spreads` for the arguments.

    Args:
        before: the model's calibration, whose prompts stay

    Returns:
        None: there are no texts, or the scores are all alike, as of copies of one photo
    """
    if not len(texts) or len(photos) < 2:
        return None
    by_texts, by_photos = spreads(texts, photos, bias)
    if min(by_texts.deviation, by_photos.deviation) < LEAST_DEVIATION:
        return None
    sentence = by_texts.of(SENTENCE)
    return msgspec.structs.replace(
        before,
        slope=sentence.slope,
        offset=sentence.offset,
        strong=STRONG,
        likely=LIKELY,
        short=by_texts.of(SHORT),
        pictures=by_photos.of(PICTURES),
    )


def read_bank(folder: Path) -> Vectors:
    """The general texts that a checkpoint carries (K, D), L2-normed; perhaps none.

    Nothing else of its weights is read.

    Raises:
        KnownError: they are missing or damaged.
    """
    try:
        with safetensors.safe_open(folder / WEIGHTS, "numpy") as weights:
            bank, rows = (weights.get_tensor(name) for name in ("bank", "bank_scale"))
    except (OSError, safetensors.SafetensorError) as error:
        raise KnownError(
            "The model's file {file} was altered or is damaged; install the model again.",
            file=folder / WEIGHTS,
        ) from error
    vectors: Vectors = l2_normed(bank * rows[:, None])
    return vectors


def _spread(scores: Vectors) -> Spread:
    return Spread(float(scores.mean(dtype=np.float64)), float(scores.std(dtype=np.float64)))
