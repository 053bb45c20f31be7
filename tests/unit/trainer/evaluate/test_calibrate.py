from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import ArrayLike, NDArray

from trainer.data.pairs import Pairs
from trainer.evaluate import calibrate as calibrating
from trainer.evaluate.calibrate import calibrate, fit, logistic, things


def test_recovers_the_curve_that_made_the_labels() -> None:
    generator = np.random.default_rng(0)
    x = generator.normal(0.3, 0.1, 50_000)
    y = (generator.random(50_000) < 1 / (1 + np.exp(-(16 * x - 5.7)))).astype(np.float64)
    slope, offset = logistic(x, y)
    assert slope == pytest.approx(16, rel=0.05)
    assert offset == pytest.approx(-5.7, rel=0.05)


def test_separable_scores_give_a_steep_but_finite_slope() -> None:
    slope, offset = logistic(np.array([0.1, 0.2, 0.8, 0.9]), np.array([0.0, 0.0, 1.0, 1.0]))
    assert np.isfinite([slope, offset]).all()
    assert slope > 10


def test_a_hit_that_is_usually_right_is_likelier_than_not_and_a_wrong_one_not() -> None:
    generator = np.random.default_rng(1)
    image_of = np.arange(200)
    scores = generator.normal(0.1, 0.05, (200, 200)).astype(np.float32)
    scores[image_of, image_of] = generator.normal(0.4, 0.05, 200)
    found = fit(scores, np.eye(200, dtype=bool))

    def probability(score: float) -> float:
        return float(1 / (1 + np.exp(-(found.slope * score + found.offset))))

    assert probability(0.4) > 0.6
    assert probability(0.15) < 0.3


def test_a_gallery_smaller_than_what_is_looked_at_will_do() -> None:
    scores = np.array([[0.5, 0.1, 0.2], [0.1, 0.4, 0.35], [0.3, 0.2, 0.25]], dtype=np.float32)
    assert fit(scores, np.eye(3, dtype=bool)).slope > 0


def pairs_of(captions: list[list[str]]) -> Pairs:
    """A photo for each list, with these captions."""
    return Pairs(
        images=[Path(str(i)) for i in range(len(captions))],
        hashes=[bytes([i]) for i in range(len(captions))],
        captions=[caption for some in captions for caption in some],
        image_of=np.repeat(np.arange(len(captions)), [len(some) for some in captions]),
    )


DOG = ["Two dogs run .", "A dog on grass", "the dog's ball"]
BUS = ["A bus waits", "one bus", "red car"]


def test_a_thing_is_what_several_captions_of_enough_photos_name() -> None:
    found = things(pairs_of([DOG, BUS] * 10), {"dog", "bus", "car", "ball", "cat", "a"})
    assert found.names == ["bus", "dog"]  # each ball and each car is named but once, and "a" names nothing
    assert found.shown[1].tolist() == [True, False] * 10
    assert found.said[:6].tolist() == [[False, True]] * 3 + [[True, False]] * 2 + [[False, False]]


def test_a_thing_is_where_a_single_caption_names_it_if_people_agree_on_it() -> None:
    captions = [["a dog", "the dog"]] * 8 + [["a dog", "the lawn"]] * 8 + [["a lawn", "grass"]] * 8
    found = things(pairs_of(captions), {"dog", "lawn", "grass"})
    assert found.names == ["dog"]
    assert found.shown[0].tolist() == [True] * 16 + [False] * 8


def test_captions_without_known_things_give_no_queries() -> None:
    assert things(pairs_of([["A dog"]]), {"dog"}).names == []


def test_each_kind_of_query_has_a_label_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calibrating, "known_nouns", lambda: {"dog", "bus", "tree"})
    kinds = [["dog"], ["bus"], ["tree"], ["dog", "tree"], ["bus", "tree"]]
    shown = [kinds[i % 5] for i in range(60)]
    pairs = pairs_of([[f"a {' and a '.join(some)}", f"one {' near one '.join(some)}"] for some in shown])
    axes = {"dog": 0, "bus": 1, "tree": 2}
    asked: list[str] = []

    def encode(texts: Sequence[str]) -> NDArray[np.float32]:
        asked.extend(texts)
        return normed([sum(np.eye(4)[axis] for word, axis in axes.items() if word in text) for text in texts])

    noise = np.random.default_rng(0).normal(0, 0.3, (60, 4))
    images = normed([sum(np.eye(4)[axes[word]] for word in some) for some in shown] + noise)
    found = calibrate(pairs, images, np.zeros(60, np.float32), encode, ("{}", "a photo of a {}"))
    assert found is not None
    assert asked[:2] == ["bus", "a photo of a bus"]
    assert found.prompts == ("{}", "a photo of a {}")
    assert found.short is not None
    assert found.pictures is not None
    assert len({found.slope, found.short.slope, found.pictures.slope}) == 3
    assert min(found.slope, found.short.slope, found.pictures.slope) > 0


def test_captions_that_name_one_thing_each_leave_only_the_label_of_short_queries(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(calibrating, "known_nouns", lambda: {"dog", "bus"})
    vectors = normed(np.random.default_rng(0).normal(size=(20, 4)))
    found = calibrate(
        pairs_of([DOG, BUS] * 10), vectors, np.zeros(20, np.float32), lambda texts: vectors[: len(texts)]
    )
    assert found is not None
    assert found.pictures is None
    assert found.short is not None
    assert (found.slope, found.offset) == (found.short.slope, found.short.offset)


def normed(vectors: ArrayLike) -> NDArray[np.float32]:
    array = np.asarray(vectors, dtype=np.float32)
    found: NDArray[np.float32] = array / np.linalg.norm(array, axis=1, keepdims=True)
    return found
