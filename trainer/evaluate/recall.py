"""How well texts find images and images find texts: ranks, recall at k, median rank, mean reciprocal rank."""

import math
from typing import Any, Literal, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

KS = (1, 5, 10)
BLOCK = 1 << 24  # similarities in memory at a time: 64 MiB of float32
# Scores this near are ties. A float32 matrix product gives equal columns values that differ in their last
# digits, by where each column stands; ranked exactly, a collapsed model would score R@10 = 14 % by luck.
TIE = 1e-6


class Protocol(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which captions of an image are queries. Figures of different protocols do not compare.

    "all": every caption; image -> text is right when any of the image's captions is found.
    "single": the first caption of each image. "random": one caption of each image, drawn with `seed`.
    """

    captions: Literal["all", "single", "random"] = "all"
    seed: int = 0

    def rows(self, image_of: NDArray[np.int64]) -> NDArray[np.int64]:
        """The captions that take part; (T,) -> rows of it, rising."""
        if self.captions == "all":
            return np.arange(len(image_of))
        order = np.arange(len(image_of))
        if self.captions == "random":
            order = np.random.default_rng(self.seed).permutation(order)
        _, first = np.unique(image_of[order], return_index=True)
        return np.sort(order[first])

    def __str__(self) -> str:
        return {
            "all": "every caption of each image",
            "single": "one caption of each image, the first",
            "random": f"one caption of each image, drawn with seed {self.seed}",
        }[self.captions]


class Recall(msgspec.Struct, frozen=True):
    """Both ways: "R@1", "R@5", "R@10" in percent, "median_rank" (1 is best), "mrr" (0 to 1)."""

    images: int  # the gallery of text -> image
    captions: int
    t2i: dict[str, float]
    i2t: dict[str, float]


class Ranks(NamedTuple):
    """How many wrong answers stand before the first right one; 0 is best."""

    t2i: NDArray[np.int64]  # (T,), of each caption
    i2t: NDArray[np.int64]  # (M,), of each image that has a caption
    images: NDArray[np.int64]  # (M,), which images those are, rising


def recall(similarities: NDArray[np.float32], image_of: NDArray[np.int64]) -> Recall:
    """The figures of a similarity matrix.

    Text -> image: the share of captions whose image is among the k best of the gallery, of unique images.
    Image -> text: the share of captioned images of which any caption is among the k best of all captions.
    Ties rank pessimistically: whatever scores the same as the right answer stands before it, so that a model
    that gives everything one embedding scores 0. A NaN finds nothing.

    Args:
        similarities: of each caption (rows) with each image (columns)  # (T, N)
        image_of: each caption's image, a column of `similarities`  # (T,)
    """
    t2i, i2t = text_to_image_ranks(similarities, image_of), image_to_text_ranks(similarities, image_of)
    return Recall(similarities.shape[1], similarities.shape[0], figures(t2i), figures(i2t))


def recall_of(ranks: Ranks, gallery: int) -> Recall:
    """The figures of ranks over a gallery of so many images."""
    return Recall(gallery, len(ranks.t2i), figures(ranks.t2i), figures(ranks.i2t))


def rank_embeddings(
    texts: NDArray[np.float32],
    images: NDArray[np.float32],
    image_of: NDArray[np.int64],
    bias: NDArray[np.float32] | None = None,
) -> Ranks:
    """Ranks by cosine, in blocks: the whole similarity matrix is never in memory.

    Args:
        texts: L2-normed  # (T, D)
        images: L2-normed  # (N, D)
        image_of: each text's image  # (T,)
        bias: taken off all cosines of each image; it changes text -> image only  # (N,)
    """
    t2i = rank_texts(texts, images, image_of, bias)
    captioned = np.unique(image_of)
    i2t = [
        best_own_ranks(images[captioned[rows]] @ texts.T, captioned[rows, None] == image_of)
        for rows in _blocks(len(captioned), len(texts))
    ]
    return Ranks(t2i, np.concatenate(i2t), captioned)


def rank_texts(
    texts: NDArray[np.float32],
    images: NDArray[np.float32],
    image_of: NDArray[np.int64],
    bias: NDArray[np.float32] | None = None,
) -> NDArray[np.int64]:
    """The text -> image part of `rank_embeddings`; (T,), 0 is best."""
    offset = 0 if bias is None else bias
    ranks = [
        text_to_image_ranks(texts[rows] @ images.T - offset, image_of[rows])
        for rows in _blocks(len(texts), len(images))
    ]
    return np.concatenate([np.empty(0, np.int64), *ranks])


def text_to_image_ranks(similarities: NDArray[np.float32], image_of: NDArray[np.int64]) -> NDArray[np.int64]:
    """How many other images score at least as high as the right one; (T, N), (T,) -> (T,), 0 is best."""
    right = similarities[np.arange(len(image_of)), image_of]  # (T,)
    # Not "greater or equal": a NaN compares false, and must count against the model.
    ranks: NDArray[np.int64] = (~(similarities < right[:, None] - TIE)).sum(axis=1) - 1
    return ranks


def image_to_text_ranks(similarities: NDArray[np.float32], image_of: NDArray[np.int64]) -> NDArray[np.int64]:
    """How many captions of other images score at least as high as the image's best own caption.

    (T, N), (T,) -> one rank for each image that has a caption, in the order of columns; 0 is best.
    """
    images = np.unique(image_of)
    ranks = [
        best_own_ranks(similarities[:, images[rows]].T, images[rows, None] == image_of)
        for rows in _blocks(len(images), len(image_of))
    ]
    return np.concatenate(ranks)


def best_own_ranks(scores: NDArray[np.float32], own: NDArray[np.bool_]) -> NDArray[np.int64]:
    """How many others score at least as high as the best of a row's own; (R, C) twice -> (R,), 0 is best."""
    best = np.where(own, scores, -np.inf).max(axis=1)  # (R,)
    ranks: NDArray[np.int64] = (~(scores < best[:, None] - TIE) & ~own).sum(axis=1)
    return ranks


def figures(ranks: NDArray[np.int64]) -> dict[str, float]:
    """R@k in percent (two decimals), the median rank from 1, and the mean reciprocal rank (four decimals)."""
    found = {f"R@{k}": round(100 * float(hits(ranks, k).mean()), 2) for k in KS}
    found["median_rank"] = float(np.median(ranks)) + 1
    # Summed exactly: the order of the queries must not decide the last digit.
    found["mrr"] = round(math.fsum(reciprocal(ranks)) / len(ranks), 4)
    return found


def hits(ranks: NDArray[np.int64], k: int) -> NDArray[np.bool_]:
    """Whether each text found its image among the first k; ranks from 0 (T,) -> (T,)."""
    return ranks < k


def reciprocal(ranks: NDArray[np.int64]) -> NDArray[np.floating[Any]]:
    """1 for the first place, 1/2 for the second, and so on."""
    return 1.0 / (ranks + 1.0)


def average_precision(scores: NDArray[np.float32], relevant: NDArray[np.bool_]) -> float:
    """The mean, over relevant items, of the precision down to each; ties rank pessimistically.

    Args:
        scores: higher is better  # (N,)
        relevant: at least one True  # (N,)
    """
    order = np.lexsort((relevant, -scores))  # best first; of equals, the relevant stand last
    places = np.flatnonzero(relevant[order]) + 1  # (R,)
    return float(np.mean(np.arange(1, len(places) + 1) / places))


def mean_average_precision(scores: NDArray[np.float32], shows: NDArray[np.bool_]) -> float:
    """In percent, over categories; both (categories, images)."""
    values = [average_precision(row, relevant) for row, relevant in zip(scores, shows, strict=True)]
    return round(100 * float(np.mean(values)), 2)


def _blocks(rows: int, columns: int) -> list[slice]:
    size = max(1, BLOCK // max(1, columns))
    return [slice(start, start + size) for start in range(0, rows, size)]
