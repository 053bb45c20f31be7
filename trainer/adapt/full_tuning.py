"""One full fine-tuning: train, take the share of it that serves unseen photos best, and report on others.

The share a is of an interpolation of weights with the base, theta = (1 - a) theta_0 + a theta_1; 0 may win.
Source: WiSE-FT (Wortsman et al. 2022).
"""

import copy
import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import numpy as np
import torch
from numpy.typing import NDArray

from photosearch.core.errors import KnownError
from photosearch.core.teaching import CurvePoint, TeachProgress, TeachReport
from photosearch.models.lesson import Lesson
from photosearch.models.torch import checkpoint
from photosearch.models.torch.dual_encoder import DualEncoder
from photosearch.models.torch.encoder import best_device
from trainer.adapt.adapt import Steering
from trainer.adapt.adapter import SHARES
from trainer.adapt.general import MOST_LOST, General
from trainer.adapt.general_words import general_phrases
from trainer.adapt.guard import FOLDS, folds
from trainer.adapt.material import Material, Rows, Vectors
from trainer.adapt.report import HeldOut, make_report, recalls
from trainer.data.folder import Dataset
from trainer.data.pairs import Pairs, content_hash
from trainer.evaluate.embed import embed_images, embed_texts, image_bias, open_model, refuse_unreadable
from trainer.evaluate.recall import Recall, hits, rank_embeddings, recall_of
from trainer.evaluate.statistics import bootstrap
from trainer.models.build import build
from trainer.recipe import Recipe
from trainer.run.publish import Publisher
from trainer.run.train import train

GENERAL_PHOTOS = 1_000  # among which general phrases must find theirs again
PHRASES_STEP = 4  # every so many of the general phrases is asked for


class Seeing(NamedTuple):
    """The library and texts as a model sees them."""

    photos: Callable[[Rows], Vectors]  # rows of the gallery (R,) -> (R, D), L2-normed
    texts: Callable[[Sequence[str]], Vectors]


