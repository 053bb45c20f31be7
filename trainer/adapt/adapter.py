"""The residual adapter of a lesson: v' = norm(v + share * up gelu(down v)), trained with the hybrid loss."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from photosearch.core.progress import Control
from photosearch.core.teaching import CurvePoint
from photosearch.models.lesson import Adapter
from trainer.adapt.held_out import among_captioned, folds, ranks
from trainer.adapt.material import Material, Rows, Vectors
from trainer.evaluate.recall import hits, reciprocal
from trainer.losses import Batch, total
from trainer.losses.hybrid import hybrid

RANK = 32
PART_OF_SCALE = 1.2  # of the model's own logit scale
ALPHA = 0.1  # of the triplet term
LEARNING_RATE = 2e-3
ANCHOR = 3.0  # weight of the anchor
ANCHOR_TEXTS = 64  # in a step
ANCHOR_PHOTOS = 256
BATCH = 128
INNER_FOLDS = 3
EPOCHS = 15
LOOK_EVERY = 5  # epochs between two looks at the held-out captions
MOST_STEPS = 300  # of one adapter; many captions take fewer epochs
SHARES = (0.25, 0.5, 0.75, 1.0)
UNDECIDED = 0.5  # the share that the curve shows as long as no change is best


@dataclass(frozen=True)
class Anchors:
    """General sentences, whose order of the library's photos training must leave as it is."""

    texts: Vectors  # (A, D), L2-normed
    photos: Vectors  # (P, D), L2-normed


@dataclass(frozen=True)
class CaptionVectors:
    """CaptionVectors to train on."""

    texts: Vectors  # with names understood, L2-normed  # (C, D)
    photos: Vectors  # of each, L2-normed  # (C, D)
    groups: Rows  # of each one's photo  # (C,)
    text_ids: Rows  # the same text, the same number  # (C,)

    def some(self, rows: Rows) -> "CaptionVectors":
        """Those of `rows` (R,)."""
        return CaptionVectors(self.texts[rows], self.photos[rows], self.groups[rows], self.text_ids[rows])


class AdapterTraining:
    """One adapter in training; it begins as no change at all.

    A step lowers L = InfoNCE + alpha * triplet + ANCHOR * KL(before || after). Negatives are captioned photos
    only. KL is between the base's and the adapter's softmax over photos, averaged over general sentences, so
    that what the person did not write of stays as it was (Li and Hoiem 2016, Learning without Forgetting).
    """

    def __init__(self, captions: CaptionVectors, anchors: Anchors, scale: float, seed: int) -> None:
        self._random = torch.Generator().manual_seed(seed)
        self._texts, self._photos = torch.from_numpy(captions.texts), torch.from_numpy(captions.photos)
        self._groups, self._text_ids = torch.from_numpy(captions.groups), torch.from_numpy(captions.text_ids)
        self._scale = torch.tensor(PART_OF_SCALE * scale)
        self._anchors = torch.from_numpy(anchors.texts)
        self._general = torch.from_numpy(anchors.photos)
        dim = captions.texts.shape[1]
        self._down = nn.Parameter(torch.randn(RANK, dim, generator=self._random) / dim**0.5)
        self._up = nn.Parameter(torch.zeros(dim, RANK))
        self._losses = hybrid(ALPHA)
        self._optimizer = torch.optim.AdamW([self._down, self._up], lr=LEARNING_RATE)

    def epoch(self) -> float:
        """Every caption once; -> the mean of the loss."""
        order = torch.randperm(len(self._texts), generator=self._random)
        return float(np.mean([self._step(rows) for rows in torch.split(order, BATCH)]))

    def adapter(self, share: float) -> Adapter:
        """As it is now."""
        return Adapter(self._down.detach().numpy().copy(), self._up.detach().numpy().copy(), share)

    def _step(self, rows: Tensor) -> float:
        batch = Batch(
            images=self._photos[rows],
            texts=self._adapted(self._texts[rows]),
            scale=self._scale,
            image_ids=self._groups[rows],
            text_ids=self._text_ids[rows],
        )
        loss = total(self._losses, batch, slice(0, len(batch)), 0) + ANCHOR * self._forgetting()
        self._optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        self._optimizer.step()
        return loss.item()

    def _forgetting(self) -> Tensor:
        rows = torch.randint(len(self._anchors), (ANCHOR_TEXTS,), generator=self._random)
        before = F.log_softmax(self._scale * self._anchors[rows] @ self._general.T, dim=1)
        adapted = self._adapted(self._anchors[rows])
        after = F.log_softmax(self._scale * adapted @ self._general.T, dim=1)
        return F.kl_div(after, before, reduction="batchmean", log_target=True)

    def _adapted(self, texts: Tensor) -> Tensor:
        return F.normalize(texts + F.gelu(texts @ self._down.T) @ self._up.T, dim=1)


