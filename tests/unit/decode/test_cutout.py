"""A picture that was cut out of another fits into it; others do not."""

import itertools

import pytest
from PIL import Image, ImageEnhance, ImageOps

from photosearch.decode.cutout import cut_out
from photosearch.decode.thumbnail import thumbnail
from tests.helpers.photos import sample_photos


@pytest.fixture(scope="module")
def photos() -> list[Image.Image]:
    return [Image.open(path).convert("RGB") for path in sample_photos()]


def part(photo: Image.Image, left: float, top: float, right: float, bottom: float) -> Image.Image:
    width, height = photo.size
    return photo.crop((int(left * width), int(top * height), int(right * width), int(bottom * height)))


@pytest.mark.parametrize(
    "edited",
    [
        lambda photo: part(photo, 0.1, 0.2, 0.85, 0.95),
        lambda photo: part(photo, 0.4, 0.45, 0.95, 1.0),
        lambda photo: part(photo, 0.0, 0.25, 1.0, 0.8),
        lambda photo: ImageEnhance.Brightness(part(photo, 0.2, 0.2, 0.9, 0.9)).enhance(0.6),
        lambda photo: ImageOps.expand(photo, photo.width // 8, "white"),
    ],
    ids=["three quarters", "half", "a strip", "and darker", "framed"],
)
def test_a_part_fits_into_the_whole_in_either_order(photos, edited):
    for photo in photos:
        whole, cut = thumbnail(photo), thumbnail(edited(photo))
        assert cut_out(whole, cut) >= 0.9
        assert cut_out(cut, whole) == cut_out(whole, cut)


def test_other_photos_do_not_fit_into_each_other(photos):
    small = [thumbnail(photo) for photo in photos]
    assert max(cut_out(one, other) for one, other in itertools.combinations(small, 2)) < 0.8


@pytest.mark.parametrize("size", [(400, 300), (1, 1), (900, 2), (2, 900)])
def test_nothing_fits_into_a_picture_of_one_colour(photos, size):
    flat = thumbnail(Image.new("RGB", size, "olive"))
    assert cut_out(flat, flat) == cut_out(flat, thumbnail(photos[0])) == 0.0
