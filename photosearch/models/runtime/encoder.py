"""The Encoder protocol in ONNX Runtime, over a checkpoint's exported graphs."""

import math
import os
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import numpy as np
import onnxruntime
import safetensors.numpy
from numpy.typing import NDArray

from photosearch.core.encoder import BIAS_BETA
from photosearch.core.errors import KnownError
from photosearch.models.checkpoint_encoder import CheckpointEncoder, examples, slices
from photosearch.models.config import (
    IMAGE_GRAPH,
    TEXT_GRAPH,
    WEIGHTS,
    ModelConfig,
    read_file,
    read_unverified,
    verify,
)
from photosearch.models.runtime.providers import Embed, choose_device, devices, provider_of
from photosearch.models.runtime.session import FAULTS, open_session
from photosearch.models.tokenizer import Tokens, read_tokenizer

# On each thread of the processor. For four, the bundled model's largest layer outgrows what glibc keeps for a
# thread, and its memory is faulted in anew each time: a tenth of the time.
PHOTOS_AT_ONCE = 2
FAR_PHOTOS_AT_ONCE = 32  # on any other device


class _PhotosSide(NamedTuple):
    """What only photos take."""

    embed: Embed
    bank: NDArray[np.float32]  # (K, D)


class OnnxEncoder(CheckpointEncoder):
    """A checkpoint folder with its exports; the photos' side is opened when the first photos come.

    Args:
        device: cpu, or one of `providers.devices()`; None: the fastest, measured.
        threads: that encode photos, each on one core; None: one for each core.
        cache_dir: where the measured device is remembered.

    Raises:
        KnownError: a file is missing or altered, there is no such device here, or it cannot run the graphs.
    """

    image_graph = IMAGE_GRAPH

    def __init__(
        self,
        folder: Path,
        config: ModelConfig,
        *,
        device: str | None = None,
        threads: int | None = None,
        cache_dir: Path | None = None,
    ) -> None:
        if device not in (None, "cpu", *devices()):
            raise KnownError(
                "This computer has no {device} device for the model; choose Automatic in the settings.",
                device=device,
            )
        workers = threads or os.cpu_count() or 1
        self._folder, self._config = folder, config
        weights = read_unverified(folder, WEIGHTS)
        # At once, as each takes a tenth of a second of a core; nothing is answered before all are done.
        with ThreadPoolExecutor(2, "opening") as beside:
            opening = beside.submit(open_session, self._graph(TEXT_GRAPH), weights, in_float32=True)
            verifying = beside.submit(verify, weights, folder, WEIGHTS, config.hashes.get(WEIGHTS))
            tokenizer = read_tokenizer(folder, config)
            verifying.result()
            self._text = opening.result()
        super().__init__(config, tokenizer, ThreadPoolExecutor(workers, "encoder"))
        self._workers = workers
        self._device = device or choose_device(
            lambda device: self._open(device, weights),
            lambda: examples(4, config.preprocessing.size),
            config.model_id,
            cache_dir,
        )
        self._opening = threading.Lock()
        self._photos: _PhotosSide | None = None  # once it is open

    @property
    def batch_size(self) -> int:
        on_cpu = self._device == "cpu"
        return 4 * self._workers * PHOTOS_AT_ONCE if on_cpu else 2 * FAR_PHOTOS_AT_ONCE

    @property
    def device(self) -> str:
        return self._device

    @property
    def precision(self) -> str:
        return "float32"

    @property
    def runtime(self) -> str:
        photos = "" if self._device == "cpu" else f" ({self._device})"
        return f"ONNX Runtime {onnxruntime.__version__}{photos}"

    def image_bias(self, vectors: NDArray[np.float32]) -> NDArray[np.float32]:
        """See Encoder."""
        bank = self._opened().bank
        if not len(bank):
            return np.zeros(len(vectors), np.float32)
        logits = BIAS_BETA * (vectors @ bank.T)  # (B, K)
        highest = logits.max(axis=1, keepdims=True)
        total = np.exp(logits - highest).sum(axis=1)
        bias: NDArray[np.float32] = (highest[:, 0] + np.log(total) - math.log(len(bank))) / BIAS_BETA
        return bias.astype(np.float32)

    def rest(self) -> None:
        """See Encoder; the next photos open their side anew, which takes 0.2 s."""
        with self._opening:
            self._photos = None

    def _embed_photos(self, images: NDArray[np.uint8]) -> NDArray[np.float32]:
        embed = self._opened().embed
        at_once = PHOTOS_AT_ONCE if self._device == "cpu" else FAR_PHOTOS_AT_ONCE
        try:
            return self._gather(self._threads.map(embed, slices(images, at_once)))
        except FAULTS as error:
            raise KnownError(
                "The model cannot encode photos on {device} ({reason}); close other programs, or "
                "choose another device in the settings.",
                device=self._device,
                reason=error,
            ) from error

    def _embed_tokens(self, tokens: Tokens) -> NDArray[np.float32]:
        vectors: NDArray[np.float32] = self._text.run(None, {"ids": tokens.ids, "mask": tokens.mask})[0]
        return vectors

    def _opened(self) -> _PhotosSide:
        with self._opening:
            if self._photos is None:
                weights = read_file(self._folder, WEIGHTS, self._config.hashes.get(WEIGHTS))
                bank = _read_bank(weights)  # first: what that leaves behind goes back with the rest
                self._photos = _PhotosSide(self._open(self._device, weights), bank)
            return self._photos

    def _open(self, device: str, weights: bytes) -> Embed:
        session = open_session(self._graph(self.image_graph), weights, provider_of(device))

        def embed(images: NDArray[np.uint8]) -> NDArray[np.float32]:
            vectors: NDArray[np.float32] = session.run(None, {"images": np.ascontiguousarray(images)})[0]
            return vectors

        return embed

    def _graph(self, name: str) -> bytes:
        return read_file(self._folder, name, self._config.exports.get(name))


def _read_bank(weights: bytes) -> NDArray[np.float32]:
    """-> (K, D)."""
    tensors = safetensors.numpy.load(weights)
    bank: NDArray[np.float32] = tensors["bank"] * tensors["bank_scale"][:, None]
    return bank
