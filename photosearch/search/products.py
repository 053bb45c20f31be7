"""PhotoVectors where they are scored for a query: on the processor without torch, elsewhere with it."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Lock, Thread
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import numkong
import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import torch

# Query and products are rounded to 11 bits: at most 0.0005 for each, on sums of unit vectors that accumulate
# in float32 (measured on the processor: 0.0003 in all). The rest is for devices that accumulate in less.
HALF_MARGIN = 2e-3
# Rounding to 8 bits errs by step / sqrt(12) in each number, at random: the sum is off by that much times the
# length of the other vector, which is 1. Seven deviations are not met
# (5.7 was the most in 2 x 10^8 products of real vectors).
DEVIATIONS = 7.0
CODED = 4_096  # rows from which they are coded
ROWS_A_THREAD = 16_384
CODED_AT_ONCE = 512
CODING = "coding"  # the thread that does it

# Inner products (n,), and by how much each may be off at most.
Products = tuple[NDArray[np.float32], NDArray[np.float32] | float]

_threads = ThreadPoolExecutor(os.cpu_count(), "ranking")


class Scores(NamedTuple):
    """Between which numbers the score of each row lies; both minus infinity where it is not to be found."""

    low: NDArray[np.float32]  # (n,)
    high: NDArray[np.float32]  # (n,)


class PhotoVectors(Protocol):
    """Rows of float16 (capacity, D), of which the first so many are used."""

    def write(self, start: int, rows: NDArray[np.float16]) -> None:
        """Put rows (n, D) at a place."""

    def rows(self, places: NDArray[np.intp]) -> NDArray[np.float16]:
        """A copy of some rows (n, D)."""

    def scores(
        self, query: NDArray[np.float32], penalty: NDArray[np.float32], places: NDArray[np.intp] | None
    ) -> Scores:
        """Of the rows at n places, or of the first n: products with a unit query (D,), less a penalty (n,).

        Rows that hold a NaN or an infinity are not to be found, nor are those of an infinite penalty.
        """

    def settle(self) -> None:
        """All rows are used, and will not change any more."""


class ProcessorVectors:
    """In memory, or mapped from a file.

    Args:
        array: (capacity, D) float16, used where it lies. Once it is settled and was asked for all scores, it
            is coded in 8 bits too, beside the second query: a command that asks once does not wait for that.
    """

    def __init__(self, array: NDArray[np.float16]) -> None:
        self._array = array
        self._codes: _Codes | None = None
        self._uncoded = Lock()  # taken for good by whoever begins to code
        self._settled = self._asked = False

    def settle(self) -> None:
        self._settled = len(self._array) >= CODED

    def write(self, start: int, rows: NDArray[np.float16]) -> None:
        self._array[start : start + len(rows)] = rows

    def rows(self, places: NDArray[np.intp]) -> NDArray[np.float16]:
        found: NDArray[np.float16] = self._array[places]
        return found

    def scores(
        self, query: NDArray[np.float32], penalty: NDArray[np.float32], places: NDArray[np.intp] | None
    ) -> Scores:
        if places is None and self._codes is not None:
            return _scored(self._codes.products_with(query), penalty)
        if places is None:
            if self._settled and self._asked and self._uncoded.acquire(blocking=False):
                Thread(target=self._code, name=CODING, daemon=True).start()
            self._asked = True
        half = query.astype(np.float16)

        def products(run: slice) -> Products:
            rows = self._array[run] if places is None else self.rows(places[run])
            return _inner(rows, half), HALF_MARGIN

        return _scored(products, penalty)

    def _code(self) -> None:
        self._codes = _Codes.of(self._array)


@dataclass(frozen=True)
class _Codes:
    """Rows in 8 bits each: half the memory to read, and twice the products at a time."""

    codes: NDArray[np.int8]  # (n, D)
    steps: NDArray[np.float32]  # (n,)
    squares: NDArray[np.float32]  # (n,): of the steps, 0 where one is NaN

    @classmethod
    def of(cls, array: NDArray[np.float16]) -> _Codes:
        codes = np.empty(array.shape, np.int8)
        steps = np.empty(len(array), np.float32)
        for start in range(0, len(array), CODED_AT_ONCE):
            part = slice(start, start + CODED_AT_ONCE)
            codes[part], steps[part] = _coded(array[part].astype(np.float32))
        return cls(codes, steps, np.nan_to_num(steps) ** 2)

    def products_with(self, query: NDArray[np.float32]) -> Callable[[slice], Products]:
        """What gives the products of a run of rows."""
        codes, steps = _coded(query[None])
        step = steps[0]

        def products(run: slice) -> Products:
            values = _inner(self.codes[run], codes[0])
            values *= self.steps[run]
            values *= step
            margin = np.sqrt(self.squares[run] + step**2)
            margin *= np.float32(DEVIATIONS / 12**0.5)
            return values, margin

        return products


class DeviceVectors:
    """On a device of torch."""

    def __init__(self, array: NDArray[np.float16], device: str) -> None:
        import torch

        self._torch = torch
        self._rows: torch.Tensor = torch.from_numpy(array).to(device)

    def settle(self) -> None:
        pass

    def write(self, start: int, rows: NDArray[np.float16]) -> None:
        self._rows[start : start + len(rows)] = self._there(rows)

    def rows(self, places: NDArray[np.intp]) -> NDArray[np.float16]:
        found: NDArray[np.float16] = self._rows[self._there(places)].cpu().numpy()
        return found

    def scores(
        self, query: NDArray[np.float32], penalty: NDArray[np.float32], places: NDArray[np.intp] | None
    ) -> Scores:
        rows = self._rows[: len(penalty)] if places is None else self._rows[self._there(places)]
        products = (rows @ self._there(query.astype(np.float16))).float()
        return Scores(*_between(products.cpu().numpy(), HALF_MARGIN, penalty))

    def _there(self, array: NDArray[Any]) -> torch.Tensor:
        return self._torch.from_numpy(np.ascontiguousarray(array)).to(self._rows.device)


def vectors_on(device: str) -> Callable[[NDArray[np.float16]], PhotoVectors]:
    """What keeps vectors on a device: cpu, or one as torch names it."""
    if device == "cpu":
        return ProcessorVectors
    return lambda array: DeviceVectors(array, device)


def _coded(rows: NDArray[np.float32]) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Rows (n, D) as whole numbers to 127, and the step of each (n,): NaN where a row is not finite."""
    steps = np.abs(rows).max(axis=1) / np.float32(127)
    bad = ~np.isfinite(steps)
    steps[bad] = np.nan
    with np.errstate(invalid="ignore"):  # of rows that are not finite
        codes = rows / np.where(steps > 0, steps, np.float32(np.inf))[:, None]  # nothing but zeros: zeros
    codes[bad] = 0
    return np.rint(codes, out=codes).astype(np.int8), steps


def _scored(products: Callable[[slice], Products], penalty: NDArray[np.float32]) -> Scores:
    """On all cores, some rows at a time: what was multiplied is in a core's cache when it is scored."""
    scores = Scores(np.empty_like(penalty), np.empty_like(penalty))

    def part(start: int) -> None:
        run = slice(start, min(start + ROWS_A_THREAD, len(penalty)))
        scores.low[run], scores.high[run] = _between(*products(run), penalty[run])

    starts = range(0, len(penalty), ROWS_A_THREAD)
    if len(starts) == 1:
        part(0)
    else:
        list(_threads.map(part, starts))
    return scores


def _between(
    values: NDArray[np.float32], margin: NDArray[np.float32] | float, penalty: NDArray[np.float32]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """See Scores; `values` is used up."""
    with np.errstate(invalid="ignore"):  # of rows that are no numbers
        values -= penalty
    values[~np.isfinite(values)] = -np.inf
    return values - margin, values + margin


def _inner(rows: NDArray[Any], query: NDArray[Any]) -> NDArray[np.float32]:
    """The inner product of each row (n, D) with the query (D,), of one type."""
    products = np.asarray(numkong.cdist(rows, query[None], "inner", out_dtype="float32"))
    return products.reshape(-1)
