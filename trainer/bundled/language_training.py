"""How the head of a text side learns to give the vectors of a space that is there already.

No photo's vector changes.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from photosearch.core.errors import KnownError
from photosearch.models.torch.heads import ResidualHead
from trainer.data.pairs import Pairs, batches
from trainer.losses import Batch
from trainer.losses.infonce import InfoNCE
from trainer.progress_bar import track
from trainer.recipes.bundled import LanguagesStage


@dataclass(frozen=True)
class Captions:
    """Captions of the training photos in one language."""

    pairs: Pairs
    texts: Tensor  # (T, H), as the tower gives them
    photos: Tensor  # (N, D), the photos' vectors
    sentences: Tensor  # (N, D), the mean of each photo's English captions, as the model before says them
    taught: Tensor | None = None  # (T, D), each caption as the model before says it; None: it cannot


@dataclass(frozen=True)
class Sayings:
    """Texts without photos, of which the model before knows what they say."""

    texts: Tensor  # (T, H)
    taught: Tensor  # (T, D), what each says; of a name in another language, its English name
    things: NDArray[np.int64]  # (T,), texts that say the same share a number


@dataclass(frozen=True)
class LanguageMaterial:
    """What the text side learns from."""

    captions: Sequence[Captions]
    names: Sayings  # of things, in any language
    sentences: Sayings | None = None  # English ones, of photos that are not here


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
    texts = torch.cat([*(some.texts for some in material.captions), material.names.texts])
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        _reset(head, texts)
        rate, decay = stage.learning_rate, stage.weight_decay
        optimizer = torch.optim.AdamW(head.train().parameters(), lr=rate, weight_decay=decay)
        schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, rate, total_steps=stage.steps)
        last = stage.steps if steps is None else min(steps, stage.steps)
        losses = _losses(head, material, stage, np.random.default_rng(seed))
        for step in track(range(last), last, "Teaching languages, steps"):
            loss = next(losses)
            if not torch.isfinite(loss):
                raise KnownError(
                    f"The loss is no longer a number at step {step + 1} of {stage.steps}; lower "
                    "learning_rate of languages in the recipe."
                )
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            schedule.step()
    head.eval()


def _losses(
    head: ResidualHead, material: LanguageMaterial, stage: LanguagesStage, generator: np.random.Generator
) -> Iterator[Tensor]:
    """One loss a step, without end."""
    drawn = [_endless(some.pairs, stage.captions, generator) for some in material.captions]
    sayings = [(material.names, stage.names)]
    if material.sentences is not None:
        sayings.append((material.sentences, stage.sentences))
    while True:
        parts = []
        for captions, pairs in zip(material.captions, drawn, strict=True):
            images, texts = next(pairs)
            vectors = F.normalize(head(captions.texts[texts]), dim=-1)  # (B, D)
            parts.append(_contrast(captions.photos[images], vectors, images, stage.scale))
            parts.append(_contrast(captions.sentences[images], vectors, images, stage.scale))
            if captions.taught is not None:
                parts.append(_distance(vectors, captions.taught[texts]))
        for some, count in sayings:
            rows = generator.choice(len(some.things), min(count, len(some.things)), replace=False)
            vectors, taught = F.normalize(head(some.texts[rows]), dim=-1), some.taught[rows]
            parts.append(_distance(vectors, taught))
            parts.append(_contrast(taught, vectors, some.things[rows], stage.scale))
        yield torch.stack(parts).sum()


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
