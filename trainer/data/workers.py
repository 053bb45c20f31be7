"""Threads that read photos."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager


@contextmanager
def workers(count: int | None = None) -> Iterator[ThreadPoolExecutor]:
    """Threads for a block; where it is left early, as by Ctrl-C, what none has begun is dropped.

    Args:
        count: None: a few more than there are cores
    """
    pool = ThreadPoolExecutor(count)
    try:
        yield pool
    finally:
        pool.shutdown(cancel_futures=True)
