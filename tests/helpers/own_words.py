"""A small world to teach in: photos of animals at places, captioned with names that no model knows."""

import functools
import hashlib
from collections.abc import Mapping, Sequence
from itertools import product

import numpy as np
from numpy.typing import NDArray

from photosearch.core.progress import Control
from photosearch.core.vectors import l2_normed
from trainer.adapt.adapter_training import Anchors, CaptionVectors
from trainer.adapt.general_words import words_of
from trainer.adapt.material import Material, remembering

DIM = 64
ANIMALS = ("brown dog", "black dog", "white cat", "horse")
PLACES = ("beach", "snow", "kitchen", "playground")
DEEDS = ("runs", "sleeps", "plays with a ball", "jumps")
GENERAL = ("a man rides a bike", "two children play", "a boat on a lake", "people in a street", "a red car")
NAMES = {"brown dog": "Rusty", "black dog": "Midnight", "beach": "Pelican Cove", "snow": "stonepeak"}


def bag_of_words(texts: Sequence[str]) -> NDArray[np.float32]:
    """A model of texts that knows every word but its meaning: (B, D), L2-normed."""
    sums = [
        np.sum([direction(spoken.word) for spoken in words_of(text)] or [np.ones(DIM)], 0) for text in texts
    ]
    return l2_normed(np.array(sums, np.float32))


@functools.cache
def direction(word: str) -> NDArray[np.float64]:
    seed = int.from_bytes(hashlib.blake2b(word.encode(), digest_size=8).digest(), "big")
    return np.random.default_rng(seed).standard_normal(DIM)


def world(
    names: Mapping[str, str] = NAMES, *, copies: int = 2, seed: int = 0, control: Control | None = None
) -> Material:
    """Each animal at each place doing each deed, in several photos, each captioned once."""
    random = np.random.default_rng(seed)
    shown = [f"{a} {d} {p}" for a, p, d in product(ANIMALS, PLACES, DEEDS) for _ in range(copies)]
    captions = [f"{named(a, names)} {d} at {named(p, names)}" for a, p, d in product(ANIMALS, PLACES, DEEDS)]
    photos = l2_normed(bag_of_words(shown) + 0.05 * random.standard_normal((len(shown), DIM)))
    return material(photos, [c for c in captions for _ in range(copies)], control)


def material(
    photos: NDArray[np.float32], captions: Sequence[str], control: Control | None = None
) -> Material:
    """One caption a photo."""
    everyone = np.arange(len(photos))
    return Material(
        photos=photos,
        bias=np.zeros(len(photos), np.float32),
        labels=[str(photo) for photo in everyone],
        captions=list(captions),
        photo_of=everyone,
        groups=everyone,
        encode=remembering(bag_of_words, DIM, control or Control()),
        scale=20.0,
    )


def anchors() -> Anchors:
    """General sentences, and photos of what they say."""
    return Anchors(bag_of_words(GENERAL), bag_of_words([f"{text} {n}" for text in GENERAL for n in range(8)]))


def caption_vectors() -> CaptionVectors:
    """Captions of the world, and their photos."""
    captioned = world(copies=1)
    texts = captioned.encode(captioned.captions)
    return CaptionVectors(texts, captioned.photos, captioned.caption_groups, np.arange(len(texts)))


def named(plain: str, names: Mapping[str, str]) -> str:
    return names.get(plain, plain)
