"""The triplet loss: a pair must be nearer than its negatives by a margin."""

from typing import Literal

import torch
from torch import Tensor

from trainer.bounds import Positive, Steps
from trainer.losses.batch import Batch
from trainer.losses.similarity import both_ways, nearness, similarities
from trainer.losses.term import Term

Mining = Literal["hardest", "semi_hard", "all"]
_MEASURES = {"cosine": similarities, "euclidean": nearness}


class Triplet(Term, tag="triplet", frozen=True, kw_only=True):
    """The hinge of each pair and the negatives mined for it, in both directions, averaged.

    With s_ij the similarity of anchor i and candidate j, that is the cosine or minus the Euclidean distance,
    and N_i the candidates that do not belong to i (`Batch.positives` are never mined),

        hardest    L_i = [ margin + max_{n in N_i} s_in - s_ii ]+
        semi_hard  L_i = [ margin + s_in - s_ii ]+ , n the hardest with s_in < s_ii
        all        L_i = mean, or sum, over n in N_i of [ margin + s_in - s_ii ]+
        L          = 1/2N * sum over both directions and all i of L_i

    Semi-hard negatives are further than the partner but within the margin. Where no negative is further, the
    furthest one is taken; where all that are further are beyond the margin, the anchor costs nothing. An
    anchor without a negative costs nothing either.

    Hard negatives alone teach little while everything is still hard: `mining = "all"` with
    `hardest_from_step` begins with all and goes over to the hardest.

    On un-normed embeddings the largest dot product need not be the nearest: `mined_by = "dot"` mines by the
    one while the margin holds the other, as the hybrid-loss project did. It is a fault, kept for comparison.

    Source: Schroff et al. 2015 (FaceNet: triplets, semi-hard); Faghri et al. 2018 (VSE++: the hardest, and
    the sum over all, in both directions).
    """

    margin: Positive = 0.2  # in units of the measure
    measure: Literal["cosine", "euclidean"] = "cosine"
    mining: Mining = "hardest"
    reduction: Literal["mean", "sum"] = "mean"  # over the negatives of mining = "all"
    hardest_from_step: Steps | None = None
    mined_by: Literal["measure", "dot"] = "measure"

    def __post_init__(self) -> None:
        if self.reduction == "sum" and self.mining != "all":
            raise ValueError('reduction = "sum" needs mining = "all"; otherwise there is one negative')
        if self.hardest_from_step is not None and self.mining == "hardest":
            raise ValueError('hardest_from_step needs another mining to begin with, such as "all"')
        if self.mined_by == "dot" and self.mining == "all":
            raise ValueError('mined_by = "dot" needs a mining that chooses, not "all"')

    def mining_at(self, step: int) -> Mining:
        """What is mined at a step, counted from 0."""
        if self.hardest_from_step is not None and step >= self.hardest_from_step:
            return "hardest"
        return self.mining

    def rows(self, batch: Batch, rows: slice, step: int) -> Tensor:
        negatives = ~batch.positives(rows)  # (R, N), the same for both directions
        mining = self.mining_at(step)
        loss = batch.images.new_zeros(())
        nears = both_ways(batch, rows, _MEASURES[self.measure])
        rankings = both_ways(batch, rows) if self.mined_by == "dot" else nears
        for near, ranked in zip(nears, rankings, strict=True):
            if mining == "all":
                loss = loss + self._all(near, near.diagonal(rows.start), negatives)
                continue
            chosen = _mine(ranked, ranked.diagonal(rows.start), negatives, mining)  # (R,)
            loss = loss + _hinges(near, near.diagonal(rows.start), chosen, negatives, self.margin)
        return loss / (2 * len(batch))

    def _all(self, near: Tensor, own: Tensor, negatives: Tensor) -> Tensor:
        """The sum over anchors of the mean, or the sum, of the hinges with all negatives; (R, N) -> ()."""
        hinges = (self.margin + near - own[:, None]).clamp(min=0) * negatives
        counts = negatives.sum(dim=1).clamp(min=1) if self.reduction == "mean" else 1
        return (hinges.sum(dim=1) / counts).sum()


def _mine(ranked: Tensor, own: Tensor, negatives: Tensor, mining: Mining) -> Tensor:
    """The negative of each anchor, by how near `ranked` says it is; anything where there is none; -> (R,)."""
    if mining == "hardest":
        return ranked.masked_fill(~negatives, -torch.inf).argmax(dim=1)
    further = negatives & (ranked < own[:, None])
    nearest_further = ranked.masked_fill(~further, -torch.inf).argmax(dim=1)
    furthest = ranked.masked_fill(~negatives, torch.inf).argmin(dim=1)
    return torch.where(further.any(dim=1), nearest_further, furthest)


def _hinges(near: Tensor, own: Tensor, chosen: Tensor, negatives: Tensor, margin: float) -> Tensor:
    """The sum over anchors of the hinge with the chosen negative, of those that have one; (R, N) -> ()."""
    mined = near.gather(1, chosen[:, None]).squeeze(1)  # (R,)
    return ((margin + mined - own).clamp(min=0) * negatives.any(dim=1)).sum()