class FullTuning:
    """A fifth of the captions is for the report alone, and a fifth of the others to choose by."""

    def __init__(
        self, recipe: Recipe, material: Material, images: Path, run: Path, seed: int, steering: Steering
    ) -> None:
        """
        Args:
            images: the folder that the labels of the material lie in
            run: for the training run
        """
        self._recipe, self._material, self._images = recipe, material, images
        self._run, self._seed, self._steering = run, seed, steering
        kept, self._held = _apart(material.caption_groups, seed)
        to_train, to_choose = (kept[rows] for rows in _apart(material.caption_groups[kept], seed))
        self._val = to_choose
        self._data = Dataset(
            self._pairs(to_train), self._pairs(to_choose), self._pairs(self._held), format="teaching"
        )
        unseen = np.ones(len(material.photos), bool)
        unseen[material.photo_of[np.r_[to_train, self._held]]] = False
        drawn = np.random.default_rng(seed).permutation(np.flatnonzero(unseen))
        self._general_photos = np.sort(drawn[:GENERAL_PHOTOS])
        photos = material.photos[self._general_photos]
        self._phrases = general_phrases()[::PHRASES_STEP]
        texts = material.encode(self._phrases)
        first = np.argmax(texts @ photos.T, axis=1)
        self._general = General(texts, photos, np.zeros(len(photos), np.float32), first)
        self._built = build(recipe.model, seed)
        self._base = Seeing(lambda rows: material.photos[rows], material.encode)
        self._best, self._recall = self._built.model, self._validated(self._base)

    def run(self) -> float:
        """Train, and choose the share of the change that serves validation best; -> 0 where none does.

        Raises:
            Cancelled: the person asked to stop.
        """
        shutil.rmtree(self._run, ignore_errors=True)  # what a killed process left
        settings = self._recipe.training
        steps = settings.epochs * max(1, len(self._data.train.images) // settings.batch_size)
        try:
            train(
                self._recipe,
                replace(self._data, test=None),
                self._run,
                seed=self._seed,
                cache=self._run / "cache",
                stop=self._steering.stop,
                watch=_Watch(self._steering, steps, _mistakes(self._recall.t2i)),
            )
        except KeyboardInterrupt:
            self._steering.control.checkpoint()
            if not self._steering.stop.is_set():
                raise
        if not (self._run / "model").is_dir():  # stopped before its first validation
            return 0.0
        tuned, config, _ = checkpoint.load(self._run / "model")
        self._facts, chosen = config.metrics, 0.0
        for share in SHARES[1:]:
            model = interpolated(self._built.model, tuned, share)
            seeing = self._seeing(model.to(best_device()))
            recall = self._validated(seeing)
            if recall.t2i["mrr"] > self._recall.t2i["mrr"] and self._lost(seeing) <= MOST_LOST:
                self._best, self._recall, chosen = model, recall, share
        return chosen

    def publish(self, folder: Path, seconds: float) -> None:
        """The chosen model, with the training captions as its bank and figures on what was set aside."""
        publisher = Publisher(folder, self._recipe, self._built, self._facts)
        publisher.publish(self._best, self._facts["step"], self._recall.t2i, self._recall.i2t)
        device = torch.device(best_device())
        publisher.finish(self._data, self._run / "validation", device, seconds)

    def report(
        self, folder: Path, base: str, share: float, started: float, skipped: Sequence[str]
    ) -> TeachReport:
        """What became of the captions set aside, by the model in `folder`, against the whole library."""
        before, opened = self._material, open_model(str(folder))
        seeing = self._seeing(opened.model)
        photos = seeing.photos(np.arange(len(before.photos)))
        captions = [before.captions[row] for row in self._held]
        # Both models side by side in one space: a text of either has zeros where the other's photos stand.
        both = np.hstack(
            [_offset(before.photos, before.bias), _offset(photos, image_bias(opened.model, photos))]
        )
        aside = replace(
            before,
            photos=both,
            bias=np.zeros(len(both), np.float32),
            captions=captions,
            photo_of=before.photo_of[self._held],
        )
        texts = [_offset(seen.texts(captions), np.float32(-1)) for seen in (self._base, seeing)]
        none = np.zeros_like(texts[0])
        rows = np.arange(len(captions))
        held = HeldOut(rows, np.hstack([texts[0], none]), np.hstack([none, texts[1]]), captions)
        made = make_report(aside, Lesson(base), held, self._general, started, skipped)
        was, now = self._general.ranks(self._general.texts), self._general_ranks(seeing)
        kept = bootstrap(hits(now, 10).astype(float) - hits(was, 10), self._general.photo_of)
        return msgspec.structs.replace(
            made,
            captions=len(before.captions),
            photos=len(before.captioned),
            general_after=recalls(now),
            general_low=kept.low,
            general_high=kept.high,
            share=share,
        )

    def _pairs(self, rows: Rows) -> Pairs:
        photos, image_of = np.unique(self._material.photo_of[rows], return_inverse=True)
        files = self._files(photos)
        captions = [self._material.captions[row] for row in rows]
        hashes = [content_hash(file) for file in files]
        return Pairs(files, hashes, captions, image_of.astype(np.int64), self._material.groups[photos])

    def _files(self, photos: Rows) -> list[Path]:
        return [self._images / self._material.labels[photo] for photo in photos]

    def _seeing(self, model: DualEncoder) -> Seeing:
        def photos(rows: Rows) -> Vectors:
            self._steering.control.checkpoint()
            files = self._files(rows)
            vectors, broken = embed_images(model, self._built.config.preprocessing, files)
            refuse_unreadable(broken, files)
            return vectors

        return Seeing(photos, lambda texts: embed_texts(model, self._built.tokenizer, texts)[0])

    def _validated(self, seeing: Seeing) -> Recall:
        photos, image_of = np.unique(self._material.photo_of[self._val], return_inverse=True)
        texts = seeing.texts([self._material.captions[row] for row in self._val])
        return recall_of(rank_embeddings(texts, seeing.photos(photos), image_of), len(photos))

    def _lost(self, seeing: Seeing) -> float:
        """Points of R@10 of general phrases, each to find what the base finds first."""
        was, now = self._general.ranks(self._general.texts), self._general_ranks(seeing)
        return 100 * float(hits(was, 10).mean() - hits(now, 10).mean())

    def _general_ranks(self, seeing: Seeing) -> NDArray[np.int64]:
        seen = replace(self._general, photos=seeing.photos(self._general_photos))
        return seen.ranks(seeing.texts(self._phrases))


def interpolated(base: DualEncoder, tuned: DualEncoder, share: float) -> DualEncoder:
    """A model with weights (1 - share) of the base's and share of the other's, and without a bank."""
    model, other = copy.deepcopy(base), copy.deepcopy(tuned)
    for part in (model, other):
        part.set_bank(torch.empty(0, model.bank.shape[1]))
    after = other.state_dict()
    mixed = {
        name: torch.lerp(weight, after[name], share) if weight.is_floating_point() else weight
        for name, weight in model.state_dict().items()
    }
    model.load_state_dict(mixed)
    return model


class _Watch:
    """Tells the events of a training run as those of teaching."""

    def __init__(self, steering: Steering, steps: int, base_mistakes: float) -> None:
        self._steering, self._steps, self._base_mistakes = steering, steps, base_mistakes
        self._loss, self._started = 0.0, time.monotonic()

    def __call__(self, event: dict[str, Any]) -> None:
        self._steering.control.checkpoint()
        if event["event"] == "step":
            self._loss, done = event["loss"], event["step"]
            left = (time.monotonic() - self._started) / done * (self._steps - done)
            self._steering.tell(TeachProgress("adapter", done, self._steps, left))
        elif event["event"] == "validation":
            point = CurvePoint(event["step"], self._loss, _mistakes(event["t2i"]), self._base_mistakes)
            self._steering.point(point)


def _mistakes(figures: dict[str, float]) -> float:
    return 1 - figures["R@10"] / 100


def _apart(groups: Rows, seed: int) -> tuple[Rows, Rows]:
    """About a fifth of the captions set apart from the others, by group of their photos; the others first."""
    *_, (kept, held) = folds(groups, FOLDS, seed)
    if not len(kept):
        raise KnownError("The captioned photos are all nearly the same; caption different ones.")
    return kept, held


def _offset(vectors: Vectors, offset: Vectors | np.float32) -> Vectors:
    """With one dimension more; of photos' bias and texts' -1, so that the products lose the bias."""
    column = np.broadcast_to(offset, len(vectors))[:, None]
    joined: Vectors = np.hstack([vectors, column])
    return joined
