"""How the learning rate and the temperature move during a run."""

import math
from dataclasses import dataclass

from trainer.recipe import Ramp, Training


def learning_rate_factor(training: Training, step: int, steps: int) -> float:
    """The factor of the learning rate at a step, counted from 0, of a run of `steps`.

    It rises linearly over the warm-up, and then falls to 0 along half a cosine, or stays.
    """
    if step < training.warmup_steps:
        return (step + 1) / (training.warmup_steps + 1)
    if training.schedule != "cosine":
        return 1.0
    done = (step - training.warmup_steps) / max(steps - training.warmup_steps, 1)
    return 0.5 * (1 + math.cos(math.pi * min(done, 1.0)))


def temperature(initial: float, final: float, decay_steps: int, step: int) -> float:
    """A temperature that falls (or rises) from `initial` to `final` over `decay_steps`, by equal factors."""
    return float(initial * (final / initial) ** min(step / decay_steps, 1.0))


def batch_size(full: int, ramp: Ramp | None, epoch: int) -> int:
    """The global batch of an epoch, counted from 0: from the ramp's first size to `full` by equal factors."""
    if ramp is None or epoch >= ramp.epochs:
        return full
    grown: float = ramp.start * (full / ramp.start) ** (epoch / ramp.epochs)
    return round(grown)


@dataclass
class Plateau:
    """Cuts the learning rate where the validation score stops rising (ReduceLROnPlateau)."""

    patience: int  # validations without a better score that are borne
    cut: float  # the factor of each cut
    factor: float = 1.0  # of the learning rate, now
    waited: int = 0

    def update(self, better: bool) -> None:
        """Take in one validation: whether its score is the best so far."""
        self.waited = 0 if better else self.waited + 1
        if self.waited > self.patience:
            self.factor, self.waited = self.factor * self.cut, 0
