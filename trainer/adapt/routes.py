"""How a name is understood, each by what inner folds say: by a phrase, by a vector besides, or as it is.

A phrase wins where a general one says what the name means. A vector, of what is in the name's photos and its
captions leave unsaid, is for names that have no plain equivalent: one of two brown dogs. A word that the
model understands already stays itself.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from photosearch.core.vectors import l2_normed
from trainer.adapt.corpus import Corpus
from trainer.adapt.material import Rows, Vectors
from trainer.adapt.phrases import Phrases
from trainer.adapt.translate import Field, Likelihoods, Ranked

FOLDS = 5
# A gain in log probability must be this large, and this many standard errors above zero.
PHRASE_GAIN, PHRASE_ERRORS = 0.05, 0.5
VECTOR_GAIN, VECTOR_ERRORS = 0.02, 1.0
WEIGHTS = (0.1, 0.25, 0.5)


class Added(NamedTuple):
    """A vector beside a name's texts."""

    vector: Vectors  # (D,), of length 1
    weight: float


def optimism(corpus: Corpus, phrases: Phrases, cheap: Ranked) -> float:
    """By how much the best phrase explains the captions that it was chosen on better than it does others."""
    others = cheap.candidates != cheap.itself
    likelihoods, common = cheap.likelihoods[:, others], phrases.common[cheap.candidates[others]]
    held_out = np.zeros(len(cheap.rows), np.float32)
    for held in _folds(corpus.groups[cheap.rows]):
        best = (likelihoods[~held].mean(axis=0) + common).argmax()
        held_out[held] = likelihoods[held, 0] - likelihoods[held, best]
    return float(held_out.mean())


def phrase_helps(change: Likelihoods, optimism: float) -> bool:
    """Whether a phrase would explain other captions better than the name itself does.

    Args:
        change: in the captions' likelihoods when the phrase takes the name's place  # (R,)
    """
    return _clear(change - np.float32(optimism), PHRASE_GAIN, PHRASE_ERRORS)


def vector_that_helps(
    corpus: Corpus, field: Field, now: Vectors, beside: Vectors, rows: Rows
) -> Added | None:
    """The vector that explains held-out captions best beside their text; None where none helps.

    Args:
        now: the name's captions as they are read without a vector  # (R, D)
        beside: as they are read with one  # (R, D)
        rows: these captions  # (R,)
    """
    folds = _folds(corpus.groups[rows])
    before = field.likelihoods(now, rows)
    vectors = [unsaid(corpus, beside[~held], rows[~held]) for held in folds]
    found: list[tuple[float, float]] = []  # mean gain, weight
    for weight in WEIGHTS:
        change = np.zeros_like(before)
        for held, vector in zip(folds, vectors, strict=True):
            after = field.likelihoods(l2_normed(beside[held] + weight * vector), rows[held])
            change[held] = after - before[held]
        if _clear(change, VECTOR_GAIN, VECTOR_ERRORS):
            found.append((float(change.mean()), weight))
    if not found:
        return None
    _, weight = max(found)
    return Added(unsaid(corpus, beside, rows), weight)


def unsaid(corpus: Corpus, texts: Vectors, rows: Rows) -> Vectors:
    """What the photos of the captions `rows` (R,) show beyond their texts (R, D); (D,), of length 1."""
    photos = corpus.material.photos
    shown: Vectors = photos[corpus.photo_of[rows]].mean(axis=0) - photos.mean(axis=0)
    return l2_normed(shown - (texts.mean(axis=0) - corpus.stripped.mean(axis=0)))


def _folds(groups: Rows) -> list[NDArray[np.bool_]]:
    """Which rows are held out, each once and with its whole group; none where all are of one group."""
    values, members = np.unique(groups, return_inverse=True)
    count = min(FOLDS, len(values))
    return [members % count == fold for fold in range(count)] if count > 1 else []


def _clear(change: Likelihoods, least: float, errors: float) -> bool:
    error = change.std(ddof=1) / np.sqrt(len(change)) if len(change) > 1 else np.inf
    return bool(change.mean() > max(least, errors * error))
