"""InfoNCE within windows along the diagonal of the pair matrix."""

import torch
from torch import Tensor

from trainer.bounds import Count
from trainer.losses.batch import Batch
from trainer.losses.contrast import contrast
from trainer.losses.similarity import similarities
from trainer.losses.term import Term


class WindowedInfoNCE(Term, tag="windowed_infonce", frozen=True, kw_only=True):
    """InfoNCE in which a pair meets only the pairs of its windows, not all N.

    Windows of `window` pairs, the size k, begin at every `stride`-th pair, k' apart, along the diagonal of
    the N x N pair matrix; the last one is moved back so that it ends with pair N. With W_i the windows that
    hold pair i, and L_i^w the two-way InfoNCE of pair i among the pairs of window w alone,

        L = 1/N * sum_i 1/|W_i| * sum_{w in W_i} L_i^w

    k = k' is a batch of k; k' < k lets windows overlap; k >= N is `InfoNCE`. The blocks are (R, R + 2k), so
    memory grows with the window and not with the batch.

    This is the hybrid-loss project's proposal for sets whose pair matrix does not fit in memory. It sees
    fewer negatives, so its loss is lower and teaches less than the whole matrix's, which exact large batches
    give at bounded memory too; it is here to be compared.

    Source: the CLIP-simple-implementation project (window and stride of one batch each); `InfoNCE` for the
    rest.
    """

    window: Count  # k, in pairs
    stride: Count  # k', in pairs

    def __post_init__(self) -> None:
        if self.window < 2:
            raise ValueError("a window needs two pairs at least, else nothing is contrasted")
        if self.stride > self.window:
            raise ValueError("stride must not exceed window, else some pairs are in no window")

    def rows(self, batch: Batch, rows: slice, step: int) -> Tensor:
        starts, firsts, counts = self._windows(batch, rows)
        seen = slice(int(starts[firsts[0]]), int(starts[firsts[-1] + counts[-1] - 1]) + self.window)
        columns = torch.arange(len(batch), device=starts.device)[seen]  # (C,)
        positives = batch.positives(rows, seen)  # (R, C)
        loss = batch.images.new_zeros(())
        for anchors, others in ((batch.images, batch.texts), (batch.texts, batch.images)):
            logits = batch.scale * similarities(anchors[rows], others[seen])  # (R, C)
            for nth in range(int(counts.max())):
                start = starts[(firsts + nth).clamp(max=len(starts) - 1)][:, None]  # (R, 1)
                inside = (start <= columns) & (columns < start + self.window) & (nth < counts)[:, None]
                loss = loss + contrast(
                    logits, positives & inside, ~positives & inside, weights=1 / counts.to(logits.dtype)
                )
        return loss / (2 * len(batch))

    def _windows(self, batch: Batch, rows: slice) -> tuple[Tensor, Tensor, Tensor]:
        """Where windows start (W,), the first window that holds each row's pair, and how many do (R,)."""
        last = max(len(batch) - self.window, 0)
        pairs = torch.arange(len(batch), device=batch.images.device)
        starts = torch.cat([pairs[: last : self.stride], pairs[last : last + 1]])  # (W,), ascending
        firsts = torch.searchsorted(starts, pairs[rows] - self.window, right=True)
        ends = torch.searchsorted(starts, pairs[rows], right=True)
        return starts, firsts, ends - firsts
