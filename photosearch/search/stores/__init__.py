"""Vector stores: copies of a model's vectors that find the nearest of them without holding all in memory.

A copy may be deleted at any time; SQLite has the vectors. It answers with ids alone, and these are scored
from SQLite's vectors, so nothing that a store says is taken for a score.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from photosearch.core.errors import KnownError


class StoreGone(KnownError):
    """A store was deleted while it was open, as a whole or in part: it is to be filled anew."""


class StoreDamaged(StoreGone):
    """What a store has cannot be read: it is to be deleted and filled anew."""


def lacking() -> StoreGone:
    """What to say of a store that has fewer photos than it had."""
    return StoreGone(
        "Photos that were in the vector store are not there any more; they are added once they are needed, "
        "or at once: photosearch vectors now"
    )


Ids = NDArray[np.int64]
_WIDTHS = 8  # of which a point's width is a multiple, as kernels and quantizers want it


class VectorStore(Protocol):
    """Points of one model's photos, by photo id. Thread-safe for queries.

    Every method raises KnownError where the store cannot be reached, read or written, and StoreGone where it
    was deleted or is damaged.
    """

    @property
    def efforts(self) -> Sequence[int]:
        """How thoroughly it can search, from the quickest on."""

    def ids(self) -> Ids:
        """Of all points (N,), in no order."""

    def add(self, ids: Ids, points: NDArray[np.float16]) -> None:
        """Write points (n, W) that are not there."""

    def remove(self, ids: Ids) -> None:
        """Remove points (n,), those of them that are there."""

    def nearest(self, point: NDArray[np.float32], k: int, effort: int) -> Ids:
        """About the k points with the largest inner product with a query's point (W,), in no order.

        Args:
            effort: one of `efforts`, or more
        """

    def build(self) -> bool:
        """Index what was added since the last time, in minutes where that is much; False: nothing was."""

    def check(self) -> int:
        """Look whether it is there and can be read, not at what is remembered of it; -> its points."""

    def close(self) -> None:
        """Let go of it."""


def width(dim: int) -> int:
    """W, how wide points of vectors (D,) are."""
    return -(-(dim + 1) // _WIDTHS) * _WIDTHS


def points_of(vectors: NDArray[np.float16], bias: NDArray[np.float32]) -> NDArray[np.float16]:
    """Vectors (n, D) with what is taken off their cosines (n,) as one more dimension (n, W).

    So the inner product with a query's point is the score, and a store ranks by what is shown.
    """
    count, dim = vectors.shape
    points = np.zeros((count, width(dim)), np.float16)
    points[:, :dim] = vectors
    points[:, dim] = -bias
    return points


def point_of(query: NDArray[np.float32]) -> NDArray[np.float32]:
    """A query's unit vector (D,) as a point (W,)."""
    point = np.zeros(width(len(query)), np.float32)
    point[: len(query)] = query
    point[len(query)] = 1
    return point
