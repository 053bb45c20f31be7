"""How much of a photo is each tag's."""

import numpy as np
import pytest
from numpy.typing import NDArray

from photosearch.core.tags import Tag, shipped
from photosearch.core.vectors import l2_normed
from photosearch.models import catalog
from photosearch.models.tagging import OWN_LEVEL, directions, levels, questions, shares


def vectors(seed: int, count: int, dim: int = 16) -> NDArray[np.float32]:
    return l2_normed(np.random.default_rng(seed).standard_normal((count, dim)))


def test_each_tag_of_the_list_has_a_level_of_the_bundled_model() -> None:
    assert levels().model_id == catalog.default().model_id
    assert levels().levels.keys() == {tag.name for tag in shipped()}
    assert all(0 < level <= 1 for level in levels().levels.values())
    assert levels().of([Tag("Rusty")]).tolist() == [pytest.approx(OWN_LEVEL)]


def test_the_tags_of_the_list_share_each_photo() -> None:
    photos, listed = vectors(1, 5), vectors(2, 7)
    found = shares(photos, listed, listed[:0], 0.1)
    assert found.sum(axis=1) == pytest.approx(np.ones(5), abs=1e-5)
    assert (found.argmax(axis=1) == (photos @ listed.T).argmax(axis=1)).all()


def test_an_own_tag_changes_nothing_else_and_wins_where_the_photo_is_what_it_says() -> None:
    photos, listed = vectors(1, 5), vectors(2, 7)
    alone, beside = shares(photos, listed, listed[:0], 0.1), shares(photos, listed, photos[:2], 0.1)
    assert np.array_equal(alone, beside[:, :7])
    assert beside[0, 7] > 0.9 > beside[1, 7]
    assert np.isfinite(shares(photos, listed, photos[:2], 1e-4)).all()


def test_a_tag_is_asked_by_the_model_s_prompts_and_points_to_their_mean() -> None:
    ways = questions(Tag("dog", "狗", group="animals"), ("en",), ("{}", "a photo of a {}"))
    assert ways == ("dog", "a photo of a dog")
    encoded = {text: vectors(seed, 1)[0] for seed, text in enumerate(ways)}
    (found,) = directions(
        [Tag("dog", "狗", group="animals")],
        lambda texts: np.stack([encoded[text] for text in texts]),
        ("en",),
        ("{}", "a photo of a {}"),
    )
    assert found == pytest.approx(l2_normed(sum(encoded.values()) / 2), abs=1e-6)
