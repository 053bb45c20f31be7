"""The cross-entropy at the heart of the contrastive losses: an anchor's positives against its negatives."""

from typing import Literal

import torch
from torch import Tensor
from torch.nn import functional as F

from trainer.losses.similarity import wide

OtherPositives = Literal["out", "in"]


def contrast(
    logits: Tensor,
    positives: Tensor,
    negatives: Tensor,
    *,
    other_positives: OtherPositives = "out",
    smoothing: float = 0.0,
    weights: Tensor | None = None,
) -> Tensor:
    """The sum over anchors of each one's cross-entropy, averaged over its positives.

    For an anchor i with positives P_i, negatives N_i and logits l,

        L_i = 1/|P_i| * sum_{p in P_i} [ log sum_{c in C_ip} e^{l_ic} - l_ip
                                         + smoothing * (l_ip - mean_{c in C_ip} l_ic) ]

    where the candidates C_ip are {p} and N_i ("out": the anchor's other positives are nobody's rival, as in
    SINCERE, Feeney & Hughes 2023), or P_i and N_i ("in": as in SupCon, Khosla et al. 2020). With one positive
    both are softmax cross-entropy with label smoothing. What is neither positive nor negative is not seen,
    and an anchor without a positive costs nothing.

    Args:
        logits: scaled similarities of anchors with everything  # (R, N)
        positives: bool  # (R, N)
        negatives: bool, none of them positive  # (R, N)
        other_positives: whether an anchor's other positives are in the denominator
        smoothing: the share of the target that is spread over all candidates
        weights: a factor for each anchor  # (R,)

    Returns:
        # ()
    """
    logits = wide(logits)
    rows, columns = positives.nonzero(as_tuple=True)  # (K,), every positive of every anchor
    attracted = logits[rows, columns]  # (K,)
    out = other_positives == "out"
    rivals = negatives if out else positives | negatives
    denominators = logits.masked_fill(~rivals, -torch.inf).logsumexp(dim=1)[rows]  # (K,)
    costs = denominators - attracted
    costs = F.softplus(costs) if out else costs  # log(e^rivals + e^p) - p, where p is not yet among them
    if smoothing:
        sums = logits.masked_fill(~rivals, 0).sum(dim=1)[rows]
        counts = rivals.sum(dim=1)[rows]
        if out:
            sums, counts = sums + attracted, counts + 1
        costs = costs + smoothing * (attracted - sums / counts)
    shares = (1 if weights is None else weights) / positives.sum(dim=1).to(costs.dtype)  # (R,)
    return (costs * shares[rows]).sum()
