"""SigLIP's loss: every image-text pair of the batch is a question of its own."""

import torch
from torch import Tensor
from torch.nn import functional as F

from trainer.losses.batch import Batch
from trainer.losses.similarity import similarities
from trainer.losses.term import Term, given


class Sigmoid(Term, tag="sigmoid", frozen=True, kw_only=True):
    """Binary cross-entropy of all N x N pairs, with a learnt scale kappa and a learnt bias b.

        L = -1/N * sum_i sum_j log sigmoid( z_ij (kappa s_ij + b) )

    z_ij is 1 where image i and text j belong together (`Batch.positives`, any number a row), else -1. There
    are N - 1 negatives for a positive, so b should begin at about -10 and kappa at 10. Both directions are
    the same sum, and image anchors alone make it up.

    Source: Zhai et al. 2023 (SigLIP).
    """

    @property
    def needs(self) -> frozenset[str]:
        return frozenset({"bias"})

    def rows(self, batch: Batch, rows: slice, step: int) -> Tensor:
        logits = batch.scale * similarities(batch.images[rows], batch.texts) + given(batch.bias, "bias")
        signed = torch.where(batch.positives(rows), logits, -logits)  # (R, N)
        return -F.logsigmoid(signed).sum() / len(batch)
