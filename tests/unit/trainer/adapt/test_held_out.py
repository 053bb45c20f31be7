import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from photosearch.core.vectors import l2_normed
from tests.helpers.own_words import bag_of_words, material, world
from trainer.adapt.held_out import Judgement, among_captioned, folds, judge, ranks
from trainer.adapt.material import Material, Rows, Vectors


@given(st.lists(st.integers(0, 12), min_size=2, max_size=60), st.integers(2, 5), st.integers(0, 3))
def test_each_caption_is_held_out_once_and_no_group_is_on_both_sides(groups, count, seed) -> None:
    of_caption = np.array(groups)
    held_out: list[int] = []
    for kept, held in folds(of_caption, count, seed):
        assert not set(of_caption[kept]) & set(of_caption[held])
        assert sorted([*kept, *held]) == list(range(len(groups)))
        held_out += held.tolist()
    assert sorted(held_out) == list(range(len(groups)))


def test_folds_are_even() -> None:
    sizes = [len(held) for _, held in folds(np.arange(303))]
    assert sorted(sizes) == [60, 60, 61, 61, 61]


def judged(captioned: Material, before: Vectors, after: Vectors, rows: Rows) -> Judgement:
    was, now = (among_captioned(captioned, texts, rows) for texts in (before, after))
    return judge(captioned, was, now, rows)


def test_better_captions_are_better_and_worse_ones_worse() -> None:
    captioned = world()
    rows = np.arange(len(captioned.captions))
    before = captioned.encode(captioned.captions)
    right = l2_normed(captioned.photos + 0.1 * before)
    assert judged(captioned, before, right, rows).verdict == "better"
    assert judged(captioned, right, before, rows).verdict == "worse"
    same = judged(captioned, before, before, rows)
    assert (same.verdict, same.gain) == ("unclear", 0.0)


def test_going_to_where_captioned_photos_are_is_no_gain() -> None:
    """Against the library it looks like one: the captioned photos all rise."""
    random = np.random.default_rng(0)
    few = world()
    others = l2_normed(random.standard_normal((400, few.photos.shape[1])).astype(np.float32))
    library = few.__class__(
        photos=np.concatenate([few.photos, others]),
        bias=np.zeros(len(few.photos) + 400, np.float32),
        labels=[str(row) for row in range(len(few.photos) + 400)],
        captions=few.captions,
        photo_of=random.permutation(few.photo_of),  # captions that say nothing
        groups=np.arange(len(few.photos) + 400),
        encode=few.encode,
        scale=few.scale,
    )
    rows = np.arange(len(library.captions))
    before = library.encode(library.captions)
    drifted = l2_normed(before + 2 * few.photos.mean(axis=0))
    assert ranks(library, drifted, rows).mean() < ranks(library, before, rows).mean() - 20
    assert judged(library, before, drifted, rows).verdict == "unclear"


@pytest.mark.parametrize("captions", [0, 19])
def test_too_few_photos_tell_nothing(captions: int) -> None:
    texts = [f"photo {number}" for number in range(captions or 1)]
    photos = bag_of_words(texts)
    rows = np.arange(captions)
    assert judged(material(photos, texts), photos[:captions], photos[:captions], rows).verdict == "too_few"
