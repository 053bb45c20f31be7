"""What every encoder of a checkpoint has, whatever computes its vectors."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from concurrent.futures import Executor
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from photosearch.core.encoder import Calibration, Preprocessing
from photosearch.models.config import ModelConfig
from photosearch.models.remembered import RememberedTexts
from photosearch.models.tokenizer import Tokenizer, Tokens

TEXTS_AT_ONCE = 32
QUERY_TEXTS = 8  # at most so many at once are a query: its words in a few prompts
REMEMBERED_TEXTS = 512

Items = TypeVar("Items", NDArray[np.uint8], Sequence[str])


class CheckpointEncoder(ABC):
    """The Encoder protocol over a checkpoint's config and tokenizer; safe in several threads.

    Args:
        threads: what encodes photos and many texts, each thread some at a time
    """

    def __init__(self, config: ModelConfig, tokenizer: Tokenizer, threads: Executor) -> None:
        self._config = config
        self._calibration = config.calibration
        self._tokenizer = tokenizer
        self._threads = threads
        self._query = RememberedTexts(self._encode_query, REMEMBERED_TEXTS)

    @property
    def model_id(self) -> str:
        return self._config.model_id

    @property
    def name(self) -> str:
        return self._config.name

    @property
    def dim(self) -> int:
        return self._config.dim

    @property
    def preprocessing(self) -> Preprocessing:
        return self._config.preprocessing

    @property
    def calibration(self) -> Calibration:
        return self._calibration

    def recalibrate(self, calibration: Calibration) -> None:
        """See Encoder."""
        self._calibration = calibration

    @property
    def languages(self) -> tuple[str, ...]:
        return self._config.languages

    @property
    def photos_like(self) -> tuple[str, ...]:
        return self._config.photos_like

    @property
    @abstractmethod
    def batch_size(self) -> int:
        """See Encoder."""

    @property
    @abstractmethod
    def device(self) -> str:
        """What photos are encoded on, such as cpu or cuda."""

    @property
    @abstractmethod
    def precision(self) -> str:
        """What photos are encoded in, such as float32."""

    @property
    @abstractmethod
    def runtime(self) -> str:
        """What computes, for the person to read."""

    @abstractmethod
    def image_bias(self, vectors: NDArray[np.float32]) -> NDArray[np.float32]:
        """See Encoder."""

    @abstractmethod
    def rest(self) -> None:
        """See Encoder."""

    def encode_images(self, images: NDArray[np.uint8]) -> NDArray[np.float32]:
        """See Encoder.

        Raises:
            ValueError: the images are not (B, size, size, 3) uint8.
            KnownError: the device has not the memory for a single photo.
        """
        size = self.preprocessing.size
        if images.dtype != np.uint8 or images.shape[1:] != (size, size, 3):
            raise ValueError(
                f"images must be (B, {size}, {size}, 3) uint8, not {images.shape} {images.dtype}"
            )
        return self._embed_photos(images)

    def encode_texts(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """See Encoder; a query's few texts are remembered."""
        if 0 < len(texts) <= QUERY_TEXTS:
            return self._query(texts)
        return self._gather(self._threads.map(self._encode_sentences, slices(texts, TEXTS_AT_ONCE)))

    @abstractmethod
    def _embed_photos(self, images: NDArray[np.uint8]) -> NDArray[np.float32]:
        """(B, size, size, 3) -> (B, D), L2-normed."""

    @abstractmethod
    def _embed_tokens(self, tokens: Tokens) -> NDArray[np.float32]:
        """A batch of texts -> (B, D), L2-normed; on the thread that calls."""

    def _encode_query(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return self._encode_sentences(texts)

    def _encode_sentences(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return self._embed_tokens(self._tokenizer(texts))

    def _gather(self, parts: Iterable[NDArray[np.float32]]) -> NDArray[np.float32]:
        return np.concatenate([np.empty((0, self.dim), np.float32), *parts])


def slices(items: Items, size: int) -> list[Items]:
    """The items in runs of at most `size`."""
    return [items[start : start + size] for start in range(0, len(items), size)]


def examples(count: int, size: int) -> NDArray[np.uint8]:
    """Smooth pictures with some noise (count, size, size, 3), always the same: to measure with."""
    random = np.random.default_rng(0)
    coarse = random.uniform(0, 255, (count, 8, 8, 3)).astype(np.float32)
    place = np.linspace(0, 7, size, dtype=np.float32)
    low = np.minimum(place.astype(np.intp), 6)
    part = place - low
    rows = coarse[:, low] * (1 - part)[:, None, None] + coarse[:, low + 1] * part[:, None, None]
    smooth = rows[:, :, low] * (1 - part)[:, None] + rows[:, :, low + 1] * part[:, None]
    noisy = smooth + 10 * random.standard_normal(smooth.shape, dtype=np.float32)
    return noisy.clip(0, 255).astype(np.uint8)
