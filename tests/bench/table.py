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
    work()
    times = []
    for _ in range(repeats):
        start = clock()
        work()
        times.append(clock() - start)
    return statistics.median(times)


def print_table(rows: Sequence[Row]) -> None:
    cells = [("what", "here", "reference", "ratio"), ("---",) * 4]
    cells += [(r.what, r.value, r.reference, "" if r.ratio is None else f"{r.ratio:.2f}×") for r in rows]
    for row in cells:
        print("| " + " | ".join(row) + " |")
