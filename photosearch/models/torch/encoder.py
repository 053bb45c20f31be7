"""The Encoder protocol in torch, on CUDA, MPS, XPU or the CPU."""

import contextlib
import logging
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from photosearch.core.encoder import Calibration, Preprocessing
from photosearch.core.errors import KnownError
from photosearch.models.catalog import ModelInfo
from photosearch.models.config import ModelConfig
from photosearch.models.lesson import LESSON, Lesson, check_fits, read_lesson
from photosearch.models.remembered import RememberedTexts
from photosearch.models.tokenizer import Tokenizer
from photosearch.models.torch import checkpoint
from photosearch.models.torch.dual_encoder import DualEncoder
from photosearch.models.torch.folding import fold_batch_norms
from photosearch.models.torch.precision import choose_precision, dtype_of
from photosearch.models.torch.threads import single_core_threads

log = logging.getLogger(__name__)

PHOTOS_AT_ONCE = {"cpu": 4, "mps": 16, "xpu": 32, "cuda": 64}  # in one forward pass
TEXTS_AT_ONCE = 32
QUERY_TEXTS = 8  # at most so many at once are a query: its words in a few prompts
REMEMBERED_TEXTS = 512


def load_encoder(
    info: ModelInfo,
    *,
    cache_dir: Path | None = None,
    device: str | None = None,
    precision: str | None = None,
    threads: int | None = None,
) -> "TorchEncoder":
    """Load a model of the catalogue, ready to run, with the lesson that its folder may hold.

    Args:
        cache_dir: where the measured precision is remembered.
        device: a torch device; None: the best there is.
        precision: float32, bfloat16 or float16; None: measured.
        threads: of the processor that encode photos, and all that torch uses; None: one for each core.

    Raises:
        KnownError: the checkpoint or its lesson is damaged or incomplete; there is no such device here.
    """
    here = available_devices()
    where = torch.device(device or here[0])
    if where.type not in here:
        raise KnownError(
            f"This computer has no {where.type} device for the model; "
            f"choose Automatic in the settings, or one of {', '.join(here)}."
        )
    if threads is not None:
        torch.set_num_threads(threads)
    lesson = read_lesson(info.path / LESSON) if (info.path / LESSON).exists() else None
    model, config, tokenizer = checkpoint.load(info.path)
    return TorchEncoder(
        model, config, tokenizer, device=where, precision=precision, cache_dir=cache_dir, lesson=lesson
    )


def best_device() -> str:
    return available_devices()[0]


def available_devices() -> list[str]:
    """Types of torch devices on this computer, the fastest first; the last is always the CPU."""
    there: dict[str, Callable[[], bool]] = {
        "cuda": torch.cuda.is_available,
        "mps": torch.backends.mps.is_available,
        "xpu": torch.xpu.is_available,
    }
    return [*(device for device, available in there.items() if available()), "cpu"]


Items = TypeVar("Items", NDArray[np.uint8], Sequence[str])


