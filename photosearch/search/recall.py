"""How much of what is best a vector store finds: the exact best of some queries, to compare with."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from photosearch.search.stored import StoredVectors

BEST = 100  # of each query, that should be found
ENOUGH = 0.99  # recall at which a store need not search any harder


class ExactBest:
    """The best photos of queries (Q, D), found by going through all vectors once, some at a time."""

    def __init__(self, queries: NDArray[np.float32]) -> None:
        self._queries = queries
        self._ids: NDArray[np.int64] = np.zeros((len(queries), 0), np.int64)
        self._scores: NDArray[np.floating] = np.zeros((len(queries), 0), np.float32)

    def look_at(
        self, ids: NDArray[np.int64], vectors: NDArray[np.float16], bias: NDArray[np.float32]
    ) -> None:
        """Take in more photos: ids (n,), vectors (n, D), bias (n,)."""
        scores = self._queries @ vectors.astype(np.float32).T - bias
        scores = np.concatenate([self._scores, scores], axis=1)
        ids = np.concatenate([self._ids, np.broadcast_to(ids, (len(self._queries), len(ids)))], axis=1)
        best = np.argsort(-scores, axis=1)[:, :BEST]
        self._scores = np.take_along_axis(scores, best, 1)
        self._ids = np.take_along_axis(ids, best, 1)

    def recall(self, index: StoredVectors) -> float:
        """Which share of them an index finds among as many, 0 to 1, on the mean of queries; of none, all."""
        if not self._ids.size:
            return 1.0
        shares = [
            np.isin(best, index.rank(query).top(len(best))[0]).mean()
            for query, best in zip(self._queries, self._ids, strict=True)
        ]
        return float(np.mean(shares))
