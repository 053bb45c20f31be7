"""Near pictures have near fingerprints; what turning a picture changes in it is known."""

import io

import pytest
from PIL import Image, ImageEnhance

from photosearch.decode.fingerprint import BITS, FLAT, difference, distance, fingerprint, turned
from photosearch.decode.thumbnail import glimpse, thumbnail
from tests.helpers.photos import picture, sample_photos


@pytest.fixture(scope="module")
def photos() -> list[Image.Image]:
    return [Image.open(path).convert("RGB") for path in sample_photos()]


def known(image: Image.Image) -> int:
    return fingerprint(glimpse(thumbnail(image)))


def compressed(image: Image.Image) -> Image.Image:
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=30)
    return Image.open(buffer)


@pytest.mark.parametrize(
    "edited",
    [
        compressed,
        lambda photo: photo.resize((photo.width // 3, photo.height // 3)),
        lambda photo: ImageEnhance.Brightness(photo).enhance(0.7),
        lambda photo: ImageEnhance.Contrast(photo).enhance(1.3),
        lambda photo: photo.convert("L").convert("RGB"),
    ],
    ids=["compressed", "smaller", "darker", "more contrast", "grey"],
)
def test_an_edit_changes_few_bits(photos, edited):
    assert max(distance(known(photo), known(edited(photo))) for photo in photos) <= 8


def test_other_photos_differ_in_many(photos):
    found = [known(photo) for photo in photos]
    assert min(distance(one, other) for one in found for other in found if one != other) >= 16


@pytest.mark.parametrize("turn", Image.Transpose)
def test_a_turned_photo_has_one_of_eight_that_are_known(photos, turn):
    for photo in photos:
        seen = known(photo.transpose(turn))
        assert min(distance(known(photo), one) for one in turned(seen)) <= 4
        assert distance(known(photo), seen) >= 12  # and not the one of the photo as it was


def test_it_is_a_positive_integer_of_64_bits_and_leads_its_turns():
    for seed in range(20):
        one = known(picture(seed))
        assert 0 < one < 2**BITS
        assert turned(one)[0] == one and len(set(turned(one))) == 8


@pytest.mark.parametrize("size", [(400, 300), (1, 1), (900, 2)])
def test_a_picture_of_one_colour_has_none(size):
    assert known(Image.new("RGB", size, "olive")) == FLAT


def test_a_picture_of_a_single_row_has_one():
    assert known(picture(3, (900, 2))) != FLAT


@pytest.mark.parametrize("size", [(224, 224), (400, 300)])
@pytest.mark.parametrize("turn", [None, *Image.Transpose])
def test_turned_or_saved_again_the_pixels_hardly_differ(photos, turn, size):
    for photo in photos:
        small = photo.resize(size)
        seen = small if turn is None else small.transpose(turn)
        assert difference(thumbnail(small), thumbnail(seen)).average < 2


def test_other_tones_and_other_photos_differ_more(photos):
    one, other = (thumbnail(photo) for photo in photos[:2])
    assert difference(one, thumbnail(ImageEnhance.Brightness(photos[0]).enhance(0.8))).average > 5
    assert difference(one, other).average > 30
