import math

import pytest
import torch
from torch.nn import functional as F

from trainer.losses.infonce import infonce, same_image


def plain_infonce(logits: torch.Tensor, positives: torch.Tensor) -> torch.Tensor:
    """The formula as it is written, one term at a time."""
    count = len(logits)
    total = torch.zeros((), dtype=logits.dtype)
    for matrix, mask in ((logits, positives), (logits.T, positives.T)):
        for i in range(count):
            own = [j for j in range(count) if mask[i, j]]
            rest = [j for j in range(count) if not mask[i, j]]
            for p in own:
                denominator = matrix[i, p].exp() + sum(matrix[i, n].exp() for n in rest)
                total = total - torch.log(matrix[i, p].exp() / denominator) / len(own)
    return total / count / 2


@pytest.mark.parametrize("image_ids", [[0, 1, 2, 3, 4, 5], [0, 1, 0, 2, 1, 0]])
def test_equals_the_formula_gradient_included(image_ids: list[int]) -> None:
    positives = same_image(torch.tensor(image_ids))
    logits = (3 * torch.randn(6, 6, generator=torch.Generator().manual_seed(1))).requires_grad_()
    reference = logits.detach().double().requires_grad_()

    ours, theirs = infonce(logits, positives), plain_infonce(reference, positives)
    ours.backward()
    theirs.backward()

    assert ours.item() == pytest.approx(theirs.item(), rel=1e-5)
    torch.testing.assert_close(logits.grad, reference.grad.float(), rtol=1e-4, atol=1e-6)


def test_is_cross_entropy_both_ways_where_pairs_are_unique() -> None:
    logits = torch.randn(8, 8, generator=torch.Generator().manual_seed(2))
    targets = torch.arange(8)
    expected = (F.cross_entropy(logits, targets) + F.cross_entropy(logits.T, targets)) / 2
    torch.testing.assert_close(infonce(logits, torch.eye(8, dtype=torch.bool)), expected)


def test_captions_of_one_image_are_never_pushed_apart() -> None:
    image_ids = torch.tensor([0, 0, 1, 2])
    logits = torch.full((4, 4), 5.0)
    logits[0, 1] = logits[1, 0] = 50.0  # far above its share: a loss that repels would say so
    logits.requires_grad_()
    infonce(logits, same_image(image_ids)).backward()
    assert logits.grad is not None
    assert (logits.grad[:2, :2] <= 0).all()
    assert (logits.grad[0, 2:] > 0).all()


def test_what_knows_nothing_costs_the_logarithm_of_the_batch() -> None:
    loss = infonce(torch.zeros(16, 16), torch.eye(16, dtype=torch.bool))
    assert loss.item() == pytest.approx(math.log(16))


def test_half_precision_logits_do_not_overflow() -> None:
    logits = torch.full((4, 4), 100.0, dtype=torch.float16)
    loss = infonce(logits, torch.eye(4, dtype=torch.bool))
    assert loss.dtype == torch.float32
    assert loss.item() == pytest.approx(math.log(4), rel=1e-4)


def test_a_batch_of_one_image_costs_nothing() -> None:
    logits = torch.rand(3, 3, requires_grad=True)
    loss = infonce(logits, torch.ones(3, 3, dtype=torch.bool))
    loss.backward()
    assert loss.item() == 0
    assert logits.grad is not None
    assert (logits.grad == 0).all()
