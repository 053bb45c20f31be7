"""The residual adapter of a lesson: v' = norm(v + share * up @ gelu(down @ v)), trained with the hybrid loss."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from trainer.losses import Batch, total
from trainer.losses.hybrid import hybrid

RANK = 32
SCALE = 20.0  # the model's own is for telling thousands apart; a few hundred captions overfit at it
ALPHA = 0.1  # of the triplet term
LEARNING_RATE = 1e-3
ANCHOR = 3.0  # weight of the anchor
ANCHORS_AT_ONCE = 128
BATCH = 64
EPOCHS = 60

Vectors = NDArray[np.float32]
Rows = NDArray[np.int64]


@dataclass(frozen=True)
class Anchors:
    """General sentences, whose order of general photos training must leave as it is."""

    texts: Vectors  # (A, D), L2-normed
    photos: Vectors  # (P, D), L2-normed


class AdapterTraining:
    """One adapter in training; it begins as no change at all, and changes only how texts become vectors.

    A step lowers L = InfoNCE + alpha * triplet + ANCHOR * KL(before || after). The loss's negatives are
    captioned photos only; KL is between the base's and the adapter's softmax over general photos, averaged
    over general sentences, so that what the person did not write of stays as it was (Hinton et al. 2015;
    Li & Hoiem 2016, learning without forgetting).
    """

    def __init__(
        self, texts: Vectors, photos: Vectors, groups: Rows, captions: Sequence[str], anchors: Anchors, seed: int
    ) -> None:
        """
        Args:
            texts: of each caption, words already understood, L2-normed  # (C, D)
            photos: of each caption, L2-normed  # (C, D)
            groups: of each caption's photo; photos of one group are no negatives of each other  # (C,)
        """
        self._random = torch.Generator().manual_seed(seed)
        self._texts, self._photos = torch.from_numpy(texts), torch.from_numpy(photos)
        self._groups = torch.from_numpy(groups)
        known = {caption: number for number, caption in enumerate(captions)}
        self._text_ids = torch.tensor([known[caption] for caption in captions])
        self._anchors = torch.from_numpy(anchors.texts)
        self._general = torch.from_numpy(anchors.photos).T.contiguous()  # (D, P)
        dim = texts.shape[1]
        self._down = nn.Parameter(torch.randn(RANK, dim, generator=self._random) / dim**0.5)
        self._up = nn.Parameter(torch.zeros(dim, RANK))
        self._losses = hybrid(ALPHA)
        self._optimizer = torch.optim.AdamW([self._down, self._up], lr=LEARNING_RATE)

    def epoch(self) -> float:
        """Every caption once; -> the mean of the loss."""
        order = torch.randperm(len(self._texts), generator=self._random)
        losses = [self._step(rows) for rows in order.split(BATCH)]
        return float(np.mean(losses))

    def weights(self) -> tuple[Vectors, Vectors]:
        """Copies of down (r, D) and up (D, r)."""
        return self._down.detach().numpy().copy(), self._up.detach().numpy().copy()

    @torch.no_grad()
    def moved(self, texts: Vectors) -> Vectors:
        """What is added to vectors of texts at share 1; (B, D) -> (B, D)."""
        found: Vectors = self._residual(torch.from_numpy(texts)).numpy()
        return found

    def _step(self, rows: Tensor) -> float:
        batch = Batch(
            images=self._photos[rows],
            texts=self._adapted(self._texts[rows]),
            scale=torch.tensor(SCALE),
            image_ids=self._groups[rows],
            text_ids=self._text_ids[rows],
        )
        loss = total(self._losses, batch, slice(0, len(batch)), 0)
        with_anchor = loss + ANCHOR * self._forgetting()
        self._optimizer.zero_grad()
        with_anchor.backward()  # type: ignore[no-untyped-call]
        self._optimizer.step()
        return float(with_anchor)

    def _forgetting(self) -> Tensor:
        rows = torch.randint(len(self._anchors), (ANCHORS_AT_ONCE,), generator=self._random)
        texts = self._anchors[rows]
        before = F.log_softmax(SCALE * texts @ self._general, dim=1)
        after = F.log_softmax(SCALE * self._adapted(texts) @ self._general, dim=1)
        return F.kl_div(after, before, reduction="batchmean", log_target=True)

    def _adapted(self, texts: Tensor) -> Tensor:
        return F.normalize(texts + self._residual(texts), dim=1)

    def _residual(self, texts: Tensor) -> Tensor:
        return F.gelu(texts @ self._down.T, approximate="tanh") @ self._up.T


def adapted(texts: Vectors, moved: Vectors, share: float) -> Vectors:
    """Vectors of texts moved by a share of what the adapter adds, L2-normed; (B, D) twice -> (B, D)."""
    result = texts + np.float32(share) * moved
    return result / np.linalg.norm(result, axis=1, keepdims=True)
