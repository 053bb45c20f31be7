"""The Encoder protocol in torch, on CUDA, MPS, XPU or the CPU."""

import contextlib
import copy
import logging
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from photosearch.core.errors import KnownError
from photosearch.models.catalog import ModelInfo
from photosearch.models.checkpoint_encoder import CheckpointEncoder, examples, slices
from photosearch.models.config import ModelConfig
from photosearch.models.tokenizer import Tokenizer, Tokens
from photosearch.models.torch import checkpoint
from photosearch.models.torch.dual_encoder import DualEncoder
from photosearch.models.torch.folding import fold_batch_norms
from photosearch.models.torch.precision import choose_precision, dtype_of
from photosearch.models.torch.threads import single_core_threads

log = logging.getLogger(__name__)

PHOTOS_AT_ONCE = {"cpu": 4, "mps": 16, "xpu": 32, "cuda": 64}  # in one forward pass


def load_encoder(
    info: ModelInfo,
    *,
    cache_dir: Path | None = None,
    device: str | None = None,
    precision: str | None = None,
    threads: int | None = None,
) -> "TorchEncoder":
    """Load a model of the catalogue, ready to run.

    Args:
        cache_dir: where the measured precision is remembered.
        device: a torch device; None: the best there is.
        precision: float32, bfloat16 or float16; None: measured.
        threads: of the processor that encode photos, and all that torch uses; None: one for each core.

    Raises:
        KnownError: the checkpoint is damaged or incomplete; there is no such device here.
    """
    here = available_devices()
    where = torch.device(device or here[0])
    if where.type not in here:
        raise KnownError(
            "This computer has no {device} device for the model; choose Automatic in the settings, or "
            "one of {devices}.",
            device=where.type,
            devices=", ".join(here),
        )
    if threads is not None:
        torch.set_num_threads(threads)
    model, config, tokenizer = checkpoint.load(info.path)
    return TorchEncoder(model, config, tokenizer, device=where, precision=precision, cache_dir=cache_dir)


def best_device() -> str:
    """The fastest type of torch device on this computer."""
    return available_devices()[0]


def available_devices() -> list[str]:
    """Types of torch devices on this computer, the fastest first; the last is always the CPU."""
    there: dict[str, Callable[[], bool]] = {
        "cuda": torch.cuda.is_available,
        "mps": torch.backends.mps.is_available,
        "xpu": torch.xpu.is_available,
    }
    return [*(device for device, available in there.items() if available()), "cpu"]


class TorchEncoder(CheckpointEncoder):
    """A DualEncoder, which it takes over and alters, behind the Encoder protocol.

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
    ) -> None:
        self._device = device
        self._photos_at_once = PHOTOS_AT_ONCE.get(device.type, PHOTOS_AT_ONCE["cpu"])
        self._workers = torch.get_num_threads() if device.type == "cpu" else 1
        super().__init__(config, tokenizer, single_core_threads(self._workers))
        self._query_thread = single_core_threads(1)  # so that a query never waits behind photos
        self._model = model.eval().requires_grad_(False).to(device)
        pictures = torch.from_numpy(examples(4, config.preprocessing.size)).to(device)
        fold = self._threads.submit(fold_batch_norms, model.image_tower, pictures[:1])
        tower = fold.result().to(memory_format=torch.channels_last)
        if precision is None:
            choice = self._threads.submit(
                choose_precision, tower, model.embed_image_features, pictures, config.model_id, cache_dir
            )
            precision = choice.result()
        self._precision = precision
        tower.run_in(dtype_of(precision))
        self._model.image_tower = tower
        self._exact_tower: Any = None  # once a photo takes it
        self._widening = threading.Lock()

    @property
    def batch_size(self) -> int:
        return 2 * self._workers * self._photos_at_once

    @property
    def device(self) -> str:
        return str(self._device)

    @property
    def precision(self) -> str:
        return self._precision

    @property
    def runtime(self) -> str:
        return f"torch {torch.__version__}"

    def image_bias(self, vectors: NDArray[np.float32]) -> NDArray[np.float32]:
        """See Encoder."""
        return self._threads.submit(self._image_bias, vectors).result()

    def _embed_photos(self, images: NDArray[np.uint8]) -> NDArray[np.float32]:
        while True:
            at_once = self._photos_at_once
            with contextlib.suppress(torch.OutOfMemoryError):
                return self._gather(self._threads.map(self._encode_photos, slices(images, at_once)))
            self._shrink(at_once)

    @torch.inference_mode()
    def _encode_photos(self, images: NDArray[np.uint8]) -> NDArray[np.float32]:
        features = self._model.image_features(self._tensor(images)).float()
        if self._precision != "float32":
            overflown = ~features.isfinite().all(dim=1)
            if overflown.any():  # of one photo, mostly; it costs that photo a second try, and no other
                features[overflown] = self._in_float32()(self._tensor(images)[overflown])
        vectors: NDArray[np.float32] = self._model.embed_image_features(features).cpu().numpy()
        return vectors

    def _in_float32(self) -> Any:
        """The image tower in float32, whose numbers have room for every photo."""
        with self._widening:
            if self._exact_tower is None:
                self._exact_tower = copy.deepcopy(self._model.image_tower).float()
            return self._exact_tower

    @torch.inference_mode()
    def _embed_tokens(self, tokens: Tokens) -> NDArray[np.float32]:
        embedded = self._model.encode_text(self._tensor(tokens.ids), self._tensor(tokens.mask))
        vectors: NDArray[np.float32] = embedded.cpu().numpy()
        return vectors

    @torch.inference_mode()
    def rest(self) -> None:
        """See Encoder; the network is one, and stays."""

    def _image_bias(self, vectors: NDArray[np.float32]) -> NDArray[np.float32]:
        bias: NDArray[np.float32] = self._model.image_bias(self._tensor(vectors)).cpu().numpy()
        return bias

    def _encode_query(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return self._query_thread.submit(self._encode_sentences, texts).result()

    def _tensor(self, array: NDArray[Any]) -> Tensor:
        return torch.from_numpy(np.ascontiguousarray(array)).to(self._device)

    def _shrink(self, too_many: int) -> None:
        if too_many == 1:
            raise KnownError(
                "The memory of {device} is too small for one photo; close other programs.",
                device=self._device,
            )
        self._photos_at_once = min(self._photos_at_once, too_many // 2)
        log.warning(
            "Out of memory on %s: going on with %d photos at once.", self._device, self._photos_at_once
        )
        if torch.accelerator.is_available():
            torch.accelerator.empty_cache()
