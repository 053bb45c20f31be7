"""What learns in a run: the model, its optimizer, its moving average, and one step of them."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from photosearch.core.errors import KnownError
from trainer.data.loader import PairBatch
from trainer.models.optimise import make_optimizer, parameter_groups, train_mode
from trainer.models.precision import without_fused_attention
from trainer.recipe import Recipe
from trainer.run.batching import StepReport, exact_backward
from trainer.run.processes import Processes
from trainer.run.schedule import learning_rate_factor, temperature
from trainer.run.state import load_module, load_optimizer, module_tensors, optimizer_tensors
from trainer.run.stopping import Stopped

MODEL, AVERAGE = "model.", "average."


class Learner:
    """A model and what moves it; the same on every process.

    A step is `prepare`, `backward`, `gradient_norm`, `move`, in this order. Only `move` changes weights.
    """

    def __init__(
        self, recipe: Recipe, model: Any, guide: nn.Module | None, processes: Processes, seed: int
    ) -> None:
        self.model = model
        self._recipe, self._guide, self._processes, self._seed = recipe, guide, processes, seed
        settings = recipe.training
        without_fused_attention(model, processes.device, settings.precision)
        groups = parameter_groups(model, settings.lr, settings.layer_decay, settings.weight_decay)
        self._optimizer = make_optimizer(settings.optimizer, groups)
        self._base_rates = [group["lr"] for group in self._optimizer.param_groups]
        self._towers = [
            parameter
            for tower in (model.image_tower, model.text_tower)
            for parameter in tower.parameters()
            if parameter.requires_grad
        ]
        self._average = averaged(model, settings.ema) if settings.ema else None
        self._scaler = torch.amp.GradScaler(processes.device.type, enabled=settings.precision == "fp16")
        train_mode(model, recipe.unlock)

    @property
    def published(self) -> Any:
        """What is measured and published: the moving average, where the recipe wants one."""
        return self.model if self._average is None else self._average.module

    def prepare(self, step: int, steps: int, rate_factor: float) -> None:
        """Set the rates and the temperature of a step, with no gradient yet.

        Args:
            step: counted from 0
            steps: of the whole run
            rate_factor: of the plateau schedule
        """
        self._set_rates(step, steps, rate_factor)
        self._set_temperature(step)
        self._optimizer.zero_grad(set_to_none=True)

    def backward(self, batches: Sequence[PairBatch], step: int) -> list[StepReport]:
        """Give the weights the mean gradient of the batches, as far as this process sees them."""
        settings = self._recipe.training
        one = torch.ones((), device=self._processes.device)
        return [
            exact_backward(
                self.model,
                batch,
                self._recipe.losses,
                step,
                chunk=settings.chunk,
                graphs=settings.graphs,
                seed=(self._seed, step, part),
                processes=self._processes,
                precision=settings.precision,
                normalise=settings.normalise,
                mask_positives=settings.mask_positives,
                guide=self._guide,
                factor=self._scaler.scale(one) / len(batches),
            )
            for part, batch in enumerate(batches)
        ]

    def statistics(self) -> dict[str, Tensor]:
        """What batch norms learn by being used, as it is now; nothing where they stand still."""
        if self._recipe.unlock.batch_norm == "eval":
            return {}
        return {name: buffer.clone() for name, buffer in self.model.named_buffers()}

    def take_back(self, statistics: Mapping[str, Tensor]) -> None:
        """Forget what batch norms learnt since `statistics`, from a step that is left out."""
        for name, buffer in statistics.items():
            self.model.get_buffer(name).copy_(buffer)

    def gradient_norm(self, loss: float, step: int) -> float:
        """The norm of the gradient of all processes, before it is clipped as the recipe says.

        Raises:
            Stopped: the loss or the gradient is no number any more.
        """
        parameters = [p for group in self._optimizer.param_groups for p in group["params"]]
        self._processes.sum_gradients(parameters)
        self._scaler.unscale_(self._optimizer)
        norm = float(nn.utils.clip_grad_norm_(parameters, self._recipe.training.clip or math.inf))
        if not math.isfinite(loss) or (not self._scaler.is_enabled() and not math.isfinite(norm)):
            raise Stopped(
                f"The loss is no longer a number at step {step + 1}; lower the learning rates "
                f"(training.lr){', or take bf16 for fp16' if self._scaler.is_enabled() else ''}."
            )
        return norm

    def move(self) -> None:
        """Move the weights along the gradients that they hold, and the average after them."""
        self._scaler.step(self._optimizer)
        self._scaler.update()
        self._clamp_scale()
        if self._average is not None:
            self._average.update_parameters(self.model)

    def rates(self) -> dict[str, float]:
        """The learning rate of each part of the model, that of its last layer."""
        rates: dict[str, float] = {}
        for group in self._optimizer.param_groups:
            part = group["name"].partition(".")[0]
            rates[part] = max(rates.get(part, 0.0), group["lr"])
        return rates

    def tensors(self) -> dict[str, Tensor]:
        """All that `load` takes: weights, moments and the average."""
        tensors = module_tensors(MODEL, self.model) | optimizer_tensors(self._optimizer)
        if self._average is not None:
            tensors |= module_tensors(AVERAGE, self._average)
        return tensors

    def values(self) -> dict[str, Any]:
        """What `load` and `take_over` want beside the tensors."""
        return {"scaler": self._scaler.state_dict(), "optimizer": self._recipe.training.optimizer}

    def load(self, tensors: Mapping[str, Tensor], values: Mapping[str, Any]) -> None:
        """Go back to where this run was."""
        load_module(MODEL, self.model, tensors)
        load_optimizer(self._optimizer, tensors)
        if self._average is not None:
            load_module(AVERAGE, self._average, tensors)
        self._scaler.load_state_dict(values["scaler"])

    def take_over(self, tensors: dict[str, Tensor], values: Mapping[str, Any], source: object) -> None:
        """Begin with another run's weights and moments.

        A temperature that is not learnt stays the recipe's.

        Args:
            source: the other run's folder, for the error
        Raises:
            KnownError: the state is that of another model or optimizer.
        """
        if values["optimizer"] != self._recipe.training.optimizer:
            raise KnownError(
                f"The state in {source} is of the optimizer {values['optimizer']}; "
                "set training.optimizer to it."
            )
        if not self.model.log_scale.requires_grad:
            tensors[f"{MODEL}log_scale"] = self.model.log_scale
        try:
            load_module(MODEL, self.model, tensors)
            load_optimizer(self._optimizer, tensors)
        except (RuntimeError, ValueError):
            raise KnownError(
                f"The state in {source} is not of this model, or other parts of it learnt; begin with "
                "the recipe that made it."
            ) from None
        if self._recipe.training.ema:
            self._average = averaged(self.model, self._recipe.training.ema)

    def _set_rates(self, step: int, steps: int, rate_factor: float) -> None:
        """The rates of this step; the towers wait for the heads, and then have a warm-up of their own."""
        settings = self._recipe.training
        wait = settings.heads_first_steps
        for parameter in self._towers:
            parameter.requires_grad_(step >= wait)
        for group, base in zip(self._optimizer.param_groups, self._base_rates, strict=True):
            begin = wait if group["name"].startswith(("image", "text")) else 0
            factor = learning_rate_factor(settings, max(step - begin, 0), steps - begin)
            group["lr"] = base * factor * rate_factor

    def _set_temperature(self, step: int) -> None:
        settings = self._recipe.temperature
        if settings.initial and settings.decay_to and settings.decay_steps:
            now = temperature(settings.initial, settings.decay_to, settings.decay_steps, step)
            with torch.no_grad():
                self.model.log_scale.fill_(-math.log(now))

    def _clamp_scale(self) -> None:
        if self._recipe.temperature.learn:
            with torch.no_grad():
                self.model.log_scale.clamp_(0, math.log(self._recipe.temperature.max_scale))


def averaged(model: nn.Module, decay: float) -> AveragedModel:
    """A copy of `model` that follows it: theta' <- decay theta' + (1 - decay) theta, at each update.

    Buffers are taken over as they are. Source: Polyak & Juditsky 1992; Izmailov et al. 2018.
    """
    return AveragedModel(model, multi_avg_fn=get_ema_multi_avg_fn(decay))  # type: ignore[no-untyped-call]
