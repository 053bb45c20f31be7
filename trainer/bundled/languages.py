"""Stage three: a text side of many languages learns to speak the space that an English model has.

The photos' side stays as it is, and so does each photo's vector.
"""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import msgspec
import numpy as np
import tokenizers
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from photosearch.core.errors import KnownError
from photosearch.models.config import HeadConfig, ModelConfig, TextTowerConfig
from photosearch.models.tokenizer import Tokenizer
from photosearch.models.torch.dual_encoder import DualEncoder
from photosearch.models.torch.quantised import linears_in_eight_bits
from trainer.bundled.language_training import (
    Captions,
    LanguageMaterial,
    Sayings,
    train_text_head,
)
from trainer.data.pairs import Pairs, read_pairs
from trainer.evaluate.class_texts import photo_of
from trainer.evaluate.features import FeatureExtractor
from trainer.models.pretrained import base_weights
from trainer.models.pretrained.e5_file import E5File
from trainer.recipes.bundled import LanguagesStage

THINGS = "\U0001f300"  # the first sign of Unicode that shows a thing; those before are arrows and the like


@dataclass(frozen=True)
class LanguageSources:
    """What the text side of many languages begins with and learns from, beside the English pairs."""

    base: E5File
    captions: Sequence[Path]  # tables of captions of the same photos, each in another language
    concepts: Sequence[tuple[str, str, str]]  # (sign, language, name)
    keywords: Sequence[str]  # of the concepts, in all languages
    sentences: Sequence[str]  # English ones, of photos that are not here


def read_sources(captions: Sequence[Path], concepts: Path, sentences: Path | None) -> LanguageSources:
    """Read the base weights and the tables.

    Args:
        captions: tables of captions of the same photos, each in another language
        concepts: a table with the columns concept, language, name and keywords, these with | between them
        sentences: one with the columns language and caption, of which the English ones are taken

    Raises:
        KnownError: the base weights or a table are missing, or not as they must be.
    """
    named = _rows(concepts, ("concept", "language", "name", "keywords"), "--languages (its folder)")
    said = _rows(sentences, ("language", "caption"), "--more") if sentences else []
    return LanguageSources(
        base_weights.load_multilingual_base(),
        captions,
        [(concept, language, name) for concept, language, name, _ in named],
        list(dict.fromkeys(word for *_, words in named for word in words.split("|"))),
        list(dict.fromkeys(caption for language, caption in said if language == "en")),
    )


@dataclass(frozen=True)
class Spoken:
    """A model with the text side of many languages, and what comes with it."""

    model: DualEncoder
    config: ModelConfig
    tokenizer: bytes
    features: FeatureExtractor  # of its towers


def learn_languages(
    teacher: DualEncoder,
    config: ModelConfig,
    features: FeatureExtractor,
    english: Pairs,
    classes: Sequence[str],
    stage: LanguagesStage,
    sources: LanguageSources,
    seed: int,
    steps: int | None = None,
) -> Spoken:
    """`teacher`, of this config and with these features, with a text side of many languages.

    Args:
        english: the pairs that the teacher learnt from
        classes: names of the classes that its ConSE mixes
        steps: take so many at most, for a trial

    Raises:
        KnownError: captions cannot be read, or the loss stopped being a number.
    """
    others = [captions_beside(english, table) for table in sources.captions]
    named = _names(classes, sources.concepts)
    sentences = sources.sentences
    texts = [*english.captions, *(caption for pairs, _ in others for caption in pairs.captions)]
    texts += [*(name for name, _, _ in named), *sentences]
    file = sources.base.only(needed_pieces(sources.base, [*texts, *sources.keywords], stage.words))
    dim = file.config["hidden_size"]
    config = msgspec.structs.replace(
        config,
        text_tower=TextTowerConfig(file.config, dim),
        text_head=HeadConfig(dim, stage.hidden, config.dim, stage.dropout),
        conse=config.conse and msgspec.structs.replace(config.conse, text_head=True),
        languages=tuple(dict.fromkeys(["en", *(language for _, language, _ in sources.concepts)])),
    )
    tower = file.tower().eval()
    model = DualEncoder(config)
    model.text_tower = tower
    kept = {
        name: value for name, value in teacher.state_dict().items() if not name.startswith(("text_", "bank"))
    }
    model.load_state_dict(kept, strict=False)
    tokenizer = Tokenizer(file.tokenizer(), config.max_tokens)
    read = FeatureExtractor(model, config.preprocessing, tokenizer)

    def say(some: Sequence[str]) -> Tensor:
        return teacher.embed_text_features(features.texts(some))

    with torch.inference_mode():
        photos = teacher.embed_image_features(features.images(english.images, english.hashes))
        taught = say(english.captions)
        english_names = say([name for _, name, _ in named])
        said = say(sentences) if sentences else None
    means = torch.zeros_like(photos).index_add_(0, torch.from_numpy(english.image_of), taught)
    means = F.normalize(means, dim=-1)
    captions = [Captions(english, read.texts(english.captions), photos, means, taught)]
    captions += [
        Captions(pairs, read.texts(pairs.captions), photos[rows], means[rows]) for pairs, rows in others
    ]
    things = np.array([thing for _, _, thing in named])
    material = LanguageMaterial(
        captions,
        Sayings(read.texts([name for name, _, _ in named]), english_names, things),
        None if said is None else Sayings(read.texts(sentences), said, np.arange(len(sentences))),
    )
    train_text_head(model.text_head, material, stage, seed, steps)
    linears_in_eight_bits(tower.network)
    config = msgspec.structs.replace(config, text_tower=TextTowerConfig(file.config, dim, quantised=True))
    return Spoken(
        model.eval(), config, tokenizer.data, FeatureExtractor(model, config.preprocessing, tokenizer)
    )


