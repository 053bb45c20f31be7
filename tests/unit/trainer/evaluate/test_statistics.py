import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainer.evaluate.statistics import bootstrap, mcnemar


def clustered(generator: np.random.Generator, images: int) -> tuple[np.ndarray, np.ndarray]:
    """Hits of captions whose images are easy or hard: the mean chance of a hit is 0.5."""
    image_of = np.repeat(np.arange(images), generator.integers(1, 6, images))
    ease = generator.beta(0.5, 0.5, images)
    return (generator.random(len(image_of)) < ease[image_of]).astype(np.float64), image_of


def test_the_interval_covers_the_truth_as_often_as_it_says_and_only_when_clustered_by_image() -> None:
    generator = np.random.default_rng(0)
    covered = naive = 0
    runs = 400
    for run in range(runs):
        values, image_of = clustered(generator, 80)
        low, high = bootstrap(values, image_of, resamples=1000, seed=run)
        covered += low <= 0.5 <= high
        low, high = bootstrap(values, np.arange(len(values)), resamples=1000, seed=run)
        naive += low <= 0.5 <= high
    assert 0.92 <= covered / runs <= 0.98  # 0.95 +- 3 standard errors, less a point for small samples
    assert naive / runs < 0.85


def test_the_width_of_the_interval_is_that_of_the_normal_law() -> None:
    values = np.repeat([0.0, 1.0], 500)
    low, high = bootstrap(values, np.arange(1000))
    assert (high - low) / 2 == pytest.approx(0.031, abs=0.001)  # 1.96 * sqrt(.25 / 1000)
    assert low < 0.5 < high


def test_the_same_seed_gives_the_same_interval() -> None:
    values, image_of = clustered(np.random.default_rng(1), 50)
    assert bootstrap(values, image_of, seed=3) == bootstrap(values, image_of, seed=3)
    assert bootstrap(values, image_of, seed=3) != bootstrap(values, image_of, seed=4)


def test_memory_blocks_cover_every_resample(monkeypatch: pytest.MonkeyPatch) -> None:
    values, image_of = clustered(np.random.default_rng(2), 50)
    whole = bootstrap(values, image_of, resamples=1000)
    monkeypatch.setattr(
        "trainer.evaluate.statistics.DRAWN", 50 * 7
    )  # 7 resamples at a time, 1000 is no multiple
    assert bootstrap(values, image_of, resamples=1000) == whole


def test_values_without_spread_have_an_interval_without_width() -> None:
    assert bootstrap(np.ones(10), np.arange(10)) == (1.0, 1.0)


@pytest.mark.parametrize(
    ("gained", "lost", "p"),
    [
        (0, 0, 1.0),
        (5, 5, 1.0),
        (0, 5, 2 / 2**5),
        (1, 7, 2 * (1 + 8) / 2**8),
        (2, 10, 2 * (1 + 12 + 66) / 2**12),
        (121, 59, 5.4508e-06),  # chi-square 61^2 / 180 = 20.672, one degree of freedom
        (20, 5, 0.00511),  # chi-square 14^2 / 25 = 7.84
        (40, 40, 1.0),
    ],
)
def test_mcnemar_on_known_tables(gained: int, lost: int, p: float) -> None:
    assert mcnemar(gained, lost) == pytest.approx(p, rel=1e-3)


@given(st.integers(0, 200), st.integers(0, 200))
def test_mcnemar_knows_no_side_and_stays_a_probability(gained: int, lost: int) -> None:
    assert mcnemar(gained, lost) == mcnemar(lost, gained)
    assert 0 <= mcnemar(gained, lost) <= 1
