"""Stage two: the last stages of the image tower and the last layers of the text tower learn too."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from photosearch.core.errors import KnownError
from photosearch.models.config import MAX_SCALE
from photosearch.models.tokenizer import Tokens
from photosearch.models.torch.dual_encoder import DualEncoder
from trainer.bundled.prototypes import PseudoPairs, pseudo_loss
from trainer.bundled.views import View, frozen_blocks, split_network
from trainer.data.augment import says_left_or_right
from trainer.data.pairs import Pairs, batches
from trainer.losses import Batch, total
from trainer.losses.hybrid import hybrid
from trainer.models.optimise import apply_unlock, parameter_groups, train_mode
from trainer.progress_bar import track
from trainer.recipe import Training
from trainer.recipes.bundled import TowersStage
from trainer.run.run_folder import RunFolder
from trainer.run.schedule import learning_rate_factor
from trainer.run.state import load_optimizer, optimizer_tensors

CLIP = 10.0  # the largest norm of the gradient
TEXT_PARTS = 4  # a batch's captions go through the tower in so many lots, each as long as its longest


@dataclass(frozen=True)
class TowerMaterial:
    """What stage two learns from."""

    pairs: Pairs
    views: Sequence[View]  # of the pairs' images; the first is that of the whole photos
    captions: Tokens  # of the pairs' captions
    pseudo: PseudoPairs | None
    class_texts: Tokens  # those that `pseudo` names by their row

    @cached_property
    def handed(self) -> NDArray[np.bool_]:
        """Whether each caption would be wrong of the mirrored photo; (C,)."""
        return np.array([says_left_or_right(caption) for caption in self.pairs.captions])

    def draw_views(
        self, images: NDArray[np.int64], texts: NDArray[np.int64], generator: np.random.Generator
    ) -> tuple[Tensor, Tensor]:
        """A random view of each image (B,): its early maps (B, C, H, W), and the pretrained features (B, F).

        A caption (B,) that says left or right gets the whole photo in place of a mirrored view.
        """
        numbers = generator.integers(len(self.views), size=len(images))
        flipped = np.stack([view.flipped for view in self.views])[numbers, images]
        numbers[flipped & self.handed[texts]] = 0
        chosen = [(self.views[number], row) for number, row in zip(numbers, images, strict=True)]
        early = torch.from_numpy(np.stack([view.early[row] for view, row in chosen]))
        taught = torch.stack([view.features[row] for view, row in chosen])
        return early.float().permute(0, 3, 1, 2), taught


def tune_towers(
    model: DualEncoder,
    material: TowerMaterial,
    stage: TowersStage,
    folder: Path,
    seed: int,
    steps: int | None = None,
) -> None:
    """Go on training `model` in place, from the heads that stage one gave it (LP-FT).

    The loss is the recipe's hybrid loss of the real pairs; plus that of pseudo-pairs, as in stage one; plus
    the KL divergence of the classifier's answers from those that the pretrained tower gives for the same
    view, so that class prototypes and ConSE stay true. Batch norms keep their statistics.

    Each epoch's end is kept in `folder`: the same call after a kill goes on from there, to the same weights.

    Source: Kumar et al. 2022 (LP-FT: heads first, then the rest, distorts the features less).

    Args:
        steps: take so many at most, for a trial
    Raises:
        KnownError: the loss stopped being a number, or the state in the folder cannot be read.
    """
    folder.mkdir(parents=True, exist_ok=True)
    apply_unlock(model, stage.unlock)
    Tuning(model, material, stage, RunFolder(folder), seed).run(steps)
    model.eval().requires_grad_(False)


class Tuning:
    """One run of stage two, epoch by epoch."""

    def __init__(
        self, model: DualEncoder, material: TowerMaterial, stage: TowersStage, folder: RunFolder, seed: int
    ) -> None:
        self._model = model
        self._material = material
        self._stage = stage
        self._folder = folder
        self._seed = seed
        self._classifier = model.image_tower.classifier
        network = model.image_tower.network.to(memory_format=torch.channels_last)  # a third faster on a CPU
        self._late = split_network(network, frozen_blocks(network))[1]
        self._losses = hybrid(stage.loss.alpha, stage.loss.margin, stage.loss.ramp_steps)
        captions = np.array(material.pairs.captions)
        self._caption_ids = torch.from_numpy(np.unique(captions, return_inverse=True)[1])
        groups = parameter_groups(model, stage.lr, weight_decay=stage.weight_decay)
        self._optimizer = torch.optim.AdamW(groups)
        self._rates = [group["lr"] for group in groups]
        self._schedule = Training(lr=stage.lr, warmup_steps=stage.warmup_steps)
        self._epoch_steps = math.ceil(len(material.pairs.images) / stage.batch_size)
        self._steps = stage.epochs * self._epoch_steps

    def run(self, steps: int | None = None) -> None:
        """Train every epoch that the folder does not hold yet, and keep each one's end there.

        Args:
            steps: stop after so many, within an epoch too

        Raises:
            KnownError: the loss stopped being a number.
        """
        last = self._steps if steps is None else min(steps, self._steps)
        for epoch in range(self._resume(), self._stage.epochs):
            with torch.random.fork_rng(devices=[]):
                torch.manual_seed(int(np.random.SeedSequence([self._seed, epoch]).generate_state(1)[0]))
                self._train(epoch, last)
            if (epoch + 1) * self._epoch_steps > last:
                return
            tensors = {**optimizer_tensors(self._optimizer), **self._learning()}
            self._folder.save_state(epoch + 1, tensors, {"epoch": epoch + 1})

    def _train(self, epoch: int, last: int) -> None:
        train_mode(self._model, self._stage.unlock)
        generator = np.random.default_rng([self._seed, epoch])
        drawn = batches(self._material.pairs, self._stage.batch_size, generator)
        label = f"Training towers, epoch {epoch + 1} of {self._stage.epochs}, steps"
        first = epoch * self._epoch_steps
        tracked = track(islice(drawn, max(last - first, 0)), self._epoch_steps, label)
        for step, (images, texts) in enumerate(tracked, first):
            for group, rate in zip(self._optimizer.param_groups, self._rates, strict=True):
                group["lr"] = rate * learning_rate_factor(self._schedule, step, self._steps)
            loss = self._loss(images, texts, step, generator)
            if not torch.isfinite(loss):
                raise KnownError(
                    f"The loss is no longer a number at step {step + 1} of {self._steps} in the towers; "
                    "lower the learning rates of towers_stage in the recipe."
                )
            self._optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            nn.utils.clip_grad_norm_(list(self._learning().values()), CLIP)
            self._optimizer.step()
            with torch.no_grad():
                self._model.log_scale.clamp_(max=math.log(MAX_SCALE))

    def _loss(
        self, images: NDArray[np.int64], texts: NDArray[np.int64], step: int, generator: np.random.Generator
    ) -> Tensor:
        model, stage = self._model, self._stage
        early, taught = self._material.draw_views(images, texts, generator)
        features = self._late(early)  # (B, F)
        batch = Batch(
            images=model.joint_image(features),
            texts=model.joint_text(encode_rows(model, self._material.captions, texts)),
            scale=model.scale,
            image_ids=torch.from_numpy(images),
            text_ids=self._caption_ids[texts],
        )
        loss = total(self._losses, batch, slice(0, len(batch)), step)
        if stage.distillation:
            answers, right = self._classifier(features), self._classifier(taught)
            loss = loss + stage.distillation * divergence(answers, right)
        pseudo = self._material.pseudo
        if pseudo is not None:
            prototypes, rows = pseudo.draw(generator)
            named = encode_rows(model, self._material.class_texts, rows.numpy())
            loss = loss + pseudo.weight * pseudo_loss(model, prototypes, named)
        return loss

    def _learning(self) -> dict[str, nn.Parameter]:
        return {name: weight for name, weight in self._model.named_parameters() if weight.requires_grad}

    def _resume(self) -> int:
        """Go back to the last epoch's end that the folder holds; how many epochs are done."""
        state = self._folder.load_state()
        if state is None:
            return 0
        tensors, values = state
        load_optimizer(self._optimizer, tensors)
        with torch.no_grad():
            for name, weight in self._learning().items():
                weight.copy_(tensors[name])
        return int(values["epoch"])


def encode_rows(model: DualEncoder, tokens: Tokens, rows: NDArray[np.int64]) -> Tensor:
    """Texts by their row, through the text tower; (B,) -> (B, T). Little padding: they go by length."""
    ids, mask = torch.from_numpy(tokens.ids[rows]), torch.from_numpy(tokens.mask[rows])
    lengths = mask.sum(dim=1)
    order = lengths.argsort(stable=True)
    lots = [(lot, int(lengths[lot].max())) for lot in order.chunk(TEXT_PARTS)]
    features = [model.text_features(ids[lot, :width], mask[lot, :width]) for lot, width in lots]
    return torch.cat(features)[order.argsort()]


def divergence(logits: Tensor, taught: Tensor) -> Tensor:
    """The mean KL divergence of answers from those that were taught; logits (B, C), twice -> ()."""
    return F.kl_div(
        F.log_softmax(logits, dim=-1), F.log_softmax(taught, dim=-1), log_target=True, reduction="batchmean"
    )
