"""General phrases that may say what a name means: the few that its photos and captions suggest."""

import math
from typing import NamedTuple

import numpy as np

from photosearch.core.scripts import scripts
from photosearch.core.vectors import l2_normed
from trainer.adapt.corpus import Corpus
from trainer.adapt.general_words import CHINESE_PHRASES, general_captions, general_phrases
from trainer.adapt.material import Rows, Vectors

BY_PHOTOS = 75  # candidates that are likest to the name's photos
BY_RESIDUAL = 75  # candidates that are likest to what its captions leave unsaid
RIDGE = 3.0
# Of phrases that explain a name's photos alike, the common one is more often right, and reads better: for
# e times as many general captions that have it, so much of log probability.
COMMON = 0.04


class Phrases(NamedTuple):
    """Candidates for every name. The name itself is one of them: a word that needs no translation."""

    texts: tuple[str, ...]  # the general ones, then the names
    vectors: Vectors  # (K, D), L2-normed
    common: Vectors  # (K,), what is in favour of a phrase before any photo is seen
    of_name: list[Rows]  # for each name, rows of the above; the last is the name itself


def candidates(corpus: Corpus) -> Phrases:
    """What may stand for each name: phrases like its photos, and like what its captions leave unsaid.

    A Chinese name may mean a phrase in either language: only the model knows which of them it reads.
    """
    english, counted = general_phrases(), general_captions()
    chinese = ["CJK" in scripts(name.name) for name in corpus.names]
    general = (*english, *general_phrases(CHINESE_PHRASES)) if any(chinese) else english
    texts = (*general, *(name.name for name in corpus.names))
    vectors = corpus.material.encode(texts)
    common = np.array([COMMON * math.log(counted.count(text) or 1) for text in texts], np.float32)
    photos = corpus.material.photos
    scores = photos @ vectors[: len(general)].T  # (N, general)
    deviations = (scores - scores.mean(axis=0)) / (scores.std(axis=0) + 1e-6)
    unsaid = _centred(vectors[: len(general)]) @ residuals(corpus).T  # (general, W)
    of_name = []
    for column, has in enumerate(corpus.has_name.T):
        there = len(general if chinese[column] else english)
        like = deviations[corpus.photo_of[has], :there].mean(axis=0)
        by_photos = np.argsort(-like, kind="stable")[:BY_PHOTOS]
        by_residual = np.argsort(-unsaid[:there, column], kind="stable")[:BY_RESIDUAL]
        of_name.append(np.append(np.union1d(by_photos, by_residual), len(general) + column))
    return Phrases(texts, vectors, common, of_name)


def residuals(corpus: Corpus) -> Vectors:
    """What each name adds to its captions: photo minus text, regressed on which names are there (ridge).

    Photos and texts are centred, for they lie in different parts of the space.

    Returns:
        (W, D), L2-normed
    """
    photos = corpus.material.photos
    unsaid = photos[corpus.photo_of] - photos.mean(axis=0) - _centred(corpus.stripped)  # (C, D)
    indicators = corpus.has_name.astype(np.float32)
    gram = indicators.T @ indicators + RIDGE * np.eye(indicators.shape[1], dtype=np.float32)
    return l2_normed(np.linalg.solve(gram, indicators.T @ unsaid).astype(np.float32))


def _centred(vectors: Vectors) -> Vectors:
    centred: Vectors = vectors - vectors.mean(axis=0)
    return centred
