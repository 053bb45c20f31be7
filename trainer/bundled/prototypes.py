"""Pseudo-pairs of classes, made from a trained classifier: objects without photos of them."""

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from photosearch.models.torch.dual_encoder import DualEncoder
from trainer.losses import Batch
from trainer.losses.infonce import InfoNCE
from trainer.recipes.bundled import PseudoPairSettings

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
        sayings: Sequence[NDArray[np.int64]],
        definitions: Sequence[NDArray[np.int64]],
        settings: PseudoPairSettings,
    ) -> None:
        """
        Args:
            prototypes: where image features come from
            sayings: for each class, which texts are its names in sentences  # C x (n_c,)
            definitions: for each class, which texts explain it  # C x (m_c,)
        """
        self._prototypes = prototypes
        self._sayings = sayings
        self._definitions = definitions
        self._definitions_share = settings.definitions
        self._count = min(settings.classes, len(sayings))
        self.weight = settings.weight

    def draw(self, generator: np.random.Generator) -> tuple[Tensor, Tensor]:
        """Features of images (B, F), and which text stands for each (B,): distinct classes, a random text."""
        classes = generator.choice(len(self._sayings), size=self._count, replace=False)
        defined = generator.random(self._count) < self._definitions_share
        sources = [self._definitions if explain else self._sayings for explain in defined]
        texts = [generator.choice(source[c]) for source, c in zip(sources, classes, strict=True)]
        return self._prototypes.draw(classes, generator), torch.tensor(texts)


def pseudo_loss(model: DualEncoder, images: Tensor, texts: Tensor) -> Tensor:
    """InfoNCE of features of images (B, F) and of texts (B, T) of distinct classes; ()."""
    distinct = torch.arange(len(images))
    batch = Batch(model.joint_image(images), model.joint_text(texts), model.scale, distinct, distinct)
    return InfoNCE().rows(batch, slice(0, len(batch)), 0)


def _uniform(bounds: tuple[float, float], count: int, generator: np.random.Generator) -> Tensor:
    return torch.from_numpy(generator.uniform(*bounds, size=(count, 1)).astype(np.float32))
