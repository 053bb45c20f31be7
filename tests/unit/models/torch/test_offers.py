"""What the catalogue says of each model's size is what its architecture has."""

import pytest
import torch
import transformers
from torch.utils.flop_counter import FlopCounterMode

from photosearch.models.offers import KnownModel, known_models
from photosearch.models.torch.hub import FAMILIES


@pytest.mark.parametrize("model", known_models(), ids=[model.source for model in known_models()])
def test_sizes_are_counted(model: KnownModel) -> None:
    assert model.architecture["model_type"] in FAMILIES
    config = transformers.AutoConfig.for_model(**model.architecture)
    assert config.vision_config.image_size == model.pixels
    with torch.device("meta"):
        network = transformers.AutoModel.from_config(config)
        photo = torch.empty(1, 3, model.pixels, model.pixels)
    assert sum(parameter.numel() for parameter in network.parameters()) == model.parameters
    with FlopCounterMode(display=False) as counted, torch.inference_mode():
        network.get_image_features(pixel_values=photo)
    assert counted.get_total_flops() / 1e9 == pytest.approx(model.gigaflops, rel=0.01)
