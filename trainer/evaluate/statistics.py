"""How sure a figure is: bootstrap intervals clustered by image, and McNemar's test."""

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

RESAMPLES = 10_000
LEVEL = 0.95
EXACT_BELOW = 25  # discordant pairs; from there chi-square is near enough to the binomial
DRAWN = 1 << 22  # clusters drawn at a time: bounds memory


class Interval(NamedTuple):
    """The range in which a mean lies, at the level that was asked for."""

    low: float
    high: float


def bootstrap(
    values: NDArray[np.floating[Any]],
    clusters: NDArray[np.int64],
    *,
    resamples: int = RESAMPLES,
    level: float = LEVEL,
    seed: int = 0,
) -> Interval:
    """The percentile interval of the mean of `values`, resampling whole clusters.

    Captions of one image are found or missed together, so they are no independent draws: resampling captions
    gives intervals that are too narrow. Images are drawn with replacement, each with all of its captions
    (Efron and Tibshirani, An Introduction to the Bootstrap, 1993, chapters 8 and 13). One cluster, or equal
    values, give an interval of no width; it says nothing.

    Args:
        values: one a query  # (Q,)
        clusters: the image of each query  # (Q,)
    """
    _, cluster_of = np.unique(clusters, return_inverse=True)
    counts = np.bincount(cluster_of).astype(np.float64)  # (C,)
    sums = np.bincount(cluster_of, weights=values)  # (C,)
    generator = np.random.default_rng(seed)
    means = np.empty(resamples)
    at_once = max(1, DRAWN // len(counts))
    for start in range(0, resamples, at_once):
        rows = min(at_once, resamples - start)
        drawn = generator.integers(0, len(counts), (rows, len(counts)))
        means[start : start + rows] = sums[drawn].sum(axis=1) / counts[drawn].sum(axis=1)
    low, high = np.quantile(means, [(1 - level) / 2, (1 + level) / 2])
    return Interval(float(low), float(high))


def mcnemar(gained: int, lost: int) -> float:
    """The two-sided p-value that gains and losses are equally likely, from the queries that changed.

    Exact binomial below 25 changes, else chi-square with continuity correction (McNemar, Psychometrika 12,
    1947; Edwards, Psychometrika 13, 1948). Queries count as independent; with several captions an image they
    are not quite, so the clustered interval is the judge and this the second opinion.
    """
    changed = gained + lost
    if changed == 0:
        return 1.0
    if changed < EXACT_BELOW:
        ways = sum(math.comb(changed, i) for i in range(min(gained, lost) + 1))
        return min(1.0, ways / (1 << (changed - 1)))
    statistic = max(0, abs(gained - lost) - 1) ** 2 / changed
    return math.erfc(math.sqrt(statistic / 2))
