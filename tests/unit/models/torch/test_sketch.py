import pytest
import torch
from torch import nn

from photosearch.core.errors import KnownError
from photosearch.models.torch.sketch import sketched

FILE = [(8, 8), (8,)] * 4
LARGER = "The config of a model asks for a far larger network than its weights are of"


def test_a_network_that_fits_its_file_is_sketched_without_numbers() -> None:
    network = sketched(lambda: nn.Sequential(*(nn.Linear(8, 8) for _ in range(4))), FILE, "a model")
    assert {tensor.device.type for tensor in network.state_dict().values()} == {"meta"}
    assert [tuple(tensor.shape) for tensor in network.state_dict().values()] == FILE
    assert nn.Linear(2, 2).weight.device.type == "cpu"  # what is built afterwards


def test_one_of_too_many_layers_is_given_up_before_they_are_made() -> None:
    made: list[nn.Module] = []

    def build() -> nn.Module:
        for _ in range(10_000):
            made.append(nn.Linear(8, 8))
        return nn.Sequential(*made)

    with pytest.raises(KnownError, match=LARGER):
        sketched(build, FILE, "a model")
    assert len(made) == 8
    nn.Sequential(*(nn.Linear(2, 2) for _ in range(20)))  # nobody counts any more


def test_one_of_layers_that_no_computer_has_room_for_is_refused() -> None:
    with pytest.raises(KnownError, match=LARGER):
        sketched(lambda: nn.Linear(1 << 20, 1 << 20), FILE, "a model")
    assert torch.empty(1).device.type == "cpu"
