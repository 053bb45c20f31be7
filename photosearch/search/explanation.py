"""Why a photo stands where it does: what each part of a query pulls, and where its score lies among all."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from photosearch.core.encoder import Calibration
from photosearch.core.search_messages import Explanation, Naming, Pull
from photosearch.models.confidence import label
from photosearch.search.embedding import Part, TextVector, Vector, direction, without_each_word
from photosearch.search.query import Query

if TYPE_CHECKING:
    from photosearch.search.ranking import Ranking

BINS = 40


def explained(
    query: Query,
    parts: Sequence[Part],
    text_vector: TextVector,
    ranking: Ranking,
    photo: Vector,
    bias: float,
    calibration: Calibration,
    *,
    names: Sequence[tuple[int, int]] = (),
    chosen: bool,
    named: Naming | None = None,
) -> Explanation:
    """
    Args:
        parts: of the query; their weighted sum is its direction
        ranking: of the photos that the query's filters let through
        photo: the photo's vector (D,)
        names: places in the query's sentence that stay whole
        chosen: whether the filters let this photo through
        named: where the query's words stand, whatever the photo shows
    """
    total = np.sum([part.weight * part.vector for part in parts], axis=0)
    length = float(np.linalg.norm(total))
    # As the ranking scores it, to the last bit.
    cosine = float((photo.astype(np.float64) * direction(parts).astype(np.float64)).sum())
    score = np.float32(cosine - bias)
    scores = ranking.scores()
    low, high = (float(scores.min()), float(scores.max())) if len(scores) else (0.0, 0.0)
    histogram, _ = np.histogram(scores, bins=BINS, range=(low, max(high, low + 1e-6)))
    return Explanation(
        score=float(score),
        bias=bias,
        confidence=label(float(score), calibration),
        rank=1 + ranking.count(float(np.nextafter(score, np.float32(np.inf)))) if chosen else None,
        searched=len(ranking),
        pulls=tuple(
            Pull(part.text, part.weight * float(part.vector @ photo) / length, away=part.weight < 0)
            for part in parts
        ),
        words=tuple(
            Pull(word, cosine - float(direction([Part(word, 1.0, rest), *parts[1:]]) @ photo))
            for word, rest in without_each_word(query.sentence, text_vector, names)
        ),
        histogram=tuple(histogram.tolist()),
        lowest=low,
        highest=max(high, low + 1e-6),
        named=named,
    )
