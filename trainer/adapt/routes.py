"""How a name is understood, each by what inner folds say: by a phrase, by a vector besides, or as it is.

A phrase wins where a general one says what the name means. A vector, of the name's own photos or of what
its captions leave unsaid, is for names that have no plain equivalent: one of two brown dogs. A word that the
model understands already stays itself.
"""

from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from trainer.adapt.corpus import Corpus
from trainer.adapt.material import Rows, Vectors
from trainer.adapt.phrases import normed
from trainer.adapt.translate import Field, Likelihoods, Ranked

FOLDS = 5
# A gain in log probability must be this large, and this many standard errors above zero.
PHRASE_GAIN, PHRASE_ERRORS = 0.05, 1.0
VECTOR_GAIN, VECTOR_ERRORS = 0.05, 1.5
WEIGHTS = (0.25, 0.5, 1.0)

Kind = Literal["photos", "residual"]


class Added(NamedTuple):
    """A vector beside a name's texts."""

    kind: Kind
    vector: Vectors  # (D,), of length 1
    weight: float


def phrase_helps(ranked: Ranked, itself: int, groups: Rows) -> bool:
    """Whether the best phrase explains captions that it was not chosen on better than the name itself does.

    Args:
        itself: the candidate that is the name
        groups: of the photos of `ranked.rows`
    """
    own = ranked.likelihoods[:, ranked.candidates == itself][:, 0]
    folds = _folds(groups)
    change = np.zeros_like(own)
    for held in folds:
        best = ranked.likelihoods[~held].mean(axis=0).argmax()
        change[held] = ranked.likelihoods[held, best] - own[held]
    return _clear(change, PHRASE_GAIN, PHRASE_ERRORS)


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
    if not folds:
        return None
    before = field.likelihoods(now, rows)
    found: list[tuple[float, Kind, float]] = []
    kinds: tuple[Kind, ...] = ("photos", "residual")
    for kind in kinds:
        for weight in WEIGHTS:
            after = np.empty_like(before)
            for held in folds:
                vector = _vector(kind, corpus, beside[~held], rows[~held])
                after[held] = field.likelihoods(normed(beside[held] + weight * vector), rows[held])
            if _clear(after - before, VECTOR_GAIN, VECTOR_ERRORS):
                found.append((float(np.mean(after - before)), kind, weight))
    if not found:
        return None
    _, kind, weight = max(found)
    return Added(kind, _vector(kind, corpus, beside, rows), weight)


def _vector(kind: Kind, corpus: Corpus, texts: Vectors, rows: Rows) -> Vectors:
    photos = corpus.material.photos
    own = photos[corpus.photo_of[rows]].mean(axis=0) - photos.mean(axis=0)
    return normed(own if kind == "photos" else own - (texts.mean(axis=0) - corpus.stripped.mean(axis=0)))


def _folds(groups: Rows) -> list[NDArray[np.bool_]]:
    """Which rows are held out, each once and with its whole group; none where all are of one group."""
    values, members = np.unique(groups, return_inverse=True)
    count = min(FOLDS, len(values))
    return [members % count == fold for fold in range(count)] if count > 1 else []


def _clear(change: Likelihoods, least: float, errors: float) -> bool:
    error = change.std(ddof=1) / np.sqrt(len(change)) if len(change) > 1 else np.inf
    return bool(change.mean() > max(least, errors * error))
