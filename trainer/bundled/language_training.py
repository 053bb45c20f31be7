"""How a text side learns to give the vectors of a space that is there already: its head, then its tower too.

No photo's vector changes.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from photosearch.core.errors import KnownError
from photosearch.models.tokenizer import Tokens
from photosearch.models.torch.dual_encoder import DualEncoder
from photosearch.models.torch.heads import ResidualHead
from trainer.bundled.rounds import Rounds
from trainer.bundled.tower_training import encode_rows
from trainer.data.pairs import Pairs, batches
from trainer.losses import Batch
from trainer.losses.infonce import InfoNCE
from trainer.models.optimise import LearningRates, Unlock, apply_unlock, parameter_groups
from trainer.models.precision import CPU, autocast, without_fused_attention
from trainer.progress_bar import track
from trainer.recipe import Training
from trainer.recipes.bundled import LanguagesStage, LanguageSteps, LanguageTower


@dataclass(frozen=True)
class Texts:
    """Texts, as the new tower takes and first gives them."""

    tokens: Tokens
    features: Tensor  # (T, H)


@dataclass(frozen=True)
class Captions:
    """Captions of the training photos in one language."""

    pairs: Pairs
    texts: Texts
    photos: Tensor  # (N, D), the photos' vectors
    sentences: Tensor  # (N, D), the mean of each photo's English captions, as the model before says them
    taught: Tensor | None = None  # (T, D), each caption as the model before says it; None: it cannot


@dataclass(frozen=True)
class Sayings:
    """Texts without photos, of which the model before knows what they say."""

    texts: Texts
    taught: Tensor  # (T, D), what each says; of a name in another language, its English name
    things: NDArray[np.int64]  # (T,), texts that say the same share a number


@dataclass(frozen=True)
class LanguageMaterial:
    """What the text side learns from."""

    captions: Sequence[Captions]
    names: Sayings  # of things, in any language
    sentences: Sayings | None = None  # English ones, of photos that are not here


# From some texts, by their rows (B,), to their features (B, H).
_Read = Callable[[Texts, NDArray[np.int64]], Tensor]


def train_text_head(
    head: ResidualHead, material: LanguageMaterial, stage: LanguagesStage, seed: int, steps: int | None = None
) -> None:
    """Train `head` in place, from fresh weights, on a tower that stands still.

    A step takes some photos for each language of the captions with one random caption each, and some texts
    without photos. A caption is drawn to its photo and to what the English captions of it say (InfoNCE
    against those of the other photos), and if it is English to its own vector; any other text to the vector
    of what it says in English, and (InfoNCE) away from what others say.

    Args:
        steps: take so many at most, for a trial

    Raises:
        KnownError: the loss stopped being a number.
    """
    settings = stage.head
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        texts = [*(some.texts for some in material.captions), material.names.texts]
        _reset(head, torch.cat([some.features for some in texts]))
        rate, decay = settings.learning_rate, stage.weight_decay
        optimizer = torch.optim.AdamW(head.train().parameters(), lr=rate, weight_decay=decay)
        schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, rate, total_steps=settings.steps)
        last = settings.steps if steps is None else min(steps, settings.steps)
        losses = _Losses(head, material, settings, stage.scale, lambda texts, rows: texts.features[rows])
        drawn = losses(0, np.random.default_rng(seed))
        for step in track(range(last), last, "Teaching languages, steps"):
            loss = next(drawn)
            if not torch.isfinite(loss):
                raise KnownError(
                    f"The loss is no longer a number at step {step + 1} of {settings.steps}; lower "
                    "learning_rate of languages.head in the recipe."
                )
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            schedule.step()
    head.eval()


def tune_text_tower(
    model: DualEncoder,
    material: LanguageMaterial,
    stage: LanguagesStage,
    settings: LanguageTower,
    folder: Path,
    seed: int,
    steps: int | None = None,
) -> None:
    """Go on with the text head of `model`, in place, and with the last layers of its text tower.

    The losses are those of `train_text_head`. Each round's end is kept in `folder`: the same call after a
    kill goes on from there, to the same weights.

    Args:
        steps: take so many at most, for a trial

    Raises:
        KnownError: the loss stopped being a number, or the state in the folder cannot be read.
    """
    apply_unlock(model, Unlock(image="none", text=settings.layers))
    model.image_head.requires_grad_(False)
    model.log_scale.requires_grad_(False)
    without_fused_attention(model.text_tower, CPU, stage.precision)
    model.eval()
    model.text_head.train()

    def read(texts: Texts, rows: NDArray[np.int64]) -> Tensor:
        with autocast(CPU, stage.precision):
            return encode_rows(model, texts.tokens, rows).float()

    rates = LearningRates(heads=settings.learning_rate, text=settings.tower_learning_rate)
    rounds = Rounds(
        folder,
        {name: weight for name, weight in model.named_parameters() if weight.requires_grad},
        parameter_groups(model, rates, settings.layer_decay, stage.weight_decay),
        rounds=settings.rounds,
        round_steps=settings.steps,
        schedule=Training(lr=rates, warmup_steps=settings.warmup_steps),
        seed=seed,
        name="languages.tower",
    )
    losses = _Losses(model.text_head, material, settings, stage.scale, read)
    rounds.run(losses, "Teaching languages to the tower", steps)
    model.eval().requires_grad_(False)


class _Losses:
    """One loss a step, without end."""

    def __init__(
        self,
        head: nn.Module,
        material: LanguageMaterial,
        settings: LanguageSteps,
        scale: float,
        read: _Read,
    ) -> None:
        self._head = head
        self._material = material
        self._settings = settings
        self._scale = scale
        self._read = read

    def __call__(self, first: int, generator: np.random.Generator) -> Iterator[Tensor]:
        material, settings = self._material, self._settings
        drawn = [_endless(some.pairs, settings.captions, generator) for some in material.captions]
        sayings = [(material.names, settings.names)]
        if material.sentences is not None:
            sayings.append((material.sentences, settings.sentences))
        while True:
            parts = [self._of_captions(*some) for some in zip(material.captions, drawn, strict=True)]
            for some, count in sayings:
                rows = generator.choice(len(some.things), min(count, len(some.things)), replace=False)
                parts.append(self._of_sayings(some, rows))
            yield torch.stack(parts).sum()

    def _of_captions(
        self, captions: Captions, drawn: Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]
    ) -> Tensor:
        images, texts = next(drawn)
        vectors = self._vectors(captions.texts, texts)  # (B, D)
        loss = _contrast(captions.photos[images], vectors, images, self._scale)
        loss = loss + _contrast(captions.sentences[images], vectors, images, self._scale)
        return loss if captions.taught is None else loss + _distance(vectors, captions.taught[texts])

    def _of_sayings(self, sayings: Sayings, rows: NDArray[np.int64]) -> Tensor:
        vectors, taught = self._vectors(sayings.texts, rows), sayings.taught[rows]
        return _distance(vectors, taught) + _contrast(taught, vectors, sayings.things[rows], self._scale)

    def _vectors(self, texts: Texts, rows: NDArray[np.int64]) -> Tensor:
        return F.normalize(self._head(self._read(texts, rows)), dim=-1)


def _contrast(taught: Tensor, vectors: Tensor, numbers: NDArray[np.int64], scale: float) -> Tensor:
    """InfoNCE of vectors with what they should be near; rows (B, D) of one number belong together."""
    ids = torch.from_numpy(numbers)
    batch = Batch(taught, vectors, torch.tensor(scale), image_ids=ids, text_ids=ids)
    return InfoNCE().rows(batch, slice(0, len(batch)), 0)


def _distance(vectors: Tensor, taught: Tensor) -> Tensor:
    return (1 - (vectors * taught).sum(dim=1)).mean()


def _endless(
    pairs: Pairs, size: int, generator: np.random.Generator
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    while True:
        yield from batches(pairs, size, generator)


def _reset(head: ResidualHead, features: Tensor) -> None:
    """Fresh weights, standardising by the mean and deviation of the features."""
    for layer in head.modules():
        if isinstance(layer, nn.Linear):
            layer.reset_parameters()
    head.mean.copy_(features.mean(dim=0))
    head.std.copy_(features.std(dim=0).clamp(min=1e-6))
