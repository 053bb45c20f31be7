"""Similarities of anchors with everything they are compared to, in full precision."""

from collections.abc import Callable

import torch
from torch import Tensor

from trainer.losses.batch import Batch


def similarities(anchors: Tensor, others: Tensor) -> Tensor:
    """Dot products, which are cosines where embeddings are L2-normed; (R, D), (N, D) -> (R, N).

    float64 stays; anything narrower than float32 is widened first, and autocast is kept away: at a scale of
    100 the rounding of bfloat16 is worth a good part of a unit of logit.
    """
    with torch.autocast(anchors.device.type, enabled=False):
        return wide(anchors) @ wide(others).T


def nearness(anchors: Tensor, others: Tensor) -> Tensor:
    """Minus the Euclidean distances; (R, D), (N, D) -> (R, N).

    Not from dot products: their cancellation would make the distance of a close pair, and its gradient,
    mostly rounding.
    """
    with torch.autocast(anchors.device.type, enabled=False):
        return -torch.cdist(wide(anchors), wide(others), compute_mode="donot_use_mm_for_euclid_dist")


def wide(values: Tensor) -> Tensor:
    """float64 as it is, anything else as float32."""
    return values if values.dtype == torch.float64 else values.float()


def both_ways(
    batch: Batch, rows: slice, measure: Callable[[Tensor, Tensor], Tensor] = similarities
) -> tuple[Tensor, Tensor]:
    """The images of `rows` compared with all texts, and the texts of `rows` with all images; 2 x (R, N)."""
    by_image = measure(batch.images[rows], batch.texts)
    whole = len(by_image) == len(batch)
    return by_image, by_image.T if whole else measure(batch.texts[rows], batch.images)


def own_pair(batch: Batch, rows: slice) -> Tensor:
    """Where an anchor meets itself or its partner; (R, N), bool."""
    index = torch.arange(len(batch), device=batch.images.device)
    return index[rows, None] == index[None, :]
