"""Fits the logistic labels that turn scores into confidence, one for each kind of query."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from photosearch.core.encoder import Calibration, Logistic
from photosearch.models.confidence import Kind
from photosearch.models.fitting import LIKELY, STRONG
from photosearch.models.tokenizer import Tokenizer
from photosearch.models.torch.dual_encoder import DualEncoder
from trainer.data.pairs import Pairs
from trainer.evaluate.class_texts import known_nouns
from trainer.evaluate.embed import embed_queries, embed_texts, image_bias
from trainer.evaluate.photos import Vectors

HITS = 100  # of each query: what a person scrolls through
QUERIES = 2500  # of a kind, at most
PHOTOS = 8  # that must show a thing for it to be a query
AGREEMENT = 0.5  # of the photos that one caption names a thing in, the part in which another must, too
STEPS = 50  # of Newton's method; it converges in about ten

Encode = Callable[[Sequence[str]], Vectors]  # texts -> (T, D), L2-normed


class Things(NamedTuple):
    """Nouns whose photos are known: a thing that people agree to name is where one of them named it.

    Whether a photo shows what a whole sentence says is known of its own captions alone, though others may
    well show it too. A thing is different: what a caption names is there, the rest, mostly, is not.
    """

    names: list[str]  # Q
    said: NDArray[np.bool_]  # (T, Q), whether each caption names each
    shown: NDArray[np.bool_]  # (Q, N), whether each photo shows each


def things(pairs: Pairs, nouns: set[str]) -> Things:
    """The nouns that captions of enough photos agree on.

    Args:
        nouns: words to look for, lower case; a word counts in the singular and with an s
    """
    captions = [_nouns(caption) & nouns for caption in pairs.captions]
    mentions: dict[str, NDArray[np.int64]] = {}
    for named, image in zip(captions, pairs.image_of, strict=True):
        for noun in named:
            mentions.setdefault(noun, np.zeros(len(pairs.images), np.int64))[image] += 1
    agreed = {noun: (counts >= 2).sum() for noun, counts in mentions.items()}
    names = [
        noun
        for noun in sorted(mentions)
        if agreed[noun] >= max(PHOTOS, AGREEMENT * np.count_nonzero(mentions[noun])) and len(noun) > 1
    ]
    return Things(
        names,
        said=np.array([[name in named for name in names] for named in captions], dtype=bool),
        shown=np.array([mentions[name] > 0 for name in names], dtype=bool),
    )


class Answers(NamedTuple):
    """Queries of a kind, and which photos are right for them."""

    scores: NDArray[np.float32]  # cosine minus the photo's bias, of each query with each photo  # (Q, N)
    right: NDArray[np.bool_]  # (Q, N)


def known_answers(
    pairs: Pairs, images: Vectors, bias: Vectors, encode: Encode, prompts: tuple[str, ...] = ()
) -> dict[Kind, Answers]:
    """Queries of each kind whose answers the captions tell; none of a kind that they tell nothing of.

    Short queries are the things that captions name; sentences are captions that name two, which are right
    for the photos that show both; photos are like those that show two of the same.

    Args:
        images: the vectors of the photos of `pairs`, L2-normed  # (N, D)
        bias: of each of these photos  # (N,)
        prompts: those of the model, for short queries
    """
    known = things(pairs, known_nouns())
    found: dict[Kind, Answers] = {}
    if not known.names:
        return found
    short = embed_queries(known.names, encode, prompts) @ images.T - bias
    found["short"] = Answers(short, known.shown)

    told = _some(known.said.sum(axis=1) >= 2)
    if len(told):
        own = pairs.image_of[told][:, None] == np.arange(len(images))
        sentences = encode([pairs.captions[row] for row in told]) @ images.T - bias
        found["sentence"] = Answers(sentences, own | ~(known.said[told] @ ~known.shown))

    like = _some(known.shown.sum(axis=0) >= 2)
    same = known.shown[:, like].T.astype(np.float32) @ known.shown.astype(np.float32) >= 2
    if same.any():
        others = like[:, None] != np.arange(len(images))  # a photo is no answer to itself
        near = images[like] @ images.T - bias
        found["pictures"] = Answers(near[others].reshape(len(like), -1), same[others].reshape(len(like), -1))
    return found


def calibrate(
    pairs: Pairs,
    images: Vectors,
    bias: Vectors,
    encode: Encode,
    prompts: tuple[str, ...] = (),
) -> Calibration | None:
    """The label of each kind of query, fitted on what photos with captions show; see `known_answers`.

    Returns:
        None: the captions name too few things
    """
    answers = known_answers(pairs, images, bias, encode, prompts)
    return calibration_of({kind: fit(*some) for kind, some in answers.items()}, prompts)


def calibration_of(labels: Mapping[Kind, Logistic], prompts: tuple[str, ...]) -> Calibration | None:
    """That of the labels of each kind; None: there are none. Without its own a sentence is as a short one."""
    short = labels.get("short")
    if short is None:
        return None
    sentence = labels.get("sentence", short)
    return Calibration(
        sentence.slope, sentence.offset, STRONG, LIKELY, prompts, short, labels.get("pictures")
    )


def calibrate_model(
    model: DualEncoder,
    tokenizer: Tokenizer,
    pairs: Pairs,
    images: Vectors,
    prompts: tuple[str, ...] = (),
) -> Calibration | None:
    """See `calibrate`; of a model with a bank."""

    def encode(texts: Sequence[str]) -> Vectors:
        return embed_texts(model, tokenizer, texts)[0]

    return calibrate(pairs, images, image_bias(model, images), encode, prompts)


def fit(scores: NDArray[np.float32], right: NDArray[np.bool_]) -> Logistic:
    """The logistic label by maximum likelihood, over each query's best `HITS` photos.

    Args:
        scores: cosine minus the photo's bias, of each query with each photo  # (Q, N)
        right: whether the photo shows what the query asks for  # (Q, N)
    """
    count = min(HITS, scores.shape[1])
    top = np.argpartition(-scores, count - 1, axis=1)[:, :count]  # (Q, HITS)
    x = np.take_along_axis(scores, top, axis=1).ravel().astype(np.float64)
    y = np.take_along_axis(right, top, axis=1).ravel().astype(np.float64)
    slope, offset = logistic(x, y)
    return Logistic(slope=round(slope, 3), offset=round(offset, 3))


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


def _nouns(caption: str) -> set[str]:
    """Its words, in the singular too."""
    words = set(re.findall(r"[a-z]+", caption.lower()))
    return words | {word.removesuffix("s") for word in words}


def _some(chosen: NDArray[np.bool_]) -> NDArray[np.intp]:
    """Where it is true: `QUERIES` places at most, evenly from all."""
    places = np.flatnonzero(chosen)
    return places[:: max(1, -(-len(places) // QUERIES))]
