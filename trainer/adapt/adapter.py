"""The residual adapter of a lesson: how long it is trained, and how much of it is used."""

import threading
from collections.abc import Callable, Sequence

import numpy as np

from photosearch.core.progress import Control
from photosearch.core.teaching import CurvePoint
from photosearch.models.lesson import Adapter
from trainer.adapt.adapter_training import BATCH, AdapterTraining, Anchors, CaptionVectors
from trainer.adapt.held_out import among_captioned, folds, ranks
from trainer.adapt.material import Material, Rows, Vectors
from trainer.evaluate.recall import hits, reciprocal

ANCHOR_PHOTOS = 256
INNER_FOLDS = 3
EPOCHS = 15
LOOK_EVERY = 5  # epochs between two looks at the held-out captions
MOST_STEPS = 300  # of one adapter; many captions take fewer epochs
SHARES = (0.25, 0.5, 0.75, 1.0)
UNDECIDED = 0.5  # the share that the curve shows as long as no change is best


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
