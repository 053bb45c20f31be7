"""Which of many photos may be alike, told by a few hundred bits of each: all pairs of 100,000 in seconds."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

import numkong
import numpy as np
from numpy.typing import NDArray

from photosearch.decode.fingerprint import BITS

# The share of differing signs of the vectors and that of the fingerprints, added. Within it lie all edits of
# 1,000 photos but 2 % of the crops, and 1 of 100,000 pairs of others: python -m tests.bench.duplicates
ALIKE = 0.55

_SIGNS = 512  # of a vector, at most: of a longer one each second number, or third, says as much
_WHOLE = 64  # bytes that a processor compares at once
_ROWS, _COLUMNS = 128, 8_192  # compared at a time: 4 MB of distances, which stay in a core's cache


class Pairs(NamedTuple):
    """Rows that may be alike: each pair once, the lower row first."""

    first: NDArray[np.intp]  # (P,)
    second: NDArray[np.intp]  # (P,)


class Codes(NamedTuple):
    """Photos as bits: the signs of a vector, and the fingerprint as often as gives it equal weight."""

    bits: NDArray[np.uint8]  # (N, B), packed
    most: int  # bits in which two that may be alike differ at most

    def are_alike(self, one: int, others: NDArray[np.intp]) -> NDArray[np.bool_]:
        """Whether each of the other rows (n,) may be like one."""
        different = np.bitwise_count(self.bits[others] ^ self.bits[one]).sum(axis=1, dtype=np.int64)
        alike: NDArray[np.bool_] = different <= self.most
        return alike


def codes_of(vectors: NDArray[np.float16], fingerprints: NDArray[np.int64]) -> Codes:
    """Of vectors (N, D) and fingerprints (N,)."""
    some = vectors[:, :: math.ceil(vectors.shape[1] / _SIGNS)]
    signs = np.packbits(some > 0, axis=1)
    times = max(1, round(some.shape[1] / BITS))
    seen = np.ascontiguousarray(fingerprints.astype(">i8")).view(np.uint8).reshape(len(fingerprints), 8)
    nothing = np.zeros((len(vectors), -(signs.shape[1] + 8 * times) % _WHOLE), np.uint8)
    return Codes(np.hstack([signs, np.tile(seen, times), nothing]), int(ALIKE * some.shape[1]))


def pairs_of(codes: Codes, go_on: Callable[[float], None] = lambda done: None) -> Iterator[Pairs]:
    """All pairs of rows that may be alike, some at a time, as pictures of one thing have a great many.

    Args:
        go_on: called now and then with the share that is done, 0 to 1; what it raises ends the work.
    """
    count = len(codes.bits)
    rows = np.ascontiguousarray(codes.bits)
    for left in range(0, count, _COLUMNS):
        columns = rows[left : left + _COLUMNS]
        packed = numkong.hammings_pack(columns, dtype="uint1")
        for top in range(0, left + len(columns), _ROWS):
            block = rows[top : min(top + _ROWS, left + len(columns))]
            different = np.asarray(numkong.hammings_packed(block, packed)).reshape(-1)
            one, other = np.divmod(np.flatnonzero(different <= codes.most), len(columns))
            upper = one + top < other + left
            if upper.any():
                yield Pairs(one[upper] + top, other[upper] + left)
            go_on(((left + top * _COLUMNS / (left + _COLUMNS)) / max(count, _COLUMNS)) ** 2)


def joined(pairs: Iterable[Pairs]) -> Pairs:
    """All of them at once."""
    together = list(pairs)
    nothing = np.empty(0, np.intp)
    return Pairs(
        np.concatenate([nothing, *(some.first for some in together)]),
        np.concatenate([nothing, *(some.second for some in together)]),
    )
