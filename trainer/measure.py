"""How well a published model does on photos of one's own choice."""

from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from photosearch.core.photo import PHOTO_EXTENSIONS
from photosearch.models import catalog, checkpoint
from photosearch.models.dual_encoder import DualEncoder
from trainer.data.pairs import Pairs, content_hash, read_pairs
from trainer.evaluate import mean_average_precision, recall
from trainer.features import FeatureExtractor
from trainer.objects import LabelledPhotos, read_labels


def measure_recall(
    model: str, images: Path, captions: Path, *, whole_folder: bool = False, bias: bool = False
) -> dict[str, Any]:
    """Recall of a model on a captions table.

    Args:
        model: a checkpoint folder or a name of the catalogue
        whole_folder: text -> image ranks all photos under `images`, not only those that the captions name
        bias: take each photo's bias off its cosines
    Returns:
        {"images", "captions", "t2i": {"R@1", "R@5", "R@10"}, "i2t": {...}}, in percent
    Raises:
        KnownError: the model or the data are not as they must be.
    """
    pairs = read_pairs(captions, images)
    paths, hashes = list(pairs.images), list(pairs.hashes)
    if whole_folder:
        known = set(hashes)
        for path in sorted(
            p for p in images.rglob("*") if p.suffix.lower() in PHOTO_EXTENSIONS and p.is_file()
        ):
            image_hash = content_hash(path)
            if image_hash not in known:
                known.add(image_hash)
                paths.append(path)
                hashes.append(image_hash)
    encoder, features = load(model)
    scores = score(encoder, features.texts(pairs.captions), features.images(paths, hashes), bias=bias)
    found: dict[str, Any] = msgspec.to_builtins(recall(scores, pairs.image_of))
    return found


def measure_objects(model: str, images: Path, labels: Path, *, bias: bool = False) -> dict[str, Any]:
    """Mean average precision of "a photo of a X" over labelled photos.

    Returns:
        {"images", "categories", "map"}, the last in percent
    Raises:
        KnownError: the model or the data are not as they must be.
    """
    labelled = read_labels(labels, images)
    encoder, features = load(model)
    photos = features.images(labelled.images, labelled.hashes)
    scores = score(encoder, features.texts(labelled.sentences), photos, bias=bias)
    return {
        "images": len(labelled.images),
        "categories": len(labelled.categories),
        "map": mean_average_precision(scores, labelled.shows),
    }


def measure(
    model: DualEncoder, features: FeatureExtractor, val: Pairs, labelled: LabelledPhotos | None
) -> dict[str, Any]:
    """Recall on pairs and the score on labelled photos, plain and with each photo's bias taken off."""
    pairs = features.pairs(val)
    found: dict[str, Any] = {}
    for suffix, bias in (("", False), ("_with_bias", True)):
        scores = score(model, pairs.texts, pairs.images, bias=bias)
        found[f"val{suffix}"] = msgspec.to_builtins(recall(scores, val.image_of))
        if labelled:
            photos = features.images(labelled.images, labelled.hashes)
            scores = score(model, features.texts(labelled.sentences), photos, bias=bias)
            found[f"objects_map{suffix}"] = mean_average_precision(scores, labelled.shows)
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
