"""What a model could do before: general texts and photos, as vectors, on which a lesson may lose little."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import safetensors.numpy
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open

from photosearch.core.errors import KnownError
from photosearch.core.vectors import l2_normed
from photosearch.paths import resources
from trainer.adapt.general_words import general_phrases
from trainer.adapt.material import Material, Rows, Vectors
from trainer.evaluate.recall import hits, rank_texts

FILE = "general.safetensors"
PAIRS = 800  # kept in the file
MOST_LOST = 1.0  # points of R@10
PHRASES = 400  # where the set is made from the library itself

BiasOf = Callable[[Vectors], Vectors]


@dataclass(frozen=True)
class GeneralSet:
    """General texts, each with the photo that it must find among general photos."""

    texts: Vectors  # (T, D), L2-normed
    photos: Vectors  # (P, D), L2-normed
    bias: Vectors  # (P,)
    photo_of: Rows  # the photo that each text must find  # (T,)

    def ranks(self, texts: Vectors) -> NDArray[np.int64]:
        """Of each text's photo, 0 is best, by these vectors of the texts; (T, D) -> (T,)."""
        return rank_texts(texts, self.photos, self.photo_of, self.bias)

    def kept_by(self, change: Callable[[Vectors], Vectors]) -> bool:
        """Whether a change of texts' vectors costs at most `MOST_LOST` points of R@10."""
        before = hits(self.ranks(self.texts), 10).mean()
        after = hits(self.ranks(change(self.texts)), 10).mean()
        return bool(100 * (before - after) <= MOST_LOST)


def general_set(material: Material, model_id: str, bias_of: BiasOf) -> GeneralSet:
    """What ships for this model, or else a set made from the library."""
    return read_general(resources() / "teaching" / FILE, model_id, bias_of) or from_library(material)


def from_library(material: Material) -> GeneralSet:
    """Common phrases, and for each the photo of the library that the model finds first, to be found again."""
    phrases = general_phrases()
    texts = material.encode(phrases[:: max(1, len(phrases) // PHRASES)][:PHRASES])
    first = np.concatenate(
        [np.argmax(some @ material.photos.T - material.bias, axis=1) for some in np.array_split(texts, 8)]
    )
    return GeneralSet(texts, material.photos, material.bias, first)


def read_general(file: Path, model_id: str, bias_of: BiasOf) -> GeneralSet | None:
    """The set that ships; None: it is another model's.

    Raises:
        KnownError: the file is missing or damaged.
    """
    try:
        with safe_open(file, framework="numpy") as opened:
            if (opened.metadata() or {}).get("model") != model_id:
                return None
            tensors = {name: opened.get_tensor(name) for name in ("texts", "photos", "photo_of")}
    except (OSError, SafetensorError) as error:
        raise KnownError("{file} is missing or damaged; install PhotoSearch again.", file=file) from error
    texts, photos = (l2_normed(tensors[name]) for name in ("texts", "photos"))
    return GeneralSet(texts, photos, bias_of(photos), tensors["photo_of"].astype(np.int64))


def write_general(file: Path, model_id: str, texts: Vectors, photos: Vectors, photo_of: Rows) -> None:
    """Keep a set as int8: the vectors are L2-normed, so a row needs no scale of its own."""
    tensors: dict[str, NDArray[Any]] = {
        "texts": _as_int8(texts),
        "photos": _as_int8(photos),
        "photo_of": photo_of.astype(np.int32),
    }
    file.write_bytes(safetensors.numpy.save(tensors, {"model": model_id}))


def _as_int8(vectors: Vectors) -> NDArray[np.int8]:
    stored: NDArray[np.int8] = np.round(127 * vectors / np.abs(vectors).max(axis=1, keepdims=True)).astype(
        np.int8
    )
    return stored
