"""Finding a person's names and learning what they mean; the towers stay as they are."""

from collections.abc import Sequence

import msgspec
import numpy as np

from photosearch.core.progress import Control
from photosearch.core.teaching import Word
from photosearch.models.rewriting import Rewriter
from trainer.adapt.corpus import Corpus
from trainer.adapt.general_words import general_captions
from trainer.adapt.material import Material, Rows, Vectors
from trainer.adapt.names import Name
from trainer.adapt.phrases import Phrases, candidates
from trainer.adapt.routes import optimism, phrase_helps, vector_that_helps
from trainer.adapt.translate import Field, Ranked, rank_cheaply, rank_exactly

CHOICES = 5  # other phrases shown to the person


def learn_words(
    material: Material,
    rows: Rows,
    *,
    edited: Sequence[Word] = (),
    control: Control,
) -> tuple[list[Word], Vectors]:
    """The person's names in some captions, and what the model is to read in their place.

    A name for which nothing was found comes back without effect, with choices for the person to take from.

    Args:
        rows: the captions to learn from
        edited: words that the person chose; their phrases stay
    Returns:
        the words, those in most captions first, and the vectors that they point to (W, D)
    Raises:
        Cancelled: the person asked to stop.
    """
    chosen = [msgspec.structs.replace(word, edited=True, vector=None, weight=0.0) for word in edited]
    corpus = Corpus.of(material, rows, chosen)
    words, vectors = _learnt(corpus, control) if corpus.names else ([], [])
    words += [_counted(word, corpus.captions) for word in chosen]
    words.sort(key=lambda word: -word.captions)
    return words, np.array(vectors, np.float32).reshape(len(vectors), material.photos.shape[1])


def _learnt(corpus: Corpus, control: Control) -> tuple[list[Word], list[Vectors]]:
    field = Field.of(corpus.material, corpus.photo_of)
    phrases = candidates(corpus)
    cheap = rank_cheaply(corpus, field, phrases, control)
    ranked = rank_exactly(corpus, field, phrases, cheap, control)
    words = [_word(corpus.names[name], phrases, ranked[name], cheap[name]) for name in range(len(cheap))]

    def texts(words: Sequence[Word], rows: Rows) -> Vectors:
        control.checkpoint()
        return corpus.material.encode(corpus.read(words, rows))

    for number, found in enumerate(cheap):
        without = list(words)
        without[number] = _untranslated(words[number])
        translated, itself = (
            field.likelihoods(texts(said, found.rows), found.rows) for said in (words, without)
        )
        if not phrase_helps(translated - itself, optimism(corpus, phrases, found)):
            words = without

    vectors: list[Vectors] = []
    for number, found in enumerate(cheap):
        now = texts(words, found.rows)
        beside = now if words[number].phrase else corpus.stripped[found.rows]
        added = vector_that_helps(corpus, field, now, beside, found.rows)
        if added:
            words[number] = msgspec.structs.replace(words[number], vector=len(vectors), weight=added.weight)
            vectors.append(added.vector)
    general = general_captions()
    return [word for word in words if word.has_effect or not general.count(word.name)], vectors


def _word(name: Name, phrases: Phrases, ranked: Ranked, cheap: Ranked) -> Word:
    in_order = dict.fromkeys([*ranked.candidates.tolist(), *cheap.candidates.tolist()])
    best, *others = (phrases.texts[row] for row in in_order if row != ranked.itself)
    return Word(name.name, best, captions=len(name.rows), choices=tuple(others[:CHOICES]))


def _untranslated(word: Word) -> Word:
    choices = (word.phrase, *word.choices)[:CHOICES]
    return msgspec.structs.replace(word, phrase="", choices=choices)


def _counted(word: Word, captions: Sequence[str]) -> Word:
    rewriter = Rewriter([msgspec.structs.replace(word, phrase=word.phrase or word.name)])
    count = sum(any(True for _ in rewriter.uses(caption)) for caption in captions)
    return msgspec.structs.replace(word, captions=count)
