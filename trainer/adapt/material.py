"""What a lesson is learnt from: a library's vectors, a person's captions, and the model's texts."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from photosearch.core.progress import Control
from trainer.evaluate.photos import Vectors as Vectors

# Photos nearer than this are of one burst, or one photo saved twice: so many standard deviations above what
# any two photos have, for models differ in how near all photos are; but never more than the second number.
BURST_DEVIATIONS = 5.5
BURST_COSINE = 0.97
AT_ONCE = 32  # texts in one call of the model; between two calls a job can be cancelled

Rows = NDArray[np.int64]
EncodeTexts = Callable[[Sequence[str]], Vectors]


@dataclass(frozen=True)
class Material:
    """All that learning sees; the towers' work on photos is done."""

    photos: Vectors  # (N, D), the gallery: every photo of the library, L2-normed
    bias: Vectors  # (N,), each photo's hubness, to be taken off its cosines
    labels: list[str]  # (N,), what the caller calls each photo
    captions: list[str]  # (C,)
    photo_of: Rows  # (C,), each caption's photo, a row of `photos`
    groups: Rows  # (N,), photos of one burst share a number
    encode: EncodeTexts  # texts as the base model sees them; remembered by text
    scale: float  # the model's logit scale, 1/temperature

    @property
    def captioned(self) -> Rows:
        """The photos that have captions, as rows of `photos`, rising."""
        return np.unique(self.photo_of)

    @property
    def caption_groups(self) -> Rows:
        """The group of each caption's photo; (C,)."""
        return self.groups[self.photo_of]


def remembering(encode: EncodeTexts, dim: int, control: Control) -> EncodeTexts:
    """`encode`, but each text only once; it looks at `control` before each batch.

    Raises (when called):
        Cancelled: the person asked to stop.
    """
    known: dict[str, Vectors] = {}

    def remembered(texts: Sequence[str]) -> Vectors:
        # Of like length together, for a batch is padded to its longest.
        fresh = sorted({text for text in texts if text not in known}, key=len)
        for start in range(0, len(fresh), AT_ONCE):
            control.checkpoint()
            batch = fresh[start : start + AT_ONCE]
            known.update(zip(batch, encode(batch), strict=True))
        if not texts:
            return np.empty((0, dim), np.float32)
        return np.stack([known[text] for text in texts])

    return remembered


def burst_groups(photos: Vectors, captioned: Rows) -> Rows:
    """Number the groups of captioned photos that are of one burst, by single linkage.

    Photos without a caption are never in a fold: each is a group of its own.

    Args:
        photos: L2-normed  # (N, D)
        captioned: rows of `photos`, each once
    Returns:
        (N,)
    """
    groups = np.arange(len(photos))
    vectors = photos[captioned]
    threshold = _burst_threshold(vectors)
    for row, photo in enumerate(captioned.tolist()):
        near = captioned[np.flatnonzero(vectors[:row] @ vectors[row] > threshold)]
        if len(near):
            joined = np.r_[groups[near], groups[photo]]
            groups[np.isin(groups, joined)] = joined.min()
    return groups


def _burst_threshold(vectors: Vectors) -> float:
    """From the cosines of different photos, of a thousand at most; (C, D)."""
    some = vectors[:: max(1, len(vectors) // 1000)]
    cosines = (some @ some.T)[np.triu_indices(len(some), 1)]
    if not len(cosines):
        return BURST_COSINE
    return min(BURST_COSINE, float(cosines.mean() + BURST_DEVIATIONS * cosines.std()))
