"""How much memory the machine has, and what was freed and the C library keeps."""

import ctypes
import sys

import psutil


def machine_memory() -> int:
    """Of the whole machine, bytes."""
    return int(psutil.virtual_memory().total)


def give_memory_back() -> None:
    """Have glibc return it to the system: what large blocks lay in it would keep for ever."""
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # other C libraries have none
        if trim is not None:
            trim(0)
