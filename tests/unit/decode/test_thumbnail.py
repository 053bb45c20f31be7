import io

import numpy as np
import pytest
from PIL import Image

from photosearch.decode.thumbnail import EDGE, average_colour, glimpse, thumbnail
from tests.helpers.photos import picture, sample_photos


def shown(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        ((1600, 1200), (512, 384)),
        ((300, 900), (171, 512)),
        ((64, 48), (64, 48)),  # never enlarged
        ((1000, 750), (500, 375)),  # by a whole factor, where that is near
        ((1008, 756), (504, 378)),
        ((9000, 2), (500, 1)),
    ],
)
def test_long_edge(size, expected):
    small = shown(thumbnail(picture(1, size)))
    assert small.format == "JPEG" and small.size == expected and max(small.size) <= EDGE


def test_looks_like_the_photo():
    image = picture(2, (1024, 1024))
    reference = np.asarray(image.resize((512, 512)), dtype=int)
    assert np.abs(np.asarray(shown(thumbnail(image)), dtype=int) - reference).mean() < 2


@pytest.mark.parametrize("size", [(1000, 750), (1150, 860)], ids=["whole factor", "filtered"])
def test_a_real_photo_loses_neither_detail_nor_edges(size):
    for path in sample_photos():
        photo = Image.open(path).convert("RGB").resize(size, Image.Resampling.BICUBIC)
        small = shown(thumbnail(photo))
        best = np.asarray(photo.resize(small.size, Image.Resampling.LANCZOS).convert("L"), dtype=int)
        seen = np.asarray(small.convert("L"), dtype=int)
        assert np.abs(seen - best).mean() < 4
        assert np.abs(np.diff(seen)).mean() > 0.84 * np.abs(np.diff(best)).mean()


def test_carries_nothing_but_the_picture():
    image = picture(3)
    image.info = {
        "comment": b"where I live",
        "exif": b"Exif\0\0secret",
        "icc_profile": b"secret",
        "xmp": b"secret",
    }
    data = thumbnail(image)
    assert b"secret" not in data and b"where I live" not in data and not shown(data).getexif()


def test_the_average_colour_is_that_of_the_picture():
    image = picture(3, (1600, 1200))
    average = np.frombuffer(average_colour(glimpse(thumbnail(image))), np.uint8).astype(float)
    np.testing.assert_allclose(average, np.asarray(image).mean(axis=(0, 1)), atol=4)
    flat = average_colour(glimpse(thumbnail(Image.new("RGB", (5, 900), "#3060c0"))))
    assert list(flat) == pytest.approx([0x30, 0x60, 0xC0], abs=3)
