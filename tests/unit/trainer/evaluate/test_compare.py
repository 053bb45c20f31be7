import numpy as np
import pytest

from photosearch.core.errors import KnownError
from trainer.evaluate.compare import compare_models, compare_ranks, intervals, verdict
from trainer.evaluate.recall import Ranks, figures
from trainer.evaluate.statistics import Interval


def test_counts_wins_losses_and_ties_by_rank() -> None:
    before, after = np.array([0, 9, 20, 4]), np.array([1, 0, 20, 3])
    found = compare_ranks(before, after, np.arange(4))
    assert (found.queries, found.wins, found.losses, found.ties) == (4, 2, 1, 1)
    first = found.changes["R@1"]
    assert (first.before, first.after, first.difference) == (25, 25, 0)
    assert (found.changes["R@10"].before, found.changes["R@10"].after) == (75, 75)
    assert found.changes["mrr"].difference == pytest.approx(
        figures(after)["mrr"] - figures(before)["mrr"], abs=2e-4
    )


def test_a_clear_gain_is_better_and_its_opposite_worse() -> None:
    generator = np.random.default_rng(0)
    before = generator.integers(0, 100, 1000)
    after = before // 3
    image_of = np.repeat(np.arange(200), 5)
    up, down = compare_ranks(before, after, image_of), compare_ranks(after, before, image_of)
    assert (up.verdict, down.verdict) == ("better", "worse")
    assert up.changes["R@10"].p is not None and up.changes["R@10"].p < 1e-6
    low, high = up.changes["R@10"].interval
    assert low < up.changes["R@10"].difference < high
    assert down.changes["R@10"].difference == -up.changes["R@10"].difference


def test_chance_is_rarely_called_a_change() -> None:
    generator = np.random.default_rng(1)
    calls = []
    for _ in range(40):
        ease = generator.integers(1, 200, 100).repeat(5)
        image_of = np.arange(100).repeat(5)
        before, after = generator.integers(0, ease), generator.integers(0, ease)
        calls.append(compare_ranks(before, after, image_of).verdict)
    assert calls.count("no measurable change") >= 35


def test_a_model_against_itself_has_changed_nothing() -> None:
    ranks = np.arange(50)
    found = compare_ranks(ranks, ranks, ranks)
    assert (found.wins, found.losses, found.ties, found.verdict) == (0, 0, 50, "no measurable change")
    assert found.changes["R@5"].p == 1.0


def test_other_queries_do_not_compare() -> None:
    one = Ranks(np.zeros(4, np.int64), np.zeros(2, np.int64), np.array([0, 1]))
    other = Ranks(np.zeros(4, np.int64), np.zeros(2, np.int64), np.array([0, 2]))
    with pytest.raises(KnownError, match="different photos or captions"):
        compare_models(one, other, np.array([0, 0, 1, 1]))


def test_the_verdict_needs_an_interval_beside_zero() -> None:
    assert verdict(Interval(0.1, 2)) == "better"
    assert verdict(Interval(-2, -0.1)) == "worse"
    assert verdict(Interval(-0.1, 3)) == "no measurable change"
    assert verdict(Interval(0, 0)) == "no measurable change"


def test_intervals_hold_their_figures() -> None:
    ranks = np.random.default_rng(0).integers(0, 30, 500)
    found, of = figures(ranks), intervals(ranks, np.arange(500) // 5)
    for name, (low, high) in of.items():
        assert low < found[name] < high
