"""How sure it is that a photo shows each of many tags, and from where on a tag is shown.

The tags of the list compete for a photo: a tag's share is that of softmax over all of them, which leaves
out what many photos resemble a little, and tells a fox from the dogs that photos mostly show. Cosines of one
model lie far apart, of another close together, so they are taken in units of their spread; then the levels of
the bundled model, which were fitted on known answers, hold for others too. docs/tags.md has the figures.
"""

import functools
from collections.abc import Callable, Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from photosearch.core.tags import Tag
from photosearch.core.vectors import l2_normed
from photosearch.models.short_queries import asked
from photosearch.paths import resources

FILE = "tag_levels.json"
SHARPNESS = 2.0  # of the competition: how many times the spread a cosine counts
# The share from which the person's own tags are shown, which no answers are known of.
OWN_LEVEL = 0.3

Vectors = NDArray[np.float32]


class Levels(msgspec.Struct, frozen=True):
    """From which share on each tag is shown; `python -m trainer tags` fits them.

    Attributes:
        model_id: the model that they were fitted with
        spread: the deviation of that model's cosines between tags and photos
        levels: by the tag's name
    """

    model_id: str
    spread: float
    levels: dict[str, float]

    def of(self, tags: Sequence[Tag]) -> NDArray[np.float32]:
        """The level of each tag (T,)."""
        found = [OWN_LEVEL if tag.own else self.levels.get(tag.name, 1.0) for tag in tags]
        return np.array(found, dtype=np.float32)


@functools.cache
def levels() -> Levels:
    """Those that ship with the program."""
    return msgspec.json.decode((resources() / FILE).read_bytes(), type=Levels)


def questions(tag: Tag, languages: tuple[str, ...], prompts: Sequence[str]) -> tuple[str, ...]:
    """All that a model is to be asked for a tag."""
    return tuple(dict.fromkeys(way for text in tag.texts(languages) for way in asked(text, prompts)))


def directions(
    tags: Sequence[Tag],
    encode: Callable[[Sequence[str]], Vectors],
    languages: tuple[str, ...],
    prompts: Sequence[str],
) -> Vectors:
    """A unit vector for each tag (T, D): the mean of what its questions are encoded as.

    Args:
        encode: texts -> (B, D), L2-normed
        languages, prompts: the model's
    """
    ways = [questions(tag, languages, prompts) for tag in tags]
    vectors = encode([way for some in ways for way in some])
    starts = np.cumsum([0, *map(len, ways[:-1])])
    normed: Vectors = l2_normed(np.add.reduceat(vectors, starts, axis=0))
    return normed


def spread_of(listed: Vectors, photos: Vectors) -> float:
    """The deviation of the cosines between tags (T, D) and photos (N, D)."""
    return float((listed @ photos.T).std(dtype=np.float64))


def shares(photos: Vectors, listed: Vectors, own: Vectors, spread: float) -> Vectors:
    """How much of each photo is each tag's (N, T + O), the person's own after the list's.

    The list's tags share a photo among them; each of the person's own competes with all of these, and with no
    other of its kind, so that adding one changes nothing else.

    Args:
        photos: (N, D), L2-normed
        listed, own: directions of tags (T, D), (O, D)
        spread: see `spread_of`
    """
    scale = np.float32(SHARPNESS / spread)
    logits = scale * (photos @ listed.T)
    highest = logits.max(axis=1, keepdims=True)
    weights = np.exp(logits - highest)
    total = weights.sum(axis=1, keepdims=True)
    own_weights = np.exp(np.minimum(scale * (photos @ own.T) - highest, 60.0))  # of what float32 holds
    found: Vectors = np.concatenate([weights / total, own_weights / (total + own_weights)], axis=1)
    return found
