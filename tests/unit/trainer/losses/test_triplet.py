from typing import Any

import pytest
import torch
from pytorch_metric_learning.distances import BaseDistance, DotProductSimilarity, LpDistance
from pytorch_metric_learning.losses import TripletMarginLoss
from pytorch_metric_learning.miners import BatchHardMiner
from pytorch_metric_learning.reducers import MeanReducer
from torch import Tensor

from tests.helpers.batches import assert_same, average_both_ways, batch_of, random_batch, whole
from trainer.losses.batch import Batch
from trainer.losses.triplet import Triplet

REPEATED = ([0, 1, 0, 2, 1, 0], [0, 1, 2, 3, 4, 3])


def plain_triplet(batch: Batch, loss: Triplet) -> Tensor:
    """The formulas as they are written, one anchor and one negative at a time."""
    positives = batch.positives(slice(0, len(batch)))
    costs = []
    for anchors, others in ((batch.images, batch.texts), (batch.texts, batch.images)):
        for i, anchor in enumerate(anchors):
            dots = [anchor @ other for other in others]
            near = dots if loss.measure == "cosine" else [-(anchor - other).norm() for other in others]
            ranked = dots if loss.mined_by == "dot" else near
            negatives = [j for j in range(len(others)) if not positives[i, j]]
            if loss.mining == "hardest":
                chosen = sorted(negatives, key=lambda j: ranked[j].item())[-1:]
            elif loss.mining == "semi_hard":
                further = [j for j in negatives if ranked[j] < ranked[i]]
                chosen = sorted(further, key=lambda j: ranked[j].item())[-1:]
                chosen = chosen or sorted(negatives, key=lambda j: ranked[j].item())[:1]
            else:
                chosen = negatives
            hinges = [torch.relu(loss.margin + near[j] - near[i]) for j in chosen] or [near[i] * 0]
            costs.append(torch.stack(hinges).sum() if loss.reduction == "sum" else torch.stack(hinges).mean())
    return torch.stack(costs).mean()


@pytest.mark.parametrize("ids", [(range(6), range(6)), REPEATED])
@pytest.mark.parametrize("margin", [0.05, 0.2, 1.0])
@pytest.mark.parametrize("measure", ["cosine", "euclidean"])
@pytest.mark.parametrize(
    "mined",
    [
        {"mining": "hardest"},
        {"mining": "hardest", "mined_by": "dot"},
        {"mining": "semi_hard"},
        {"mining": "all"},
        {"mining": "all", "reduction": "sum"},
    ],
    ids=str,
)
def test_equals_the_formula_as_written(
    ids: tuple[list[int], list[int]], margin: float, measure: str, mined: dict[str, Any]
) -> None:
    batch = random_batch(*ids, normed=False)
    loss = Triplet(margin=margin, measure=measure, **mined)
    assert_same(whole(loss, batch), plain_triplet(batch, loss), batch)


@pytest.mark.parametrize("mining", ["hardest", "all"])
@pytest.mark.parametrize(
    ("measure", "distance"),
    [
        ("cosine", DotProductSimilarity(normalize_embeddings=False)),
        ("euclidean", LpDistance(normalize_embeddings=False)),
    ],
)
def test_is_that_of_pytorch_metric_learning_where_pairs_are_unique(
    mining: str, measure: str, distance: BaseDistance
) -> None:
    batch, ids = random_batch(range(7)), torch.arange(7)
    # Labels that are the same object would be taken for one set compared with itself.
    loss = TripletMarginLoss(margin=0.2, distance=distance, reducer=MeanReducer())
    miner = BatchHardMiner(distance=distance)
    ways = []
    for anchors, others in ((batch.images, batch.texts), (batch.texts, batch.images)):
        triplets = miner(anchors, ids, others, ids.clone()) if mining == "hardest" else None
        ways.append(loss(anchors, ids, triplets, ref_emb=others, ref_labels=ids.clone()))
    assert_same(whole(Triplet(measure=measure, mining=mining), batch), sum(ways) / 2, batch)


