"""Where photos are encoded: the fastest of ONNX Runtime's devices here that keeps the CPU's vectors."""

import logging
import os
import platform
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from photosearch.core.errors import KnownError
from photosearch.models.measured import measured_once
from photosearch.models.runtime.session import CPU, FAULTS

log = logging.getLogger(__name__)

# By the name a person is told; which of them are there hangs on the package of ONNX Runtime.
DEVICES = {
    "cuda": "CUDAExecutionProvider",
    "directml": "DmlExecutionProvider",
    "coreml": "CoreMLExecutionProvider",
}
MIN_COSINE = 0.999
MIN_GAIN = 1.1  # how much faster than the best so far a candidate must be
ROUNDS = 3
_UNFIT: tuple[type[Exception], ...] = (KnownError, *FAULTS)

Embed = Callable[[NDArray[np.uint8]], NDArray[np.float32]]  # (B, H, W, 3) -> (B, D), L2-normed


def devices() -> list[str]:
    """What this package of ONNX Runtime can run on beside the CPU."""
    there = onnxruntime.get_available_providers()
    return [device for device, provider in DEVICES.items() if provider in there]


def provider_of(device: str) -> str:
    """ONNX Runtime's name of a device."""
    return DEVICES.get(device, CPU)


def choose_device(
    opened: Callable[[str], Embed],
    images: Callable[[], NDArray[np.uint8]],
    model_id: str,
    cache_dir: Path | None,
) -> str:
    """The fastest device whose vectors are within a cosine of .999 of the CPU's.

    Args:
        opened: makes a device ready for the model
        images: makes a small batch, (B, H, W, 3) uint8, where there is something to choose from
        cache_dir: where the choice is kept, per computer, version of ONNX Runtime and model; None: nowhere
    """
    here = devices()
    if not here:
        return "cpu"
    computer = f"{platform.node()} {platform.processor() or platform.machine()} x{os.cpu_count()}"
    key = f"{computer} | onnxruntime {onnxruntime.__version__} {' '.join(here)} | {model_id}"
    return measured_once(cache_dir, key, str, lambda: _measure(opened, here, images()))


def _measure(opened: Callable[[str], Embed], here: list[str], images: NDArray[np.uint8]) -> str:
    embed = opened("cpu")
    reference = embed(images)
    best, best_seconds = "cpu", _seconds(embed, images)
    for device in here:
        try:
            embed = opened(device)
            cosine = float((embed(images) * reference).sum(axis=1).min())
            seconds = _seconds(embed, images)
        except _UNFIT as error:
            log.info("%s does not run the model here: %s", device, error)
            continue
        log.info(
            "%s: %.1f ms against %.1f ms, cosine %.5f", device, seconds * 1e3, best_seconds * 1e3, cosine
        )
        if cosine >= MIN_COSINE and seconds * MIN_GAIN < best_seconds:
            best, best_seconds = device, seconds
    return best


def _seconds(embed: Embed, images: NDArray[np.uint8]) -> float:
    """The shortest of some rounds."""
    rounds = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        embed(images)
        rounds.append(time.perf_counter() - start)
    return min(rounds)
