from dataclasses import replace

import pytest
import torch
from pytorch_metric_learning.distances import DotProductSimilarity
from pytorch_metric_learning.losses import SupConLoss
from torch import Tensor

from tests.helpers.batches import assert_same, random_batch, whole
from trainer.losses.batch import Batch
from trainer.losses.supcon import SupCon


def plain_supcon(batch: Batch, belongs: Tensor) -> Tensor:
    """Equation 2 of the paper as it is written; `belongs` over the 2N items."""
    items, costs = torch.cat([batch.images, batch.texts]), []
    for a in range(len(items)):
        others = [c for c in range(len(items)) if c != a]
        logits = {c: batch.scale * (items[a] @ items[c]) for c in others}
        denominator = torch.stack([logits[c].exp() for c in others]).sum()
        positives = [p for p in others if belongs[a, p]]
        costs.append(-torch.stack([(logits[p].exp() / denominator).log() for p in positives]).mean())
    return torch.stack(costs).mean()


@pytest.mark.parametrize("labels", [[0, 1, 0, 2, 1], [0, -1, 0, -1, -1], [-1] * 5])
@pytest.mark.parametrize("image_ids", [range(5), [0, 1, 2, 1, 3]])
def test_equals_the_formula_as_written(labels: list[int], image_ids: list[int]) -> None:
    batch = replace(random_batch(image_ids), labels=torch.tensor(labels))
    belongs = [
        [i == j or image_ids[i] == image_ids[j] or labels[i] == labels[j] >= 0 for j in range(5)]
        for i in range(5)
    ]
    assert_same(whole(SupCon(), batch), plain_supcon(batch, torch.tensor(belongs).repeat(2, 2)), batch)


def test_is_that_of_pytorch_metric_learning_with_a_label_of_its_own_for_each_unknown() -> None:
    batch = replace(random_batch(range(6), scale=4.0), labels=torch.tensor([3, -1, 3, 1, -1, 3]))
    batch = replace(batch, scale=batch.scale.detach())
    loss = SupConLoss(temperature=0.25, distance=DotProductSimilarity(normalize_embeddings=False))
    distinct = torch.tensor([3, 10, 3, 1, 11, 3]).repeat(2)
    expected = loss(torch.cat([batch.images, batch.texts]), distinct)

    ours = whole(SupCon(), batch)

    torch.testing.assert_close(ours, expected)
    leaves = [batch.images, batch.texts]
    for gradient, other in zip(
        torch.autograd.grad(ours, leaves), torch.autograd.grad(expected, leaves), strict=True
    ):
        torch.testing.assert_close(gradient, other)
