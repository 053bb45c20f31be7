"""Fits the logistic label that turns a score into a confidence."""

import numpy as np
from numpy.typing import NDArray

from photosearch.core.encoder import Calibration

HITS = 20  # of each query: what a person looks at
STEPS = 50  # of Newton's method; it converges in about ten


def fit_label(scores: NDArray[np.float32], image_of: NDArray[np.int64]) -> Calibration:
    """Slope and offset of P(match) = sigmoid(slope * score + offset), by maximum likelihood.

    Fitted over each query's best `HITS` images; a match is the image that the caption was written for.

    Args:
        scores: cosine minus the photo's bias  # (T, N)
        image_of: each caption's image, a column of `scores`  # (T,)
    """
    count = min(HITS, scores.shape[1])
    top = np.argpartition(-scores, count - 1, axis=1)[:, :count]  # (T, HITS)
    x = np.take_along_axis(scores, top, axis=1).ravel().astype(np.float64)
    y = (top == image_of[:, None]).ravel().astype(np.float64)
    slope, offset = logistic(x, y)
    return Calibration(slope=round(slope, 3), offset=round(offset, 3))


def logistic(x: NDArray[np.float64], y: NDArray[np.float64]) -> tuple[float, float]:
    """Slope and offset of the logistic regression of y (0 or 1) on x, both (N,), by Newton's method."""
    design = np.stack([x - x.mean(), np.ones_like(x)], axis=1)  # (N, 2)
    weights = np.zeros(2)
    for _ in range(STEPS):
        p = 1 / (1 + np.exp(-np.clip(design @ weights, -30, 30)))
        gradient = design.T @ (y - p)
        curvature = (design * (p * (1 - p))[:, None]).T @ design + 1e-9 * np.eye(2)
        step = np.linalg.solve(curvature, gradient)
        weights += step
        if np.abs(step).max() < 1e-9:
            break
    return float(weights[0]), float(weights[1] - weights[0] * x.mean())
