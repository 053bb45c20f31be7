import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from photosearch.core.encoder import Preprocessing
from photosearch.decode.fit import fit
from tests.helpers.photos import picture

RED, BLUE = (255, 0, 0), (0, 0, 255)


def preprocessing(size=32, how="squash", interpolation="bicubic"):
    return Preprocessing(size, how, interpolation, (127.0,) * 3, (128.0,) * 3)


@given(
    width=st.integers(1, 400),
    height=st.integers(1, 400),
    size=st.integers(1, 64),
    how=st.sampled_from(["squash", "crop"]),
    interpolation=st.sampled_from(["bilinear", "bicubic"]),
)
@settings(max_examples=50)
def test_any_photo_becomes_the_square(width, height, size, how, interpolation):
    square = fit(Image.new("RGB", (width, height), RED), preprocessing(size, how, interpolation))

    assert square.shape == (size, size, 3) and square.dtype == np.uint8
    assert (square == RED).all()


def panorama():
    """Red, with a blue quarter at either end."""
    image = Image.new("RGB", (400, 200), RED)
    image.paste(BLUE, (0, 0, 100, 200))
    image.paste(BLUE, (300, 0, 400, 200))
    return image


def test_squash_keeps_the_whole_photo():
    row = fit(panorama(), preprocessing())[16]
    assert (row[:7] == BLUE).all() and (row[10:22] == RED).all() and (row[-7:] == BLUE).all()


def test_crop_keeps_the_centre():
    assert (fit(panorama(), preprocessing(how="crop"))[:, 2:-2] == RED).all()


def test_zoom_keeps_that_share_about_the_centre():
    squashed = msgspec.structs.replace(preprocessing(), zoom=0.5)
    assert (fit(panorama(), squashed)[:, 2:-2] == RED).all()
    image = picture(1, (120, 80))
    cropped = msgspec.structs.replace(preprocessing(40, "crop"), zoom=0.5)
    assert (fit(image, cropped) == image.crop((40, 20, 80, 60))).all()
    squashed = msgspec.structs.replace(cropped, fit="squash")
    assert (fit(image, squashed) == image.resize((80, 80)).crop((20, 20, 60, 60))).all()


@pytest.mark.parametrize("edges", [(48, 75), (75, 48), (97, 48), (48, 48)])
def test_a_crop_is_of_whole_pixels_of_the_resized_photo(edges):
    pixels = np.random.default_rng(0).integers(0, 256, (*edges, 3), dtype=np.uint8)
    top, left = ((edge - 48) // 2 for edge in edges)  # of an odd rest one pixel more is left on the far side
    found = fit(Image.fromarray(pixels), preprocessing(48, "crop"))
    assert (found == pixels[top : top + 48, left : left + 48]).all()


@pytest.mark.parametrize("interpolation", ["bilinear", "bicubic", "lanczos", "box", "hamming"])
def test_an_interpolation_is_pillows(interpolation):
    image = picture(1, (90, 70))
    expected = image.resize((32, 32), Image.Resampling[interpolation.upper()])
    assert (fit(image, preprocessing(interpolation=interpolation)) == expected).all()


def test_of_the_longest_panorama_the_middle_alone_is_resized_for_a_crop():
    image = picture(1, (6_000, 2))
    middle = image.crop((2_984, 0, 3_016, 2))
    assert (fit(image, preprocessing(48, "crop")) == fit(middle, preprocessing(48, "crop"))).all()


@pytest.mark.parametrize("how", ["squash", "crop"])
def test_shrinking_a_large_photo_in_two_steps_looks_as_in_one(how):
    image = picture(1, (1600, 1200))
    once = image.resize((32 if how == "squash" else 42, 32), Image.Resampling.BICUBIC)
    left = (once.width - 32) // 2
    reference = np.asarray(once.crop((left, 0, left + 32, 32)), dtype=int)
    assert np.abs(fit(image, preprocessing(how=how)) - reference).max() <= 3


def test_a_photo_is_resampled_as_it_was_for_the_vectors_of_old_libraries():
    image = picture(1, (1000, 750))  # what 12 megapixels are decoded to
    assert (fit(image, preprocessing(260)) == image.resize((260, 260), Image.Resampling.BICUBIC)).all()
