"""The symmetric contrastive loss, with any number of positives."""

from dataclasses import replace

import torch
from torch import Tensor

from trainer.bounds import Fraction, NotNegative
from trainer.losses.batch import Batch
from trainer.losses.contrast import OtherPositives, contrast
from trainer.losses.similarity import both_ways
from trainer.losses.term import Term, given


class InfoNCE(Term, tag="infonce", frozen=True, kw_only=True):
    """InfoNCE in both directions, averaged: each image against all texts, each text against all images.

    With s_ij the cosine of anchor i and candidate j, kappa the logit scale, P_i the positives of i (those of
    its image, of a near-duplicate of it, or of its caption) and N_i all the rest,

        L = 1/2N * sum over both directions and all i of
            -1/|P_i| * sum_{p in P_i} log( e^{kappa s_ip} / (e^{kappa s_ip} + sum_{n in N_i} e^{kappa s_in}) )

    Other positives stay out of the denominator, so two captions of one image never push each other away.
    With `other_positives = "in"` they stay in, as in SupCon: an anchor's positives share one softmax. With
    one positive a row both are CLIP's loss.

    With `guide_margin` a frozen model guards against false negatives: candidate j is no negative of i where
    the guide's cosine g_ij > g_ii - guide_margin. It is then not seen at all; positives are never dropped.

    Source: van den Oord et al. 2018 (InfoNCE); Radford et al. 2021 (CLIP); Feeney & Hughes 2023 (SINCERE);
    Khosla et al. 2020 (SupCon); Szegedy et al. 2016 (label smoothing); Solatorio 2024 (GISTEmbed, the guide).
    """

    other_positives: OtherPositives = "out"
    label_smoothing: Fraction = 0.0  # the share of the target that is spread over all candidates
    guide_margin: NotNegative | None = None  # in units of the guide's cosine; None: no guide

    @property
    def needs(self) -> frozenset[str]:
        return frozenset() if self.guide_margin is None else frozenset({"guide"})

    def rows(self, batch: Batch, rows: slice, step: int) -> Tensor:
        positives = batch.positives(rows)  # (R, N), the same for both directions
        loss = batch.images.new_zeros(())
        doubtful = self._false_negatives(batch, rows)
        for cosines, dropped in zip(both_ways(batch, rows), doubtful, strict=True):
            loss = loss + contrast(
                batch.scale * cosines,
                positives,
                ~positives & ~dropped,
                other_positives=self.other_positives,
                smoothing=self.label_smoothing,
            )
        return loss / (2 * len(batch))

    def _false_negatives(self, batch: Batch, rows: slice) -> tuple[Tensor, Tensor]:
        """What the guide finds about as near to the anchor as its own partner; 2 x (R, N), bool, or ()."""
        if self.guide_margin is None:
            none = torch.zeros((), dtype=torch.bool, device=batch.images.device)
            return none, none
        images, texts = given(batch.guide, "guide")
        guide = replace(batch, images=images.detach(), texts=texts.detach())
        by_image, by_text = both_ways(guide, rows)
        least = by_image.diagonal(rows.start)[:, None] - self.guide_margin  # (R, 1), the same both ways
        return by_image > least, by_text > least
