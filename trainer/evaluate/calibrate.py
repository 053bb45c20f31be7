"""Fits the logistic label that turns a score into a confidence."""

import re

import numpy as np
from numpy.typing import NDArray

from photosearch.core.encoder import Calibration
from photosearch.models.tokenizer import Tokenizer
from photosearch.models.torch.dual_encoder import DualEncoder
from trainer.data.pairs import Pairs
from trainer.evaluate.class_texts import known_nouns
from trainer.evaluate.embed import embed_texts, image_bias
from trainer.evaluate.photos import Vectors

HITS = 20  # of each query: what a person looks at
PHOTOS = 8  # that must show a thing for it to be a query
MENTIONS = 2  # captions of a photo that must name a thing for the photo to show it
STEPS = 50  # of Newton's method; it converges in about ten


def things(pairs: Pairs, nouns: set[str]) -> tuple[list[str], NDArray[np.bool_]]:
    """The nouns that captions use often enough, and which photos show each; -> (Q,), (Q, N).

    Whether a photo shows what a whole sentence says is known of its own captions alone, though others may
    well show it too. A thing is different: what several of a photo's captions name is there, the rest is not.

    Args:
        nouns: words to look for, lower case; a word counts in the singular and with an s
    """
    mentions: dict[str, NDArray[np.int64]] = {}
    for caption, image in zip(pairs.captions, pairs.image_of, strict=True):
        words = set(re.findall(r"[a-z]+", caption.lower()))
        for noun in {form for word in words for form in (word, word.removesuffix("s"))} & nouns:
            mentions.setdefault(noun, np.zeros(len(pairs.images), np.int64))[image] += 1
    shown = {noun: counts >= MENTIONS for noun, counts in sorted(mentions.items())}
    queries = [noun for noun, shows in shown.items() if shows.sum() >= PHOTOS]
    return queries, np.array([shown[query] for query in queries], dtype=bool)


def fit_label(scores: NDArray[np.float32], relevant: NDArray[np.bool_]) -> Calibration:
    """Slope and offset of P(match) = sigmoid(slope * score + offset), by maximum likelihood.

    Fitted over each query's best `HITS` photos.

    Args:
        scores: cosine minus the photo's bias, of each query with each photo  # (Q, N)
        relevant: whether the photo shows what the query asks for  # (Q, N)
    """
    count = min(HITS, scores.shape[1])
    top = np.argpartition(-scores, count - 1, axis=1)[:, :count]  # (Q, HITS)
    x = np.take_along_axis(scores, top, axis=1).ravel().astype(np.float64)
    y = np.take_along_axis(relevant, top, axis=1).ravel().astype(np.float64)
    slope, offset = logistic(x, y)
    return Calibration(slope=round(slope, 3), offset=round(offset, 3))


def fit_label_on(
    model: DualEncoder, tokenizer: Tokenizer, pairs: Pairs, images: Vectors
) -> Calibration | None:
    """The label of a model with a bank, fitted on what photos with captions show.

    Args:
        images: the vectors of the photos of `pairs`  # (N, D)

    Returns:
        None: the captions name too few things
    """
    names, shows = things(pairs, known_nouns())
    if not names:
        return None
    queries, _ = embed_texts(model, tokenizer, names)
    return fit_label(queries @ images.T - image_bias(model, images), shows)


def label_of_scale(scale: float, bias: float | None) -> Calibration:
    """A label without known answers: what a model's own logits say, which its training gave their scale.

    A model of the sigmoid loss says P(match) itself. A softmax says none but among a batch; its logits get
    the usual offset, which was fitted for a scale of about 16.

    Args:
        scale: of the cosine, 1/temperature
        bias: what the sigmoid loss adds; None: another loss
    """
    offset = Calibration().offset if bias is None else bias
    return Calibration(slope=round(scale, 3), offset=round(offset, 3))


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
