"""How far a long step is, in one line on stderr, only where a person watches."""

import sys
from collections.abc import Iterable, Iterator
from typing import TypeVar

from photosearch.core.progress import Rate

T = TypeVar("T")


def track(items: Iterable[T], total: int, label: str) -> Iterator[T]:
    """Pass `items` on; on a TTY say how many are done, how fast, and how long the rest takes."""
    if not sys.stderr.isatty():
        yield from items
        return
    rate = Rate()
    for done, item in enumerate(items):
        per_second = rate.add(done)
        left = f", {(total - done) / per_second:.0f} s left" if per_second else ""
        sys.stderr.write(f"\r\033[K{label}: {done} of {total}, {per_second:.1f}/s{left}")
        sys.stderr.flush()
        yield item
    sys.stderr.write(f"\r\033[K{label}: {total} done\n")
