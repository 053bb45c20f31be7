import struct

import pytest

from installer.icu import without_unused

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


def listed(data: bytes) -> dict[str, bytes]:
    """What the list of a library names, with the bytes that are there."""
    start = data.index(b"CmnD") - 12 + 32
    (count,) = struct.unpack_from("<I", data, start)
    found = {}
    for number in range(count):
        name, place = struct.unpack_from("<II", data, start + 4 + 8 * number)
        label = data[start + name : data.index(b"\0", start + name)].decode()
        found[label] = data[start + place :][: len(ITEMS[label])]
    return found


def test_what_sorts_stays_and_the_rest_is_neither_listed_nor_there() -> None:
    before = library(ITEMS)
    after = without_unused(before)
    assert len(after) == len(before)
    kept = ("icudt73l/coll/zh.res", "icudt73l/root.res", "icudt73l/zoneinfo64.res")
    assert listed(after) == {name: ITEMS[name] for name in kept}
    assert b"an encoding" not in after and b"names of zones" not in after


@pytest.mark.parametrize("data", [b"", b"\x7fELF without", library(ITEMS).replace(b"\xda\x27", b"\0\0")])
def test_what_is_no_such_library_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match="ICU"):
        without_unused(data)
