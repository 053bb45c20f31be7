"""How well a model does on photos and sentences of one's own choice."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from photosearch.core.errors import KnownError
from photosearch.core.photo import PHOTO_EXTENSIONS
from photosearch.models import catalog
from photosearch.models.confidence import of_kind
from photosearch.models.torch import checkpoint
from photosearch.models.torch.dual_encoder import DualEncoder
from trainer.data.image_file import ImageFile
from trainer.data.pairs import Pairs, content_hash
from trainer.evaluate.calibrate import Answers
from trainer.evaluate.compare import Comparison, compare_models, intervals
from trainer.evaluate.embed import (
    Opened,
    embed,
    embed_images,
    embed_queries,
    embed_texts,
    image_bias,
    open_model,
)
from trainer.evaluate.features import FeatureExtractor
from trainer.evaluate.labels import how_true
from trainer.evaluate.objects import LabelledPhotos, read_labels
from trainer.evaluate.photos import Vectors, refuse_unreadable
from trainer.evaluate.recall import (
    Protocol,
    Ranks,
    mean_average_precision,
    rank_embeddings,
    recall,
    recall_of,
)
from trainer.models.precision import Precision, autocast

EVERY_CAPTION = Protocol()


def measure_recall(
    name: str,
    pairs: Pairs,
    *,
    gallery: Path | None = None,
    protocol: Protocol = EVERY_CAPTION,
    bias: bool = False,
    interval: bool = False,
    batch_size: int | None = None,
    workers: int | None = None,
    precision: Precision = "float32",
) -> dict[str, Any]:
    """Recall of a model on pairs.

    Args:
        name: as `open_model` takes it
        gallery: text -> image ranks all photos under this folder too, not only those of `pairs`; those that
            cannot be read are left out and counted
        bias: take each photo's bias off its cosines
        interval: add bootstrap intervals, clustered by image
        batch_size, workers: of photos, as `embed_images` takes them
        precision: what the networks compute in
    Returns:
        {"images", "captions", "t2i", "i2t"} as `Recall`; "protocol" in words; "unreadable", photos of the
        gallery left out; "truncated", captions cut at the model's limit of tokens; and, if asked for,
        "intervals" {"t2i": {figure: [low, high]}, "i2t": ...}
    Raises:
        KnownError: the model or the data are not as they must be.
    """
    opened = open_model(name)
    rows = protocol.rows(pairs.image_of)
    image_of = pairs.image_of[rows]
    captions = [pairs.captions[row] for row in rows]
    others, unreadable = _others(gallery, pairs) if gallery else ([], 0)
    with autocast(next(opened.model.parameters()).device, precision):
        images, broken = embed_images(
            opened.model,
            opened.config.preprocessing,
            [*pairs.images, *others],
            batch_size=batch_size,
            workers=workers,
        )
        refuse_unreadable([i for i in broken if i < len(pairs.images)], pairs.images)
        texts, truncated = embed_texts(opened.model, opened.tokenizer, captions, opened.lesson)
    ranks = rank_embeddings(texts, images, image_of, image_bias(opened.model, images) if bias else None)
    found: dict[str, Any] = {
        **msgspec.to_builtins(recall_of(ranks, len(images))),
        "protocol": str(protocol),
        "unreadable": unreadable + len(broken),
        "truncated": truncated,
    }
    if interval:
        found["intervals"] = {
            "t2i": intervals(ranks.t2i, image_of),
            "i2t": intervals(ranks.i2t, ranks.images),
        }
    return found


def compare_on(before: str, after: str, pairs: Pairs) -> dict[str, Comparison]:
    """Compare two models, as `open_model` takes them, on every caption of `pairs`; "t2i" and "i2t".

    Raises:
        KnownError: a model or the data are not as they must be.
    """
    first, second = (_ranks(name, pairs) for name in (before, after))
    return compare_models(first, second, pairs.image_of)


def measure_objects(name: str, images: Path, labels: Path, *, bias: bool = False) -> dict[str, Any]:
    """Mean average precision of "a photo of a X" over labelled photos.

    Returns:
        {"images", "categories", "map"}, the last in percent; "labels", how true they are of the categories as
        short queries: {"strong" and "likely": {"hits", "right"}, "found": the part of the photos that show
        a category that is likely or strong, mean of the categories}; and "languages", the map of the bare
        names in each language, for those categories that `trainer.evaluate.objects.NAMES` knows
    Raises:
        KnownError: the model or the data are not as they must be.
    """
    labelled = read_labels(labels, images)
    opened = open_model(name)
    photos, unreadable = embed_images(opened.model, opened.config.preprocessing, labelled.images)
    refuse_unreadable(unreadable, labelled.images)
    taken_off = image_bias(opened.model, photos) if bias else 0

    def scores(texts: Sequence[str]) -> NDArray[np.float32]:
        return embed_texts(opened.model, opened.tokenizer, texts, opened.lesson)[0] @ photos.T - taken_off

    return {
        "images": len(labelled.images),
        "categories": len(labelled.categories),
        "map": mean_average_precision(scores(labelled.sentences), labelled.shows),
        "languages": _by_language(labelled, scores),
        "labels": _labels(opened, labelled, photos),
    }


def _labels(opened: Opened, labelled: LabelledPhotos, photos: Vectors) -> dict[str, Any]:
    """How true the labels of short queries are, as the program gives them."""
    calibration = opened.config.calibration

    def encode(texts: Sequence[str]) -> Vectors:
        return embed_texts(opened.model, opened.tokenizer, texts, opened.lesson)[0]

    queries = embed_queries(labelled.categories, encode, calibration.prompts)
    scores = queries @ photos.T - image_bias(opened.model, photos)
    return how_true(Answers(scores, labelled.shows), of_kind(calibration, "short"))


def measure(
    model: DualEncoder,
    features: FeatureExtractor,
    val: Pairs,
    labelled: LabelledPhotos | None,
    others: Mapping[str, Pairs],
) -> dict[str, Any]:
    """Recall on pairs and the score on labelled photos, plain and with each photo's bias taken off.

    Args:
        others: pairs whose captions are in other languages, by these; plain
    """
    pairs = features.pairs(val)
    found: dict[str, Any] = {}
    for suffix, bias in (("", False), ("_with_bias", True)):
        scores = score(model, pairs.texts, pairs.images, bias=bias)
        found[f"val{suffix}"] = msgspec.to_builtins(recall(scores, val.image_of))
        if labelled:
            photos = features.images(labelled.images, labelled.hashes)
            scores = score(model, features.texts(labelled.sentences), photos, bias=bias)
            found[f"objects_map{suffix}"] = mean_average_precision(scores, labelled.shows)
    for language, some in others.items():
        read = features.pairs(some)
        scores = score(model, read.texts, read.images)
        found.setdefault("val_by_language", {})[language] = msgspec.to_builtins(recall(scores, some.image_of))
    if labelled:
        found["objects_by_language"] = _by_language(
            labelled, lambda texts: score(model, features.texts(texts), photos)
        )
    return found


@torch.inference_mode()
def score(model: DualEncoder, texts: Tensor, images: Tensor, *, bias: bool = False) -> NDArray[np.float32]:
    """From features of texts (T, D) and images (N, F): cosines (T, N), less each photo's bias if asked."""
    embedded = model.embed_image_features(images)
    cosines = model.embed_text_features(texts) @ embedded.T
    found: NDArray[np.float32] = (cosines - model.image_bias(embedded) if bias else cosines).numpy()
    return found


