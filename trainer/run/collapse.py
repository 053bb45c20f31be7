"""Stops a run that has collapsed, with the reason."""

import math
from collections import deque
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from trainer.evaluate.recall import Recall

RECENT = 20  # steps whose loss is averaged
GRACE = 50  # steps after the warm-up in which nothing is held against a run
FEW = 10  # photos, of which one may well come first for all captions by chance where there are fewer


@dataclass
class CollapseGuard:
    """Watches for the collapse in which a model gives every photo and every sentence about one embedding.

    It knows four symptoms. A model that is slow to start may have two of them; three are a collapse.
    """

    after: int  # the step from which on it judges
    losses: deque[float] = field(default_factory=lambda: deque(maxlen=RECENT))  # loss / ln B

    def update(self, contrast: float, floor: float) -> None:
        """Take in one step's InfoNCE, and ln B, its value where all similarities are the same."""
        self.losses.append(contrast / floor)

    def verdict(
        self,
        step: int,
        images: NDArray[np.float32],
        texts: NDArray[np.float32],
        recall: Recall,
    ) -> str | None:
        """Why the run should stop, by its validation embeddings; None where it should not.

        Args:
            images: L2-normed  # (N, D)
            texts: L2-normed  # (T, D)
        """
        if step < self.after:
            return None
        found = symptoms(self.losses, images, texts, recall)
        if len(found) < 3:
            return None
        return (
            f"The model has collapsed by step {step}: {'; '.join(found)}. Lower the learning rates of "
            "the towers (training.lr), or begin with trained weights and larger batches."
        )


def symptoms(
    losses: "deque[float]",
    images: NDArray[np.float32],
    texts: NDArray[np.float32],
    recall: Recall,
) -> list[str]:
    """What speaks for a collapse, each in words."""
    found = []
    if losses and (ratio := float(np.mean(losses))) >= 0.98:
        found.append(f"the loss is {ratio:.1%} of ln(batch), that of guessing")
    of_images, of_texts = _mean_cosine(images), _mean_cosine(texts)
    if max(of_images, of_texts) > 0.99:
        found.append(
            f"photos have a mean cosine of {of_images:.2f} among themselves, and captions {of_texts:.2f}"
        )
    distinct, possible = _distinct_first(images, texts), min(len(images), len(texts))
    if distinct < 0.05 * possible or (distinct == 1 and possible >= FEW):
        found.append(f"{len(texts)} captions find only {distinct} different photo(s) first")
    k = next(k for k in (10, 5, 1) if k == 1 or k <= recall.images / 10)
    chance = k / recall.images
    spread = math.sqrt(chance * (1 - chance) / recall.captions)
    if recall.t2i[f"R@{k}"] / 100 <= chance + 2 * spread:
        found.append(f"R@{k} is {recall.t2i[f'R@{k}']:.1f} %, and guessing gives {chance:.1%}")
    return found


def _mean_cosine(vectors: NDArray[np.float32]) -> float:
    """Of each with every other."""
    # Not between photos and captions: a collapse leaves each side at a point of its own, and these may lie
    # far apart. And above 0.99: towers that have only begun lie at 0.95, say, and then learn.
    count = len(vectors)
    total = float(np.square(vectors.sum(axis=0, dtype=np.float64)).sum())
    return (total - count) / (count * (count - 1)) if count > 1 else 0.0


def _distinct_first(images: NDArray[np.float32], texts: NDArray[np.float32]) -> int:
    block = 1024
    first = [
        (texts[start : start + block] @ images.T).argmax(axis=1) for start in range(0, len(texts), block)
    ]
    return len(np.unique(np.concatenate(first)))
