"""Grey of which fewer than 16 bits are used."""

import io
import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from photosearch.decode.depth import in_8_bits
from photosearch.decode.image import open_image


def grey(values: list[int], fmt: str, **options: object) -> list[int]:
    """What is seen of patches of these numbers."""
    patches = np.repeat(np.array(values, np.uint16), 40)[None].repeat(40, axis=0)
    buffer = io.BytesIO()
    Image.fromarray(patches).save(buffer, fmt, **options)
    image, _ = open_image(buffer.getvalue(), at_least=40)
    return np.asarray(image)[20, 20::40, 0].tolist()


@pytest.mark.parametrize("fmt", ["PNG", "TIFF"])
@pytest.mark.parametrize("bits", [8, 10, 12, 16])
def test_the_bits_that_are_used_go_from_black_to_white(fmt: str, bits: int) -> None:
    white = (1 << bits) - 1
    assert grey([0, white // 2, white], fmt) == [0, 127, 255]


def test_the_dark_stays_dark() -> None:
    assert grey([0, 3], "PNG") == [0, 3]
    assert grey([0, 16_383], "PNG") == [0, 63]


@pytest.mark.parametrize("tag", [281, 341])
def test_a_tiff_may_say_what_white_is_and_is_believed_where_that_may_be(tag: int) -> None:
    assert grey([0, 8191, 16_383], "TIFF", tiffinfo={tag: 16_383}) == [0, 127, 255]
    assert grey([0, 30_000, 60_000], "TIFF", tiffinfo={tag: 1023}) == [0, 117, 234]


def test_a_tiff_of_12_bits_a_number() -> None:
    rows = bytes([0x00, 0x07, 0xFF]) * 16 + bytes([0xFF, 0xF0, 0x00]) * 16  # 0, 2047; 4095, 0
    tags = [(256, 4, 32), (257, 4, 2), (258, 3, 12), (259, 3, 1), (262, 3, 1), (273, 4, 8), (277, 3, 1)]
    tags += [(278, 4, 2), (279, 4, len(rows))]
    entries = b"".join(struct.pack("<HHII", tag, kind, 1, value) for tag, kind, value in tags)
    header = b"II*\0" + struct.pack("<I", 8 + len(rows))
    data = header + rows + struct.pack("<H", len(tags)) + entries + bytes(4)
    image, _ = open_image(data, at_least=2)
    assert np.asarray(image)[:, :2, 0].tolist() == [[0, 127], [255, 0]]


@given(st.lists(st.integers(0, 65_535), min_size=1, max_size=20), st.none() | st.integers(0, 70_000))
def test_what_is_lighter_stays_lighter(values: list[int], white: int | None) -> None:
    seen = in_8_bits(np.array(sorted(values), np.uint16), white)
    assert seen.dtype == np.uint8 and (np.diff(seen.astype(int)) >= 0).all()
