"""The symmetric contrastive loss, with any number of positives."""

import torch
from torch import Tensor
from torch.nn import functional as F


def infonce(logits: Tensor, positives: Tensor) -> Tensor:
    """InfoNCE in both directions, averaged.

    For each row i, with P_i its positives and N_i the rest,

        L_i = -1/|P_i| * sum_{p in P_i} log( e^{l_ip} / (e^{l_ip} + sum_{n in N_i} e^{l_in}) )

    and the same over columns. Other positives stay out of the denominator, so that two captions of one
    image never push each other away; with one positive a row it is CLIP's loss (Radford et al. 2021).

    Source: van den Oord et al. 2018 (InfoNCE); Feeney & Hughes 2023 (SINCERE) for several positives.

    Args:
        logits: scaled similarities, kappa * cosine  # (B, B)
        positives: which pairs belong together, True on the diagonal  # (B, B), bool
    """
    logits = logits.float()
    return (_one_way(logits, positives) + _one_way(logits.T, positives.T)) / 2


def _one_way(logits: Tensor, positives: Tensor) -> Tensor:
    negatives = logits.masked_fill(positives, -torch.inf).logsumexp(dim=1)  # (B,)
    rows, columns = positives.nonzero(as_tuple=True)
    losses = F.softplus(negatives[rows] - logits[rows, columns])  # -log(e^p / (e^p + e^n))
    return (losses / positives.sum(dim=1)[rows]).sum() / len(logits)


def same_image(image_ids: Tensor) -> Tensor:
    """Which pairs of a batch belong together: those whose captions are of one image; (B,) -> (B, B)."""
    return image_ids[:, None] == image_ids[None, :]
