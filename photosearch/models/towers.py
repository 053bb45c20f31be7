"""The two networks that turn pixels and words into features."""

from typing import Any

import timm
import torch
from torch import Tensor, nn
from torch.nn import functional as F
from transformers import AutoConfig, AutoModel

from photosearch.core.encoder import Preprocessing
from photosearch.core.errors import KnownError
from photosearch.models.config import ImageTowerConfig, TextTowerConfig


class ImageTower(nn.Module):
    """A timm network from pixels to its pooled features, with its classifier where the config keeps one."""

    network: Any  # a timm network
    mean: Tensor
    std: Tensor

    def __init__(self, config: ImageTowerConfig, preprocessing: Preprocessing) -> None:
        super().__init__()
        if not timm.is_model(config.architecture):  # names such as hf-hub:… would go online
            raise KnownError(
                f"The model wants an image network that timm does not know: {config.architecture}."
            )
        default = timm.get_pretrained_cfg(config.architecture)
        sized: dict[str, Any] = (
            {"img_size": preprocessing.size} if default and default.fixed_input_size else {}
        )
        self.network = timm.create_model(
            config.architecture, pretrained=False, num_classes=config.classes, **sized
        )
        self.register_buffer("mean", torch.tensor(preprocessing.mean).view(3, 1, 1), persistent=False)
        self.register_buffer("std", torch.tensor(preprocessing.std).view(3, 1, 1), persistent=False)

    def forward(self, images: Tensor) -> Tensor:
        """images (B, H, W, 3) uint8 RGB -> pooled features (B, F)."""
        pixels = images.permute(0, 3, 1, 2).to(self.mean.dtype)  # (B, 3, H, W), channels-last in memory
        pixels = (pixels - self.mean) / self.std
        features: Tensor = self.network.forward_head(self.network.forward_features(pixels), pre_logits=True)
        return features

    def logits(self, features: Tensor) -> Tensor:
        """Pooled features (B, F) -> logits of the pretrained classifier (B, classes)."""
        logits: Tensor = self.classifier(features)
        return logits

    @property
    def classifier(self) -> nn.Module:
        classifier: nn.Module = self.network.get_classifier()
        return classifier


class TextTower(nn.Module):
    """A transformers text encoder, mean-pooled over the tokens that are not padding."""

    def __init__(self, config: TextTowerConfig) -> None:
        super().__init__()
        self.network: Any = AutoModel.from_config(  # type: ignore[no-untyped-call]
            _transformers_config(config.transformers), trust_remote_code=False
        )
        if getattr(self.network, "pooler", None) is not None:
            self.network.pooler = None  # mean pooling takes its place

    def forward(self, ids: Tensor, mask: Tensor) -> Tensor:
        """ids, mask (B, L) int64, mask 1 for a token and 0 for padding -> (B, T), L2-normed."""
        hidden = self.network(input_ids=ids, attention_mask=mask).last_hidden_state  # (B, L, T)
        weights = mask.unsqueeze(-1).to(hidden.dtype)  # (B, L, 1)
        return F.normalize((hidden * weights).sum(dim=1) / weights.sum(dim=1).clamp(min=1), dim=-1)


def _transformers_config(values: dict[str, Any]) -> Any:
    # Private keys choose attention kernels, which may come from the hub; auto_map names remote code.
    plain = {
        key: value
        for key, value in values.items()
        if not key.startswith("_") and key not in ("auto_map", "attn_implementation")
    }
    model_type = plain.pop("model_type", None)
    try:
        return AutoConfig.for_model(model_type, **plain)
    except ValueError as error:
        raise KnownError(
            f"The model wants a text network that transformers does not know: {model_type}."
        ) from error
