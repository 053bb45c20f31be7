"""The scores of one query, cosine less each photo's bias: between which numbers each lies, and so the best.

Whatever could be among the best k, for all that rounding may cost, is scored again in float64.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from photosearch.search.products import PhotoVectors

SCORED_AT_ONCE = 1024  # rows, in float64
# A frame of a video: a row's id, and the photo under whose id it is found.
FRAME = np.dtype([("frame_id", "<i8"), ("photo_id", "<i8"), ("at_ms", "<i8")])
RUN = 256  # scores of which the best is looked at first


@dataclass
class Block:
    """Rows that never move: a query that began before rows were added goes on undisturbed."""

    vectors: PhotoVectors  # (capacity, D) float16
    ids: NDArray[np.int64]  # (capacity,)
    bias: NDArray[np.float32]  # (capacity,)
    penalty: NDArray[np.float32]  # (capacity,): the bias; infinite where the photo is not living
    used: int


class Scale(NamedTuple):
    """What a score is made into: `factor * score + shift`, with a factor above 0.

    So scores of two models are compared: of each, slope * score + offset is the logarithm of the odds.
    """

    factor: float = 1.0
    shift: float = 0.0

    def of(self, scores: NDArray[np.floating]) -> NDArray[np.float32]:
        """Scores (n,), computed in float64."""
        made: NDArray[np.float32] = (scores.astype(np.float64) * self.factor + self.shift).astype(np.float32)
        return made

    def then(self, scale: Scale) -> Scale:
        """This one, and the other of what it gives."""
        return Scale(scale.factor * self.factor, scale.factor * self.shift + scale.shift)


AS_IT_IS = Scale()


class _Contenders(NamedTuple):
    """Frames that may be the best of their photos, row by row."""

    photos: NDArray[np.int64]  # ids
    at_ms: NDArray[np.int64]
    scores: NDArray[np.float32]  # in float64 first
    places: NDArray[np.intp]  # in their part


@dataclass
class ScoredRows:
    """Rows of a block with their scores as first estimated."""

    block: Block
    rows: NDArray[np.intp] | None  # places in the block (n,); None: the first n
    low: NDArray[np.float32]  # (n,): see products.Scores
    high: NDArray[np.float32]  # (n,)
    query: NDArray[np.float32]  # (D,)
    scale: Scale = AS_IT_IS
    at_ms: NDArray[np.int64] | None = None  # of frames of videos: where each is (n,)

    def ids(self, places: NDArray[np.intp] | None = None) -> NDArray[np.int64]:
        """Of the rows that can be found (m,), in their order, or of those at some places of n."""
        rows = np.arange(len(self.high)) if self.rows is None else self.rows
        ids: NDArray[np.int64] = self.block.ids[rows[self.high > -np.inf if places is None else places]]
        return ids

    def only(self, places: NDArray[np.intp]) -> ScoredRows:
        """What stands at these places of n."""
        rows = places if self.rows is None else self.rows[places]
        at_ms = self.at_ms if self.at_ms is None else self.at_ms[places]
        return replace(self, rows=rows, low=self.low[places], high=self.high[places], at_ms=at_ms)

    def contenders(self, frames: NDArray[np.void]) -> _Contenders:
        """Of rows that are frames those that may be the best of their photos; see Ranking.best_of_each()."""
        found = np.flatnonzero(self.high > -np.inf)
        of = frames[np.searchsorted(frames["frame_id"], self.ids())]
        _, photo = np.unique(of["photo_id"], return_inverse=True)
        surely = np.full(photo.max(initial=-1) + 1, -np.inf, dtype=np.float32)
        np.maximum.at(surely, photo, self.low[found])
        may = self.high[found] >= surely[photo]
        scores = [scores for _, scores in self.exactly(found[may])]
        return _Contenders(
            of["photo_id"][may],
            of["at_ms"][may],
            np.concatenate([np.empty(0, dtype=np.float32), *scores]),
            found[may],
        )

    def as_photos(self, places: NDArray[np.intp], frames: NDArray[np.void]) -> ScoredRows:
        """What stands at these places of n, frames, under the ids of their photos."""
        part = self.only(places)
        of = frames[np.searchsorted(frames["frame_id"], part.block.ids[part.rows])]
        ids = np.zeros_like(self.block.ids)
        ids[part.rows] = of["photo_id"]
        return replace(part, block=replace(self.block, ids=ids), at_ms=of["at_ms"])

    def on(self, scale: Scale) -> ScoredRows:
        """With other scores; what is rounded is rounded outwards."""
        found = self.high > -np.inf
        low, high = self.low.copy(), self.high.copy()
        low[found] = np.nextafter(scale.of(self.low[found]), np.float32(-np.inf))
        high[found] = np.nextafter(scale.of(self.high[found]), np.float32(np.inf))
        return replace(self, low=low, high=high, scale=self.scale.then(scale))

    def exactly(self, places: NDArray[np.intp]) -> Iterator[tuple[NDArray[np.int64], NDArray[np.float32]]]:
        """Ids and scores, scored again in float64, of what stands at some places of n; in pieces."""
        for start in range(0, len(places), SCORED_AT_ONCE):
            piece = places[start : start + SCORED_AT_ONCE]
            rows = piece if self.rows is None else self.rows[piece]
            vectors = self.block.vectors.rows(rows).astype(np.float64)
            # Summed row by row, so that equal vectors score equal to the last bit.
            exact = (vectors * self.query.astype(np.float64)).sum(axis=1) - self.block.bias[rows]
            yield self.block.ids[rows], self.scale.of(exact)


class Ranking:
    """The scores of one query. Rows with a NaN or an infinity are never found.

    Args:
        unscored: ids of photos (n,) that come after all that have a score; a matrix leaves none.
    """

    def __init__(self, parts: list[ScoredRows], unscored: NDArray[np.int64] | None = None) -> None:
        self._parts = parts
        self.unscored = np.empty(0, dtype=np.int64) if unscored is None else unscored

    def __len__(self) -> int:
        """Photos that were ranked, those without a score too."""
        scored = sum(int(np.count_nonzero(part.high > -np.inf)) for part in self._parts)
        return scored + len(self.unscored)

    def among(self, ids: NDArray[np.int64]) -> Ranking:
        """Only these photos (n,); nothing is scored again."""
        parts = []
        for part in self._parts:
            rows = np.arange(len(part.high)) if part.rows is None else part.rows
            chosen = np.isin(part.block.ids[rows], ids, kind="table")
            parts.append(part.only(np.flatnonzero(chosen)))
        return Ranking(parts, self.unscored[np.isin(self.unscored, ids, kind="table")])

    def best_of_each(self, frames: NDArray[np.void]) -> Ranking:
        """Of rows that are frames each photo's best one, under the photo's id; of equal ones the first.

        Args:
            frames: all of them (N,), as FRAME has it, by rising frame_id
        """
        if not self._parts:
            return self
        contenders = [part.contenders(frames) for part in self._parts]
        numbers = np.repeat(np.arange(len(contenders)), [len(one.places) for one in contenders])
        all_of_them = _Contenders(*map(np.concatenate, zip(*contenders, strict=True)))
        order = np.lexsort((all_of_them.at_ms, -all_of_them.scores, all_of_them.photos))
        best = order[np.unique(all_of_them.photos[order], return_index=True)[1]]
        return Ranking(
            [
                part.as_photos(np.sort(all_of_them.places[best[numbers[best] == number]]), frames)
                for number, part in enumerate(self._parts)
            ]
        )

    def moments(self, ids: NDArray[np.int64]) -> dict[int, int]:
        """Where in its video the frame is that each of these photos was ranked by, in milliseconds."""
        found: dict[int, int] = {}
        for part in self._parts:
            if part.at_ms is not None and part.rows is not None:
                there = part.block.ids[part.rows]
                chosen = np.flatnonzero(np.isin(there, ids))
                found.update(zip(there[chosen].tolist(), part.at_ms[chosen].tolist(), strict=True))
        return found

    def on(self, scale: Scale) -> Ranking:
        """The same photos in the same order, with other scores."""
        return Ranking([part.on(scale) for part in self._parts], self.unscored)

    def with_those_of(self, other: Ranking) -> Ranking:
        """With the photos of another ranking, none of which is in this one, by their scores there."""
        return Ranking([*self._parts, *other._parts], np.concatenate([self.unscored, other.unscored]))

    def top(self, k: int) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """The best k photos, or as many as have a score: ids, scores. Equal scores are in order of ids."""
        if not any(len(part.low) for part in self._parts) or k <= 0:
            return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.float32)
        surely = np.concatenate([_best(part.low, k) for part in self._parts])
        threshold = max(_best(surely, k).min(), np.finfo(np.float32).min)
        found = [
            exact for part in self._parts for exact in part.exactly(np.flatnonzero(part.high >= threshold))
        ]
        ids = np.concatenate([np.empty(0, dtype=np.int64), *(ids for ids, _ in found)])
        scores = np.concatenate([np.empty(0, dtype=np.float32), *(scores for _, scores in found)])
        order = np.lexsort((ids, -scores))[:k]
        return ids[order], scores[order]

    def order(self, exact: int) -> NDArray[np.int64]:
        """The ids of all with a score, best first; those after the best `exact` as scores were estimated."""
        best, _ = self.top(exact)
        ids, scores = self._scored_ids(), self.scores()
        others = ~np.isin(ids, best, kind="table")
        return np.concatenate([best, _by_score(ids[others], scores[others])])

    def count(self, level: float) -> int:
        """How many photos score at least `level`."""
        count = 0
        for part in self._parts:
            possible = np.flatnonzero(part.high >= level)
            sure = part.low[possible] >= level
            count += int(np.count_nonzero(sure))
            for _, scores in part.exactly(possible[~sure]):
                count += int(np.count_nonzero(scores >= level))
        return count

    def at_least(self, level: float) -> NDArray[np.int64]:
        """The ids of the photos that count() counts (n,), in no order."""
        found = [np.empty(0, dtype=np.int64)]
        for part in self._parts:
            possible = np.flatnonzero(part.high >= level)
            sure = part.low[possible] >= level
            found.append(part.ids(possible[sure]))
            found += [ids[scores >= level] for ids, scores in part.exactly(possible[~sure])]
        return np.concatenate(found)

    def ids(self) -> NDArray[np.int64]:
        """Of all photos, in no order (N,)."""
        return np.concatenate([self.unscored, self._scored_ids()])

    def _scored_ids(self) -> NDArray[np.int64]:
        return np.concatenate([np.empty(0, dtype=np.int64), *(part.ids() for part in self._parts)])

    def scores(self) -> NDArray[np.float32]:
        """Of all that have one, in no order and as first estimated (N,)."""
        parts = [(part.low + part.high)[part.high > -np.inf] / 2 for part in self._parts]
        return np.concatenate([np.empty(0, dtype=np.float32), *parts])


def _by_score(ids: NDArray[np.int64], scores: NDArray[np.float32]) -> NDArray[np.int64]:
    """Ids (N,) by falling scores (N,), those of one score by rising id.

    One integer holds both, which sorts several times as fast as two keys: the bits of a float, read as one,
    are in its order where it is positive and in reverse where it is negative.
    """
    bits = (0 - scores).view(np.int32).astype(np.int64)  # 0 - 0 is not -0, whose bits are others
    bits ^= (bits >> 31) & 0x7FFFFFFF
    return np.sort((bits << 32) | ids) & 0xFFFFFFFF


def _best(scores: NDArray[np.float32], k: int) -> NDArray[np.float32]:
    """The k largest of (N,), or as many as there are, in no order; where k is small, without sorting most."""
    whole = len(scores) // RUN * RUN
    if whole >= k * RUN:
        # The k best runs each have a score at least as large as the k-th best run's largest.
        least = np.partition(scores[:whole].reshape(-1, RUN).max(axis=1), -k)[-k]
        scores = scores[scores >= least]
    return np.partition(scores, -k)[-k:] if k < len(scores) else scores
