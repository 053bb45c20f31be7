"""Training in rounds, each one's end kept, so that a run that was killed goes on to the same weights."""

from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from photosearch.core.errors import KnownError
from trainer.progress_bar import track
from trainer.recipe import Training
from trainer.run.run_folder import RunFolder
from trainer.run.schedule import learning_rate_factor
from trainer.run.state import load_optimizer, optimizer_tensors

CLIP = 10.0  # the largest norm of the gradient

# By the number of its first step and a generator of its own: a loss for each step of a round.
Losses = Callable[[int, np.random.Generator], Iterator[Tensor]]


class Rounds:
    """AdamW, with rates that rise over a warm-up and fall along a cosine."""

    def __init__(
        self,
        folder: Path,
        learning: Mapping[str, nn.Parameter],
        groups: list[dict[str, Any]],
        *,
        rounds: int,
        round_steps: int,
        schedule: Training,
        seed: int,
        name: str,
    ) -> None:
        """
        Args:
            folder: where each round's end is kept
            learning: the weights that learn, by name
            groups: the same for the optimiser, as `parameter_groups` gives them
            schedule: how the rates move
            name: of the recipe's part that holds the learning rates
        """
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = RunFolder(folder)
        self._learning = learning
        self._optimizer = torch.optim.AdamW(groups)
        self._rates = [group["lr"] for group in groups]
        self._schedule = schedule
        self._rounds, self._round_steps = rounds, round_steps
        self._seed, self._name = seed, name

    def run(self, losses: Losses, label: str, steps: int | None = None) -> None:
        """Train every round that the folder does not hold yet, and keep each one's end there.

        Args:
            losses: see `Losses`; a loss is asked for once the step before has been taken
            label: of the progress
            steps: stop after so many, within a round too

        Raises:
            KnownError: the loss stopped being a number, or the state in the folder cannot be read.
        """
        whole = self._rounds * self._round_steps
        last = whole if steps is None else min(steps, whole)
        for number in range(self._resume(), self._rounds):
            first = number * self._round_steps
            generator = np.random.default_rng([self._seed, number])
            with torch.random.fork_rng(devices=[]):
                torch.manual_seed(int(np.random.SeedSequence([self._seed, number]).generate_state(1)[0]))
                drawn = islice(losses(first, generator), max(min(last - first, self._round_steps), 0))
                shown = f"{label}, round {number + 1} of {self._rounds}, steps"
                for step, loss in enumerate(track(drawn, self._round_steps, shown), first):
                    self._step(loss, step, whole)
            if first + self._round_steps > last:
                return
            tensors = {**optimizer_tensors(self._optimizer), **self._learning}
            self._folder.save_state(number + 1, tensors, {"round": number + 1})

    def _step(self, loss: Tensor, step: int, steps: int) -> None:
        if not torch.isfinite(loss):
            raise KnownError(
                f"The loss is no longer a number at step {step + 1} of {steps}; lower the learning rates of "
                f"{self._name} in the recipe."
            )
        for group, rate in zip(self._optimizer.param_groups, self._rates, strict=True):
            group["lr"] = rate * learning_rate_factor(self._schedule, step, steps)
        self._optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(list(self._learning.values()), CLIP)
        self._optimizer.step()

    def _resume(self) -> int:
        """Go back to the last round's end that the folder holds; how many rounds are done."""
        state = self._folder.load_state()
        if state is None:
            return 0
        tensors, values = state
        load_optimizer(self._optimizer, tensors)
        with torch.no_grad():
            for name, weight in self._learning.items():
                weight.copy_(tensors[name])
        return int(values["round"])
