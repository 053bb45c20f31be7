import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from tests.helpers.photos import sample_photos
from trainer.data.near_duplicates import THRESHOLD, difference_hash, fingerprint, group


def by_all_pairs(values: list[int], threshold: int) -> list[int]:
    """Groups found the slow way: each joins those of every value that is close to it."""
    groups = list(range(len(values)))
    for a in range(len(values)):
        for b in range(a):
            if (values[a] ^ values[b]).bit_count() <= threshold:
                old, new = groups[a], groups[b]
                groups = [new if g == old else g for g in groups]
    numbers = {g: n for n, g in enumerate(dict.fromkeys(groups))}
    return [numbers[g] for g in groups]


bits = st.lists(st.integers(0, 63), max_size=9).map(lambda places: sum(1 << p for p in set(places)))


@given(st.lists(bits, max_size=40), st.integers(0, 6))
def test_groups_are_those_of_comparing_all_with_all(values: list[int], threshold: int) -> None:
    assert group(np.array(values, np.uint64), threshold).tolist() == by_all_pairs(values, threshold)


def test_a_chain_of_close_ones_is_one_group() -> None:
    chain = [(1 << (3 * step)) - 1 for step in range(10)]
    assert group(np.array([*chain, 2**64 - 1], np.uint64), 3).tolist() == [0] * 10 + [1]


@pytest.mark.parametrize("photo", sample_photos(), ids=lambda path: path.stem)
def test_a_photo_saved_smaller_and_again_is_the_same_picture(photo) -> None:
    with Image.open(photo) as image:
        original = image.convert("RGB")
    buffer = io.BytesIO()
    original.resize((original.width // 2, original.height // 2)).save(buffer, "JPEG", quality=60)
    hashes = [difference_hash(original), difference_hash(Image.open(buffer))]
    assert (hashes[0] ^ hashes[1]).bit_count() <= THRESHOLD


def test_different_photos_are_far_apart() -> None:
    hashes = [difference_hash(Image.open(photo)) for photo in sample_photos()]
    assert len(set(group(np.array(hashes, np.uint64)).tolist())) == len(hashes)


def test_pictures_without_structure_are_known_by_their_bytes() -> None:
    flat = Image.new("RGB", (60, 40), "grey")
    ramp = Image.fromarray(np.tile(np.arange(200, dtype=np.uint8), (50, 1)))
    for picture in (flat, ramp):
        found = {fingerprint(picture, bytes([seed] * 20)) for seed in range(3)}
        assert len(found) == 3
