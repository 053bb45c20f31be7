"""Memory that was freed, and that the C library keeps."""

import ctypes
import sys


def give_memory_back() -> None:
    """Have glibc return it to the system: what large blocks lay in it would keep for ever."""
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # other C libraries have none
        if trim is not None:
            trim(0)
