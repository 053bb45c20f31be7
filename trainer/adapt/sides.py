"""Both sides: an adapter of photos' vectors, beside that of texts' and trained together with it.

It is a part of the model, not of the lesson: photos' vectors change, so the model is a new one.
"""

import dataclasses
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from photosearch.core.progress import Control
from photosearch.core.teaching import CurvePoint
from photosearch.models.config import ModelConfig
from photosearch.models.lesson import Adapter
from photosearch.models.torch import checkpoint
from photosearch.models.torch.heads import ImageAdapter
from trainer.adapt.adapter import (
    INNER_FOLDS,
    RANK,
    SHARES,
    AdapterTraining,
    Anchors,
    Captions,
    captions_of,
    choose,
    learn_adapter,
)
from trainer.adapt.general import BiasOf, General
from trainer.adapt.guard import folds, ranks
from trainer.adapt.material import Material, Rows, Vectors
from trainer.evaluate.recall import hits, reciprocal

BOTH_SHARES = ((0.0, 0.0), *((share, 0.0) for share in SHARES[1:]), *((share, share) for share in SHARES[1:]))
LOWERED = (1.0, 0.75, 0.5, 0.25)  # of the chosen shares, where too much is forgotten


class SidesTraining(AdapterTraining):
    """As its base, with photos adapted too, both by the same loss.

    The anchor is then KL between the base's order of photos and that of adapted texts over adapted photos.
    """

    def __init__(self, captions: Captions, anchors: Anchors, scale: float, seed: int) -> None:
        super().__init__(captions, anchors, scale, seed)
        dim = captions.photos.shape[1]
        self._image_down = nn.Parameter(torch.randn(RANK, dim, generator=self._random) / dim**0.5)
        self._image_up = nn.Parameter(torch.zeros(dim, RANK))
        self._optimizer.add_param_group({"params": [self._image_down, self._image_up]})

    def image_adapter(self, share: float) -> Adapter:
        """As it is now."""
        down, up = (part.detach().numpy().copy() for part in (self._image_down, self._image_up))
        return Adapter(down, up, share)

    def _seen(self, photos: Tensor) -> Tensor:
        return F.normalize(photos + F.gelu(photos @ self._image_down.T) @ self._image_up.T, dim=1)


def seen(material: Material, image: Adapter, bias_of: BiasOf) -> Material:
    """The same with adapted photos, and the hubness that these have."""
    photos = image(material.photos)
    return dataclasses.replace(material, photos=photos, bias=bias_of(photos))


def general_seen(general: General, image: Adapter, bias_of: BiasOf) -> General:
    """The same with adapted photos, and the hubness that these have."""
    photos = image(general.photos)
    return dataclasses.replace(general, photos=photos, bias=bias_of(photos))


def learn_sides(
    material: Material,
    rows: Rows,
    texts: Vectors,
    anchors: Anchors,
    general: General,
    bias_of: BiasOf,
    *,
    seed: int,
    control: Control,
    stop: threading.Event,
    look: Callable[[CurvePoint], None] = lambda point: None,
) -> tuple[Adapter | None, Adapter | None]:
    """The texts' adapter and the photos'; as `adapter.learn_adapter` for the text side alone.

    Where inner folds find as much without the photos' adapter, or it costs more of the general ability than
    is allowed, photos stay as they are and the texts' side is learnt alone.

    Args:
        bias_of: the model's hubness of photos' vectors
    Raises:
        Cancelled: the person asked to stop.
    """
    captions = captions_of(material, rows, texts)
    trial = _Trial(material, rows, texts, bias_of)
    for kept, held in folds(captions.groups, INNER_FOLDS, seed):
        if len(kept):
            trial.folds.append((held, SidesTraining(captions.some(kept), anchors, material.scale, seed)))
    base = trial.mistakes(BOTH_SHARES[0])
    epoch, (text_share, image_share) = choose(
        [training for _, training in trial.folds],
        BOTH_SHARES,
        len(rows),
        score=trial.score,
        look=lambda epoch, loss, shares: look(CurvePoint(epoch, loss, trial.mistakes(shares), base)),
        control=control,
        stop=stop,
    )
    if image_share:
        training = SidesTraining(captions, anchors, material.scale, seed)
        for _ in range(epoch):
            control.checkpoint()
            training.epoch()
        for part in LOWERED:
            text, image = training.adapter(part * text_share), training.image_adapter(part * image_share)
            if general.kept_by(text, general_seen(general, image, bias_of)):
                return text, image
    alone = learn_adapter(
        material, rows, texts, anchors, seed=seed, control=control, stop=stop, allowed=general.kept_by
    )
    return alone, None


def save_model(folder: Path, base: Path, image: Adapter, name: str) -> ModelConfig:
    """Write the model of `base` with the photos' adapter to `folder`, a new model; -> its config as written.

    Its bank stays: it holds the model's own texts, and a lesson, which may be taken off, changes no model.

    Raises:
        KnownError: `base` is damaged.
        OSError: the disk refuses.
    """
    model, config, tokenizer = checkpoint.load(base)
    config = msgspec.structs.replace(config, name=name, image_adapter=len(image.down), metrics={})
    model.image_adapter = ImageAdapter(config.dim, config.image_adapter)
    model.image_adapter.down.data = torch.from_numpy(image.down)
    model.image_adapter.up.data = image.share * torch.from_numpy(image.up)
    return checkpoint.save(folder, model, config, tokenizer.data)


class _Trial:
    """Captions held out of inner folds, sought among captioned photos as their fold's adapters see both."""

    def __init__(self, material: Material, rows: Rows, texts: Vectors, bias_of: BiasOf) -> None:
        captioned = material.captioned
        self._material = dataclasses.replace(
            material,
            photos=material.photos[captioned],
            bias=material.bias[captioned],
            labels=[material.labels[photo] for photo in captioned.tolist()],
            groups=material.groups[captioned],
            photo_of=np.searchsorted(captioned, material.photo_of),
        )
        self._rows = rows
        self._texts = texts
        self._bias_of = bias_of
        self.folds: list[tuple[Rows, SidesTraining]] = []

    def score(self, shares: Sequence[float]) -> float:
        return float(reciprocal(self._ranks(shares)).mean())

    def mistakes(self, shares: Sequence[float]) -> float:
        return 1 - float(hits(self._ranks(shares), 10).mean())

    def _ranks(self, shares: Sequence[float]) -> NDArray[np.int64]:
        of_texts, of_photos = shares
        found = ranks(self._material, self._texts, self._rows)
        for held, training in self.folds if any(shares) else ():
            material, texts = self._material, self._texts[held]
            if of_texts:
                texts = training.adapter(of_texts)(texts)
            if of_photos:
                material = seen(material, training.image_adapter(of_photos), self._bias_of)
            found[held] = ranks(material, texts, self._rows[held])
        return found
