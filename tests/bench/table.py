"""The bench's rows, and how they are timed and printed."""

import statistics
import time
from collections.abc import Callable, Sequence

import msgspec


class Row(msgspec.Struct, frozen=True):
    """One figure beside its reference; `ratio` is how many times better than the reference it is."""

    what: str
    value: str
    reference: str = ""
    ratio: float | None = None


def median_seconds(
    work: Callable[[], object], repeats: int = 7, clock: Callable[[], float] = time.perf_counter
) -> float:
    """Median time of `work` after one run to warm up: by the wall's clock, or by another."""
    return median_seconds_of([work], repeats, clock)[0]


def median_seconds_of(
    works: Sequence[Callable[[], object]], repeats: int = 7, clock: Callable[[], float] = time.process_time
) -> list[float]:
    """As median_seconds(), of several that take turns, so that a busy moment falls on each: a core's time."""
    times: list[list[float]] = [[] for _ in works]
    for turn in range(1 + repeats):
        for work, of_work in zip(works, times, strict=True):
            start = clock()
            work()
            if turn:
                of_work.append(clock() - start)
    return [statistics.median(of_work) for of_work in times]


def print_table(rows: Sequence[Row]) -> None:
    cells = [("what", "here", "reference", "ratio"), ("---",) * 4]
    cells += [(r.what, r.value, r.reference, "" if r.ratio is None else f"{r.ratio:.2f}×") for r in rows]
    for row in cells:
        print("| " + " | ".join(row) + " |")
