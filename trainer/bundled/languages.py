"""Stage three: a text side of many languages learns to speak the space that an English model has.

The photos' side stays as it is, and so does each photo's vector.
"""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import msgspec
import numpy as np
import tokenizers
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from photosearch.core.errors import KnownError
from photosearch.models.config import HeadConfig, ModelConfig, TextTowerConfig
from photosearch.models.tokenizer import Tokenizer
from photosearch.models.torch.dual_encoder import DualEncoder
from photosearch.models.torch.heads import ResidualHead
from trainer.data.pairs import Pairs, batches, read_pairs
from trainer.evaluate.class_texts import photo_of
from trainer.evaluate.features import FeatureExtractor
from trainer.losses import Batch
from trainer.losses.infonce import InfoNCE
from trainer.models.pretrained import base_weights
from trainer.models.pretrained.e5_file import E5File
from trainer.progress_bar import track
from trainer.recipes.bundled import LanguagesStage

THINGS = "\U0001f300"  # the first sign of Unicode that shows a thing; those before are arrows and the like


@dataclass(frozen=True)
class Captions:
    """Captions of the training photos in one language."""

    pairs: Pairs
    features: Tensor  # (T, H), of the new text tower
    photos: Tensor  # (N, D), the photos' vectors
    sentences: Tensor  # (N, D), the mean of each photo's English captions, as the model before says them
    taught: Tensor | None = None  # (T, D), each caption as the model before says it; None: it cannot


@dataclass(frozen=True)
class Names:
    """What things are called, in any language."""

    features: Tensor  # (K, H), of the new text tower
    taught: Tensor  # (K, D), the English name of each as the model before says it
    things: NDArray[np.int64]  # (K,), names of one thing share a number


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
    data: Path,
    concepts: Path,
    seed: int,
    steps: int | None = None,
) -> Spoken:
    """`teacher`, of this config and with these features, with a text side of many languages.

    Args:
        english: the pairs that the teacher learnt from
        classes: names of the classes that its ConSE mixes
        data: the folder of the pairs; captions of the same photos in another language are its train.xx.csv
        concepts: a table with the columns concept, language and name
        steps: take so many at most, for a trial

    Raises:
        KnownError: the base weights or a table are missing, or not as they must be.
    """
    base = base_weights.load_multilingual_base()
    others = [_in_place_of(english, table) for table in sorted(data.glob("train.*.csv"))]
    named = _names(classes, concepts)
    texts = [*english.captions, *(caption for pairs, _ in others for caption in pairs.captions)]
    file = base.only(needed_pieces(base, [*texts, *(name for name, _, _ in named)], stage.words))
    dim = file.config["hidden_size"]
    config = msgspec.structs.replace(
        config,
        text_tower=TextTowerConfig(file.config, dim, four_bits=True),
        text_head=HeadConfig(dim, stage.hidden, config.dim, stage.dropout),
        conse=config.conse and msgspec.structs.replace(config.conse, text_head=True),
    )
    model = DualEncoder(config)
    kept = {
        name: value for name, value in teacher.state_dict().items() if not name.startswith(("text_", "bank"))
    }
    model.load_state_dict(kept, strict=False)
    model.text_tower.network.load_state_dict(file.weights)
    tokenizer = file.tokenizer()
    read = FeatureExtractor(model, config.preprocessing, Tokenizer(tokenizer, config.max_tokens))
    with torch.inference_mode():
        photos = teacher.embed_image_features(features.images(english.images, english.hashes))
        taught = teacher.embed_text_features(features.texts(english.captions))
        english_names = teacher.embed_text_features(features.texts([name for _, name, _ in named]))
    sentences = torch.zeros_like(photos).index_add_(0, torch.from_numpy(english.image_of), taught)
    sentences = F.normalize(sentences, dim=-1)
    captions = [Captions(english, read.texts(english.captions), photos, sentences, taught)]
    captions += [
        Captions(pairs, read.texts(pairs.captions), photos[rows], sentences[rows]) for pairs, rows in others
    ]
    things = np.array([thing for _, _, thing in named])
    names = Names(read.texts([name for name, _, _ in named]), english_names, things)
    train_text_head(model.text_head, captions, names, stage, seed, steps)
    return Spoken(model.eval(), config, tokenizer, read)


