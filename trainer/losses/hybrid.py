"""InfoNCE and the triplet loss together."""

from trainer.losses.infonce import InfoNCE
from trainer.losses.term import Term
from trainer.losses.triplet import Triplet


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
