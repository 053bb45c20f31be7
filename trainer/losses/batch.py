"""What a loss sees: the embeddings of one batch, and which of them belong together."""

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class Batch:
    """N pairs as the encoder made them; row i of `images` and row i of `texts` are one pair.

    Under several processes these are the rows of all of them. Embeddings are L2-normed unless the recipe
    says otherwise. What a recipe does not use is None.
    """

    images: Tensor  # (N, D)
    texts: Tensor  # (N, D)
    scale: Tensor  # (), kappa = 1 / temperature
    image_ids: Tensor  # (N,) int64; pairs of one image, or of near-duplicates, share an id
    text_ids: Tensor  # (N,) int64; the same normalised caption, the same id
    bias: Tensor | None = None  # (), of the sigmoid loss
    views: tuple[Tensor, Tensor] | None = None  # 2 x (N, V), two augmented views of each image
    labels: Tensor | None = None  # (N,) int64, -1 where unknown
    image_tokens: Tensor | None = None  # (N, P, D), L2-normed
    text_tokens: Tensor | None = None  # (N, L, D), L2-normed
    text_mask: Tensor | None = None  # (N, L), 1 for a token, 0 for padding
    guide: tuple[Tensor, Tensor] | None = None  # a frozen model's images and texts (N, G), L2-normed

    def __len__(self) -> int:
        return len(self.images)

    def positives(self, rows: slice, columns: slice = slice(None)) -> Tensor:
        """Which pairs belong together: those of one image or of one caption; (R, C) bool, own pair True."""
        same_image = self.image_ids[rows, None] == self.image_ids[None, columns]
        same_text = self.text_ids[rows, None] == self.text_ids[None, columns]
        return torch.logical_or(same_image, same_text)
