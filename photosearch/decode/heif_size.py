"""The sizes that a HEIC says of its pictures, put right where others are coded, which its decoder refuses."""

import struct
from collections.abc import Iterator
from typing import NamedTuple

_SPS = 33  # the kind of unit that has the size, of ITU-T H.265
_SUB_SAMPLING = {0: (1, 1), 1: (2, 2), 2: (2, 1), 3: (1, 1)}  # by chroma_format_idc: across, down
_MOST_SUB_LAYERS = 7
_MOST_BOXES, _LARGEST_TABLE = 10_000, 1 << 20  # of one box; bytes
_LONGEST_SET, _LONGEST_CODE = 512, 32  # bytes of the beginning, where the size is; bits


class _Box(NamedTuple):
    kind: bytes
    start: int  # of what is in it
    end: int


def with_coded_sizes(data: bytes) -> bytes | None:
    """The same file with each picture said to be as large as it is coded; None where nothing changes.

    The boxes are those of ISO/IEC 23008-12: `ispe` says a size, `hvcC` holds what was coded, and `ipma` which
    of both belong to one picture.
    """
    try:
        wrong = dict(_wrong_sizes(data))
    except (struct.error, LookupError, ValueError):
        return None
    if not wrong:
        return None
    mended = bytearray(data)
    for place, size in wrong.items():
        struct.pack_into(">II", mended, place, *size)
    return bytes(mended)


def _wrong_sizes(data: bytes) -> Iterator[tuple[int, tuple[int, int]]]:
    """-> where a size is said that is wrong, and the right one (width, height)."""
    meta = _only(data, b"meta", 0, len(data))
    properties = _only(data, b"iprp", meta.start + 4, meta.end)
    listed = list(_boxes(data, *_only(data, b"ipco", properties.start, properties.end)[1:]))
    for numbers in _properties_of_items(data, _only(data, b"ipma", properties.start, properties.end)):
        boxes = {listed[number - 1].kind: listed[number - 1] for number in numbers if number}
        if b"ispe" in boxes and b"hvcC" in boxes:
            place = boxes[b"ispe"].start + 4
            size = _coded_size(data[boxes[b"hvcC"].start : boxes[b"hvcC"].end])
            if size != struct.unpack_from(">II", data, place):
                yield place, size


def _boxes(data: bytes, start: int, end: int) -> Iterator[_Box]:
    for _ in range(_MOST_BOXES):
        if start + 8 > end:
            return
        size, kind = struct.unpack_from(">I4s", data, start)
        if size < 8:  # in 64 bits, or to the end: not among these
            raise ValueError("a box of no size")
        yield _Box(kind, start + 8, min(start + size, end))
        start += size


def _only(data: bytes, kind: bytes, start: int, end: int) -> _Box:
    for box in _boxes(data, start, end):
        if box.kind == kind:
            return box
    raise LookupError(kind)


def _properties_of_items(data: bytes, box: _Box) -> Iterator[list[int]]:
    """The numbers of the properties, from 1, of each item of an `ipma`."""
    version, flags = data[box.start], data[box.start + 3]
    (count,) = struct.unpack_from(">I", data, box.start + 4)
    if box.end - box.start > _LARGEST_TABLE:
        raise ValueError("more than any picture has")
    place = box.start + 8
    for _ in range(count):
        place += 2 if version < 1 else 4  # the item
        if place >= box.end:
            raise ValueError("fewer items than it says")
        number = data[place]
        place += 1
        if flags & 1:
            wide = struct.unpack_from(f">{number}H", data, place)
            yield [value & 0x7FFF for value in wide]
            place += 2 * number
        else:
            yield [value & 0x7F for value in data[place : place + number]]
            place += number


def _coded_size(configuration: bytes) -> tuple[int, int]:
    """(width, height) that a decoder gives, by the first sequence parameter set of an `hvcC`."""
    place = 23
    for _ in range(configuration[22]):
        kind, units = configuration[place] & 0x3F, struct.unpack_from(">H", configuration, place + 1)[0]
        place += 3
        for _ in range(units):
            (length,) = struct.unpack_from(">H", configuration, place)
            if kind == _SPS:
                return _size_in(configuration[place + 2 : place + 2 + length])
            place += 2 + length
    raise LookupError("no sequence parameter set")


def _size_in(unit: bytes) -> tuple[int, int]:
    bits = _Bits(unit[2:_LONGEST_SET].replace(b"\0\0\3", b"\0\0"))
    bits.take(4)
    layers = bits.take(3)
    if layers >= _MOST_SUB_LAYERS:
        raise ValueError("more layers than there are")
    bits.take(1 + 96)
    if layers:
        has = [bits.take(2) for _ in range(8)]
        bits.take(sum(88 * (each >> 1) + 8 * (each & 1) for each in has[:layers]))
    bits.number()
    chroma = bits.number()
    if chroma == 3:
        bits.take(1)
    width, height = bits.number(), bits.number()
    if bits.take(1):
        left, right, top, bottom = (bits.number() for _ in range(4))
        across, down = _SUB_SAMPLING[chroma]
        width, height = width - across * (left + right), height - down * (top + bottom)
    if not (0 < width < 1 << 16 and 0 < height < 1 << 16):
        raise ValueError("no size")
    return width, height


class _Bits:
    """The bits of a unit, one after the other."""

    def __init__(self, data: bytes) -> None:
        self._value, self._left = int.from_bytes(data, "big"), 8 * len(data)

    def take(self, count: int) -> int:
        """The next so many, as a number.

        Raises:
            ValueError: there are no more.
        """
        self._left -= count
        if self._left < 0:
            raise ValueError("the unit ends early")
        return self._value >> self._left & ((1 << count) - 1)

    def number(self) -> int:
        """A whole number as Exp-Golomb codes have it."""
        zeros = 0
        while not self.take(1):
            zeros += 1
            if zeros > _LONGEST_CODE:
                raise ValueError("a number too large")
        return (1 << zeros) - 1 + self.take(zeros)