def load(model: str) -> tuple[DualEncoder, FeatureExtractor]:
    """A published model, by folder or by name, with its towers' features.

    Raises:
        KnownError: there is no such model, or its folder is broken.
    """
    folder = Path(model)
    encoder, config, tokenizer = checkpoint.load(
        folder if folder.is_dir() else catalog.find(model, None).path
    )
    return encoder, FeatureExtractor(encoder, config.preprocessing, tokenizer)


def _by_language(
    labelled: LabelledPhotos, scores: Callable[[Sequence[str]], NDArray[np.float32]]
) -> dict[str, float]:
    """Mean average precision of the categories' bare names, by language."""
    return {
        language: mean_average_precision(scores(list(names.values())), labelled.shows[list(names)])
        for language, names in labelled.named().items()
    }


def _ranks(name: str, pairs: Pairs) -> Ranks:
    opened = open_model(name)
    images, texts = embed(opened.model, opened.config, opened.tokenizer, pairs, opened.lesson)
    return rank_embeddings(texts, images, pairs.image_of)


def _others(folder: Path, pairs: Pairs) -> tuple[list[ImageFile], int]:
    """Photos under `folder` that `pairs` does not hold, each content once; and how many are unreadable."""
    known = set(pairs.hashes)
    others: list[ImageFile] = []
    unreadable = 0
    for path in sorted(folder.rglob("*")):
        if path.suffix.lower() not in PHOTO_EXTENSIONS or not path.is_file():
            continue
        try:
            image_hash = content_hash(path)
        except KnownError:
            unreadable += 1
            continue
        if image_hash not in known:
            known.add(image_hash)
            others.append(path)
    return others, unreadable