def train_text_head(
    head: ResidualHead,
    captions: Sequence[Captions],
    names: Names,
    stage: LanguagesStage,
    seed: int,
    steps: int | None = None,
) -> None:
    """Train `head` in place, from fresh weights, to give the vectors of a space that is there already.

    A step takes some photos for each language of the captions with one random caption each, and some names.
    A caption is drawn to its photo and to what the English captions of it say (InfoNCE against those of the
    other photos), and if it is English to its own vector; a name to the vector of its English name, and
    (InfoNCE) away from those of other things. No photo's vector changes.

    Args:
        steps: take so many at most, for a trial

    Raises:
        KnownError: the loss stopped being a number.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        _reset(head, torch.cat([*(some.features for some in captions), names.features]))
        _run(head.train(), captions, names, stage, np.random.default_rng(seed), steps)
    head.eval()


def _run(
    head: ResidualHead,
    captions: Sequence[Captions],
    names: Names,
    stage: LanguagesStage,
    generator: np.random.Generator,
    most: int | None,
) -> None:
    optimizer = torch.optim.AdamW(head.parameters(), lr=stage.learning_rate, weight_decay=stage.weight_decay)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, stage.learning_rate, total_steps=stage.steps)
    drawn = [_endless(some.pairs, stage.captions, generator) for some in captions]
    last = stage.steps if most is None else min(most, stage.steps)
    for step in track(range(last), last, "Teaching languages, steps"):
        parts = [
            _of_captions(head, some, *next(rows), stage.scale)
            for some, rows in zip(captions, drawn, strict=True)
        ]
        rows = generator.choice(len(names.things), min(stage.names, len(names.things)), replace=False)
        loss = torch.stack([*parts, _of_names(head, names, rows, stage.scale)]).sum()
        if not torch.isfinite(loss):
            raise KnownError(
                f"The loss is no longer a number at step {step + 1} of {stage.steps} in the languages; lower "
                "learning_rate of languages in the recipe."
            )
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        schedule.step()


def _of_captions(
    head: ResidualHead, captions: Captions, images: NDArray[np.int64], texts: NDArray[np.int64], scale: float
) -> Tensor:
    vectors = F.normalize(head(captions.features[texts]), dim=-1)  # (B, D)
    loss = _contrast(captions.photos[images], vectors, images, scale)
    loss = loss + _contrast(captions.sentences[images], vectors, images, scale)
    return loss if captions.taught is None else loss + _distance(vectors, captions.taught[texts])


def _of_names(head: ResidualHead, names: Names, rows: NDArray[np.int64], scale: float) -> Tensor:
    vectors, taught = F.normalize(head(names.features[rows]), dim=-1), names.taught[rows]
    return _distance(vectors, taught) + _contrast(taught, vectors, names.things[rows], scale)


def _contrast(taught: Tensor, vectors: Tensor, numbers: NDArray[np.int64], scale: float) -> Tensor:
    """InfoNCE of vectors with what they should be near; rows (B, D) of one number belong together."""
    ids = torch.from_numpy(numbers)
    batch = Batch(taught, vectors, torch.tensor(scale), image_ids=ids, text_ids=ids)
    return InfoNCE().rows(batch, slice(0, len(batch)), 0)


def _distance(vectors: Tensor, taught: Tensor) -> Tensor:
    return (1 - (vectors * taught).sum(dim=1)).mean()


def _endless(
    pairs: Pairs, size: int, generator: np.random.Generator
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    while True:
        yield from batches(pairs, size, generator)


def _reset(head: ResidualHead, features: Tensor) -> None:
    """Fresh weights, standardising by the mean and deviation of the features."""
    for layer in head.modules():
        if isinstance(layer, nn.Linear):
            layer.reset_parameters()
    head.mean.copy_(features.mean(dim=0))
    head.std.copy_(features.std(dim=0).clamp(min=1e-6))


def _in_place_of(english: Pairs, table: Path) -> tuple[Pairs, NDArray[np.int64]]:
    """The captions of a table of the same photos; and which photos of `english` these are."""
    number = {content: row for row, content in enumerate(english.hashes)}
    others = read_pairs(table, table.parent / "images")
    pairs = others.subset([row for row, content in enumerate(others.hashes) if content in number])
    return pairs, np.array([number[content] for content in pairs.hashes], dtype=np.int64)


def _names(classes: Sequence[str], concepts: Path) -> list[tuple[str, str, int]]:
    """Names of things in any language, each with its English name and the number of the thing."""
    try:
        with concepts.open(encoding="utf-8", newline="") as file:
            rows = [(row["concept"], row["language"], row["name"]) for row in csv.DictReader(file)]
    except (OSError, KeyError, UnicodeDecodeError, csv.Error) as error:
        raise KnownError(
            f"{concepts} is no table with the columns concept, language and name; name its folder by "
            "--languages."
        ) from error
    english = {
        concept: name for concept, language, name in rows if language == "en" and concept[:1] >= THINGS
    }
    number = {concept: len(classes) + place for place, concept in enumerate(english)}
    said = [(way, way, thing) for thing, name in enumerate(classes) for way in (name, photo_of(name))]
    return said + [(name, english[c], number[c]) for c, _, name in rows if c in english]


def needed_pieces(base: E5File, texts: Sequence[str], words: int) -> list[int]:
    """The pieces that texts and the `words` most frequent words of 42 languages are read in.

    Words count as they are and capitalised, as a sentence or a German noun begins. Pieces of a single
    character are kept too: whatever else is written falls to these.

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
    frequent = (wordfreq.top_n_list(language, words) for language in wordfreq.available_languages())
    forms = (form for word in chain.from_iterable(frequent) for form in (word, word.capitalize()))
    read = reader.encode_batch_fast([*texts, *forms])
    single = (number for number, (piece, _) in enumerate(base.pieces) if len(piece.removeprefix("▁")) <= 1)
    special = (*base.ends, base.unknown, base.config["pad_token_id"])
    return sorted({*special, *single, *chain.from_iterable(encoding.ids for encoding in read)})
