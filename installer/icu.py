"""Qt's ICU without what Qt never asks it for: three quarters of its 32 MB of data, 9 MB of each package.

Names and formats of languages Qt has of its own; ICU sorts texts for it, and knows letters. ICU takes what is
left out for what it never had, which costs names of time zones and encodings beside Unicode.
"""

import struct
import subprocess
from pathlib import Path

_HEADER = struct.Struct(
    "<HHHHB3x4s"
)  # of the data: its size, a magic number, .., .., whether big-endian, kind
_ENTRY = struct.Struct("<II")  # of the list: where a name is and where its data, from the list on
_ALIGNED = 16  # bytes
UNUSED = ("brkitr/", "curr/", "lang/", "rbnf/", "region/", "translit/", "unit/", "zone/")
UNUSED_KINDS = (".cnv", ".spp")  # tables of other encodings than Unicode's, and for names of computers
# The library is this one symbol.
_SOURCE = """\
.section .rodata
.globl {symbol}
.type {symbol}, @object
.balign 16
{symbol}: .incbin "{data}"
.size {symbol}, . - {symbol}
.section .note.GNU-stack, "", @progbits
"""


def link_without_unused(library: Path, target: Path) -> None:
    """Make `libicudata.so` anew, by binutils, with what it holds that is used.

    Raises:
        ValueError: it holds no such data.
    """
    package, data = without_unused(library.read_bytes())
    written = target.with_suffix(".dat")
    written.write_bytes(data)
    source = _SOURCE.format(symbol=f"{package[:-1]}_dat", data=written)
    made = target.with_suffix(".o")
    subprocess.run(["as", "-o", made, "-"], input=source.encode(), check=True)
    subprocess.run(["ld", "-shared", "-s", "-soname", library.name, "-o", target, made], check=True)


def without_unused(library: bytes) -> tuple[str, bytes]:
    """What `libicudata.so` calls its data, as icudt73l, and the data without what is unused.

    Raises:
        ValueError: it holds no such data.
    """
    start = library.find(b"CmnD") - 12
    if start < 0:
        raise ValueError("there is no data of ICU in this library")
    size, magic, _, _, big_endian, _ = _HEADER.unpack_from(library, start)
    if magic != 0x27DA or big_endian:
        raise ValueError("the data of ICU in this library is of another form")
    listed = library[start + size :]
    (count,) = struct.unpack_from("<I", listed)
    places = [_ENTRY.unpack_from(listed, 4 + _ENTRY.size * number) for number in range(count)]
    ends = [*(data for _, data in places[1:]), len(listed)]  # nothing says where the last one ends
    items = [
        (listed[name : listed.index(b"\0", name)].decode("ascii"), listed[data:end])
        for (name, data), end in zip(places, ends, strict=True)
    ]
    package = items[0][0].partition("/")[0]
    kept = [(name, data) for name, data in items if not _is_unused(name)]
    return package, library[start : start + size] + _listed(kept, size)


def _is_unused(name: str) -> bool:
    """By what follows the package's name, such as zone/de.res."""
    item = name.partition("/")[2]
    return item.startswith(UNUSED) or item.endswith(UNUSED_KINDS)


def _listed(items: list[tuple[str, bytes]], header: int) -> bytes:
    """The list of the items, their names, and each item where a multiple of 16 bytes begins."""
    names = b"".join(name.encode("ascii") + b"\0" for name, _ in items)
    name, data = 4 + _ENTRY.size * len(items), b""
    begin = name + len(names)
    begin += -(header + begin) % _ALIGNED
    entries = struct.pack("<I", len(items))
    for label, content in items:
        entries += _ENTRY.pack(name, begin + len(data))
        name += len(label) + 1
        data += content + bytes(-len(content) % _ALIGNED)
    return (entries + names).ljust(begin, b"\0") + data