def test_a_cosine_margin_is_half_of_one_of_squared_distances() -> None:
    batch = random_batch(range(6))

    def cost(cosines: Tensor, positives: Tensor, i: int) -> Tensor:
        squared = 2 - 2 * cosines
        return torch.relu(squared[i] - squared[~positives].min() + 0.4)

    assert_same(whole(Triplet(margin=0.2), batch), average_both_ways(batch, cost) / 2, batch)


@pytest.mark.parametrize("mining", ["hardest", "semi_hard", "all"])
def test_captions_of_one_image_are_never_mined(mining: str) -> None:
    cosines = torch.eye(3)
    cosines[0, 1] = cosines[1, 0] = 0.99  # the hardest by far, and of the same image
    cosines.requires_grad_()
    loss = whole(Triplet(mining=mining), batch_of(cosines, [0, 0, 1]))
    loss.backward()
    assert loss.item() == 0
    assert cosines.grad is not None
    assert (cosines.grad == 0).all()


@pytest.mark.parametrize("mining", ["hardest", "semi_hard", "all"])
def test_a_batch_of_one_image_costs_nothing(mining: str) -> None:
    cosines = torch.rand(3, 3, requires_grad=True)
    loss = whole(Triplet(mining=mining), batch_of(cosines, [0, 0, 0]))
    loss.backward()
    assert loss.item() == 0
    assert cosines.grad is not None
    assert (cosines.grad == 0).all()


def test_only_pairs_within_the_margin_cost() -> None:
    far, near = torch.tensor([[0.9, 0.6], [0.6, 0.9]]), torch.tensor([[0.9, 0.8], [0.8, 0.9]])
    assert whole(Triplet(), batch_of(far, [0, 1])).item() == 0
    assert whole(Triplet(), batch_of(near, [0, 1])).item() == pytest.approx(0.1)


@pytest.mark.parametrize(
    ("negatives", "cost"),
    [
        ([0.95, 0.85, 0.75], 0.15),  # the nearest of those further than the partner
        ([0.95, 0.85, 0.6], 0.15),
        ([0.95, 0.6, 0.5], 0.0),  # all that are further are beyond the margin
        ([0.99, 0.95, 0.92], 0.22),  # none is further: the furthest
    ],
)
def test_semi_hard_negatives_lie_between_the_partner_and_the_margin(
    negatives: list[float], cost: float
) -> None:
    cosines = torch.full((4, 4), -1.0, dtype=torch.float64)
    cosines.fill_diagonal_(0.9)
    cosines[0, 1:] = torch.tensor(negatives)
    loss = Triplet(mining="semi_hard").rows(batch_of(cosines, range(4)), slice(0, 1), 0)
    by_text = 0  # text 0 has its partner at .9 and the others at -1
    assert loss.item() == pytest.approx((cost + by_text) / 8)


def test_goes_over_to_the_hardest_at_its_step() -> None:
    batch = random_batch(range(6))
    loss = Triplet(mining="all", reduction="sum", hardest_from_step=10)
    for step, like in ((9, Triplet(mining="all", reduction="sum")), (10, Triplet()), (99, Triplet())):
        assert_same(whole(loss, batch, step), whole(like, batch, step), batch)


def test_the_gradient_of_a_pair_that_coincides_is_finite() -> None:
    batch = random_batch(range(4), dtype=torch.float32)
    with torch.no_grad():
        batch.texts.copy_(batch.images)
    whole(Triplet(measure="euclidean", margin=5.0), batch).backward()
    assert batch.images.grad is not None
    assert batch.images.grad.norm(dim=1).max() < 2


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"reduction": "sum"}, "reduction"),
        ({"hardest_from_step": 5}, "hardest_from_step"),
        ({"mining": "all", "mined_by": "dot"}, "mined_by"),
    ],
)
def test_refuses_settings_that_do_not_go_together(settings: dict[str, Any], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        Triplet(**settings)
