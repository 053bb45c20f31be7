"""InfoNCE over tiles of the pair matrix, one after the other."""

import torch
from torch import Tensor
from torch.nn import functional as F

from trainer.bounds import Count
from trainer.losses.batch import Batch
from trainer.losses.similarity import both_ways, wide
from trainer.losses.term import Term


class WindowedInfoNCE(Term, tag="windowed_infonce", frozen=True, kw_only=True):
    """InfoNCE in which an anchor meets all candidates, but only one window of them at a time.

    Windows of `window` candidates, the size k, begin at every `stride`-th one, k' apart, so that tiles cover
    the whole N x N pair matrix; the last window is moved back so that it ends with candidate N. Most tiles
    lie off the diagonal and hold no partner of their anchors, so an anchor's positives P_i are added to each
    of its tiles. With kappa and s as in `InfoNCE`, W the windows and N_iw the negatives of i in window w,

        L = 1/2N * sum over both directions and all i of 1/|W| * sum_{w in W} -1/|P_i| * sum_{p in P_i}
            log( e^{kappa s_ip} / (e^{kappa s_ip} + sum_{n in N_iw} e^{kappa s_in}) )

    k >= N is `InfoNCE`. With smaller windows each softmax has fewer rivals, so the loss is lower and its
    gradient weaker.

    This is the hybrid-loss project's proposal for sets whose pair matrix does not fit in memory, with the
    partners that it says must be put into tiles without one. There each tile is a step of its own; here a
    step has them all. Exact large batches give the whole matrix at bounded memory; it is here to be compared.

    Source: the README of frozenNoob/CLIP-simple-implementation, its third way (window and stride of one batch
    each); `InfoNCE` for the rest.
    """

    window: Count  # k, in pairs
    stride: Count  # k', in pairs

    def __post_init__(self) -> None:
        if self.window < 2:
            raise ValueError("a window needs two pairs at least, else nothing is contrasted")
        if self.stride > self.window:
            raise ValueError("stride must not exceed window, else some pairs are in no window")

    def rows(self, batch: Batch, rows: slice, step: int) -> Tensor:
        positives = batch.positives(rows)  # (R, N), the same for both directions
        anchors, partners = positives.nonzero(as_tuple=True)  # (K,), every positive of every anchor
        shares = 1 / positives.sum(dim=1)[anchors]  # (K,)
        loss = batch.images.new_zeros(())
        for cosines in both_ways(batch, rows):
            logits = wide(batch.scale * cosines)  # (R, N)
            rivals = logits.masked_fill(positives, -torch.inf)
            denominators = torch.stack([rivals[:, w].logsumexp(dim=1) for w in self._windows(batch)], dim=1)
            costs = F.softplus(denominators[anchors] - logits[anchors, partners, None]).mean(dim=1)  # (K,)
            loss = loss + (costs * shares).sum()
        return loss / (2 * len(batch))

    def _windows(self, batch: Batch) -> list[slice]:
        last = max(len(batch) - self.window, 0)
        return [slice(start, start + self.window) for start in (*range(0, last, self.stride), last)]
