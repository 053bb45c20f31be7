import pytest
import torch

from trainer.losses.hybrid import HybridLoss
from trainer.losses.infonce import infonce
from trainer.losses.triplet import hardest_triplet


@pytest.fixture
def cosines() -> torch.Tensor:
    return torch.rand(5, 5, generator=torch.Generator().manual_seed(0)) * 2 - 1


def test_is_the_sum_of_its_parts(cosines: torch.Tensor) -> None:
    positives, scale = torch.eye(5, dtype=torch.bool), torch.tensor(14.0)
    expected = infonce(14 * cosines, positives) + 0.3 * hardest_triplet(cosines, positives, 0.1)
    torch.testing.assert_close(HybridLoss(alpha=0.3, margin=0.1)(cosines, scale, positives, 0), expected)


def test_alpha_rises_from_nothing_and_stays() -> None:
    loss = HybridLoss(alpha=0.4, ramp_steps=10)
    assert [loss.weight(step) for step in (0, 5, 10, 100)] == [0, pytest.approx(0.2), 0.4, 0.4]


def test_the_scale_learns_from_the_contrast_alone(cosines: torch.Tensor) -> None:
    positives = torch.eye(5, dtype=torch.bool)
    gradients = []
    for alpha in (0.0, 0.5):
        scale = torch.tensor(14.0, requires_grad=True)
        HybridLoss(alpha)(cosines, scale, positives, 0).backward()
        assert scale.grad is not None
        gradients.append(scale.grad.item())
    assert gradients[0] == pytest.approx(gradients[1])
