"""Whether a library has captions enough to teach from, and which photos are worth one."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from photosearch.core.teaching import FEWEST_PHOTOS
from photosearch.core.teaching_messages import Readiness
from photosearch.engine.teaching_material import vectors_of
from photosearch.paths import Library
from photosearch.store.reader import Reader

ENOUGH_PHOTOS = 100  # with captions; below, names that are rare are not learnt
NAMES_SHOWN = 20
NEXT_SHOWN = 24
LOOKED_AT = 2_000  # photos without a caption, by chance: a library may have 100,000
COMPARED_WITH = 1_000  # photos with one

FEWEST_USES = 3  # of a name
_TOKEN = re.compile(r"[^\W\d_][\w'’-]*|[.!?]")


def readiness(library: Library, model_id: str) -> Readiness:
    """Whether the captions suffice to teach from, and which photos to caption next.

    Raises:
        KnownError: the library is damaged.
    """
    with Reader.open(library) as reader:
        captions = list(reader.captions())
        captioned = np.unique(np.array([caption.photo_id for caption in captions], np.int64))
        least_sure = _least_sure(captioned, reader, model_id)
    photos = len(captioned)
    wanted = FEWEST_PHOTOS if photos < FEWEST_PHOTOS else ENOUGH_PHOTOS
    return Readiness(
        captions=len(captions),
        photos=photos,
        enough="no" if photos < FEWEST_PHOTOS else "few" if photos < ENOUGH_PHOTOS else "yes",
        wanted=max(0, wanted - photos),
        names=guessed_names([caption.text for caption in captions]),
        next=tuple(least_sure),
    )


def guessed_names(captions: Sequence[str]) -> tuple[str, ...]:
    """Words that are always written with a capital, and runs of such; the most frequent first.

    Learning finds names by another way, which also finds those in small letters.
    """
    small, capital, within = Counter[str](), Counter[str](), Counter[str]()
    for token, begins in (token for caption in captions for token in _tokens(caption)):
        if token[0].isupper():
            capital[token] += 1
            within[token] += not begins
        else:
            small[token] += 1
    names = {word for word in within if within[word] and not small[word.casefold()] and len(word) > 1}
    runs = Counter(run for caption in captions for run in set(_runs(caption, names)))
    return tuple(run for run, uses in runs.most_common(NAMES_SHOWN) if uses >= FEWEST_USES)


def _tokens(caption: str) -> Iterator[tuple[str, bool]]:
    """Words, and whether each begins a sentence."""
    begins = True
    for token in _TOKEN.findall(caption):
        if token in ".!?":
            begins = True
            continue
        yield re.sub(r"['’]s$", "", token), begins
        begins = False


def _runs(caption: str, names: set[str]) -> Iterator[str]:
    run: list[str] = []
    for token, _ in [*_tokens(caption), ("", False)]:
        if token in names:
            run.append(token)
        elif run:
            yield " ".join(run)
            run = []


def _least_sure(captioned: NDArray[np.int64], reader: Reader, model_id: str) -> list[int]:
    """Photos whose captions would tell the model most: none of its own sentences fits them well, and they
    are unlike the photos that have captions, and unlike one another.

    The bias of a photo is how well the model's bank of sentences fits it. Unlike: farthest first, the greedy
    k-centre of Sener & Savarese 2018, "Active learning for convolutional neural networks".
    """
    there = np.intersect1d(reader.living(), reader.vector_ids(model_id))
    by_chance = np.random.default_rng(0)
    open_ = by_chance.permutation(np.setdiff1d(there, captioned))[:LOOKED_AT]
    known = by_chance.permutation(np.intersect1d(captioned, there))[:COMPARED_WITH]
    if not len(open_):
        return []
    ids, half, bias = vectors_of(np.sort(open_), reader, model_id)
    worst_fit = np.argsort(bias, kind="stable")[: max(NEXT_SHOWN, len(ids) // 2)]
    ids, vectors = ids[worst_fit], half[worst_fit].astype(np.float32)
    nearest = np.full(len(ids), -1.0, np.float32)  # cosine to a photo with a caption, or a chosen one
    if len(known):
        others = vectors_of(np.sort(known), reader, model_id).vectors.astype(np.float32)
        nearest = (vectors @ others.T).max(axis=1, initial=-1.0)
    chosen: list[int] = []
    for _ in range(min(NEXT_SHOWN, len(ids))):
        place = int(nearest.argmin())
        chosen.append(int(ids[place]))
        nearest = np.maximum(nearest, vectors @ vectors[place])
        nearest[place] = np.inf
    return chosen
