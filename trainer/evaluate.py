"""How well texts find images and images find texts: recall at k."""

import msgspec
import numpy as np
from numpy.typing import NDArray

KS = (1, 5, 10)


class Recall(msgspec.Struct, frozen=True):
    """R@k in percent, both ways."""

    images: int  # the gallery of text -> image
    captions: int
    t2i: dict[str, float]  # "R@1", "R@5", "R@10"
    i2t: dict[str, float]


def recall(similarities: NDArray[np.float32], image_of: NDArray[np.int64]) -> Recall:
    """Recall at 1, 5 and 10.

    Text -> image: the share of captions whose image is among the k best of the gallery, of unique images.
    Image -> text: the share of captioned images of which any caption is among the k best of all captions.
    Ties rank pessimistically: whatever scores the same as the right answer stands before it, so that a model
    that gives everything one embedding scores 0.

    Args:
        similarities: of each caption (rows) with each image (columns)  # (T, N)
        image_of: each caption's image, a column of `similarities`  # (T,)
    """
    t2i, i2t = text_to_image_ranks(similarities, image_of), image_to_text_ranks(similarities, image_of)
    return Recall(images=similarities.shape[1], captions=similarities.shape[0], t2i=at_k(t2i), i2t=at_k(i2t))


def text_to_image_ranks(similarities: NDArray[np.float32], image_of: NDArray[np.int64]) -> NDArray[np.int64]:
    """How many other images score at least as high as the right one; (T, N), (T,) -> (T,), 0 is best."""
    right = similarities[np.arange(len(image_of)), image_of]  # (T,)
    # Not "greater or equal": a NaN compares false, and must count against the model.
    ranks: NDArray[np.int64] = (~(similarities < right[:, None])).sum(axis=1) - 1
    return ranks


def image_to_text_ranks(similarities: NDArray[np.float32], image_of: NDArray[np.int64]) -> NDArray[np.int64]:
    """How many captions of other images score at least as high as the image's best own caption.

    (T, N), (T,) -> one rank for each image that has a caption, in the order of columns; 0 is best.
    """
    ranks = []
    for image in np.unique(image_of):
        own = image_of == image  # (T,)
        scores = similarities[:, image]
        ranks.append(int((~(scores[~own] < scores[own].max())).sum()))
    return np.array(ranks, dtype=np.int64)


def at_k(ranks: NDArray[np.int64]) -> dict[str, float]:
    """R@k in percent, rounded to two decimals."""
    return {f"R@{k}": round(100 * float((ranks < k).mean()), 2) for k in KS}


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
