"""Whether learning helped, judged on captions that were held out from it."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from photosearch.core.teaching import FEWEST_PHOTOS, Verdict
from trainer.adapt.material import Material, Rows, Vectors
from trainer.evaluate.recall import rank_texts, reciprocal
from trainer.evaluate.statistics import Interval, bootstrap

FOLDS = 5
LEAST_GAIN = 0.02  # what the interval must be clear of; the largest seen of shuffled captions was below


class Judgement(NamedTuple):
    """What learning brought to held-out captions, and what that is called."""

    gain: float  # in mean reciprocal rank among the captioned photos
    interval: Interval  # 95 %
    verdict: Verdict


def folds(groups: Rows, count: int = FOLDS, seed: int = 0) -> Iterator[tuple[Rows, Rows]]:
    """(captions to learn from, captions held out), so that each caption is held out once.

    Photos of one group are never on both sides. The sides are as even as groups allow.

    Args:
        groups: of each caption's photo  # (C,)
    """
    values, members, sizes = np.unique(groups, return_inverse=True, return_counts=True)
    order = np.random.default_rng(seed).permutation(len(values))
    order = order[np.argsort(-sizes[order], kind="stable")]
    fold_of, filled = np.empty(len(values), np.int64), np.zeros(count, np.int64)
    for value in order.tolist():  # the largest first, each to the fold that has least
        fold_of[value] = filled.argmin()
        filled[fold_of[value]] += sizes[value]
    of_caption = fold_of[members]
    for fold in range(min(count, len(values))):
        yield np.flatnonzero(of_caption != fold), np.flatnonzero(of_caption == fold)


def ranks(material: Material, texts: Vectors, rows: Rows) -> NDArray[np.int64]:
    """Of the photos of captions `rows` in the whole gallery, 0 is best; texts of these (R, D) -> (R,)."""
    return rank_texts(texts, material.photos, material.photo_of[rows], material.bias)


def among_captioned(material: Material, texts: Vectors, rows: Rows) -> NDArray[np.int64]:
    """As `ranks`, where only captioned photos stand in each other's way.

    Against the whole library any training looks like a gain, for it draws texts towards captioned photos,
    even when the captions are shuffled among them.
    """
    captioned = material.captioned
    own = np.searchsorted(captioned, material.photo_of[rows])
    return rank_texts(texts, material.photos[captioned], own, material.bias[captioned])


def judge(material: Material, was: NDArray[np.int64], now: NDArray[np.int64], rows: Rows) -> Judgement:
    """The verdict on held-out captions `rows`, from what `among_captioned` found before and after; (R,)."""
    if not len(rows):
        return Judgement(0.0, Interval(0.0, 0.0), "too_few")
    change = reciprocal(now) - reciprocal(was)
    interval = bootstrap(change, material.caption_groups[rows])
    verdict: Verdict = "unclear"
    if len(material.captioned) < FEWEST_PHOTOS:
        verdict = "too_few"
    elif interval.low > LEAST_GAIN:
        verdict = "better"
    elif interval.high < 0:
        verdict = "worse"
    return Judgement(float(change.mean()), interval, verdict)
