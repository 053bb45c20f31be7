import io

import numpy as np
import pytest
from PIL import Image, ImageEnhance

from photosearch.core.photo import MINIATURE_EDGE
from photosearch.decode.fingerprint import fingerprint
from photosearch.decode.look import look_of
from photosearch.decode.thumbnail import glimpse, thumbnail
from tests.helpers.photos import picture, sample_photos


def miniature(image: Image.Image) -> np.ndarray:
    pixels = np.frombuffer(look_of(glimpse(thumbnail(image))).miniature, np.uint8)
    return pixels.reshape(MINIATURE_EDGE, MINIATURE_EDGE).astype(float)


def test_a_look_has_the_fingerprint_of_the_thumbnail():
    small = thumbnail(picture(1, (600, 400)))
    assert look_of(glimpse(small)).fingerprint == fingerprint(glimpse(small))


@pytest.mark.parametrize("size", [(600, 400), (300, 900), (40, 30), (1, 1)])
def test_a_miniature_is_the_picture_squashed(size):
    image = picture(2, size)
    square = image.convert("L").resize((MINIATURE_EDGE, MINIATURE_EDGE), Image.Resampling.BOX)
    assert np.abs(miniature(image) - np.asarray(square, dtype=float)).mean() < 6


def test_a_brighter_picture_keeps_the_shape_of_its_miniature():
    for path in sample_photos():
        photo = Image.open(path).convert("RGB")
        brighter = ImageEnhance.Brightness(photo).enhance(1.2)
        assert np.corrcoef(miniature(photo).ravel(), miniature(brighter).ravel())[0, 1] > 0.97


def test_a_damaged_thumbnail_is_told():
    whole = thumbnail(picture(3, (512, 384)))
    for damaged in (b"", b"no JPEG", whole[:20], whole[: len(whole) // 2]):
        with pytest.raises(OSError):
            glimpse(damaged)


def test_metadata_change_nothing():
    image = picture(4, (300, 200))
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=80, comment=b"a comment")
    assert look_of(glimpse(buffer.getvalue())) == look_of(glimpse(thumbnail(image)))
