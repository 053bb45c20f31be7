"""The hardest-negative triplet loss."""

import torch
from torch import Tensor


def hardest_triplet(cosines: Tensor, positives: Tensor, margin: float = 0.2) -> Tensor:
    """The hinge on each pair's hardest negative in the batch, in both directions, averaged.

        L_i = max(0, margin + max_{n not in P_i} s_in - s_ii)

    over rows and over columns. Positives are never mined; a row without a negative costs nothing. Mining and
    margin both use the cosine.

    Source: Schroff et al. 2015 (triplets); Faghri et al. 2018 (VSE++, the hardest negative, both directions).

    Args:
        cosines: similarities of texts and images, pairs on the diagonal  # (B, B)
        positives: which pairs belong together, True on the diagonal  # (B, B), bool
        margin: in units of cosine
    """
    cosines = cosines.float()
    pairs = cosines.diagonal()  # (B,)
    negatives = cosines.masked_fill(positives, -torch.inf)
    by_row = (margin + negatives.amax(dim=1) - pairs).clamp(min=0)
    by_column = (margin + negatives.amax(dim=0) - pairs).clamp(min=0)
    return (by_row.mean() + by_column.mean()) / 2
