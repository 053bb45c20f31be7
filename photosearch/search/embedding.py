"""From a query to one direction in the model's space: a sum of parts, each a unit vector with a weight.

    q = norm(sentence + 0.5 (w - 1) word - 0.4 w away + 0.5 like + feedback)

The constants were measured with the bundled model on Flickr8k val; docs/search.md has the tables.
"""

import functools
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from photosearch.core.chinese import word_spans
from photosearch.core.encoder import Encoder
from photosearch.core.errors import KnownError
from photosearch.core.stop_words import is_stop_word
from photosearch.models.short_queries import asked
from photosearch.search.query import Query

Vector = NDArray[np.float32]  # (D,), L2-normed

# A word with weight w is in the sentence already, and comes to it once more. "A B" with w = 2 on B: photos of
# B among the first ten 62.6 -> 68.4 %, mAP of photos with both 26.8 -> 25.3.
STRESS = 0.5
# "A -B", 195 pairs of nouns: photos of B among the first ten 9.4 -> 6.4 %, P@10 44.0 -> 46.1, mAP 34.2 ->
# 34.5; at 1 mAP falls to 28.4. Clamped scores, A - w max(0, B - t), did worse at every w and t.
AWAY = 0.4
# A picture beside words, 603 times "like this photo of A" with a word B: mAP of photos with both 12.8 at 1,
# 16.0 at 0.5, 15.5 at 0.25, 14.1 by the word alone.
BESIDE_WORDS = 0.5
# Rocchio's weights, residual P@10 of 65 nouns: one mark 39.5 -> 40.2, three 30.2 -> 33.3; two bad ones
# 50.0 -> 50.8. More lets the marked photos' other contents in.
LIKED, LIKED_AT_MOST = 0.25, 0.75  # for each photo marked as right, and for all of them
DISLIKED = 0.1  # for all photos marked as wrong

REMEMBERED = 64  # texts
TextVector = Callable[[str], Vector]


class Part(NamedTuple):
    """What one part of a query brings to its direction."""

    text: str
    weight: float
    vector: Vector


def text_vectors(encoder: Encoder) -> TextVector:
    """Each text's vector; of a short one, the mean over the model's prompts.

    The last ones are remembered: after a query's first hits all photos are ranked for it, and some explained.
    """

    @functools.lru_cache(REMEMBERED)
    def vector(text: str) -> Vector:
        mean = _mean(encoder.encode_texts(asked(text, encoder.calibration.prompts)))
        return mean / np.float32(np.linalg.norm(mean))

    return vector


def parts_of(
    query: Query,
    text_vector: TextVector,
    vector_of: Callable[[int], Vector | None],
    like: Sequence[Vector],
) -> list[Part]:
    """The parts whose weighted sum is the query's direction.

    Args:
        text_vector: see text_vectors()
        vector_of: a photo's vector by id; None: it has none
        like: of each of `query.like`, and of pictures that came with the query
    """
    parts = [Part(query.sentence, 1.0, text_vector(query.sentence))] if query.sentence else []
    for word in query.words:
        weight = AWAY * word.weight if word.weight < 0 else STRESS * (word.weight - 1)
        parts.append(Part(word.text, weight, text_vector(word.text)))
    for place, vector in enumerate(like):
        named = query.like[place] if place < len(query.like) else None
        weight = (named.weight if named else 1.0) * (BESIDE_WORDS if query.sentence else 1.0)
        parts.append(Part(named.path if named else "", weight, vector))
    liked, disliked = (_vectors(ids, vector_of) for ids in (query.liked, query.disliked))
    if liked:
        parts.append(Part("+", min(LIKED * len(liked), LIKED_AT_MOST), _mean(liked)))
    if disliked:
        parts.append(Part("-", -DISLIKED, _mean(disliked)))
    return parts


def direction(parts: Sequence[Part]) -> Vector:
    """The unit vector (D,) of the weighted sum.

    Raises:
        KnownError: nothing is left of it.
    """
    total = np.sum([part.weight * part.vector for part in parts], axis=0)
    length = float(np.linalg.norm(total))
    if length < 1e-6:
        raise KnownError("The parts of this query cancel each other out; take one of them away.")
    found: Vector = (total / length).astype(np.float32)
    return found


def without_each_word(
    sentence: str, text_vector: TextVector, names: Sequence[tuple[int, int]] = (), most: int = 40
) -> list[tuple[str, Vector]]:
    """Each of the first telling words of a sentence, and the sentence's vector without it.

    Stop words are passed over; of a single word there is none, as nothing would be left.

    Args:
        names: places in the sentence that are one word each, whatever spaces they have
    """
    places = [(start, end) for start, end in _words(sentence, names) if not is_stop_word(sentence[start:end])]
    if len(places) < 2:
        return []
    return [
        (sentence[start:end], text_vector(" ".join((sentence[:start] + sentence[end:]).split())))
        for start, end in places[:most]
    ]


def _words(sentence: str, names: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Where each word stands, Chinese ones too."""
    places: list[tuple[int, int]] = []
    for start, end in word_spans(sentence):
        if places and any(first < places[-1][1] and start < last for first, last in names):
            places[-1] = (places[-1][0], end)
        else:
            places.append((start, end))
    return places


def _vectors(ids: Sequence[int], vector_of: Callable[[int], Vector | None]) -> list[Vector]:
    return [vector for vector in map(vector_of, ids) if vector is not None]


def _mean(vectors: Sequence[Vector] | NDArray[np.float32]) -> Vector:
    mean: Vector = np.mean(vectors, axis=0, dtype=np.float32)
    return mean
