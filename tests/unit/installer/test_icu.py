import ctypes
import shutil
import struct
import sys
from pathlib import Path

import pytest

from installer.icu import link_without_unused, without_unused

ITEMS = {
    "icudt73l/coll/zh.res": b"how to sort",
    "icudt73l/gb18030.cnv": b"an encoding",
    "icudt73l/root.res": b"the root",
    "icudt73l/zone/de.res": b"names of zones",
    "icudt73l/zoneinfo64.res": b"zones",
}


def library(items: dict[str, bytes]) -> bytes:
    """A library with data laid out as ICU's common data is: a header, a list, names, what they name."""
    header = struct.pack("<HHHHBBBB4s", 32, 0x27DA, 20, 0, 0, 0, 2, 0, b"CmnD").ljust(32, b"\0")
    names = [name.encode() + b"\0" for name in items]
    name, data = 4 + 8 * len(items), 4 + 8 * len(items) + sum(map(len, names))
    listed = struct.pack("<I", len(items))
    for label, content in zip(names, items.values(), strict=True):
        listed += struct.pack("<II", name, data)
        name, data = name + len(label), data + len(content)
    return b"\x7fELF and code" + header + listed + b"".join(names) + b"".join(items.values())


def items_of(data: bytes) -> dict[str, bytes]:
    """What the list of some data names, with the bytes that are there."""
    (count,) = struct.unpack_from("<I", data, 32)
    found = {}
    for number in range(count):
        name, place = struct.unpack_from("<II", data, 36 + 8 * number)
        assert not place % 16
        label = data[32 + name : data.index(b"\0", 32 + name)].decode()
        found[label] = data[32 + place :][: len(ITEMS[label])]
    return found


def test_what_sorts_stays_and_the_rest_is_gone() -> None:
    package, data = without_unused(library(ITEMS))
    assert package == "icudt73l"
    kept = ("icudt73l/coll/zh.res", "icudt73l/root.res", "icudt73l/zoneinfo64.res")
    assert items_of(data) == {name: ITEMS[name] for name in kept}
    assert b"an encoding" not in data and b"names of zones" not in data


@pytest.mark.skipif(sys.platform != "linux" or not shutil.which("ld"), reason="takes the linker of Linux")
def test_the_library_is_made_anew_around_it(tmp_path: Path) -> None:
    old, new = tmp_path / "libicudata.so.73", tmp_path / "new" / "libicudata.so.73"
    old.write_bytes(library(ITEMS))
    new.parent.mkdir()
    link_without_unused(old, new)
    size = len(without_unused(library(ITEMS))[1])
    linked = (ctypes.c_char * size).in_dll(ctypes.CDLL(str(new)), "icudt73_dat")
    assert bytes(linked) == without_unused(library(ITEMS))[1]


@pytest.mark.parametrize("data", [b"", b"\x7fELF without", library(ITEMS).replace(b"\xda\x27", b"\0\0")])
def test_what_is_no_such_library_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match="ICU"):
        without_unused(data)
