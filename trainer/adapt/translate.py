"""Which phrase says best what a name means: a cheap ranking of many, an exact one of few.

The objective is how likely the model finds each caption's own photo in the library: log softmax of scores.
"""

import zlib
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from photosearch.core.progress import Control
from photosearch.core.teaching import Word
from trainer.adapt.corpus import Corpus
from trainer.adapt.material import Material, Rows, Vectors
from trainer.adapt.phrases import Phrases

PHRASE_SHARE = 0.6  # of a phrase's vector beside that of its caption without names
ROUNDS = 3  # of coordinate ascent over names
PHOTOS_RANKED = 1_000  # a caption's photo is told apart from about so many
KEPT = (6, 3)  # candidates that the model reads in the captions, by round
CAPTIONS_READ = 40  # of each name, for each candidate

Likelihoods = NDArray[np.float32]  # log probability of the captions' own photos


class Field(NamedTuple):
    """The photos among which captions look for their own, all scores in logits."""

    photos: Vectors  # (G, D), times the model's scale
    bias: Vectors  # (G,), times the model's scale
    own: Rows  # (C,) the photo of each caption, a row of these

    @classmethod
    def of(cls, material: Material, photo_of: Rows) -> "Field":
        """The captions' photos and others of the library, PHOTOS_RANKED where there are as many."""
        own = np.unique(photo_of)
        others = np.setdiff1d(np.arange(len(material.photos)), own)
        wanted = min(len(others), max(0, PHOTOS_RANKED - len(own)))
        drawn = others[np.linspace(0, len(others) - 1, wanted).astype(np.int64)] if wanted else others[:0]
        rows = np.sort(np.r_[own, drawn])
        scale = np.float32(material.scale)
        return cls(
            scale * material.photos[rows], scale * material.bias[rows], np.searchsorted(rows, photo_of)
        )

    def likelihoods(self, texts: Vectors, rows: Rows) -> Likelihoods:
        """Texts (R, D) for the captions `rows` -> (R,)."""
        logits = texts @ self.photos.T - self.bias
        found: Likelihoods = logits[np.arange(len(rows)), self.own[rows]] - _logsumexp(logits)
        return found


class Ranked(NamedTuple):
    """What is known of a name's candidates, the best first."""

    candidates: Rows  # (K,), rows of the phrases
    rows: Rows  # (R,), the captions that were looked at
    likelihoods: Likelihoods  # (R, K)
    itself: int  # the candidate that is the name; it is no candidate for its own translation

    @property
    def best(self) -> int:
        """The candidate that translates the name."""
        return int(next(row for row in self.candidates if row != self.itself))


def _ranked(phrases: Phrases, candidates: Rows, rows: Rows, likelihoods: Likelihoods) -> Ranked:
    order = np.argsort(-(likelihoods.mean(axis=0) + phrases.common[candidates]), kind="stable")
    return Ranked(candidates[order], rows, likelihoods[:, order], int(candidates.max()))


def rank_cheaply(corpus: Corpus, field: Field, phrases: Phrases, control: Control) -> list[Ranked]:
    """Each name's candidates, by coordinate ascent on captions as norm(stripped + .6 sum of phrases).

    Raises:
        Cancelled: the person asked to stop.
    """
    weighted: Vectors = (PHRASE_SHARE * phrases.vectors).astype(np.float32)
    logits_of = weighted @ field.photos.T  # (K, G)
    total = corpus.stripped.copy()  # (C, D), with the phrases chosen so far
    ranked: dict[int, Ranked] = {}
    for _ in range(ROUNDS):
        before = {name: found.best for name, found in ranked.items()}
        for name in _by_frequency(corpus):
            rows = np.array(corpus.names[name].rows)
            if name in ranked:
                total[rows] -= weighted[ranked[name].best]
            own = phrases.of_name[name]
            found = _likelihoods(field, total, rows, weighted[own], logits_of[own], control)
            ranked[name] = _ranked(phrases, own, rows, found)
            total[rows] += weighted[ranked[name].best]
        if before == {name: found.best for name, found in ranked.items()}:
            break
    return [ranked[name] for name in range(len(corpus.names))]


def rank_exactly(
    corpus: Corpus, field: Field, phrases: Phrases, ranked: list[Ranked], control: Control
) -> list[Ranked]:
    """The best candidates again, each put into the captions and read by the model.

    Raises:
        Cancelled: the person asked to stop.
    """
    exact = list(ranked)
    words = [
        Word(name.name, phrases.texts[found.best]) for name, found in zip(corpus.names, ranked, strict=True)
    ]
    for keep in KEPT:
        for name in _by_frequency(corpus):
            rows = _some(corpus, ranked[name].rows)
            first = exact[name].candidates[:keep]
            kept = np.append(first[first != ranked[name].itself], ranked[name].itself)
            found = np.empty((len(rows), len(kept)), np.float32)
            for column, candidate in enumerate(kept.tolist()):
                control.checkpoint()
                words[name] = Word(words[name].name, phrases.texts[candidate])
                texts = corpus.material.encode(corpus.read(words, rows))
                found[:, column] = field.likelihoods(texts, rows)
            exact[name] = _ranked(phrases, kept, rows, found)
            words[name] = Word(words[name].name, phrases.texts[exact[name].best])
    return exact


def _likelihoods(
    field: Field, base: Vectors, rows: Rows, added: Vectors, logits_added: Vectors, control: Control
) -> Likelihoods:
    """Of the captions `rows`, with each of `added` (K, D) put to them; -> (R, K)."""
    squares = (added * added).sum(axis=1)
    found = np.empty((len(rows), len(added)), np.float32)
    for number, row in enumerate(rows.tolist()):
        control.checkpoint()
        text = base[row]
        lengths = np.sqrt(text @ text + 2 * (added @ text) + squares)[:, None]
        logits = (field.photos @ text + logits_added) / lengths - field.bias  # (K, G)
        found[number] = logits[:, field.own[row]] - _logsumexp(logits)
    return found


def _by_frequency(corpus: Corpus) -> list[int]:
    return sorted(range(len(corpus.names)), key=lambda name: -len(corpus.names[name].rows))


def _some(corpus: Corpus, rows: Rows) -> Rows:
    """At most CAPTIONS_READ of them, told by their text alone: folds then read mostly the same ones, once."""
    digests = [zlib.crc32(corpus.captions[row].encode(errors="replace")) for row in rows.tolist()]
    return np.sort(rows[np.argsort(digests, kind="stable")[:CAPTIONS_READ]])


def _logsumexp(logits: Vectors) -> Likelihoods:
    largest = logits.max(axis=1)
    found: Likelihoods = largest + np.log(np.exp(logits - largest[:, None]).sum(axis=1))
    return found
