import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.helpers.photos import picture
from trainer.data.augment import (
    STORED_MARGIN,
    VIEWS,
    Augment,
    ImageAugment,
    TextAugment,
    augment_image,
    augment_text,
    says_left_or_right,
)

PHOTO = np.asarray(picture(3, (56, 56)))


def augmented(settings: ImageAugment, seed: int = 0, size: int = 56, may_flip: bool = True):
    return augment_image(PHOTO, size, settings, np.random.default_rng(seed), may_flip=may_flip)


def test_nothing_happens_by_default() -> None:
    assert not Augment().image.active
    assert Augment().margin() == 1.0
    assert (augmented(ImageAugment()) == PHOTO).all()
    assert augment_text("A Dog runs", TextAugment(), np.random.default_rng(0)) == "A Dog runs"


def test_the_same_generator_gives_the_same_view() -> None:
    assert (augmented(VIEWS, 1) == augmented(VIEWS, 1)).all()
    assert not (augmented(VIEWS, 1) == augmented(VIEWS, 2)).all()


def test_a_flip_mirrors_and_may_be_forbidden() -> None:
    always = ImageAugment(flip=1.0)
    assert (augmented(always) == PHOTO[:, ::-1]).all()
    assert (augmented(always, may_flip=False) == PHOTO).all()


def test_forbidding_the_flip_changes_nothing_else() -> None:
    settings = msgspec.structs.replace(VIEWS, flip=1.0, crop_area=(1.0, 1.0))
    assert np.allclose(augmented(settings)[:, ::-1], augmented(settings, may_flip=False), atol=1)


def test_crops_are_parts_of_the_photo_at_the_size_asked_for() -> None:
    settings = ImageAugment(crop_area=(0.2, 0.5))
    assert Augment(image=settings).margin() == STORED_MARGIN
    assert Augment().margin(views=True) == STORED_MARGIN
    ramp = np.repeat(np.arange(0, 224, 4, dtype=np.uint8)[None, :, None], 56, axis=0).repeat(3, axis=2)
    for seed in range(20):
        crop = augment_image(ramp, 32, settings, np.random.default_rng(seed), may_flip=True)
        assert crop.shape == (32, 32, 3)
        assert 0.2 * 220 < int(crop[0, -1, 0]) - int(crop[0, 0, 0]) < 0.85 * 220


def test_grey_has_no_colour_and_keeps_the_light() -> None:
    grey = augmented(ImageAugment(grayscale=1.0))
    assert (grey[..., 0] == grey[..., 1]).all() and (grey[..., 1] == grey[..., 2]).all()
    expected = np.asarray(picture(3, (56, 56)).convert("L"))
    assert np.abs(grey[..., 0].astype(int) - expected).max() <= 1


def test_jitter_changes_one_thing_at_a_time() -> None:
    grey = np.full((16, 16, 3), 100, np.uint8)
    for only in ("saturation", "hue", "contrast"):  # none of which changes a flat grey
        jitter = {"brightness": 0.0, "contrast": 0.0, "saturation": 0.0, "hue": 0.0, only: 0.5}
        found = augment_image(
            grey, 16, ImageAugment(jitter=1.0, **jitter), np.random.default_rng(4), may_flip=True
        )
        assert np.abs(found.astype(int) - 100).max() <= 1, only
    bright = ImageAugment(jitter=1.0, brightness=0.5, contrast=0.0, saturation=0.0, hue=0.0)
    levels = {
        augment_image(grey, 16, bright, np.random.default_rng(s), may_flip=True)[0, 0, 0] for s in range(9)
    }
    assert all(50 <= level <= 150 for level in levels) and len(levels) > 5


def test_blur_smooths() -> None:
    noise = np.random.default_rng(0).integers(0, 256, (224, 224, 3), dtype=np.uint8)
    blurred = augment_image(noise, 224, ImageAugment(blur=1.0), np.random.default_rng(1), may_flip=True)
    assert blurred.std() < 0.8 * noise.std()


@pytest.mark.parametrize(
    "caption",
    ["A dog on the LEFT of a cat", "turning right", "a sign that says stop", "左边有一只狗", "Собака слева"],
)
def test_sides_and_writing_are_noticed(caption: str) -> None:
    assert says_left_or_right(caption)


@pytest.mark.parametrize(
    "caption", ["a bright day", "a cleft rock", "two dogs play", "一只狗", "a wordy man"]
)
def test_other_captions_may_be_mirrored(caption: str) -> None:
    assert not says_left_or_right(caption)


captions = st.lists(st.text("abcdé", min_size=1, max_size=6), min_size=1, max_size=12).map(" ".join)
parts = st.floats(0, 1)


@given(captions, parts, parts, parts, st.integers(0, 99))
def test_an_augmented_caption_has_only_words_of_its_own(
    caption: str, drop: float, swap: float, lower: float, seed: int
) -> None:
    text = augment_text(caption, TextAugment(drop, swap, lower), np.random.default_rng(seed))
    words, kept = caption.lower().split(), text.lower().split()
    assert kept
    for word in kept:
        words.remove(word)  # raises where it was not there often enough
    if not drop:
        assert not words


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ('{"image": {"flip": 1.5}}', "<= 1"),
        ('{"image": {"hue": 0.7}}', "<= 0.5"),
        ('{"image": {"crop_area": [0.8, 0.2]}}', "crop_area"),
        ('{"views": {"crop_aspect": [2.0, 1.0]}}', "crop_aspect"),
        ('{"text": {"drop": 0.1}}', "unknown field"),
    ],
)
def test_settings_are_checked(text: str, wrong: str) -> None:
    with pytest.raises(msgspec.ValidationError, match=wrong):
        msgspec.json.decode(text, type=Augment)


def test_words_give_way_to_synonyms_with_the_right_article_and_capital() -> None:
    always = TextAugment(synonyms=1.0)
    said = {
        augment_text("A picture of an automobile, and Dogs", always, np.random.default_rng(seed))
        for seed in range(40)
    }
    firsts = {"A photo", "An image", "A photograph", "A snapshot"}
    assert said == {f"{first} of a car, and Hounds" for first in firsts}


@given(st.text(), st.integers(0, 99))
def test_a_caption_without_such_words_stays(caption: str, seed: int) -> None:
    spelt = caption.lower().translate(str.maketrans("aeiou", "xxxxx"))
    words = " ".join(spelt.split())
    assert augment_text(words, TextAugment(synonyms=1.0), np.random.default_rng(seed)) == words
