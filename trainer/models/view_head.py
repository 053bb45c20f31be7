"""SLIP's third head: where two views of an image are compared, while a model is trained and no longer."""

from typing import Any

import torch
from torch import Tensor, nn

NAME = "view_head"


def add_view_head(model: Any, size: int, hidden: int, dim: int) -> None:
    """Give a model of images of `size` pixels a head for views: F -> hidden -> hidden -> dim.

    SLIP has batch norms between its layers; layer norms stand here, for a batch is embedded in chunks.
    Its weights are drawn from torch's generator.

    Source: Mu et al. 2022 (SLIP); Chen et al. 2020 (SimCLR).
    """
    with torch.no_grad():
        features = model.image_features(torch.zeros(1, size, size, 3, dtype=torch.uint8)).shape[1]
    layers: list[nn.Module] = []
    for width in (features, hidden):
        layers += [nn.Linear(width, hidden, bias=False), nn.LayerNorm(hidden), nn.ReLU()]
    model.add_module(NAME, nn.Sequential(*layers, nn.Linear(hidden, dim)))


def encode_view(model: Any, images: Tensor) -> Tensor:
    """Views (B, H, W, 3) as they are compared: by the head of their own, or by the image head; (B, V)."""
    head = getattr(model, NAME, None)
    view: Tensor = model.encode_image(images) if head is None else head(model.image_features(images))
    return view


def drop_view_head(model: nn.Module) -> None:
    """What is published compares photos with sentences alone."""
    if hasattr(model, NAME):
        delattr(model, NAME)
