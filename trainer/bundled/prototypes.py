"""Pseudo-pairs of classes, made from a trained classifier: objects without photos of them."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from trainer.bundled.recipe import PseudoPairSettings

SHRINK = 0.5  # of the covariance to its diagonal
TOWARDS = (0.3, 0.9)  # how far towards the class, in mean distances from the mean
NOISE = (0.6, 1.2)  # how much of a real photo's own deviation stays


class Prototypes:
    """Draws features that photos of the classifier's classes could have had.

    For a linear classifier over classes of shared covariance S, a class's mean is mu + S w: linear
    discriminant analysis read backwards. So with w_c the classifier's row of class c and w the mean row,

        d_c = S (w_c - w), rescaled to the mean |x - mu|
        x = max(0, mu + s d_c + eta (x_real - mu)),  s ~ U(.3, .9), eta ~ U(.6, 1.2)

    with x_real a random training photo's feature. Pooled features follow a ReLU; hence the clamp.
    """

    def __init__(self, features: Tensor, weights: Tensor) -> None:
        """Features of the training photos (N, F), rows of the linear classifier over them (C, F)."""
        self._features = features
        self._mean = features.mean(dim=0)  # (F,)
        deviations = features - self._mean
        covariance = deviations.T @ deviations / len(features)  # (F, F)
        covariance = (1 - SHRINK) * covariance + SHRINK * covariance.diagonal().diag()
        directions = (weights - weights.mean(dim=0)) @ covariance  # (C, F)
        distance = deviations.norm(dim=1).mean()
        self._directions = directions * (distance / directions.norm(dim=1, keepdim=True))

    def draw(self, classes: Sequence[int] | np.ndarray, generator: np.random.Generator) -> Tensor:
        """One feature for each class index; (B,) -> (B, F)."""
        count = len(classes)
        real = self._features[generator.integers(len(self._features), size=count)]
        towards = _uniform(TOWARDS, count, generator) * self._directions[np.asarray(classes)]
        noise = _uniform(NOISE, count, generator) * (real - self._mean)
        features: Tensor = (self._mean + towards + noise).clamp(min=0)
        return features


class PseudoPairs:
    """Prototypes with the texts of their classes, to train on beside real pairs."""

    def __init__(
        self,
        prototypes: Prototypes,
        sayings: Sequence[Tensor],
        definitions: Sequence[Tensor],
        settings: PseudoPairSettings,
    ) -> None:
        """
        Args:
            prototypes: where image features come from
            sayings: for each class the features of its names in sentences  # C x (n_c, T)
            definitions: for each class the features of texts that explain it  # C x (m_c, T)
        """
        self._prototypes = prototypes
        self._sayings = sayings
        self._definitions = definitions
        self._definitions_share = settings.definitions
        self._count = min(settings.classes, len(sayings))
        self.weight = settings.weight

    def draw(self, generator: np.random.Generator) -> tuple[Tensor, Tensor]:
        """Features of images (B, F) and of texts (B, T): distinct classes, one random text each."""
        classes = generator.choice(len(self._sayings), size=self._count, replace=False)
        defined = generator.random(self._count) < self._definitions_share
        sources = [self._definitions if explain else self._sayings for explain in defined]
        chosen = [source[c] for source, c in zip(sources, classes, strict=True)]
        texts = torch.stack([texts[generator.integers(len(texts))] for texts in chosen])
        return self._prototypes.draw(classes, generator), texts


def _uniform(bounds: tuple[float, float], count: int, generator: np.random.Generator) -> Tensor:
    return torch.from_numpy(generator.uniform(*bounds, size=(count, 1)).astype(np.float32))
