"""InfoNCE and the triplet loss together."""

from dataclasses import dataclass

from torch import Tensor

from trainer.losses.infonce import infonce
from trainer.losses.triplet import hardest_triplet


@dataclass(frozen=True)
class HybridLoss:
    """L = InfoNCE + alpha * triplet, alpha rising linearly from 0 over the first `ramp_steps` steps.

    Hard negatives teach nothing while everything is still hard; hence the ramp. alpha = 0 is plain InfoNCE.
    """

    alpha: float = 0.1
    margin: float = 0.2  # in units of cosine
    ramp_steps: int = 0

    def weight(self, step: int) -> float:
        """alpha at a step, counted from 0."""
        return self.alpha if step >= self.ramp_steps else self.alpha * step / self.ramp_steps

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
