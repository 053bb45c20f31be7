from pathlib import Path

import numpy as np
import pytest

from trainer.data.pairs import Pairs
from trainer.evaluate.calibrate import fit_label, logistic, things


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


def test_a_hit_that_is_usually_right_is_called_likely_and_a_wrong_one_not() -> None:
    generator = np.random.default_rng(1)
    image_of = np.arange(200)
    scores = generator.normal(0.1, 0.05, (200, 200)).astype(np.float32)
    scores[image_of, image_of] = generator.normal(0.4, 0.05, 200)
    label = fit_label(scores, np.eye(200, dtype=bool))

    def probability(score: float) -> float:
        return float(1 / (1 + np.exp(-(label.slope * score + label.offset))))

    assert probability(0.4) > label.strong
    assert probability(0.15) < label.likely


def test_a_gallery_smaller_than_a_page_of_hits_will_do() -> None:
    scores = np.array([[0.5, 0.1, 0.2], [0.1, 0.4, 0.35], [0.3, 0.2, 0.25]], dtype=np.float32)
    assert fit_label(scores, np.eye(3, dtype=bool)).slope > 0


def test_a_thing_is_what_several_captions_of_enough_photos_name() -> None:
    captions = ["Two dogs run .", "A dog on grass", "the dog's ball", "A bus waits", "one bus", "red car"]
    count = 10
    pairs = Pairs(
        images=[Path(str(i)) for i in range(2 * count)],
        hashes=[bytes([i]) for i in range(2 * count)],
        captions=captions[:3] * count + captions[3:] * count,
        image_of=np.repeat(np.arange(2 * count), 3),
    )
    queries, shows = things(pairs, {"dog", "bus", "car", "ball", "cat"})
    assert queries == ["bus", "dog"]  # each ball and each car is named but once
    assert shows[1].tolist() == [True] * count + [False] * count


def test_captions_without_known_things_give_no_queries() -> None:
    queries, shows = things(Pairs([Path("a")], [b"a"], ["A dog"], np.zeros(1, np.int64)), {"dog"})
    assert queries == []
    assert len(shows) == 0
