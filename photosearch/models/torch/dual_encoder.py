"""The model: an image tower, a text tower, a head on each; ConSE beside them in the bundled one."""

import math
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from photosearch.core.encoder import BIAS_BETA
from photosearch.models.config import ModelConfig
from photosearch.models.torch.heads import HEADS, ConSE
from photosearch.models.torch.hub import build_parts
from photosearch.models.torch.towers import ImageTower, TextTower


class DualEncoder(nn.Module):
    """Photos (uint8) and sentences (token ids) into one space of D dimensions, by cosine.

    image: [sqrt(1-w) norm(image_head(f)), sqrt(w) ConSE(logits(f))], f the image tower's features
    text:  [sqrt(1-w) norm(text_head(t)), sqrt(w) t],                 t the text tower's features
    so a cosine is (1-w) times the joint space's plus w times ConSE's. Without ConSE only the first part.
    Where class texts are of another text tower, the text head gives all of its side: norm(text_head(t)).
    """

    image_tower: Any  # ImageTower, or HubImageTower
    text_tower: Any  # TextTower, or HubTextTower
    image_head: Any  # one of heads.HEADS, or a whole model's projection
    text_head: Any
    bank: Tensor  # (K, D) int8
    bank_scale: Tensor  # (K,)

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        if config.hub:
            parts = build_parts(config.hub, config.preprocessing)
            self.image_tower, self.text_tower, self.image_head, self.text_head = parts
        else:
            assert config.image_tower and config.text_tower and config.image_head and config.text_head
            self.image_tower = ImageTower(config.image_tower, config.preprocessing)
            self.text_tower = TextTower(config.text_tower)
            self.image_head = HEADS[config.image_head.kind](config.image_head)
            self.text_head = HEADS[config.text_head.kind](config.text_head)
        self.conse = ConSE(config.conse) if config.conse else None
        self.conse_weight = config.conse.weight if config.conse else 0.0
        self._whole_text_head = config.conse is None or config.conse.text_head
        self.log_scale = nn.Parameter(torch.tensor(math.log(1 / 0.07)))
        self.max_scale = config.max_scale
        self.bias = nn.Parameter(torch.tensor(-10.0)) if config.bias else None
        self.register_buffer("bank", torch.zeros(config.bank, config.dim, dtype=torch.int8))
        self.register_buffer("bank_scale", torch.zeros(config.bank))

    @property
    def scale(self) -> Tensor:
        """The logit scale, 1/temperature, never above `max_scale`."""
        return self.log_scale.clamp(max=math.log(self.max_scale)).exp()

    def image_features(self, images: Tensor) -> Tensor:
        """(B, H, W, 3) uint8 -> (B, F)."""
        features: Tensor = self.image_tower(images)
        return features

    def text_features(self, ids: Tensor, mask: Tensor) -> Tensor:
        """Token ids and mask (B, L) -> (B, T), L2-normed."""
        features: Tensor = self.text_tower(ids, mask)
        return features

    def joint_image(self, features: Tensor) -> Tensor:
        """Image features (B, F) -> the learnt part alone (B, joint), L2-normed."""
        return F.normalize(self.image_head(features), dim=-1)

    def joint_text(self, features: Tensor) -> Tensor:
        """Text features (B, T) -> what the text head gives (B, joint), L2-normed."""
        return F.normalize(self.text_head(features), dim=-1)

    def embed_image_features(self, features: Tensor) -> Tensor:
        """(B, F) -> (B, D), L2-normed."""
        joint = self.joint_image(features)
        if self.conse is None:
            return joint
        return self._concatenate(joint, self.conse(self.image_tower.logits(features)))

    def embed_text_features(self, features: Tensor) -> Tensor:
        """(B, T) -> (B, D), L2-normed."""
        joint = self.joint_text(features)
        return joint if self._whole_text_head else self._concatenate(joint, features)

    def encode_image(self, images: Tensor) -> Tensor:
        """(B, H, W, 3) uint8 -> (B, D), L2-normed."""
        return self.embed_image_features(self.image_features(images))

    def encode_text(self, ids: Tensor, mask: Tensor) -> Tensor:
        """Token ids and mask (B, L) -> (B, D), L2-normed."""
        return self.embed_text_features(self.text_features(ids, mask))

    def project_image(self, images: Tensor) -> Tensor:
        """(B, H, W, 3) uint8 -> the learnt part alone (B, joint), not normed."""
        projected: Tensor = self.image_head(self.image_features(images))
        return projected

    def project_text(self, ids: Tensor, mask: Tensor) -> Tensor:
        """Token ids and mask (B, L) -> the learnt part alone (B, joint), not normed."""
        projected: Tensor = self.text_head(self.text_features(ids, mask))
        return projected

    def image_tokens(self, images: Tensor) -> Tensor:
        """(B, H, W, 3) uint8 -> each place of the photo in the joint space (B, P, joint), L2-normed.

        Raises:
            KnownError: this image tower has no features of single places.
        """
        return F.normalize(self.image_head(self.image_tower.tokens(images)), dim=-1)

    def text_tokens(self, ids: Tensor, mask: Tensor) -> Tensor:
        """Token ids and mask (B, L) -> each token in the joint space (B, L, joint), L2-normed."""
        return F.normalize(self.text_head(self.text_tower.tokens(ids, mask)), dim=-1)

    def set_bank(self, embeddings: Tensor) -> None:
        """Keep the embeddings (K, D) of typical sentences, as int8 with one scale a row."""
        largest = embeddings.abs().amax(dim=1).clamp(min=1e-12)
        self.bank = (embeddings / largest[:, None] * 127).round().to(torch.int8)
        self.bank_scale = (largest / 127).float()

    def image_bias(self, embeddings: Tensor) -> Tensor:
        """Image embeddings (B, D) -> hubness (B,): ln(mean_b exp(beta <b, x>)) / beta over the bank."""
        if not len(self.bank):
            return embeddings.new_zeros(len(embeddings))
        cosines = embeddings @ self.bank.to(embeddings.dtype).T * self.bank_scale  # (B, K)
        return ((BIAS_BETA * cosines).logsumexp(dim=1) - math.log(len(self.bank))) / BIAS_BETA

    def _concatenate(self, joint: Tensor, semantic: Tensor) -> Tensor:
        w = self.conse_weight
        return torch.cat([math.sqrt(1 - w) * joint, math.sqrt(w) * semantic], dim=-1)
