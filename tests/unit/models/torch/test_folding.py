import pytest
import timm
import torch
from torch import Tensor, nn

from photosearch.models.torch.folding import fold_batch_norms


def batch_norms(network: nn.Module) -> int:
    return sum(isinstance(module, nn.BatchNorm2d) for module in network.modules())


def with_statistics(network: nn.Module) -> nn.Module:
    """Batch norms that would be missed: fresh ones change next to nothing."""
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.running_mean.normal_()
            module.running_var.uniform_(0.5, 2.0)
            nn.init.uniform_(module.weight, 0.5, 1.5)
            nn.init.normal_(module.bias)
    return network.eval()


@torch.inference_mode()
@pytest.mark.parametrize(
    "name", ["test_efficientnet", "test_resnet", "test_byobnet", "tf_efficientnet_lite0"]
)
def test_folding_leaves_no_batch_norm_and_the_same_function(name: str):
    with torch.inference_mode(False):
        network = with_statistics(timm.create_model(name, num_classes=0))
        images = torch.randn(2, 3, 64, 64)
        folded = fold_batch_norms(network, images[:1])
    assert batch_norms(network) > 0
    assert batch_norms(folded) == 0
    expected = network(images)
    torch.testing.assert_close(folded(images), expected, atol=1e-5 * expected.abs().max().item(), rtol=1e-4)


class Awkward(nn.Module):
    """Batch norms that must stay: behind an activation in place, and behind a convolution used twice."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.shared = nn.Conv2d(3, 4, 1), nn.Conv2d(4, 4, 1)
        self.norms = nn.ModuleList([nn.BatchNorm2d(4) for _ in range(3)])

    def forward(self, x: Tensor) -> Tensor:
        x = self.norms[0](self.first(x).relu_())
        x = self.norms[1](self.shared(x))
        return self.norms[2](self.shared(x))


def test_a_batch_norm_that_cannot_be_folded_stays():
    network = with_statistics(Awkward())
    images = torch.randn(2, 3, 8, 8)
    folded = fold_batch_norms(network, images)
    assert batch_norms(folded) == 3
    torch.testing.assert_close(folded(images), network(images))


def test_a_network_without_batch_norms_is_only_copied():
    network = timm.create_model("test_vit", img_size=64, num_classes=0).eval()
    images = torch.randn(1, 3, 64, 64)
    folded = fold_batch_norms(network, images)
    assert folded is not network
    torch.testing.assert_close(folded(images), network(images))