def captions_beside(english: Pairs, table: Path) -> tuple[Pairs, NDArray[np.int64]]:
    """The captions of a table of the same photos; and which photos of `english` these are (N,).

    Raises:
        KnownError: the table or a photo cannot be read.
    """
    number = {content: row for row, content in enumerate(english.hashes)}
    others = read_pairs(table, table.parent / "images")
    pairs = others.subset([row for row, content in enumerate(others.hashes) if content in number])
    return pairs, np.array([number[content] for content in pairs.hashes], dtype=np.int64)


def _names(classes: Sequence[str], concepts: Sequence[tuple[str, str, str]]) -> list[tuple[str, str, int]]:
    """Names of things in any language, each with its English name and the number of the thing."""
    english = {sign: name for sign, language, name in concepts if language == "en" and sign[:1] >= THINGS}
    number = {sign: len(classes) + place for place, sign in enumerate(english)}
    said = [(way, way, thing) for thing, name in enumerate(classes) for way in (name, photo_of(name))]
    return said + [(name, english[sign], number[sign]) for sign, _, name in concepts if sign in english]


def _rows(table: Path, columns: tuple[str, ...], option: str) -> list[list[str]]:
    """These columns of a table."""
    try:
        with table.open(encoding="utf-8", newline="") as file:
            return [[row[column] for column in columns] for row in csv.DictReader(file)]
    except (OSError, KeyError, UnicodeDecodeError, csv.Error) as error:
        raise KnownError(
            f"{table} is no table with the columns {', '.join(columns)}; name another by {option}."
        ) from error


def needed_pieces(base: E5File, texts: Sequence[str], words: int) -> list[int]:
    """The pieces that texts and the `words` most frequent words of 42 languages are read in.

    Of Chinese, Japanese and Korean ten times as many count: their words are pieces of their own, and few.
    German ones count capitalised too, as its nouns are written. Pieces of a single character are kept as
    well: whatever else is written falls to these.

    Raises:
        KnownError: the package of word frequencies is missing.
    """
    try:
        import wordfreq
    except ImportError:
        raise KnownError(
            "Training needs the package wordfreq; install it with: pip install 'photosearch[train]'"
        ) from None
    reader = tokenizers.Tokenizer.from_str(base.tokenizer().decode())
    counts = dict.fromkeys(wordfreq.available_languages(), words)
    counts |= {language: 10 * words for language in ("zh", "ja", "ko") if language in counts}
    frequent = chain.from_iterable(wordfreq.top_n_list(*wanted) for wanted in counts.items())
    nouns = (word.capitalize() for word in wordfreq.top_n_list("de", words))
    read = reader.encode_batch_fast([*texts, *frequent, *nouns])
    single = (number for number, (piece, _) in enumerate(base.pieces) if len(piece.removeprefix("▁")) <= 1)
    special = (*base.ends, base.unknown, base.config["pad_token_id"])
    return sorted({*special, *single, *chain.from_iterable(encoding.ids for encoding in read)})
