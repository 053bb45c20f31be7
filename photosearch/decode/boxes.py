"""The boxes that ISO's containers are made of (ISO/IEC 14496-12): of CR3, and of JPEG XL."""

import struct
from collections.abc import Iterator
from typing import NamedTuple

_TO_THE_END, _IN_64_BITS = 0, 1  # what a size says instead of a number


class Box(NamedTuple):
    """A box, and where in the file its content is."""

    kind: bytes
    start: int
    end: int


def boxes(data: bytes, start: int, end: int) -> Iterator[Box]:
    """Those between two places, until one that makes no sense; the last may end early."""
    while start + 8 <= end:
        size, kind = struct.unpack_from(">I4s", data, start)
        head = 8
        if size == _IN_64_BITS and start + 16 <= end:
            (size,), head = struct.unpack_from(">Q", data, start + 8), 16
        if size == _TO_THE_END:
            size = end - start
        if size < head:
            return
        yield Box(kind, start + head, min(start + size, end))
        start += size
