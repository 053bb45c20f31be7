"""What holds for every loss: parts add up, narrow types do no harm, weights rise."""

from collections.abc import Iterator
from itertools import pairwise

import hypothesis.strategies as st
import pytest
import torch
from hypothesis import given, settings

from tests.helpers.batches import random_batch, retyped, value_and_gradients, whole
from trainer.losses import Loss, fine_grained, soft_targets, weight_at
from trainer.losses.fine_grained import FineGrained
from trainer.losses.infonce import InfoNCE
from trainer.losses.nt_xent import NTXent
from trainer.losses.sigmoid import Sigmoid
from trainer.losses.soft_targets import SoftTargets
from trainer.losses.supcon import SupCon
from trainer.losses.triplet import Triplet
from trainer.losses.windowed import WindowedInfoNCE

EVERY: list[Loss] = [
    InfoNCE(),
    InfoNCE(other_positives="in"),
    InfoNCE(label_smoothing=0.2),
    InfoNCE(other_positives="in", label_smoothing=0.2),
    InfoNCE(guide_margin=0.3),
    WindowedInfoNCE(window=3, stride=3),
    WindowedInfoNCE(window=4, stride=1),
    Triplet(),
    Triplet(measure="euclidean"),
    Triplet(mining="semi_hard"),
    Triplet(mining="semi_hard", measure="euclidean", mined_by="dot"),
    Triplet(mining="all"),
    Triplet(mining="all", reduction="sum", measure="euclidean"),
    Triplet(mining="all", hardest_from_step=3),
    SoftTargets(),
    SoftTargets(detach=False, target_scale="temperature"),
    SoftTargets(targets="separated"),
    SoftTargets(targets="separated", detach=False, target_scale=3.0),
    Sigmoid(),
    SupCon(),
    NTXent(),
    FineGrained(),
]
every = pytest.mark.parametrize("loss", EVERY, ids=repr)


@pytest.fixture(autouse=True, scope="module")
def small_blocks() -> Iterator[None]:
    """What is done in blocks is done in several."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(soft_targets, "TILE", 3)
        patch.setattr(fine_grained, "BLOCK", 200)
        yield


@every
@given(data=st.data())
@settings(max_examples=12)
def test_the_parts_of_any_partition_add_up(loss: Loss, data: st.DataObject) -> None:
    count = data.draw(st.integers(2, 9))
    ids = st.lists(st.integers(0, 6), min_size=count, max_size=count)
    batch = random_batch(
        data.draw(ids), data.draw(ids), seed=data.draw(st.integers(0, 1000)), normed=data.draw(st.booleans())
    )
    cuts = sorted(data.draw(st.sets(st.integers(1, count - 1))))
    edges = [0, *cuts, count]
    step = data.draw(st.integers(0, 5))

    parts = [loss.rows(batch, slice(a, b), step) for a, b in pairwise(edges)]
    value, gradients = value_and_gradients(torch.stack(parts).sum(), batch)
    expected, expected_gradients = value_and_gradients(whole(loss, batch, step), batch)

    torch.testing.assert_close(value, expected, rtol=1e-9, atol=1e-10)
    for name, gradient in gradients.items():
        torch.testing.assert_close(gradient, expected_gradients[name], rtol=1e-8, atol=1e-9)


@every
@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_narrow_embeddings_are_computed_wide(loss: Loss, dtype: torch.dtype) -> None:
    wide = retyped(random_batch([0, 1, 2, 0, 3, 4], dtype=torch.float32, scale=100.0), dtype)
    reference = retyped(wide, torch.float64)

    value, gradients = value_and_gradients(whole(loss, wide), wide)

    assert value.dtype == torch.float32
    assert value.item() == pytest.approx(whole(loss, reference).item(), rel=1e-4, abs=1e-5)
    assert all(gradient.isfinite().all() for gradient in gradients.values())


@every
def test_autocast_does_not_reach_it(loss: Loss) -> None:
    batch = random_batch([0, 1, 2, 0, 3, 4], dtype=torch.float32, scale=100.0)
    with torch.autocast("cpu", torch.bfloat16):
        inside = whole(loss, batch)
    torch.testing.assert_close(inside, whole(loss, batch))


@every
@pytest.mark.parametrize("sign", [1, -1])
def test_stays_finite_at_the_largest_scale(loss: Loss, sign: int) -> None:
    """Every pair as near or as far as can be, and every negative too."""
    batch = random_batch([0, 1, 2, 3, 4], dtype=torch.float32, scale=100.0)
    one = torch.nn.functional.normalize(torch.ones_like(batch.images), dim=1).detach()
    with torch.no_grad():
        batch.images.copy_(one)
        batch.texts.copy_(sign * one)
    value, gradients = value_and_gradients(whole(loss, batch), batch)
    assert value.isfinite()
    assert all(gradient.isfinite().all() for gradient in gradients.values())


@every
def test_a_batch_of_one_image_is_finite(loss: Loss) -> None:
    batch = random_batch([0, 0, 0], [0, 1, 2])
    value, gradients = value_and_gradients(whole(loss, batch), batch)
    assert value.isfinite()
    assert all(gradient.isfinite().all() for gradient in gradients.values())


def test_a_weight_rises_from_nothing_and_stays() -> None:
    loss = Triplet(weight=0.4, ramp_steps=10)
    assert [weight_at(loss, step) for step in (0, 5, 10, 100)] == [0, pytest.approx(0.2), 0.4, 0.4]
    assert weight_at(Triplet(weight=0.4), 0) == 0.4


@pytest.mark.parametrize("loss", [loss for loss in EVERY if loss.needs], ids=repr)
def test_says_what_it_lacks(loss: Loss) -> None:
    batch = random_batch([0, 1, 2])
    bare = type(batch)(batch.images, batch.texts, batch.scale, batch.image_ids, batch.text_ids)
    with pytest.raises(ValueError, match=r"needs Batch\."):
        whole(loss, bare)
