"""A lesson's residual adapter, v' = norm(v + up gelu(down v)), trained in numpy with the hybrid loss.

It runs where no torch is. `trainer.losses.hybrid` is the same loss in torch; a test holds one to the other.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from photosearch.core.vectors import l2_normed
from photosearch.models.lesson import Adapter, normal_cdf
from trainer.adapt.material import Rows, Vectors

RANK = 32
PART_OF_SCALE = 1.2  # of the model's own logit scale
ALPHA = 0.1  # of the triplet term
MARGIN = 0.2  # of the triplet term, a cosine
ANCHOR = 3.0  # weight of the anchor
ANCHOR_TEXTS = 64  # in a step
BATCH = 128
LEARNING_RATE = 2e-3
LOWEST = np.float32(-1e4)  # a logit that is as good as none, and finite

Loss = tuple[float, Vectors]  # and its gradient, of the shape of what it was computed from


@dataclass(frozen=True)
class Anchors:
    """General sentences, whose order of the library's photos training must leave as it is."""

    texts: Vectors  # (A, D), L2-normed
    photos: Vectors  # (P, D), L2-normed


@dataclass(frozen=True)
class CaptionVectors:
    """Captions to train on."""

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
        self._random = np.random.default_rng(seed)
        self._captions = captions
        self._anchors = anchors
        self._scale = PART_OF_SCALE * scale
        dim = captions.texts.shape[1]
        self._down = self._random.standard_normal((RANK, dim), np.float32) / np.float32(dim**0.5)
        self._up = np.zeros((dim, RANK), np.float32)
        self._optimizer = AdamW([self._down, self._up])

    def epoch(self) -> float:
        """Every caption once; -> the mean of the loss."""
        order = self._random.permutation(len(self._captions.texts))
        batches = (order[start : start + BATCH] for start in range(0, len(order), BATCH))
        return float(np.mean([self._step(self._captions.some(rows)) for rows in batches]))

    def adapter(self, share: float) -> Adapter:
        """As it is now."""
        return Adapter(self._down.copy(), self._up.copy(), share)

    def _step(self, batch: CaptionVectors) -> float:
        general = self._anchors.texts[self._random.integers(len(self._anchors.texts), size=ANCHOR_TEXTS)]
        given = np.concatenate([batch.texts, general])  # (B, D)
        hidden = given @ self._down.T  # (B, r)
        below = normal_cdf(hidden)
        active = hidden * below  # gelu
        moved = given + active @ self._up.T  # (B, D)
        adapted = l2_normed(moved)
        learnt, by_learnt = hybrid(batch, adapted[: len(batch.texts)], self._scale)
        forgotten, by_general = self._forgetting(general, adapted[len(batch.texts) :])

        by_adapted = np.concatenate([by_learnt, ANCHOR * by_general])
        along = (by_adapted * adapted).sum(axis=1, keepdims=True)  # changes the length, which is normed away
        by_moved = (by_adapted - along * adapted) / np.linalg.norm(moved, axis=1, keepdims=True)
        density = np.exp(-0.5 * hidden**2) / np.float32(math.sqrt(2 * math.pi))
        by_hidden = (by_moved @ self._up) * (below + hidden * density)
        self._optimizer.step([by_hidden.T @ given, by_moved.T @ active])
        return learnt + ANCHOR * forgotten

    def _forgetting(self, general: Vectors, adapted: Vectors) -> Loss:
        """KL between the orders of photos by general sentences, before and after; (A, D) twice."""
        photos: Vectors = self._scale * self._anchors.photos  # (P, D)
        before, after = (_log_softmax(texts @ photos.T) for texts in (general, adapted))  # (A, P)
        kept = np.exp(before)
        divergence = float((kept * (before - after)).sum()) / len(general)
        return divergence, (np.exp(after) - kept) @ photos / np.float32(len(general))


