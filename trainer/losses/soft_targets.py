"""Cross-entropy against targets that the embeddings make for themselves."""

from typing import Literal

import torch
from torch import Tensor
from torch.nn import functional as F
from torch.utils.checkpoint import checkpoint

from trainer.bounds import Positive
from trainer.losses.batch import Batch
from trainer.losses.similarity import both_ways, similarities
from trainer.losses.term import Term

TILE = 256  # rows at a time, where the whole batch must be looked through


class SoftTargets(Term, tag="soft_targets", frozen=True, kw_only=True):
    """Both directions against a softmax of how alike images are, and texts are, among themselves.

    With images X, texts Y (N, D), logits kappa Y X^T, and a factor f,

        averaged    T = softmax_rows( f (X X^T + Y Y^T) / 2 ); texts aim at T and images at T^T
        separated   texts aim at softmax_rows( f X X^T ), images at softmax_rows( f Y Y^T )
        L = 1/2N * sum over both directions and all anchors i of - sum_j target_ij log softmax_j(logits)_ij

    "averaged" is the original. Its T^T is T transposed as it stands: the targets of one image are shares of N
    different softmaxes and do not add up to 1. "separated" is what its critics put in its place: a text
    chooses among images, so what it aims at is how alike these images are.

    The factor f is kappa ("scale"), which makes targets as sharp as the logits; or 1 / kappa ("temperature"),
    the original's; or a number. At kappa = 1, where the original stands, the first two are one. At any usual
    kappa the second makes targets almost uniform, and then the best embeddings are all alike. With `detach =
    False`, the original again, gradients run through the targets as well, which so move to meet the logits.
    The original is `detach = False, target_scale = "temperature"`, without L2 norm.

    Source: Shariatnia 2021 (a simple CLIP implementation, after the Keras example by Salama 2021), issues 16,
    24 and 27 there for the critics.
    """

    targets: Literal["averaged", "separated"] = "averaged"
    detach: bool = True
    target_scale: Literal["scale", "temperature"] | Positive = "scale"

    def rows(self, batch: Batch, rows: slice, step: int) -> Tensor:
        with torch.set_grad_enabled(torch.is_grad_enabled() and not self.detach):
            image_targets, text_targets = self._targets(batch, rows)
        by_image, by_text = both_ways(batch, rows)
        loss = _cross_entropy(batch.scale * by_image, image_targets)
        loss = loss + _cross_entropy(batch.scale * by_text, text_targets)
        return loss / (2 * len(batch))

    def _targets(self, batch: Batch, rows: slice) -> tuple[Tensor, Tensor]:
        """What the images and what the texts of `rows` aim at; 2 x (R, N)."""
        factor = self._factor(batch)
        if self.targets == "separated":
            by_image = factor * similarities(batch.images[rows], batch.images)
            by_text = factor * similarities(batch.texts[rows], batch.texts)
            return by_text.softmax(dim=1), by_image.softmax(dim=1)
        both = _mean_similarities(batch.images, batch.texts, factor, rows)  # (R, N), symmetric over all rows
        # Image i's target for text j is row j's softmax at i, so every row's normaliser is needed.
        return (both - _normalisers(batch, factor)).exp(), both.softmax(dim=1)

    def _factor(self, batch: Batch) -> Tensor | float:
        if self.target_scale == "scale":
            return batch.scale
        if self.target_scale == "temperature":
            return 1 / batch.scale
        return self.target_scale


def _cross_entropy(logits: Tensor, targets: Tensor) -> Tensor:
    return -(targets * F.log_softmax(logits, dim=1)).sum()


def _mean_similarities(images: Tensor, texts: Tensor, factor: Tensor | float, rows: slice) -> Tensor:
    return factor * (similarities(images[rows], images) + similarities(texts[rows], texts)) / 2


def _normalisers(batch: Batch, factor: Tensor | float) -> Tensor:
    """The log-sum-exp of each row of the mean similarities, by tiles that backward makes again; (N,)."""

    def of_tile(images: Tensor, texts: Tensor, factor: Tensor | float, rows: slice) -> Tensor:
        return _mean_similarities(images, texts, factor, rows).logsumexp(dim=1)

    tiles = [slice(start, start + TILE) for start in range(0, len(batch), TILE)]
    parts = [
        checkpoint(
            of_tile, batch.images, batch.texts, factor, tile, use_reentrant=False, preserve_rng_state=False
        )
        for tile in tiles
    ]
    return torch.cat(parts)
