"""The training loop: steps, validations, the best model, and going on after a kill."""

import json
import math
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from itertools import islice

import msgspec
from torch import nn

from photosearch.core.errors import KnownError
from trainer.data.loader import Loader, PairBatch
from trainer.evaluate.recall import Recall
from trainer.progress_bar import Bar
from trainer.recipe import Recipe
from trainer.run.batching import StepReport
from trainer.run.collapse import GRACE, CollapseGuard
from trainer.run.learner import Learner
from trainer.run.processes import Processes
from trainer.run.run_folder import RunFolder
from trainer.run.schedule import Plateau, batch_size
from trainer.run.stopping import Stop, Stopped
from trainer.run.validation import Validation


class Best(msgspec.Struct):
    """The best validation so far: its step, what it is chosen by, and its figures both ways."""

    step: int
    score: float
    t2i: dict[str, float]
    i2t: dict[str, float]


class RunPosition(msgspec.Struct):
    """Where a run is, beside its tensors."""

    step: int = 0  # steps taken
    epoch: int = 0
    batch: int = 0  # batches taken of this epoch
    validated: int = 0  # the step of the last validation
    waited: int = 0  # validations since the best one
    best: Best | None = None
    rate_factor: float = 1.0  # of the plateau schedule
    rate_waited: int = 0
    losses: list[float] = []  # what the guard remembers


