"""SimCLR's loss: two views of one image, against the views of all others."""

import msgspec
import torch
from torch import Tensor
from torch.nn import functional as F

from trainer.bounds import Count, Positive
from trainer.losses.batch import Batch
from trainer.losses.contrast import contrast
from trainer.losses.similarity import own_pair, similarities, wide
from trainer.losses.term import Term, given


class ViewHead(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A head that only the views go through; see `trainer.models.view_head`."""

    hidden: Count = 4096
    dim: Count = 256


class NTXent(Term, tag="nt_xent", frozen=True, kw_only=True):
    """The normalised-temperature cross-entropy of two augmented views of each image.

    With the 2N views z of a batch, L2-normed here, and i' the other view of the image of view i,

        L = 1/2N * sum_i -log( e^{z_i z_i' / tau} / sum_{j != i} e^{z_i z_j / tau} )

    where j leaves out the views of pairs that hold the same image. It has a temperature of its own. Beside
    `InfoNCE` it makes SLIP.

    Source: Chen et al. 2020 (SimCLR); Mu et al. 2022 (SLIP: tau 0.1, weight 1).
    """

    temperature: Positive = 0.1  # tau
    head: ViewHead | None = None  # None: the image head

    @property
    def needs(self) -> frozenset[str]:
        return frozenset({"views"})

    def rows(self, batch: Batch, rows: slice, step: int) -> Tensor:
        first, second = (F.normalize(wide(view), dim=1) for view in given(batch.views, "views"))
        partner = own_pair(batch, rows)  # (R, N)
        different = batch.image_ids[rows, None] != batch.image_ids[None, :]
        loss = first.new_zeros(())
        for anchors, others in ((first[rows], [second, first]), (second[rows], [first, second])):
            logits = similarities(anchors, torch.cat(others)) / self.temperature  # (R, 2N)
            positives = torch.cat([partner, torch.zeros_like(partner)], dim=1)
            loss = loss + contrast(logits, positives, torch.cat([different, different], dim=1))
        return loss / (2 * len(batch))
