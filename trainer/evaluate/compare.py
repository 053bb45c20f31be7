"""Whether one model is better than another on the same queries, and how sure that is."""

from typing import Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

from photosearch.core.errors import KnownError
from trainer.evaluate.recall import KS, Ranks, figures, hits, reciprocal
from trainer.evaluate.statistics import Interval, bootstrap, mcnemar

Verdict = Literal["better", "no measurable change", "worse"]


class Change(msgspec.Struct, frozen=True):
    """One figure of two models; R@k in percent, MRR from 0 to 1."""

    before: float
    after: float
    difference: float  # after - before
    interval: Interval  # of the difference
    p: float | None = None  # McNemar's, of R@k


class Comparison(msgspec.Struct, frozen=True):
    """One direction of search, `after` against `before`."""

    queries: int
    wins: int  # queries whose right answer ranks higher than before
    losses: int
    ties: int
    changes: dict[str, Change]  # "R@1", "R@5", "R@10", "mrr"
    verdict: Verdict


def compare_ranks(
    before: NDArray[np.int64], after: NDArray[np.int64], clusters: NDArray[np.int64], seed: int = 0
) -> Comparison:
    """Compare the ranks of the same queries under two models.

    The verdict is whether the 95 % interval of the change of MRR leaves out zero: MRR sees every rank, where
    R@k sees only those that cross k. One figure decides, chosen beforehand, so that looking at many does not
    find something by luck.

    Args:
        before, after: 0 is best  # (Q,)
        clusters: the image of each query  # (Q,)
    """
    changes = {f"R@{k}": _recall_change(before, after, clusters, k, seed) for k in KS}
    change = reciprocal(after) - reciprocal(before)
    interval = bootstrap(change, clusters, seed=seed)
    changes["mrr"] = Change(
        before=figures(before)["mrr"],
        after=figures(after)["mrr"],
        difference=round(float(change.mean()), 4),
        interval=_rounded(interval, 4),
    )
    return Comparison(
        queries=len(before),
        wins=int((after < before).sum()),
        losses=int((after > before).sum()),
        ties=int((after == before).sum()),
        changes=changes,
        verdict=verdict(interval),
    )


def compare_models(
    before: Ranks, after: Ranks, image_of: NDArray[np.int64], seed: int = 0
) -> dict[str, Comparison]:
    """Both directions, as "t2i" and "i2t".

    Raises:
        KnownError: the two were not measured on the same queries.
    """
    if len(before.t2i) != len(after.t2i) or not np.array_equal(before.images, after.images):
        raise KnownError(
            "The two models were measured on different photos or captions; measure them on one set."
        )
    return {
        "t2i": compare_ranks(before.t2i, after.t2i, image_of, seed),
        "i2t": compare_ranks(before.i2t, after.i2t, before.images, seed),
    }


def intervals(ranks: NDArray[np.int64], clusters: NDArray[np.int64], seed: int = 0) -> dict[str, Interval]:
    """Bootstrap intervals of "R@1", "R@5", "R@10" (percent) and "mrr"."""
    found = {f"R@{k}": _rounded(bootstrap(100.0 * hits(ranks, k), clusters, seed=seed), 2) for k in KS}
    found["mrr"] = _rounded(bootstrap(reciprocal(ranks), clusters, seed=seed), 4)
    return found


def verdict(difference: Interval) -> Verdict:
    """In words, from the interval of a difference where more is better."""
    if difference.low > 0:
        return "better"
    return "worse" if difference.high < 0 else "no measurable change"


def _recall_change(
    before: NDArray[np.int64], after: NDArray[np.int64], clusters: NDArray[np.int64], k: int, seed: int
) -> Change:
    was, now = hits(before, k), hits(after, k)
    change = 100.0 * (now.astype(np.float64) - was)
    return Change(
        before=round(100 * float(was.mean()), 2),
        after=round(100 * float(now.mean()), 2),
        difference=round(float(change.mean()), 2),
        interval=_rounded(bootstrap(change, clusters, seed=seed), 2),
        p=mcnemar(gained=int((now & ~was).sum()), lost=int((was & ~now).sum())),
    )


def _rounded(interval: Interval, digits: int) -> Interval:
    return Interval(round(interval.low, digits), round(interval.high, digits))
