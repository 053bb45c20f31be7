"""From a tower's features into the space that photos and sentences share."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from photosearch.models.config import ConSEConfig, HeadConfig


class ResidualHead(nn.Module):
    """A linear map plus an MLP, over standardised features."""

    mean: Tensor
    std: Tensor

    def __init__(self, config: HeadConfig) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(config.dim_in))
        self.register_buffer("std", torch.ones(config.dim_in))
        self.linear = nn.Linear(config.dim_in, config.dim_out)
        self.mlp = nn.Sequential(
            nn.Linear(config.dim_in, config.hidden),
            nn.GELU(),
            nn.Dropout(config.dropout),
            nn.Linear(config.hidden, config.dim_out),
        )

    def forward(self, features: Tensor) -> Tensor:
        """(B, in) -> (B, out), not normed."""
        x = (features - self.mean) / self.std
        out: Tensor = self.linear(x) + self.mlp(x)
        return out


class MlpHead(nn.Module):
    """A linear map, and an MLP beside it, normed: the projection head of moein-shariatnia/OpenAI-CLIP.

    With p = Linear(x): LayerNorm(p + dropout(Linear(GELU(p)))).
    """

    def __init__(self, config: HeadConfig) -> None:
        super().__init__()
        self.projection = nn.Linear(config.dim_in, config.dim_out)
        self.mlp = nn.Sequential(
            nn.GELU(), nn.Linear(config.dim_out, config.dim_out), nn.Dropout(config.dropout)
        )
        self.norm = nn.LayerNorm(config.dim_out)

    def forward(self, features: Tensor) -> Tensor:
        """(B, in) -> (B, out), not L2-normed."""
        projected = self.projection(features)
        out: Tensor = self.norm(projected + self.mlp(projected))
        return out


class LinearHead(nn.Sequential):
    """One linear map, after dropout."""

    def __init__(self, config: HeadConfig) -> None:
        super().__init__(nn.Dropout(config.dropout), nn.Linear(config.dim_in, config.dim_out))


HEADS: dict[str, type[nn.Module]] = {"residual": ResidualHead, "linear": LinearHead, "mlp": MlpHead}


class ConSE(nn.Module):
    """Convex combination of semantic embeddings (Norouzi et al. 2013): a photo as the mix of its classes.

    e = norm(norm(sum_k p_k t_k) - m), with p the classifier's softmax, t_k the text embedding of class k
    and m the mean of norm(sum_k p_k t_k) over the training photos.
    """

    class_text: Tensor  # (classes, T), L2-normed
    mean: Tensor  # (T,)

    def __init__(self, config: ConSEConfig) -> None:
        super().__init__()
        self.register_buffer("class_text", torch.zeros(config.classes, config.dim))
        self.register_buffer("mean", torch.zeros(config.dim))

    def mixture(self, logits: Tensor) -> Tensor:
        """Logits (B, classes) -> norm(sum_k p_k t_k) (B, T); `mean` is the mean of these."""
        return F.normalize(logits.float().softmax(dim=-1) @ self.class_text, dim=-1)

    def forward(self, logits: Tensor) -> Tensor:
        """Logits (B, classes) -> (B, T), L2-normed."""
        return F.normalize(self.mixture(logits) - self.mean, dim=-1)