class TorchEncoder:
    """A DualEncoder, which it takes over and alters, behind the Encoder protocol; safe in several threads.

    Only the image tower runs in the measured precision: it is nearly all of the work, and with heads and text
    tower in float32 a query has the same vector on every device.
    """

    def __init__(
        self,
        model: DualEncoder,
        config: ModelConfig,
        tokenizer: Tokenizer,
        *,
        device: torch.device,
        precision: str | None = None,
        cache_dir: Path | None = None,
        lesson: Lesson | None = None,
    ) -> None:
        if lesson is not None:
            check_fits(lesson, config.model_id, config.dim)
        self._lesson = lesson
        self._config = config
        self._tokenizer = tokenizer
        self._device = device
        self._photos_at_once = PHOTOS_AT_ONCE.get(device.type, PHOTOS_AT_ONCE["cpu"])
        self._workers = torch.get_num_threads() if device.type == "cpu" else 1
        self._threads = single_core_threads(self._workers)
        self._query_thread = single_core_threads(1)  # so that a query never waits behind photos
        self._model = model.eval().requires_grad_(False).to(device)
        examples = _examples(4, config.preprocessing.size).to(device)
        fold = self._threads.submit(fold_batch_norms, model.image_tower, examples[:1])
        tower = fold.result().to(memory_format=torch.channels_last)
        if precision is None:
            choice = self._threads.submit(
                choose_precision, tower, model.embed_image_features, examples, config.model_id, cache_dir
            )
            precision = choice.result()
        self._precision = precision
        tower.run_in(dtype_of(precision))
        self._model.image_tower = tower
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
        return self._config.calibration

    @property
    def batch_size(self) -> int:
        return 2 * self._workers * self._photos_at_once

    @property
    def device(self) -> str:
        return str(self._device)

    @property
    def precision(self) -> str:
        return self._precision

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
        while True:
            at_once = self._photos_at_once
            with contextlib.suppress(torch.OutOfMemoryError):
                return self._gather(self._threads.map(self._encode_photos, _slices(images, at_once)))
            self._shrink(at_once)

    def encode_texts(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """See Encoder; a query's few texts are remembered."""
        if self._lesson is None:
            return self._encode_as_read(texts)
        read = [self._lesson.rewrite(text) for text in texts]
        return self._lesson.adapt(self._encode_as_read(read), texts)

    def image_bias(self, vectors: NDArray[np.float32]) -> NDArray[np.float32]:
        """See Encoder."""
        return self._threads.submit(self._image_bias, vectors).result()

    def _encode_as_read(self, texts: Sequence[str]) -> NDArray[np.float32]:
        if 0 < len(texts) <= QUERY_TEXTS:
            return self._query(texts)
        return self._gather(self._threads.map(self._encode_sentences, _slices(texts, TEXTS_AT_ONCE)))

    @torch.inference_mode()
    def _encode_photos(self, images: NDArray[np.uint8]) -> NDArray[np.float32]:
        features = self._model.image_features(self._tensor(images)).float()
        vectors: NDArray[np.float32] = self._model.embed_image_features(features).cpu().numpy()
        return vectors

    @torch.inference_mode()
    def _encode_sentences(self, texts: Sequence[str]) -> NDArray[np.float32]:
        tokens = self._tokenizer(texts)
        embedded = self._model.encode_text(self._tensor(tokens.ids), self._tensor(tokens.mask))
        vectors: NDArray[np.float32] = embedded.cpu().numpy()
        return vectors

    @torch.inference_mode()
    def _image_bias(self, vectors: NDArray[np.float32]) -> NDArray[np.float32]:
        bias: NDArray[np.float32] = self._model.image_bias(self._tensor(vectors)).cpu().numpy()
        return bias

    def _encode_query(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return self._query_thread.submit(self._encode_sentences, texts).result()

    def _gather(self, parts: Iterable[NDArray[np.float32]]) -> NDArray[np.float32]:
        return np.concatenate([np.empty((0, self.dim), np.float32), *parts])

    def _tensor(self, array: NDArray[Any]) -> Tensor:
        return torch.from_numpy(np.ascontiguousarray(array)).to(self._device)

    def _shrink(self, too_many: int) -> None:
        if too_many == 1:
            raise KnownError(
                f"The memory of {self._device} is too small for one photo; close other programs."
            )
        self._photos_at_once = min(self._photos_at_once, too_many // 2)
        log.warning(
            "Out of memory on %s: going on with %d photos at once.", self._device, self._photos_at_once
        )
        if torch.accelerator.is_available():
            torch.accelerator.empty_cache()


def _slices(items: Items, size: int) -> list[Items]:
    return [items[start : start + size] for start in range(0, len(items), size)]


def _examples(count: int, size: int) -> Tensor:
    """Smooth pictures with some noise (count, size, size, 3) uint8, always the same."""
    random = torch.Generator().manual_seed(0)
    coarse = torch.rand(count, 3, 8, 8, generator=random) * 255
    smooth = F.interpolate(coarse, size=(size, size), mode="bilinear")
    noisy = smooth + 10 * torch.randn(smooth.shape, generator=random)
    return noisy.clamp(0, 255).to(torch.uint8).permute(0, 2, 3, 1).contiguous()
