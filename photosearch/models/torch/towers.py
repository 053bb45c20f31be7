"""The two networks that turn pixels and words into features."""

from typing import Any

import timm
import torch
from torch import Tensor, nn
from torch.nn import functional as F
from transformers import AutoConfig, AutoModel, SiglipTextModel

from photosearch.core.encoder import Preprocessing
from photosearch.core.errors import KnownError
from photosearch.models.config import ImageTowerConfig, TextTowerConfig
from photosearch.models.torch.quantised import linears_in_eight_bits, words_in_four_bits


class PixelNorm(nn.Module):
    """What every image tower begins with: pixels per channel, less the mean, over the standard deviation."""

    mean: Tensor
    std: Tensor

    def __init__(self, preprocessing: Preprocessing) -> None:
        super().__init__()
        self.register_buffer("mean", torch.tensor(preprocessing.mean).view(3, 1, 1), persistent=False)
        self.register_buffer("std", torch.tensor(preprocessing.std).view(3, 1, 1), persistent=False)

    def normed(self, images: Tensor) -> Tensor:
        """(B, H, W, 3) uint8 RGB -> (B, 3, H, W), channels-last in memory."""
        pixels = images.permute(0, 3, 1, 2).to(self.mean.dtype)
        return (pixels - self.mean) / self.std


class ImageTower(PixelNorm):
    """A timm network from pixels to its pooled features, with its classifier where the config keeps one.

    With `features = "logits"` the classifier's logits are the features.
    """

    network: Any  # a timm network

    def __init__(self, config: ImageTowerConfig, preprocessing: Preprocessing) -> None:
        super().__init__(preprocessing)
        if not timm.is_model(config.architecture):  # names such as hf-hub:… would go online
            raise KnownError(
                "The model wants an image network that timm does not know: {network}.",
                network=config.architecture,
            )
        default = timm.get_pretrained_cfg(config.architecture)
        sized: dict[str, Any] = (
            {"img_size": preprocessing.size} if default and default.fixed_input_size else {}
        )
        if vit := config.vit:
            sized |= {
                "patch_size": vit.patch,
                "embed_dim": vit.width,
                "depth": vit.depth,
                "num_heads": vit.heads,
                "mlp_ratio": vit.mlp_ratio,
            }
        self.network = timm.create_model(
            config.architecture, pretrained=False, num_classes=config.classes, **sized
        )
        self.pooled = config.features == "pooled"
        self._dim = config.dim

    def forward(self, images: Tensor) -> Tensor:
        """images (B, H, W, 3) uint8 RGB -> features (B, F)."""
        maps = self.network.forward_features(self.normed(images))
        features: Tensor = self.network.forward_head(maps, pre_logits=self.pooled)
        return features

    def tokens(self, images: Tensor) -> Tensor:
        """images (B, H, W, 3) uint8 RGB -> what is pooled, place by place (B, P, F).

        Raises:
            KnownError: this network pools something else than its features.
        """
        maps = self.network.forward_features(self.normed(images))
        if maps.ndim == 4:  # (B, F, h, w), or (B, h, w, F) of networks such as Swin's
            maps = maps.flatten(2).mT if maps.shape[1] == self._dim else maps.flatten(1, 2)
        else:
            maps = maps[:, getattr(self.network, "num_prefix_tokens", 0) :]
        if maps.shape[-1] != self._dim:
            raise KnownError(
                "This image network has no features of single places; take out the fine_grained loss or "
                "choose a ViT or a ResNet."
            )
        tokens: Tensor = maps
        return tokens

    def logits(self, features: Tensor) -> Tensor:
        """Pooled features (B, F) -> logits of the pretrained classifier (B, classes)."""
        logits: Tensor = self.classifier(features)
        return logits

    @property
    def classifier(self) -> nn.Module:
        """The pretrained classifier on top of the pooled features."""
        classifier: nn.Module = self.network.get_classifier()
        return classifier

    def run_in(self, dtype: torch.dtype) -> None:
        """Compute features in `dtype`; the classifier that takes pooled features stays in float32."""
        self.to(dtype)
        if self.pooled:
            self.classifier.float()


class TextTower(nn.Module):
    """A transformers text encoder, pooled over the tokens that are not padding."""

    def __init__(self, config: TextTowerConfig) -> None:
        super().__init__()
        parsed = transformers_config(config.transformers)
        self.network: Any
        if parsed.model_type == "siglip_text_model":  # which AutoModel does not know by itself
            self.network = SiglipTextModel(parsed)
            self.network.head = nn.Identity()
        else:
            self.network = AutoModel.from_config(parsed, trust_remote_code=False)
        if getattr(self.network, "pooler", None) is not None:
            self.network.pooler = None  # our own pooling takes its place
        if config.quantised:
            words_in_four_bits(self.network)
            linears_in_eight_bits(self.network)
        self._pooling = config.pooling
        self._end: Any = config.transformers.get("eos_token_id")
        self._normed = config.normed

    def forward(self, ids: Tensor, mask: Tensor) -> Tensor:
        """ids, mask (B, L) int64, mask 1 for a token and 0 for padding -> features (B, T)."""
        hidden = self.network(input_ids=ids, attention_mask=mask).last_hidden_state  # (B, L, T)
        match self._pooling:
            case "mean":
                weights = mask.unsqueeze(-1).to(hidden.dtype)  # (B, L, 1)
                pooled = (hidden * weights).sum(dim=1) / weights.sum(dim=1).clamp(min=1)
            case "end":
                ends = ids.eq(self._end).int().argmax(dim=1)  # the first of them
                pooled = hidden[torch.arange(len(hidden), device=hidden.device), ends]
            case "cls":
                pooled = hidden[:, 0]
        return F.normalize(pooled, dim=-1) if self._normed else pooled

    def tokens(self, ids: Tensor, mask: Tensor) -> Tensor:
        """ids, mask (B, L) -> each token's state (B, L, T), normed as the features are."""
        hidden: Tensor = self.network(input_ids=ids, attention_mask=mask).last_hidden_state
        return F.normalize(hidden, dim=-1) if self._normed else hidden


def transformers_config(values: dict[str, Any]) -> Any:
    """The config object of `values`, `model_type` included.

    Raises:
        KnownError: transformers does not know the type.
    """
    plain = _without_code(values)
    model_type = plain.pop("model_type", None)
    try:
        return AutoConfig.for_model(model_type, **plain)
    except ValueError as error:
        raise KnownError(
            "The model wants a network that transformers does not know: {network}.", network=model_type
        ) from error


def _without_code(values: dict[str, Any]) -> dict[str, Any]:
    # Private keys choose attention kernels, which may come from the hub; auto_map names remote code.
    return {
        key: _without_code(value) if isinstance(value, dict) else value
        for key, value in values.items()
        if not key.startswith("_") and key not in ("auto_map", "attn_implementation")
    }
