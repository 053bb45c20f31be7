"""The resident matrix: products with all rows, in half precision or in 8 bits, find a query's candidates."""

from __future__ import annotations

import threading

import numpy as np
from numpy.typing import NDArray

from photosearch.search.products import vectors_on
from photosearch.search.ranking import Block, Ranking, ScoredRows

SMALLEST_BLOCK = 1024  # rows
LARGEST_BLOCK = 65_536
# The share of a block's rows up to which picking them costs less than multiplying all of them does.
MOST_PICKED = 0.125


class Matrix:
    """PhotoVectors of all photos on one device. Thread-safe: queries run beside `add` and see whole batches.

    Args:
        device: cpu, or one as torch names it.
    """

    def __init__(self, device: str = "cpu") -> None:
        self._vectors = vectors_on(device)
        self._blocks: list[Block] = []
        self._elsewhere = np.empty(0, dtype=np.int64)
        self._lock = threading.Lock()

    def __len__(self) -> int:
        """Living photos."""
        return sum(int(np.isfinite(block.penalty[:used]).sum()) for block, used in self._snapshot())

    def load(self, ids: NDArray[np.int64], vectors: NDArray[np.float16], bias: NDArray[np.float32]) -> None:
        """Begin anew with ids (N,), vectors (N, D), bias (N,), all living.

        On the CPU `vectors` is used where it lies, mapped or not, and must not change.
        """
        with self._lock:
            self._blocks = []
            if len(ids):
                block = Block(self._vectors(vectors), ids, bias, bias.copy(), len(ids))
                block.vectors.settle()
                self._blocks = [block]

    def add(
        self, ids: NDArray[np.int64], vectors: NDArray[np.float16], bias: NDArray[np.float32]
    ) -> NDArray[np.int64]:
        """Add living rows: ids (n,), vectors (n, D), bias (n,). Rows that are there only come to life again.

        Returns:
            Which of the n are new, as positions, ascending.
        """
        with self._lock:
            known = self._revive(ids)
            _, first = np.unique(ids, return_index=True)
            new = np.sort(first[~known[first]])
            rest = new
            while len(rest):
                block = self._room(len(rest), vectors.shape[1])
                room = len(block.ids) - block.used
                part, rest = rest[:room], rest[room:]
                rows = slice(block.used, block.used + len(part))
                block.vectors.write(block.used, vectors[part])
                block.ids[rows] = ids[part]
                block.bias[rows] = bias[part]
                block.penalty[rows] = np.where(self._is_elsewhere(ids[part]), np.inf, bias[part])
                block.used += len(part)
                if block.used == len(block.ids):
                    block.vectors.settle()
        return new

    def rank_elsewhere(self, ids: NDArray[np.int64]) -> None:
        """These photos (n,) are never to be found here from the next change on; their vectors still are."""
        with self._lock:
            self._elsewhere = ids

    def _is_elsewhere(self, ids: NDArray[np.int64]) -> NDArray[np.bool_]:
        return np.isin(ids, self._elsewhere, kind="table")

    def set_living(self, ids: NDArray[np.int64]) -> None:
        """Only these photos can be found from now on."""
        with self._lock:
            if self._elsewhere.size:
                ids = ids[~self._is_elsewhere(ids)]
            for block in self._blocks:
                penalty = np.full_like(block.penalty, np.inf)
                living = np.isin(block.ids[: block.used], ids)
                penalty[: block.used][living] = block.bias[: block.used][living]
                block.penalty = penalty

    def ids(self) -> NDArray[np.int64]:
        """Of all photos, living or not (N,)."""
        parts = [block.ids[:used] for block, used in self._snapshot()]
        return np.concatenate([np.empty(0, dtype=np.int64), *parts])

    def vector(self, photo_id: int) -> NDArray[np.float32] | None:
        """A photo's own vector (D,); None if there is none."""
        for block, used in self._snapshot():
            rows = np.flatnonzero(block.ids[:used] == photo_id)
            if len(rows):
                vector: NDArray[np.float32] = block.vectors.rows(rows[:1])[0].astype(np.float32)
                return vector
        return None

    def bias(self, photo_id: int) -> float | None:
        """What is taken off a photo's cosines; None if it is not there."""
        for block, used in self._snapshot():
            rows = np.flatnonzero(block.ids[:used] == photo_id)
            if len(rows):
                return float(block.bias[int(rows[0])])
        return None

    def top(
        self, query: NDArray[np.float32], k: int, among: NDArray[np.int64] | None = None
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """See rank() and Ranking.top()."""
        return self.rank(query, among).top(k)

    def rank(self, query: NDArray[np.float32], among: NDArray[np.int64] | None = None) -> Ranking:
        """Score all living photos for a unit vector (D,).

        Args:
            among: only these photos, by id; None: all
        """
        parts = []
        for block, used in self._snapshot():
            rows: NDArray[np.intp] | None = None
            if among is not None:
                rows = np.flatnonzero(np.isin(block.ids[:used], among, kind="table"))
            penalty = block.penalty[:used]
            if rows is not None and len(rows) < MOST_PICKED * used:
                low, high = block.vectors.scores(query, penalty[rows], rows)
            else:
                low, high = block.vectors.scores(query, penalty, None)
                if rows is not None:
                    low, high = low[rows], high[rows]
            parts.append(ScoredRows(block, rows, low, high, query))
        return Ranking(parts)

    def _snapshot(self) -> list[tuple[Block, int]]:
        with self._lock:
            return [(block, block.used) for block in self._blocks]

    def _revive(self, ids: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Make rows that are there findable; -> which of `ids` are there."""
        known = np.zeros(len(ids), dtype=bool)
        for block in self._blocks:
            rows = np.flatnonzero(np.isin(block.ids[: block.used], ids))
            if len(rows):
                known |= np.isin(ids, block.ids[rows])
                found = rows[~self._is_elsewhere(block.ids[rows])]
                block.penalty[found] = block.bias[found]
        return known

    def _room(self, rows: int, dim: int) -> Block:
        """A block with room for at least one row: the last one, or a new one as large as all before it."""
        if not self._blocks or self._blocks[-1].used == len(self._blocks[-1].ids):
            total = sum(block.used for block in self._blocks)
            capacity = min(max(SMALLEST_BLOCK, total, rows), LARGEST_BLOCK)
            self._blocks = [
                *self._blocks,
                Block(
                    vectors=self._vectors(np.empty((capacity, dim), dtype=np.float16)),
                    ids=np.empty(capacity, dtype=np.int64),
                    bias=np.empty(capacity, dtype=np.float32),
                    penalty=np.full(capacity, np.inf, dtype=np.float32),
                    used=0,
                ),
            ]
        return self._blocks[-1]