class Loop:
    """One run: its learner and where it is; the same on every process.

    Args:
        on_best: told of each model that does better on validation than those before, in the first process
    """

    def __init__(
        self,
        recipe: Recipe,
        learner: Learner,
        loader: Loader,
        validation: Validation,
        folder: RunFolder,
        processes: Processes,
        stop: Stop,
        on_best: Callable[[nn.Module, Best], None],
    ) -> None:
        self._recipe, self._learner = recipe, learner
        self._loader, self._validation = loader, validation
        self._folder, self._processes, self._stop = folder, processes, stop
        self._on_best = on_best
        self.at = RunPosition()
        settings = recipe.training
        self._guard = CollapseGuard(after=settings.heads_first_steps + settings.warmup_steps + GRACE)
        self.steps = settings.steps or sum(self._steps_of(epoch) for epoch in range(settings.epochs))

    def run(self, last: int) -> None:
        """Train until step `last` is done, and validate there.

        Raises:
            Stopped: the loss is no number any more, or the model has collapsed.
            KeyboardInterrupt: it was asked to stop; all is saved.
        """
        try:
            with Bar(last, show=self._processes.first) as bar:
                if self.at.validated < self.at.step or last == 0:  # 0: the model as it is
                    self._validate_if_due(last, bar)
                while self.at.step < last and not self._out_of_patience():
                    with closing(self._groups()) as groups:
                        for group in groups:
                            self._learn(group, bar)
                            if not self._validate_if_due(last, bar) and self._state_is_due():
                                self.save()
                            if self._processes.largest(int(self._stop.asked)):  # of several, all stop here
                                raise KeyboardInterrupt
                            if self.at.step == last or self._out_of_patience():
                                break
        except KeyboardInterrupt:
            self.save()
            raise

    def save(self) -> None:
        """Keep all that `restore` needs, in the first process."""
        if not self._processes.first:
            return
        self.at.losses = list(self._guard.losses)
        values = {"position": msgspec.to_builtins(self.at), **self._learner.values()}
        self._folder.save_state(self.at.step, self._learner.tensors(), values)

    def restore(self) -> None:
        """Go back to the last `save` of this run, or stay at the beginning where there is none.

        Raises:
            KnownError: the state cannot be read, or the processes do not see the same.
        """
        found = self._folder.load_state()
        self._processes.require_same(**{"run's folder": json.dumps(found and found[1]).encode()})
        if found is None:
            return
        tensors, values = found
        self._learner.load(tensors, values)
        self.at = msgspec.convert(values["position"], RunPosition)
        self._guard.losses.extend(self.at.losses)

    def begin_from(self, other: RunFolder) -> None:
        """Take over another run's last weights and its optimizer's moments, and begin at step 0 with them.

        Raises:
            KnownError: the other run has kept no state, or that of another model.
        """
        found = other.load_state()
        if found is None:
            raise KnownError(f"{other.path} holds no state to begin from; name the folder of a run.")
        self._learner.take_over(*found, source=other.path)

    @property
    def finished(self) -> bool:
        """Whether there is nothing left to do."""
        return self.at.step >= self.steps or self._out_of_patience()

    @property
    def ended_early(self) -> str:
        """Why the run ended before its time, or nothing."""
        if self.at.step >= self.steps:
            return ""
        if self._out_of_patience():
            return f"no better for {self.at.waited} validations"
        return f"stopped after {self.at.step} of {self.steps} steps, as asked"

    def _groups(self) -> Generator[list[PairBatch]]:
        """What is left of this epoch, in lists of batches that make one step."""
        batches = self._loader.batches(
            self.at.epoch,
            self._batch_size(self.at.epoch),
            self.at.batch,
            rank=self._processes.rank,
            world=self._processes.world,
        )
        with closing(batches):
            size = self._batches_of_a_step(self.at.epoch)
            for _ in range(self.at.batch // size, self._steps_of(self.at.epoch)):
                yield list(islice(batches, size))

    def _learn(self, group: Sequence[PairBatch], bar: Bar) -> None:
        """One step of the optimizer, on the mean gradient of the batches; a stop may leave it out."""
        started = time.monotonic()
        step = self.at.step
        self._learner.prepare(step, self.steps, self.at.rate_factor)
        before = self._learner.statistics()
        try:
            reports = self._learner.backward(group, step)
            norm = self._learner.gradient_norm(_loss(reports), step)
            with self._stop.later():
                self._learner.move()
                self._advance(len(group))
                self._record(reports, norm, group[0].total, time.monotonic() - started, bar)
        except KeyboardInterrupt:
            if self.at.step == step:
                self._learner.take_back(before)
            raise

    def _advance(self, batches: int) -> None:
        self.at.step += 1
        self.at.batch += batches
        if self.at.batch >= self._steps_of(self.at.epoch) * self._batches_of_a_step(self.at.epoch):
            self.at.epoch, self.at.batch = self.at.epoch + 1, 0

    def _record(
        self, reports: Sequence[StepReport], norm: float, size: int, seconds: float, bar: Bar
    ) -> None:
        per_second = size * len(reports) / seconds
        loss = _loss(reports)
        terms = {
            name: sum(report.terms[name] for report in reports) / len(reports) for name in reports[0].terms
        }
        floor = math.log(size)
        if "infonce" in terms:
            self._guard.update(terms["infonce"], floor)
        if not self._processes.first:
            return
        self._folder.record(
            {
                "event": "step",
                "step": self.at.step,
                "epoch": self.at.epoch,
                "loss": loss,
                "floor": floor,
                "terms": terms,
                "scale": float(self._learner.model.scale.detach()),
                "lr": self._learner.rates(),
                "grad_norm": norm,
                "pairs_per_second": round(per_second, 2),
                "memory_mib": self._processes.peak_memory_mib(),
            }
        )
        shown = terms.get("infonce", loss) - (floor if "infonce" in terms else 0)
        name = "loss - ln(batch)" if "infonce" in terms else "loss"
        bar.show(self.at.step, {name: f"{shown:+.3f}", "pairs/s": f"{per_second:.0f}"})

    def _validate_if_due(self, last: int, bar: Bar) -> bool:
        if not self._validation_is_due(last):
            return False
        model = self._learner.published
        images, texts, image_of = self._validation.embed(model)
        recall = self._validation.recall(images, texts, image_of)
        with self._stop.later():
            self._judge(model, recall, bar)
            if self._recipe.training.guard and (
                reason := self._guard.verdict(self.at.step, images, texts, recall)
            ):
                raise Stopped(reason)
            self.save()
        return True

    def _judge(self, model: nn.Module, recall: Recall, bar: Bar) -> None:
        """Remember the best, and let what depends on it move: rates and patience."""
        settings = self._recipe.training
        score = selection_score(recall, settings.select)
        at = self.at
        better = bool(self._processes.largest(int(at.best is None or score > at.best.score)))
        if settings.schedule == "plateau":
            plateau = Plateau(
                settings.plateau_patience, settings.plateau_factor, at.rate_factor, at.rate_waited
            )
            plateau.update(better)
            at.rate_factor, at.rate_waited = plateau.factor, plateau.waited
        at.validated = at.step
        at.waited = 0 if better else at.waited + 1
        if better:
            at.best = Best(at.step, score, recall.t2i, recall.i2t)
        bar.show(at.step, {"R@1": f"{recall.t2i['R@1']:.1f}"})
        if self._processes.first:
            self._folder.record(
                {
                    "event": "validation",
                    "step": at.step,
                    "epoch": at.epoch,
                    "t2i": recall.t2i,
                    "i2t": recall.i2t,
                }
            )
            if better and at.best is not None:
                self._on_best(model, at.best)

    def _validation_is_due(self, last: int) -> bool:
        every = self._recipe.training.evaluate_every
        if self.at.step == last:
            return True
        return self.at.step % every == 0 if every else self.at.batch == 0

    def _state_is_due(self) -> bool:
        every = self._recipe.training.checkpoint_every
        return every is not None and self.at.step % every == 0

    def _out_of_patience(self) -> bool:
        patience = self._recipe.training.early_stop_patience
        return patience is not None and self.at.waited >= patience

    def _batch_size(self, epoch: int) -> int:
        settings = self._recipe.training
        return batch_size(settings.batch_size, settings.batch_ramp, epoch)

    def _steps_of(self, epoch: int) -> int:
        """How many steps an epoch has; batches at its end that fill no step are left out."""
        return self._batches_of(epoch) // self._batches_of_a_step(epoch)

    def _batches_of_a_step(self, epoch: int) -> int:
        """As many as the recipe accumulates, or all of an epoch that has fewer."""
        return min(self._recipe.training.accumulate, self._batches_of(epoch))

    def _batches_of(self, epoch: int) -> int:
        return self._loader.steps(self._batch_size(epoch))


def selection_score(recall: Recall, select: str) -> float:
    """By what a run's models are compared: the sum over both ways of "mrr", or of R@1, R@5 and R@10."""
    ways = (recall.t2i, recall.i2t)
    names = ("mrr",) if select == "mrr" else ("R@1", "R@5", "R@10")
    return sum(way[name] for way in ways for name in names)


def _loss(reports: Sequence[StepReport]) -> float:
    """The mean of a step's batches."""
    return sum(report.loss for report in reports) / len(reports)