def learn_adapter(
    material: Material,
    rows: Rows,
    texts: Vectors,
    anchors: Anchors,
    *,
    seed: int,
    control: Control,
    stop: threading.Event,
    on_point: Callable[[CurvePoint], None] = lambda point: None,
    allowed: Callable[[Adapter], bool] = lambda adapter: True,
) -> Adapter | None:
    """Train an adapter on captions; how long and how much of it is chosen on inner folds.

    Adapters of all inner folds are trained side by side, and looked at every few epochs. The epoch and the
    share that serve held-out captions best are then used for one adapter on all of them; share 0 may win.

    Args:
        rows: captions to learn from, of `material`
        texts: of these captions, with names understood  # (R, D)
        stop: once set, what is best so far is taken
        allowed: whether an adapter leaves enough of the general ability; else its share is lowered
    Returns:
        None: none helps.
    Raises:
        Cancelled: the person asked to stop.
    """
    captions = _captions(material, rows, texts)
    inner = [
        (held, AdapterTraining(captions.some(kept), anchors, material.scale, seed))
        for kept, held in folds(captions.groups, INNER_FOLDS, seed)
        if len(kept)
    ]
    base = _mistakes(material, material.encode([material.captions[row] for row in rows]), rows)
    best = (_score(material, texts, rows), 0, 0.0)  # reciprocal rank, epoch, share
    epochs = _epochs(len(rows)) if inner else 0  # none where all photos are of one burst
    for epoch in range(1, epochs + 1):
        losses = []
        for _, training in inner:
            control.checkpoint()
            losses.append(training.epoch())
        if epoch % LOOK_EVERY and epoch < epochs:
            continue
        for share in SHARES:
            found = (_score(material, _held_out(inner, texts, share), rows), epoch, share)
            best = max(best, found, key=lambda one: one[0])
        shown = _held_out(inner, texts, best[2] or UNDECIDED)
        on_point(CurvePoint(epoch, float(np.mean(losses)), _mistakes(material, shown, rows), base))
        if stop.is_set():
            break
    _, epoch, share = best
    if not share:
        return None
    training = AdapterTraining(captions, anchors, material.scale, seed)
    for _ in range(epoch):
        control.checkpoint()
        training.epoch()
    fitting = (training.adapter(lower) for lower in reversed(SHARES) if lower <= share)
    return next((adapter for adapter in fitting if allowed(adapter)), None)


def _held_out(inner: Sequence[tuple[Rows, AdapterTraining]], texts: Vectors, share: float) -> Vectors:
    """Each caption's vector by the adapter that has not seen it; (R, D)."""
    result = texts.copy()
    for held, training in inner:
        result[held] = training.adapter(share)(texts[held])
    return result


def _score(material: Material, texts: Vectors, rows: Rows) -> float:
    return float(reciprocal(among_captioned(material, texts, rows)).mean())


def _mistakes(material: Material, texts: Vectors, rows: Rows) -> float:
    """The share of captions `rows` whose photo is not among the first ten."""
    return 1 - float(hits(ranks(material, texts, rows), 10).mean())


def _epochs(captions: int) -> int:
    steps = -(-captions // BATCH)
    return max(LOOK_EVERY, min(EPOCHS, MOST_STEPS // steps))


def _captions(material: Material, rows: Rows, texts: Vectors) -> CaptionVectors:
    own = [material.captions[row].casefold() for row in rows]
    _, text_ids = np.unique(own, return_inverse=True)
    return CaptionVectors(
        texts,
        material.photos[material.photo_of[rows]],
        material.caption_groups[rows],
        text_ids.astype(np.int64),
    )
