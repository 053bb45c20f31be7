"""The resident matrix: exact best photos of a query, by cosine minus each photo's bias.

A float16 product over all rows finds the candidates; they are scored again in float64. Half precision costs
at most MARGIN of a score, so whatever could be among the best k is among the candidates.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

# The query and the products are rounded to 11 bits: at most 0.0005 for each, on sums of unit vectors that
# accumulate in float32 (measured on CPU: 0.0003 in all). The rest is for devices that accumulate in less.
MARGIN = 2e-3
SMALLEST_BLOCK = 1024  # rows
LARGEST_BLOCK = 65_536
# The share of a block's rows up to which picking them costs less than scoring all of them does: the two are
# even at about an eighth (100,000 x 896, one core).
MOST_PICKED = 0.125


@dataclass
class _Block:
    """Rows that never move: a query that began before rows were added goes on undisturbed."""

    vectors: torch.Tensor  # (capacity, D) float16
    ids: NDArray[np.int64]  # (capacity,)
    bias: NDArray[np.float32]  # (capacity,)
    penalty: torch.Tensor  # (capacity,) float32: the bias; infinite where the photo is not living
    used: int


@dataclass
class _Part:
    """Rows of a block with their scores in half precision."""

    block: _Block
    rows: torch.Tensor | None  # places in the block (n,); None: the first n
    scores: torch.Tensor  # (n,) float32; minus infinity where the photo is not to be found

    def exactly(
        self, query: NDArray[np.float32], chosen: torch.Tensor
    ) -> Iterator[tuple[NDArray[np.int64], NDArray[np.float32]]]:
        """Ids and scores, scored again in float64, of the rows for which `chosen` (n,) is true; in pieces."""
        for places in torch.split(torch.nonzero(chosen).flatten(), SMALLEST_BLOCK):
            at = places if self.rows is None else self.rows[places]
            rows = at.cpu().numpy()
            vectors = self.block.vectors[at].cpu().numpy().astype(np.float64)
            # Summed row by row, so that equal vectors score equal to the last bit.
            exact = (vectors * query.astype(np.float64)).sum(axis=1) - self.block.bias[rows]
            yield self.block.ids[rows], exact.astype(np.float32)


class Ranking:
    """The scores of one query. Rows with a NaN or an infinity are never found."""

    def __init__(self, query: NDArray[np.float32], parts: list[_Part]) -> None:
        self._query = query
        self._parts = parts

    def __len__(self) -> int:
        """Photos that were ranked."""
        return sum(int(torch.isfinite(part.scores).sum()) for part in self._parts)

    def top(self, k: int) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """The best k photos, or as many as there are: ids, scores. Equal scores are in the order of ids."""
        every = torch.cat([part.scores for part in self._parts]) if self._parts else torch.empty(0)
        if not len(every) or k <= 0:
            return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.float32)
        threshold = torch.topk(every, min(k, len(every)), sorted=True).values[-1].item() - 2 * MARGIN
        found = [
            exact
            for part in self._parts
            for exact in part.exactly(self._query, (part.scores >= threshold) & torch.isfinite(part.scores))
        ]
        ids = np.concatenate([np.empty(0, dtype=np.int64), *(ids for ids, _ in found)])
        scores = np.concatenate([np.empty(0, dtype=np.float32), *(scores for _, scores in found)])
        order = np.lexsort((ids, -scores))[:k]
        return ids[order], scores[order]

    def count(self, level: float) -> int:
        """How many photos score at least `level`."""
        surely = sum(int((part.scores >= level + MARGIN).sum()) for part in self._parts)
        return surely + sum(
            int((scores >= level).sum())
            for part in self._parts
            for _, scores in part.exactly(self._query, (part.scores - level).abs() < MARGIN)
        )

    def scores(self) -> NDArray[np.float32]:
        """Of all photos, in no order and to within MARGIN (N,)."""
        parts = [part.scores[torch.isfinite(part.scores)].cpu().numpy() for part in self._parts]
        return np.concatenate([np.empty(0, dtype=np.float32), *parts])


class Matrix:
    """Vectors of all photos on one device. Thread-safe: queries run beside `add` and see whole batches."""

    def __init__(self, device: str | torch.device = "cpu") -> None:
        self._device = torch.device(device)
        self._blocks: list[_Block] = []
        self._lock = threading.Lock()

    def __len__(self) -> int:
        """Living photos."""
        return sum(int(torch.isfinite(block.penalty[:used]).sum()) for block, used in self._snapshot())

    def load(self, ids: NDArray[np.int64], vectors: NDArray[np.float16], bias: NDArray[np.float32]) -> None:
        """Begin anew with ids (N,), vectors (N, D), bias (N,), all living.

        On the CPU `vectors` is used where it lies, mapped or not, and must not change.
        """
        block = _Block(
            vectors=torch.from_numpy(vectors).to(self._device),
            ids=ids,
            bias=bias,
            penalty=torch.tensor(bias, device=self._device),
            used=len(ids),
        )
        with self._lock:
            self._blocks = [block] if len(ids) else []

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
                block.vectors[rows] = torch.from_numpy(np.ascontiguousarray(vectors[part])).to(self._device)
                block.ids[rows] = ids[part]
                block.bias[rows] = bias[part]
                block.penalty[rows] = torch.from_numpy(bias[part]).to(self._device)
                block.used += len(part)
        return new

    def set_living(self, ids: NDArray[np.int64]) -> None:
        """Only these photos can be found from now on."""
        with self._lock:
            for block in self._blocks:
                living = np.isin(block.ids[: block.used], ids)
                penalty = torch.full_like(block.penalty, torch.inf)
                penalty[: block.used] = torch.from_numpy(
                    np.where(living, block.bias[: block.used], np.float32(np.inf))
                )
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
                return block.vectors[int(rows[0])].float().cpu().numpy()
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
        half = torch.from_numpy(query.astype(np.float16)).to(self._device)
        parts = []
        for block, used in self._snapshot():
            vectors, penalty, rows = block.vectors[:used], block.penalty[:used], None
            if among is not None:
                wanted = np.flatnonzero(np.isin(block.ids[:used], among, kind="table"))
                rows = torch.from_numpy(wanted).to(self._device)
                penalty = penalty[rows]
                if len(wanted) < MOST_PICKED * used:
                    vectors = vectors[rows]
            products = (vectors @ half).float()
            if rows is not None and len(products) > len(rows):
                products = products[rows]
            parts.append(_Part(block, rows, _finite(products - penalty)))
        return Ranking(query, parts)

    def _snapshot(self) -> list[tuple[_Block, int]]:
        with self._lock:
            return [(block, block.used) for block in self._blocks]

    def _revive(self, ids: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Make rows that are there findable; -> which of `ids` are there."""
        known = np.zeros(len(ids), dtype=bool)
        for block in self._blocks:
            rows = np.flatnonzero(np.isin(block.ids[: block.used], ids))
            if len(rows):
                known |= np.isin(ids, block.ids[rows])
                block.penalty[rows] = torch.from_numpy(block.bias[rows]).to(self._device)
        return known

    def _room(self, rows: int, dim: int) -> _Block:
        """A block with room for at least one row: the last one, or a new one as large as all before it."""
        if not self._blocks or self._blocks[-1].used == len(self._blocks[-1].ids):
            total = sum(block.used for block in self._blocks)
            capacity = min(max(SMALLEST_BLOCK, total, rows), LARGEST_BLOCK)
            self._blocks = [
                *self._blocks,
                _Block(
                    vectors=torch.empty((capacity, dim), dtype=torch.float16, device=self._device),
                    ids=np.empty(capacity, dtype=np.int64),
                    bias=np.empty(capacity, dtype=np.float32),
                    penalty=torch.full((capacity,), torch.inf, device=self._device),
                    used=0,
                ),
            ]
        return self._blocks[-1]


def _finite(scores: torch.Tensor) -> torch.Tensor:
    return torch.where(torch.isfinite(scores), scores, -torch.inf)
