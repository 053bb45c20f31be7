"""Zero-shot classification: labels in words, as classes that no model was trained on.

    t_l = norm(mean_k encode(template_k with l in it))        a class is the mean of its prompts
    p(l | x) = softmax over l of scale * <x, t_l>

Cosines of one model lie far apart, of another close together. The paper's scale is the temperature that its
models were trained with, which the models here do not all tell; so it is the slope of the model's own label
of short queries, which was fitted so that sigmoid(slope * score + offset) is how often a photo shows what was
asked (docs/search.md). A photo's bias is the same for every label, and falls out.

Radford et al., 2021, "Learning Transferable Visual Models From Natural Language Supervision", 3.1.2, 3.1.4.
"""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from photosearch.core.classify_messages import PLACE
from photosearch.core.encoder import Calibration
from photosearch.core.vectors import l2_normed
from photosearch.models.confidence import of_kind

Vectors = NDArray[np.float32]


def scale_of(calibration: Calibration) -> float:
    """What cosines count before softmax."""
    return of_kind(calibration, "short").slope


def classes(
    labels: Sequence[str], templates: Sequence[str], encode: Callable[[Sequence[str]], Vectors]
) -> Vectors:
    """A unit vector for each label (L, D): the mean over the templates.

    Args:
        encode: texts -> (B, D), L2-normed
    """
    found = [encode([template.replace(PLACE, label) for template in templates]).mean(0) for label in labels]
    normed: Vectors = l2_normed(np.stack(found))
    return normed


def probabilities(photos: Vectors, labels: Vectors, scale: float) -> Vectors:
    """How likely each label is for each photo: photos (N, D), labels (L, D) -> (N, L), rows that sum to 1."""
    logits = np.float32(scale) * (photos @ labels.T)
    weights = np.exp(logits - logits.max(axis=1, keepdims=True))
    shares: Vectors = weights / weights.sum(axis=1, keepdims=True)
    return shares
