"""Stage two: the last stages of the image tower and the last layers of the text tower learn too."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from photosearch.models.config import MAX_SCALE
from photosearch.models.tokenizer import Tokens
from photosearch.models.torch.dual_encoder import DualEncoder
from trainer.bundled.prototypes import PseudoPairs, pseudo_loss
from trainer.bundled.rounds import Rounds
from trainer.bundled.views import View, frozen_blocks, split_network
from trainer.data.augment import says_left_or_right
from trainer.data.pairs import Pairs, batches
from trainer.losses import Batch, total
from trainer.losses.hybrid import hybrid
from trainer.models.optimise import apply_unlock, parameter_groups, train_mode
from trainer.recipe import Training
from trainer.recipes.bundled import TowersStage

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
    apply_unlock(model, stage.unlock)
    train_mode(model, stage.unlock)
    learning = {name: weight for name, weight in model.named_parameters() if weight.requires_grad}
    rounds = Rounds(
        folder,
        learning,
        parameter_groups(model, stage.lr, weight_decay=stage.weight_decay),
        rounds=stage.epochs,
        round_steps=math.ceil(len(material.pairs.images) / stage.batch_size),
        schedule=Training(lr=stage.lr, warmup_steps=stage.warmup_steps),
        seed=seed,
        name="towers_stage",
    )
    rounds.run(_Losses(model, material, stage), "Training towers", steps)
    _clamp(model)
    model.eval().requires_grad_(False)


class _Losses:
    """The losses of an epoch of stage two."""

    def __init__(self, model: DualEncoder, material: TowerMaterial, stage: TowersStage) -> None:
        self._model = model
        self._material = material
        self._stage = stage
        self._classifier = model.image_tower.classifier
        network = model.image_tower.network.to(memory_format=torch.channels_last)  # a third faster on a CPU
        self._late = split_network(network, frozen_blocks(network))[1]
        self._terms = hybrid(stage.loss.alpha, stage.loss.margin, stage.loss.ramp_steps)
        captions = np.array(material.pairs.captions)
        self._caption_ids = torch.from_numpy(np.unique(captions, return_inverse=True)[1])

    def __call__(self, first: int, generator: np.random.Generator) -> Iterator[Tensor]:
        drawn = batches(self._material.pairs, self._stage.batch_size, generator)
        for step, (images, texts) in enumerate(drawn, first):
            _clamp(self._model)
            yield self._loss(images, texts, step, generator)

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
        loss = total(self._terms, batch, slice(0, len(batch)), step)
        if stage.distillation:
            answers, right = self._classifier(features), self._classifier(taught)
            loss = loss + stage.distillation * divergence(answers, right)
        pseudo = self._material.pseudo
        if pseudo is not None:
            prototypes, rows = pseudo.draw(generator)
            named = encode_rows(model, self._material.class_texts, rows.numpy())
            loss = loss + pseudo.weight * pseudo_loss(model, prototypes, named)
        return loss


def _clamp(model: DualEncoder) -> None:
    with torch.no_grad():
        model.log_scale.clamp_(max=math.log(MAX_SCALE))


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
