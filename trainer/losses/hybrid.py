"""InfoNCE and the triplet loss together."""

from dataclasses import dataclass

from torch import Tensor

from trainer.losses.infonce import InfoNCE, infonce
from trainer.losses.term import Term, weight_at
from trainer.losses.triplet import Triplet, hardest_triplet


def hybrid(alpha: float = 0.1, margin: float = 0.2, ramp_steps: int = 0) -> tuple[Term, ...]:
    """The two terms of L = InfoNCE + alpha * triplet, alpha rising over the first `ramp_steps` steps.

        L_InfoNCE = -1/2N * sum_i [ log softmax_j(kappa s_ij)_i + log softmax_j(kappa s_ji)_i ]
        L_triplet =  1/2N * sum_i [ (margin + max_{j not in P_i} s_ij - s_ii)+ + the same with s_ji ]

    Hard negatives teach nothing while everything is still hard; hence the ramp. alpha = 0 is plain InfoNCE.

    Against the project it comes from: embeddings are L2-normed, so mining and margin speak of the same cosine
    (it mined by dot product and measured by Euclid); captions of one image are positives of each other
    (`InfoNCE`); InfoNCE is the mean of its two directions, where its formula has their sum; and kappa is
    learnt, for with cosines and its fixed temperature of 1 a batch of 32 can never cost less than 2.49.

    Source: the CLIP-simple-implementation project; `InfoNCE` and `Triplet` for the terms.
    """
    terms = (InfoNCE(), Triplet(weight=alpha, margin=margin, ramp_steps=ramp_steps))
    return terms if alpha else terms[:1]


@dataclass(frozen=True)
class HybridLoss:
    """`hybrid` of a square matrix of cosines that is there already."""

    alpha: float = 0.1
    margin: float = 0.2  # in units of cosine
    ramp_steps: int = 0

    def weight(self, step: int) -> float:
        """alpha at a step, counted from 0."""
        return weight_at(Triplet(weight=self.alpha, ramp_steps=self.ramp_steps), step)

    def __call__(self, cosines: Tensor, scale: Tensor, positives: Tensor, step: int) -> Tensor:
        """The loss of one batch.

        Args:
            cosines: similarities of texts and images, pairs on the diagonal  # (B, B)
            scale: kappa, the factor from cosines to logits  # ()
            positives: which pairs belong together, True on the diagonal  # (B, B), bool
            step: counted from 0
        """
        loss = infonce(scale * cosines.float(), positives)
        weight = self.weight(step)
        if weight == 0:
            return loss
        return loss + weight * hardest_triplet(cosines, positives, self.margin)
