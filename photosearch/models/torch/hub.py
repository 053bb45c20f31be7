"""Whole dual encoders of transformers, taken apart into two towers and their projections."""

import math
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from transformers import AutoModel

from photosearch.core.encoder import Preprocessing
from photosearch.core.errors import KnownError
from photosearch.models.config import HubConfig
from photosearch.models.torch.towers import PixelNorm, transformers_config

FAMILIES = ("clip", "metaclip_2", "chinese_clip", "siglip", "siglip2", "align")  # by `model_type`


class HubImageTower(PixelNorm):
    """A vision model of transformers from pixels to what its projection takes."""

    network: Any

    def __init__(self, network: nn.Module, preprocessing: Preprocessing) -> None:
        super().__init__(preprocessing)
        self.network = network

    def forward(self, images: Tensor) -> Tensor:
        """images (B, H, W, 3) uint8 RGB -> features (B, F)."""
        return pooled(self._output(images))

    def tokens(self, images: Tensor) -> Tensor:
        """images (B, H, W, 3) uint8 RGB -> places of the photo (B, P, F), as the projection takes them."""
        hidden: Tensor = self._output(images).last_hidden_state
        if hidden.ndim == 4:  # (B, F, h, w) of a CNN
            return hidden.flatten(2).mT
        if hasattr(self.network.embeddings, "class_embedding"):  # CLIP's class token comes first, not normed
            hidden = self.network.post_layernorm(hidden[:, 1:])
        return hidden

    def run_in(self, dtype: torch.dtype) -> None:
        """Compute features in `dtype`."""
        self.to(dtype)

    def _output(self, images: Tensor) -> Any:
        pixels = self.normed(images)
        if self.network.config.model_type != "siglip2_vision_model":
            return self.network(pixel_values=pixels)
        # SigLIP2 takes any grid of patches; ours is a square.
        edge = self.network.config.patch_size
        rows, columns = (length // edge for length in pixels.shape[2:])
        patches = pixels.reshape(len(pixels), 3, rows, edge, columns, edge)
        patches = patches.permute(0, 2, 4, 3, 5, 1).flatten(3).flatten(1, 2)  # (B, rows * columns, e * e * 3)
        shapes = torch.tensor([[rows, columns]], device=pixels.device).expand(len(pixels), 2)
        return self.network(pixel_values=patches, pixel_attention_mask=None, spatial_shapes=shapes)


class HubTextTower(nn.Module):
    """A text model of transformers from token ids to what its projection takes."""

    def __init__(self, network: Any) -> None:
        super().__init__()
        self.network = network
        if hasattr(network, "pooler"):
            network.pooler = None  # of BERT's kind: Chinese-CLIP and ALIGN read the first token instead

    def forward(self, ids: Tensor, mask: Tensor) -> Tensor:
        """ids, mask (B, L) int64, mask 1 for what is read -> features (B, T)."""
        return pooled(self.network(input_ids=ids, attention_mask=mask))

    def tokens(self, ids: Tensor, mask: Tensor) -> Tensor:
        """ids, mask (B, L) -> each token (B, L, T), as the projection takes it."""
        hidden: Tensor = self.network(input_ids=ids, attention_mask=mask).last_hidden_state
        return self.network.head(hidden) if hasattr(self.network, "head") else hidden


class Parts(NamedTuple):
    """The parts of a DualEncoder that come from the hub."""

    image_tower: HubImageTower
    text_tower: HubTextTower
    image_head: nn.Module
    text_head: nn.Module


def build_parts(config: HubConfig, preprocessing: Preprocessing) -> Parts:
    """The parts of a model with random weights.

    Raises:
        KnownError: the config is of no family that is known here.
    """
    family = config.transformers.get("model_type")
    if family not in FAMILIES:
        raise KnownError(
            "The model is a {family}, and only {families} are known here.",
            family=family,
            families=", ".join(FAMILIES),
        )
    whole = AutoModel.from_config(transformers_config(config.transformers), trust_remote_code=False)
    return take_apart(whole, preprocessing)


def take_apart(whole: Any, preprocessing: Preprocessing) -> Parts:
    """The towers and the projections of a transformers model, which they go on sharing."""
    return Parts(
        HubImageTower(whole.vision_model, preprocessing),
        HubTextTower(whole.text_model),
        getattr(whole, "visual_projection", nn.Identity()),
        getattr(whole, "text_projection", nn.Identity()),
    )


def logit_scale(whole: Any) -> float:
    """ln(1 / temperature) of a transformers model."""
    if hasattr(whole, "temperature"):  # ALIGN's
        return -math.log(whole.temperature.item())
    return float(whole.logit_scale.item())


def logit_bias(whole: Any) -> float | None:
    """What SigLIP adds to its logits; None: the family has no such offset."""
    return float(whole.logit_bias.item()) if hasattr(whole, "logit_bias") else None


def pooled(output: Any) -> Tensor:
    """The one vector in what a model of transformers 5 returns: pooled, or the first token's."""
    found: Tensor | None = output.pooler_output
    return output.last_hidden_state[:, 0] if found is None else found