class AdamW:
    """Adam with decoupled weight decay, which changes its parameters in place.

    Source: Loshchilov and Hutter 2019 (Decoupled Weight Decay Regularization), with torch's defaults.
    """

    BETAS = (0.9, 0.999)
    EPSILON = 1e-8
    WEIGHT_DECAY = 1e-2

    def __init__(self, parameters: list[Vectors]) -> None:
        self._parameters = parameters
        self._means = [np.zeros_like(parameter) for parameter in parameters]
        self._squares = [np.zeros_like(parameter) for parameter in parameters]
        self._steps = 0

    def step(self, gradients: list[Vectors]) -> None:
        """Go a step down; one gradient a parameter, of its shape."""
        self._steps += 1
        first, second = self.BETAS
        rate = LEARNING_RATE / (1 - first**self._steps)
        for parameter, gradient, mean, square in zip(
            self._parameters, gradients, self._means, self._squares, strict=True
        ):
            mean += (1 - first) * (gradient - mean)
            square += (1 - second) * (gradient**2 - square)
            parameter *= 1 - LEARNING_RATE * self.WEIGHT_DECAY
            deviation = np.sqrt(square) / math.sqrt(1 - second**self._steps)
            parameter -= rate * mean / (deviation + self.EPSILON)


def hybrid(batch: CaptionVectors, texts: Vectors, scale: float) -> Loss:
    """InfoNCE + ALPHA * triplet of the batch's photos and its adapted texts (N, D); the gradient by these.

    Captions of one photo, of one burst, or of the same words are no negatives of each other.
    """
    cosines = batch.photos @ texts.T  # (N, N), photos by texts
    positives = (batch.groups[:, None] == batch.groups) | (batch.text_ids[:, None] == batch.text_ids)
    loss, by_cosines = 0.0, np.zeros_like(cosines)
    for anchored, by_anchored in ((cosines, by_cosines), (cosines.T, by_cosines.T)):
        contrast, by_logits = _contrast(scale * anchored, positives)
        hinges, by_hinged = _hinges(anchored, positives)
        loss += contrast + ALPHA * hinges
        by_anchored += scale * by_logits + ALPHA * by_hinged
    anchors = 2 * len(texts)
    return loss / anchors, by_cosines.T @ batch.photos / np.float32(anchors)


def _contrast(logits: Vectors, positives: NDArray[np.bool_]) -> Loss:
    """The sum over anchors (rows) of -log softmax of each positive among the negatives, averaged; (N, N)."""
    rivals = np.where(positives, -np.inf, logits)
    highest = np.maximum(rivals.max(axis=1, keepdims=True), LOWEST)
    weights = np.exp(rivals - highest)
    total = np.maximum(weights.sum(axis=1, keepdims=True), 1)  # below 1 only where there is no negative
    gaps = highest + np.log(total) - logits
    costs = np.logaddexp(0, gaps)
    shares = positives / positives.sum(axis=1, keepdims=True, dtype=np.float32)
    pulls = shares * np.exp(gaps - costs)
    pushes = weights / total * pulls.sum(axis=1, keepdims=True)
    return float((shares * costs).sum()), pushes - pulls


def _hinges(cosines: Vectors, positives: NDArray[np.bool_]) -> Loss:
    """The sum over anchors (rows) of how far the hardest negative is within the margin; (N, N)."""
    rows = np.arange(len(cosines))
    rivals = np.where(positives, LOWEST, cosines)
    hardest = rivals.argmax(axis=1)
    hinges = MARGIN + rivals[rows, hardest] - cosines[rows, rows]
    within = hinges > 0
    gradient = np.zeros_like(cosines)
    gradient[rows[within], hardest[within]] = 1
    gradient[rows[within], rows[within]] = -1
    return float(hinges[within].sum()), gradient


def _log_softmax(logits: Vectors) -> Vectors:
    """By row; (R, C)."""
    shifted = logits - logits.max(axis=1, keepdims=True)
    result: Vectors = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return result
