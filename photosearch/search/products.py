"""PhotoVectors where they are multiplied with a query: on the processor without torch, elsewhere with it."""

from __future__ import annotations

import functools
import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
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
CODED = 300_000  # rows from which products are taken of 8-bit codes first
ROWS_A_THREAD = 16_384
CODED_AT_ONCE = 512
CODING = "coding"  # the thread that does it

_threads = ThreadPoolExecutor(os.cpu_count(), "ranking")


class Products(NamedTuple):
    """What a query's cosines are, and by how much each may be off at most."""

    values: NDArray[np.float32]  # (n,)
    margin: NDArray[np.float32] | float  # (n,)


class PhotoVectors(Protocol):
    """Rows of float16 (capacity, D), of which the first so many are used."""

    def write(self, start: int, rows: NDArray[np.float16]) -> None:
        """Put rows (n, D) at a place."""

    def rows(self, places: NDArray[np.intp]) -> NDArray[np.float16]:
        """A copy of some rows (n, D)."""

    def products(self, query: NDArray[np.float32], places: NDArray[np.intp] | int) -> Products:
        """Of a unit query (D,) with some rows, or with the first so many."""


class ProcessorVectors:
    """In memory, or mapped from a file.

    Args:
        array: (capacity, D) float16, used where it lies.
        settled: its rows will not change; many are then coded in 8 bits too, in the background.
    """

    def __init__(self, array: NDArray[np.float16], *, settled: bool = False) -> None:
        self._array = array
        self._codes: _Codes | None = None
        if settled and len(array) >= CODED:
            threading.Thread(target=self._code, name=CODING, daemon=True).start()

    def write(self, start: int, rows: NDArray[np.float16]) -> None:
        self._array[start : start + len(rows)] = rows

    def rows(self, places: NDArray[np.intp]) -> NDArray[np.float16]:
        found: NDArray[np.float16] = self._array[places]
        return found

    def products(self, query: NDArray[np.float32], places: NDArray[np.intp] | int) -> Products:
        if not isinstance(places, int):
            return Products(_inner(self.rows(places), query.astype(np.float16)), HALF_MARGIN)
        if self._codes is not None:
            return self._codes.products(query)
        return Products(_inner(self._array[:places], query.astype(np.float16)), HALF_MARGIN)

    def _code(self) -> None:
        self._codes = _Codes.of(self._array)


@dataclass(frozen=True)
class _Codes:
    """Rows in 8 bits each: half the memory to read, and twice the products at a time."""

    codes: NDArray[np.int8]  # (n, D)
    steps: NDArray[np.float32]  # (n,)

    @classmethod
    def of(cls, array: NDArray[np.float16]) -> _Codes:
        codes = np.empty(array.shape, np.int8)
        steps = np.empty(len(array), np.float32)
        for start in range(0, len(array), CODED_AT_ONCE):
            part = slice(start, start + CODED_AT_ONCE)
            codes[part], steps[part] = _coded(array[part].astype(np.float32))
        return cls(codes, steps)

    @functools.cached_property
    def _squares(self) -> NDArray[np.float32]:
        squares: NDArray[np.float32] = np.nan_to_num(self.steps) ** 2
        return squares

    def products(self, query: NDArray[np.float32]) -> Products:
        code, step = _coded(query[None])
        values = _inner(self.codes, code[0])
        values *= self.steps  # in place, as are the others: to allocate a million numbers costs as much
        values *= step[0]
        margin = self._squares + step[0] ** 2
        np.sqrt(margin, out=margin)
        margin *= np.float32(DEVIATIONS / 12**0.5)
        return Products(values, margin)


class DeviceVectors:
    """On a device of torch."""

    def __init__(self, array: NDArray[np.float16], device: str) -> None:
        import torch

        self._torch = torch
        self._rows: torch.Tensor = torch.from_numpy(array).to(device)

    def write(self, start: int, rows: NDArray[np.float16]) -> None:
        self._rows[start : start + len(rows)] = self._there(rows)

    def rows(self, places: NDArray[np.intp]) -> NDArray[np.float16]:
        found: NDArray[np.float16] = self._rows[self._there(places)].cpu().numpy()
        return found

    def products(self, query: NDArray[np.float32], places: NDArray[np.intp] | int) -> Products:
        rows = self._rows[:places] if isinstance(places, int) else self._rows[self._there(places)]
        products = (rows @ self._there(query.astype(np.float16))).float()
        return Products(products.cpu().numpy(), HALF_MARGIN)

    def _there(self, array: NDArray[Any]) -> torch.Tensor:
        return self._torch.from_numpy(np.ascontiguousarray(array)).to(self._rows.device)


def vectors_on(device: str) -> Callable[..., PhotoVectors]:
    """What keeps vectors on a device: cpu, or one as torch names it."""
    if device == "cpu":
        return ProcessorVectors
    return lambda array, **_: DeviceVectors(array, device)


def _coded(rows: NDArray[np.float32]) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Rows (n, D) as whole numbers to 127, and the step of each (n,): NaN where a row is not finite."""
    steps = np.abs(rows).max(axis=1) / np.float32(127)
    bad = ~np.isfinite(steps)
    steps[bad] = np.nan
    with np.errstate(invalid="ignore"):  # of rows that are not finite
        codes = rows / np.where(steps > 0, steps, np.float32(np.inf))[:, None]  # nothing but zeros: zeros
    codes[bad] = 0
    return np.rint(codes, out=codes).astype(np.int8), steps


def _inner(rows: NDArray[Any], query: NDArray[Any]) -> NDArray[np.float32]:
    """The inner product of each row (n, D) with the query (D,), of one type, on all cores."""
    out = np.empty(len(rows), np.float32)

    def part(start: int) -> None:
        run = slice(start, start + ROWS_A_THREAD)
        out[run] = np.asarray(numkong.cdist(rows[run], query[None], "inner", out_dtype="float32"))[:, 0]

    starts = range(0, len(rows), ROWS_A_THREAD)
    if len(starts) == 1:
        part(0)
    else:
        list(_threads.map(part, starts))
    return out
