import math

import pytest
import torch
from pytorch_metric_learning.distances import DotProductSimilarity
from pytorch_metric_learning.losses import NTXentLoss, SupConLoss
from torch import Tensor
from torch.nn import functional as F

from tests.helpers.batches import assert_same, average_both_ways, batch_of, random_batch, whole
from tests.helpers.open_clip_losses import open_clip_losses
from trainer.losses.batch import Batch
from trainer.losses.infonce import InfoNCE

REPEATED = ([0, 1, 0, 2, 1, 0], [0, 1, 2, 3, 4, 3])  # images, and captions: pairs 3 and 5 share one


def plain_infonce(batch: Batch, other_positives: str = "out", smoothing: float = 0.0) -> Tensor:
    """The formula as it is written, one term at a time."""

    def cost(cosines: Tensor, positives: Tensor, _: int) -> Tensor:
        logits = batch.scale * cosines
        own = [j for j in range(len(logits)) if positives[j]]
        rest = [j for j in range(len(logits)) if not positives[j]]
        costs = []
        for p in own:
            candidates = [p, *rest] if other_positives == "out" else [*own, *rest]
            logs = [
                logits[c] - torch.stack([logits[k].exp() for k in candidates]).sum().log() for c in candidates
            ]
            aimed = logits[p] - torch.stack([logits[k].exp() for k in candidates]).sum().log()
            costs.append(-(1 - smoothing) * aimed - smoothing * torch.stack(logs).mean())
        return torch.stack(costs).mean()

    return average_both_ways(batch, cost)


@pytest.mark.parametrize("other_positives", ["out", "in"])
@pytest.mark.parametrize("smoothing", [0.0, 0.1])
@pytest.mark.parametrize("ids", [(range(6), range(6)), REPEATED])
def test_equals_the_formula_as_written(
    ids: tuple[list[int], list[int]], other_positives: str, smoothing: float
) -> None:
    batch = random_batch(*ids)
    loss = InfoNCE(other_positives=other_positives, label_smoothing=smoothing)
    assert_same(whole(loss, batch), plain_infonce(batch, other_positives, smoothing), batch)


@pytest.mark.parametrize("other_positives", ["out", "in"])
def test_is_open_clips_loss_where_pairs_are_unique(other_positives: str) -> None:
    batch = random_batch(range(8))
    expected = open_clip_losses().ClipLoss()(batch.images, batch.texts, batch.scale)
    assert_same(whole(InfoNCE(other_positives=other_positives), batch), expected, batch)


@pytest.mark.parametrize("other_positives", ["out", "in"])
def test_smoothing_is_that_of_cross_entropy(other_positives: str) -> None:
    batch, targets = random_batch(range(8)), torch.arange(8)
    logits = batch.scale * batch.images @ batch.texts.T
    expected = sum(F.cross_entropy(way, targets, label_smoothing=0.1) for way in (logits, logits.T)) / 2
    assert_same(whole(InfoNCE(other_positives=other_positives, label_smoothing=0.1), batch), expected, batch)


@pytest.mark.parametrize(("other_positives", "reference"), [("out", NTXentLoss), ("in", SupConLoss)])
def test_several_positives_are_those_of_pytorch_metric_learning(
    other_positives: str, reference: type[NTXentLoss] | type[SupConLoss]
) -> None:
    """Which averages over all positives at once: the same where all anchors have as many.

    It takes labels that are the same object for one set compared with itself, hence the clones.
    """
    batch = random_batch([0, 1, 2, 0, 1, 2])
    loss = reference(
        temperature=1 / batch.scale.detach(), distance=DotProductSimilarity(normalize_embeddings=False)
    )
    ids = batch.image_ids
    ways = [
        loss(batch.images, ids, ref_emb=batch.texts, ref_labels=ids.clone()),
        loss(batch.texts, ids, ref_emb=batch.images, ref_labels=ids.clone()),
    ]
    ours = InfoNCE(other_positives=other_positives).rows(fixed_scale(batch), slice(0, 6), 0)
    assert_same(ours, sum(ways) / 2, batch)


def fixed_scale(batch: Batch) -> Batch:
    return Batch(batch.images, batch.texts, batch.scale.detach(), batch.image_ids, batch.text_ids)


@pytest.mark.parametrize("margin", [0.0, 0.3])
def test_the_guide_removes_what_it_finds_as_near_as_the_partner(margin: float) -> None:
    batch = random_batch(*REPEATED)
    images, texts = batch.guide
    guides = iter([*(images @ texts.T), *(texts @ images.T)])  # one row an anchor, as the loop asks for them
    removed = []

    def cost(cosines: Tensor, positives: Tensor, i: int) -> Tensor:
        guide, logits = next(guides), batch.scale * cosines
        rest = [j for j in range(6) if not positives[j] and guide[j] <= guide[i] - margin]
        removed.append(int((~positives).sum()) - len(rest))
        costs = []
        for p in positives.nonzero().flatten().tolist():
            among = torch.stack([logits[p], *(logits[n] for n in rest)])
            costs.append(among.logsumexp(0) - logits[p])
        return torch.stack(costs).mean()

    expected = average_both_ways(batch, cost)
    assert 0 < sum(removed) < 48  # some of them, or this says nothing
    assert_same(whole(InfoNCE(guide_margin=margin), batch), expected, batch)


def test_captions_of_one_image_are_never_pushed_apart() -> None:
    cosines = torch.full((4, 4), 5.0)
    cosines[0, 1] = cosines[1, 0] = 50.0  # far above its share: a loss that repels would say so
    cosines.requires_grad_()
    whole(InfoNCE(), batch_of(cosines, [0, 0, 1, 2])).backward()
    assert cosines.grad is not None
    assert (cosines.grad[:2, :2] <= 0).all()
    assert cosines.grad[0, 1].item() == pytest.approx(0, abs=1e-12)  # already as near as can be
    assert (cosines.grad[0, 2:] > 0).all()


def test_captions_of_one_image_share_one_softmax_where_they_stay_in() -> None:
    cosines = torch.full((4, 4), 5.0)
    cosines[0, 1] = cosines[1, 0] = 50.0
    cosines.requires_grad_()
    whole(InfoNCE(other_positives="in"), batch_of(cosines, [0, 0, 1, 2])).backward()
    assert cosines.grad is not None
    assert cosines.grad[0, 1] > 0


def test_what_knows_nothing_costs_the_logarithm_of_the_batch() -> None:
    loss = whole(InfoNCE(), batch_of(torch.zeros(16, 16), range(16)))
    assert loss.item() == pytest.approx(math.log(16))


def test_a_fixed_temperature_of_one_leaves_a_floor() -> None:
    """The best that 32 unit vectors can do is a simplex: cosine 1 with the partner, -1/31 with the others."""
    simplex = F.normalize(torch.eye(32, dtype=torch.float64) - 1 / 32, dim=1)
    ids = torch.arange(32)
    losses = {
        scale: whole(InfoNCE(), Batch(simplex, simplex, torch.tensor(scale), ids, ids)).item()
        for scale in (1.0, 100.0)
    }
    assert losses[1.0] == pytest.approx(2.49, abs=0.005)
    assert losses[100.0] == pytest.approx(0, abs=1e-9)


def test_a_batch_of_one_image_costs_nothing() -> None:
    cosines = torch.rand(3, 3, requires_grad=True)
    loss = whole(InfoNCE(), batch_of(cosines, [0, 0, 0]))
    loss.backward()
    assert loss.item() == 0
    assert cosines.grad is not None
    assert (cosines.grad == 0).all()
