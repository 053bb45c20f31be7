"""TIFFs of numbers, as programs for measuring and for darkrooms write them."""

import io
from typing import Any

import numpy as np
import pytest
import tifffile

from photosearch.decode.image import DecodeError, open_image, read_facts

LEVELS = np.linspace(0.0, 1.0, 90 * 60).reshape(60, 90)
COLOURS = np.stack([LEVELS, LEVELS[::-1], LEVELS[:, ::-1]], axis=-1)  # (60, 90, 3)


def tiff(numbers: np.ndarray, **options: Any) -> bytes:
    file = io.BytesIO()
    tifffile.imwrite(file, numbers, **options)
    return file.getvalue()


def planes(numbers: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(np.moveaxis(numbers, -1, 0))


RGB = {"photometric": "rgb"}
PLANAR = {"photometric": "rgb", "planarconfig": "separate"}
WHOLE_16, WHOLE_32 = (COLOURS * 65535).astype(np.uint16), (COLOURS * (2**32 - 1)).astype(np.uint32)
FLOATS = COLOURS.astype(np.float32)
KINDS = {
    "planes of 16 bits": tiff(planes(WHOLE_16), **PLANAR),
    "planes of 16 bits, the other byte first": tiff(planes(WHOLE_16), **PLANAR, byteorder=">"),
    "planes of 16 bits in strips": tiff(planes(WHOLE_16), **PLANAR, rowsperstrip=7),
    "planes of 16 bits in tiles": tiff(planes(WHOLE_16), **PLANAR, tile=(16, 32)),
    "planes, deflated": tiff(planes(WHOLE_16), **PLANAR, compression="zlib", rowsperstrip=8),
    "32 bits": tiff(WHOLE_32, **RGB),
    "floats": tiff(FLOATS, **RGB),
    "floats in tiles": tiff(FLOATS, **RGB, tile=(32, 16)),
    "floats of another range": tiff(FLOATS * 300 - 20, **RGB),
    "floats of 64 bits": tiff(COLOURS, **RGB),
}


@pytest.mark.parametrize("kind", KINDS)
def test_colours_of_numbers(kind: str) -> None:
    image, facts = open_image(KINDS[kind], at_least=60)
    assert (facts.format, facts.width, facts.height) == ("TIFF", 90, 60)
    assert np.abs(np.asarray(image) / 255 - COLOURS).max() < 0.01


def test_grey_of_32_bits_without_a_sign() -> None:
    image, _ = open_image(tiff((LEVELS * (2**32 - 1)).astype(np.uint32)), at_least=60)
    assert np.abs(np.asarray(image)[..., 0] / 255 - LEVELS).max() < 0.01


def test_what_they_say_is_read_and_they_are_turned() -> None:
    data = tiff(FLOATS, **RGB, description="a beach", extratags=[(274, "H", 1, 6, True)])
    image, facts = open_image(data, at_least=60)
    assert (facts.width, facts.height) == image.size == (60, 90)
    assert facts.caption == "a beach"
    assert read_facts(data).caption == "a beach"


def test_what_is_compressed_otherwise_is_refused_and_not_shown_as_something_else() -> None:
    data = bytearray(KINDS["planes of 16 bits"])
    place = data.index(np.array([259, 3], "<u2").tobytes()) + 8
    data[place] = 5
    with pytest.raises(DecodeError, match="not an image of a kind that can be read"):
        open_image(bytes(data), at_least=60)


@pytest.mark.parametrize("kind", KINDS)
def test_half_of_one_is_damaged(kind: str) -> None:
    with pytest.raises(DecodeError):
        open_image(KINDS[kind][: len(KINDS[kind]) // 2], at_least=60)
