import pytest
import torch
from torch.nn import functional as F

from tests.helpers.batches import assert_same, random_batch, value_and_gradients, whole
from trainer.losses import total
from trainer.losses.batch import Batch
from trainer.losses.hybrid import hybrid
from trainer.losses.infonce import InfoNCE
from trainer.losses.triplet import Triplet


def hybrid_loss(
    batch: Batch, alpha: float, margin: float = 0.2, ramp_steps: int = 0, step: int = 0
) -> torch.Tensor:
    return total(hybrid(alpha, margin, ramp_steps), batch, slice(0, len(batch)), step)


def test_is_the_sum_of_its_parts() -> None:
    batch = random_batch([0, 1, 0, 2, 3])
    expected = whole(InfoNCE(), batch) + 0.3 * whole(Triplet(margin=0.1), batch)
    assert_same(hybrid_loss(batch, alpha=0.3, margin=0.1), expected, batch)


def test_is_its_formula_where_pairs_are_unique() -> None:
    batch, pairs = random_batch(range(6)), torch.arange(6)
    cosines = batch.images @ batch.texts.T
    logits = batch.scale * cosines
    negatives = cosines - 9 * torch.eye(6)
    contrast = F.cross_entropy(logits, pairs) + F.cross_entropy(logits.T, pairs)
    hinges = [torch.relu(0.2 + negatives.amax(way) - cosines.diagonal()).mean() for way in (0, 1)]
    assert_same(hybrid_loss(batch, alpha=0.5), (contrast + 0.5 * sum(hinges)) / 2, batch)


def test_alpha_rises_from_nothing_and_stays() -> None:
    batch = random_batch(range(5))
    contrast, triplet = whole(InfoNCE(), batch), whole(Triplet(), batch)
    for step, alpha in ((0, 0.0), (5, 0.2), (10, 0.4), (100, 0.4)):
        ours = hybrid_loss(batch, alpha=0.4, ramp_steps=10, step=step)
        assert ours.item() == pytest.approx((contrast + alpha * triplet).item())


def test_alpha_zero_is_infonce_alone() -> None:
    assert hybrid(alpha=0) == (InfoNCE(),)


def test_the_scale_learns_from_the_contrast_alone() -> None:
    batch = random_batch(range(5))
    plain, both = (value_and_gradients(hybrid_loss(batch, alpha), batch)[1]["scale"] for alpha in (0.0, 0.5))
    torch.testing.assert_close(plain, both)
