import numpy as np
import pytest

from trainer.calibrate import fit_label, logistic


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
    label = fit_label(scores, image_of)

    def probability(score: float) -> float:
        return float(1 / (1 + np.exp(-(label.slope * score + label.offset))))

    assert probability(0.4) > label.strong
    assert probability(0.15) < label.likely


def test_a_gallery_smaller_than_a_page_of_hits_will_do() -> None:
    scores = np.array([[0.5, 0.1, 0.2], [0.1, 0.4, 0.35], [0.3, 0.2, 0.25]], dtype=np.float32)
    assert fit_label(scores, np.array([0, 1, 2])).slope > 0
