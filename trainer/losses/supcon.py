"""Supervised contrastive learning: what shares a label belongs together, image or text."""

import torch
from torch import Tensor

from trainer.losses.batch import Batch
from trainer.losses.contrast import contrast
from trainer.losses.similarity import own_pair, similarities
from trainer.losses.term import Term, given


class SupCon(Term, tag="supcon", frozen=True, kw_only=True):
    """The supervised contrastive loss over the 2N images and texts of a batch together.

    Every image and every text is an anchor a, compared to the other 2N - 1 of both kinds. With P(a) those
    that belong to it, and A(a) all of them,

        L = 1/2N * sum_a -1/|P(a)| * sum_{p in P(a)} log( e^{kappa s_ap} / sum_{c in A(a)} e^{kappa s_ac} )

    which is L_out of the paper. To an anchor belong its own pair, all pairs of its label, and those that
    `Batch.positives` joins with it. The label -1 is unknown and equals no other.

    Source: Khosla et al. 2020 (SupCon, equation 2).
    """

    @property
    def needs(self) -> frozenset[str]:
        return frozenset({"labels"})

    def rows(self, batch: Batch, rows: slice, step: int) -> Tensor:
        labels = given(batch.labels, "labels")
        same = (labels[rows, None] == labels[None, :]) & (labels[rows, None] >= 0)
        same = same | batch.positives(rows)  # (R, N)
        others = torch.cat([batch.images, batch.texts])  # (2N, D)
        itself = own_pair(batch, rows)
        loss = batch.images.new_zeros(())
        for anchors, positives in (
            (batch.images[rows], torch.cat([same & ~itself, same], dim=1)),
            (batch.texts[rows], torch.cat([same, same & ~itself], dim=1)),
        ):
            logits = batch.scale * similarities(anchors, others)  # (R, 2N)
            negatives = torch.cat([~same, ~same], dim=1)
            loss = loss + contrast(logits, positives, negatives, other_positives="in")
        return loss / (2 * len(batch))
