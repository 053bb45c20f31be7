"""Qt's ICU without what Qt never asks it for: three quarters of its data, and 9 MB of each package.

Names and formats of languages Qt has of its own; ICU sorts texts for it, and knows letters. What is taken
out is filled with zeros, as the library is to stay laid out as it was, and is not in the list of what there
is. So ICU takes it for what it never had, which costs names of time zones and encodings beside Unicode.
"""

import struct

_HEADER = struct.Struct(
    "<HHHHB3x4s"
)  # of the data: its size, a magic number, .., .., whether big-endian, kind
_ENTRY = struct.Struct("<II")  # of the list: where a name is and where its data, from the list on
UNUSED = ("brkitr/", "curr/", "lang/", "rbnf/", "region/", "translit/", "unit/", "zone/")
UNUSED_KINDS = (".cnv", ".spp")  # tables of other encodings than Unicode's, and for names of computers


def without_unused(library: bytes) -> bytes:
    """`libicudata.so` with its data trimmed, of the same length.

    Raises:
        ValueError: it holds no such data.
    """
    start = library.find(b"CmnD") - 12
    if start < 0:
        raise ValueError("there is no data of ICU in this library")
    size, magic, _, _, big_endian, kind = _HEADER.unpack_from(library, start)
    if magic != 0x27DA or big_endian or kind != b"CmnD":
        raise ValueError("the data of ICU in this library is of another form")
    listed = start + size
    (count,) = struct.unpack_from("<I", library, listed)
    places = [_ENTRY.unpack_from(library, listed + 4 + _ENTRY.size * number) for number in range(count)]
    trimmed, kept = bytearray(library), []
    for (name, data), (_, following) in zip(places, [*places[1:], places[-1]], strict=True):
        if _is_unused(library[listed + name : library.index(b"\0", listed + name)].decode("ascii")):
            trimmed[listed + data : listed + following] = bytes(following - data)
        else:
            kept.append((name, data))
    struct.pack_into("<I", trimmed, listed, len(kept))
    for number, place in enumerate(kept):
        _ENTRY.pack_into(trimmed, listed + 4 + _ENTRY.size * number, *place)
    return bytes(trimmed)


def _is_unused(name: str) -> bool:
    """By what follows the package's name, such as zone/de.res."""
    item = name.partition("/")[2]
    return item.startswith(UNUSED) or item.endswith(UNUSED_KINDS)
