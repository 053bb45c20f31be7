"""Threads that run torch on one core each.

Torch splits each operation over all cores and waits at its end for the slowest. On a machine that also
decodes photos that wait is long. Measured on two busy cores: a query took 13 to 480 ms so, and 12 to 16 ms on
one core; EfficientNet-lite2 encoded 2 to 6 times as many photos a second with each core on photos of its own.
"""

import threading
from concurrent.futures import ThreadPoolExecutor

import torch


def single_core_threads(count: int) -> ThreadPoolExecutor:
    """An executor of `count` threads, all started, in which torch operations use one core."""
    before = torch.get_num_threads()
    started = threading.Barrier(count + 1)

    def start() -> None:
        torch.get_num_threads()  # a thread takes the process's number at its first look: let that be past
        torch.set_num_threads(1)
        started.wait()

    executor = ThreadPoolExecutor(count, thread_name_prefix="encoder", initializer=start)
    for _ in range(count):
        executor.submit(int)  # starts a thread, as none is idle before the barrier opens
    started.wait()
    torch.set_num_threads(before)  # the last value set is also what threads of other parts begin with
    return executor
