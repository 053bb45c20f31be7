import pytest
import torch

from trainer.losses.infonce import same_image
from trainer.losses.triplet import hardest_triplet


def plain_triplet(cosines: torch.Tensor, positives: torch.Tensor, margin: float) -> torch.Tensor:
    """The formula as it is written, one term at a time."""
    count = len(cosines)
    ways = []
    for matrix, mask in ((cosines, positives), (cosines.T, positives.T)):
        terms = []
        for i in range(count):
            negatives = [matrix[i, j] for j in range(count) if not mask[i, j]]
            hinge = margin + max(negatives) - matrix[i, i] if negatives else matrix[i, i] * 0
            terms.append(hinge if hinge > 0 else hinge * 0)
        ways.append(sum(terms) / count)
    return sum(ways) / 2


@pytest.mark.parametrize("image_ids", [[0, 1, 2, 3, 4, 5], [0, 1, 0, 2, 1, 0]])
@pytest.mark.parametrize("margin", [0.05, 0.2, 1.0])
def test_equals_the_formula_gradient_included(image_ids: list[int], margin: float) -> None:
    positives = same_image(torch.tensor(image_ids))
    cosines = (torch.rand(6, 6, generator=torch.Generator().manual_seed(1)) * 2 - 1).requires_grad_()
    reference = cosines.detach().double().requires_grad_()

    ours, theirs = hardest_triplet(cosines, positives, margin), plain_triplet(reference, positives, margin)
    ours.backward()
    theirs.backward()

    assert ours.item() == pytest.approx(theirs.item(), rel=1e-5)
    torch.testing.assert_close(cosines.grad, reference.grad.float())


def test_captions_of_one_image_are_never_mined() -> None:
    cosines = torch.eye(3)
    cosines[0, 1] = cosines[1, 0] = 0.99  # the hardest by far, and of the same image
    cosines.requires_grad_()
    loss = hardest_triplet(cosines, same_image(torch.tensor([0, 0, 1])), margin=0.2)
    loss.backward()
    assert loss.item() == 0
    assert (cosines.grad == 0).all()


def test_a_batch_of_one_image_costs_nothing() -> None:
    cosines = torch.rand(3, 3, requires_grad=True)
    loss = hardest_triplet(cosines, torch.ones(3, 3, dtype=torch.bool))
    loss.backward()
    assert loss.item() == 0
    assert torch.isfinite(cosines.grad).all()


def test_only_pairs_within_the_margin_cost() -> None:
    positives = torch.eye(2, dtype=torch.bool)
    assert hardest_triplet(torch.tensor([[0.9, 0.6], [0.6, 0.9]]), positives, 0.2).item() == 0
    assert hardest_triplet(torch.tensor([[0.9, 0.8], [0.8, 0.9]]), positives, 0.2).item() == pytest.approx(
        0.1
    )
