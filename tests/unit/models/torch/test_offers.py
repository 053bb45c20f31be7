"""What the catalogue says of each model's size is what its architecture has."""

from typing import Any

import open_clip
import pytest
import torch
import transformers
from torch.utils.flop_counter import FlopCounterMode

from photosearch.models.offers import KnownModel, known_models
from photosearch.models.torch.hub import FAMILIES


def built(architecture: dict[str, Any]) -> Any:
    """The network itself, by its own library."""
    if architecture["model_type"] == "open_clip":
        return open_clip.CustomTextCLIP(**{k: v for k, v in architecture.items() if k != "model_type"})
    assert architecture["model_type"] in FAMILIES
    return transformers.AutoModel.from_config(transformers.AutoConfig.for_model(**architecture))


@pytest.mark.parametrize("model", known_models(), ids=[model.source for model in known_models()])
def test_sizes_are_counted(model: KnownModel) -> None:
    with torch.device("meta"):
        network = built(model.architecture).requires_grad_(False)
        photo = torch.empty(1, 3, model.pixels, model.pixels)
    assert sum(parameter.numel() for parameter in network.parameters()) == model.parameters
    with FlopCounterMode(display=False) as counted, torch.inference_mode():
        (network.encode_image if hasattr(network, "encode_image") else network.get_image_features)(photo)
    assert counted.get_total_flops() / 1e9 == pytest.approx(model.gigaflops, rel=0.01)
