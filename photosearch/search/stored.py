"""A model's photos in a vector store: it names candidates, and these are scored from SQLite's vectors."""

from __future__ import annotations

import logging
import math
import threading
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from photosearch.core.errors import KnownError
from photosearch.search.matrix import Matrix
from photosearch.search.ranking import Ranking
from photosearch.search.stores import Ids, VectorStore, lacking, point_of, points_of
from photosearch.store.reader import OpenReaders, Reader

CANDIDATES = 2_000  # that a store is asked for
MOST_CANDIDATES = 20_000  # where more than those are sure
MOST_NAMED = 400_000  # photos that it is to name for that, however few of them pass the filters
READ = 10_000  # photos that filters leave, which are all scored, and no store is asked
WAITING = 4_096  # photos that are kept in memory until they are written to the store at once
_SCORED_AT_ONCE = 16_384  # photos, of all that filters leave, where the store names too few

Vector = NDArray[np.float32]  # (D,), L2-normed

_log = logging.getLogger(__name__)


class _Held(NamedTuple):
    """What a query sees, whatever is added meanwhile."""

    there: Ids  # in the store (n,), ascending
    findable: Ids  # of these (n,), ascending
    waiting: Matrix  # what is not in the store yet


class StoredVectors:
    """Photos as a store finds them; those that it does not have yet are in memory. Thread-safe for queries.

    Args:
        store: holds some of the model's photos, or all
        name: of the store, as stores.chosen has it
        effort: one of the store's

    Raises:
        KnownError: from any method, where the store or the library cannot be read or written.
    """

    def __init__(
        self, store: VectorStore, name: str, effort: int, model_id: str, readers: OpenReaders
    ) -> None:
        self.store, self.name, self.effort = store, name, effort
        self._model_id = model_id
        self._readers = readers
        self._changing = threading.RLock()
        self._dead = np.empty(0, np.int64)
        self._elsewhere = np.empty(0, np.int64)
        self._write_at = WAITING  # photos that wait
        self._left = np.empty(0, np.int64)  # to be written by fill()
        self._hold(np.unique(store.ids()), Matrix())

    def ids(self) -> Ids:
        """See VectorIndex."""
        return np.concatenate([self._held.there, self._held.waiting.ids()])

    def found_by_store(self) -> Ids:
        """Ids of what is in the store and living (n,), ascending."""
        return self._held.findable

    def check(self) -> None:
        """Look whether the store still has what it had.

        Raises:
            StoreGone: it does not, or is damaged.
        """
        there = len(self._held.there)
        if self.store.check() < there:
            raise lacking()

    def vector(self, photo_id: int) -> Vector | None:
        """See VectorIndex."""
        vectors, _ = self._row(photo_id)
        return vectors[0].astype(np.float32) if len(vectors) else None

    def bias(self, photo_id: int) -> float | None:
        """See VectorIndex."""
        _, bias = self._row(photo_id)
        return float(bias[0]) if len(bias) else None

    def rank(
        self, query: Vector, among: Ids | None = None, also: Ids | None = None, level: float = np.inf
    ) -> Ranking:
        """See VectorIndex: exact for what filters leave few of; else the best that the store finds."""
        held = self._held
        wanted = held.findable
        if among is not None:
            wanted = wanted[np.isin(wanted, among, kind="table")]
        # Of filtered photos the store names so many more that enough pass. Where these would be more than
        # pass in all, to score all takes no longer, and is exact.
        if len(wanted) < max(READ, math.isqrt(CANDIDATES * len(held.findable))):
            scored, ranking = wanted, self._scored(query, wanted)
        else:
            for near in self._nearest(query, wanted, len(wanted) / len(held.findable)):
                asked = near if also is None else np.concatenate([near, also])
                scored = wanted[np.isin(wanted, asked, kind="table")]
                ranking = self._scored(query, scored)
                if ranking.among(near).count(level) < len(near):
                    break
        unscored = wanted[~np.isin(wanted, scored, kind="table")]
        return Ranking([], unscored).with_those_of(ranking).with_those_of(held.waiting.rank(query, among))

    def add(self, ids: Ids, vectors: NDArray[np.float16], bias: NDArray[np.float32]) -> None:
        """See VectorIndex."""
        with self._changing:
            there, _, waiting = self._held
            new = ~np.isin(ids, there, kind="table")
            waiting.add(ids[new], vectors[new], bias[new])
            if np.isin(self._dead, ids).any():
                self._dead = self._dead[~np.isin(self._dead, ids)]
                self._hold(there, waiting)
            if len(waiting.ids()) >= self._write_at:
                try:
                    self._write(waiting.ids())
                    self._write_at = WAITING
                except KnownError as error:  # they can be found where they are
                    _log.warning("Vectors stay in memory. %s", error)
                    self._write_at += WAITING

    def set_living(self, ids: Ids) -> None:
        """See VectorIndex."""
        with self._changing:
            there, _, waiting = self._held
            known = self.ids()
            self._dead = known[~np.isin(known, ids, kind="table")]
            waiting.set_living(ids)
            self._hold(there, waiting)

    def rank_elsewhere(self, ids: Ids) -> None:
        """See VectorIndex."""
        with self._changing:
            there, _, waiting = self._held
            self._elsewhere = ids
            waiting.rank_elsewhere(ids)
            self._hold(there, waiting)

    def lacks(self, reader: Reader) -> Ids:
        """Ids of living photos with a vector (n,) that the store does not have."""
        known = reader.vector_ids(self._model_id)
        known = known[np.isin(known, reader.living(), kind="table")]
        return known[~np.isin(known, self._held.there, kind="table")]

    def fill(self, reader: Reader) -> bool:
        """Write the next photos that the store lacks, and remove those that are gone; False: it is done."""
        with self._changing:
            there, _, waiting = self._held
            if not self._left.size:  # all are gone through once for many photos, as there are millions
                gone = there[~np.isin(there, reader.living(), kind="table")][:WAITING]
                if gone.size:
                    self.store.remove(gone)
                    self._hold(np.setdiff1d(there, gone, assume_unique=True), waiting)
                    return True
                self._left = self.lacks(reader)
            some, self._left = self._left[:WAITING], self._left[WAITING:]
            self._write(some[~np.isin(some, there, kind="table")])
        return bool(some.size)

    def _nearest(self, query: Vector, wanted: Ids, share: float) -> Iterator[Ids]:
        """About CANDIDATES of the best of some photos (n,), then more; they are so large a share of all."""
        enough = min(CANDIDATES // 2, len(wanted))
        near = wanted[:0]
        for count in (CANDIDATES, MOST_CANDIDATES):
            named = min(int(count / share), MOST_NAMED)
            effort = int(self.effort / share * count / CANDIDATES)
            near = self.store.nearest(point_of(query), named, effort)
            near = near[np.isin(near, wanted, kind="table")]
            if len(near) >= enough:
                yield near
        if len(near) < enough:
            yield self._best(query, wanted)

    def _best(self, query: Vector, ids: Ids) -> Ids:
        """The best CANDIDATES of these, found by going through all, some at a time."""
        best, scores = ids[:0], np.empty(0, np.float32)
        for start in range(0, len(ids), _SCORED_AT_ONCE):
            some = self._scored(query, ids[start : start + _SCORED_AT_ONCE]).top(CANDIDATES)
            best, scores = np.concatenate([best, some[0]]), np.concatenate([scores, some[1]])
            order = np.argsort(-scores)[:CANDIDATES]
            best, scores = best[order], scores[order]
        return best

    def _write(self, ids: Ids) -> None:
        """Write those of these that still have a vector; what waits of others goes on waiting."""
        with self._readers.one() as reader:
            rows = list(reader.vectors_of(ids, self._model_id))
            written = np.concatenate([np.empty(0, np.int64), *(some for some, _, _ in rows)])
            if rows:
                points = np.concatenate([points_of(vectors, bias) for _, vectors, bias in rows])
                self.store.add(written, points)
            there, _, before = self._held
            waiting = Matrix()
            waiting.rank_elsewhere(self._elsewhere)
            for some in reader.vectors_of(np.setdiff1d(before.ids(), ids), self._model_id):
                waiting.add(*some)
        self._hold(np.union1d(there, written), waiting)

    def _hold(self, there: Ids, waiting: Matrix) -> None:
        hidden = np.concatenate([self._dead, self._elsewhere])
        self._held = _Held(there, there[~np.isin(there, hidden, kind="table")], waiting)

    def _scored(self, query: Vector, ids: Ids) -> Ranking:
        matrix = Matrix()
        with self._readers.one() as reader:
            for rows in reader.vectors_of(ids, self._model_id):
                matrix.add(*rows)
        return matrix.rank(query)

    def _row(self, photo_id: int) -> tuple[NDArray[np.float16], NDArray[np.float32]]:
        with self._readers.one() as reader:
            for _, vectors, bias in reader.vectors_of(np.array([photo_id]), self._model_id):
                return vectors, bias
        return np.empty((0, 0), np.float16), np.empty(0, np.float32)
