"""Which precision an image tower runs in: measured on this device, checked against float32, remembered."""

import copy
import logging
import os
import platform
import time
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from photosearch.models.measured import measured_once

log = logging.getLogger(__name__)

# bfloat16 first: it has float32's range, so float16 must be clearly faster to be worth its overflows.
CANDIDATES = {"bfloat16": torch.bfloat16, "float16": torch.float16}
CPU_CANDIDATES = ("bfloat16",)  # float16 convolutions are emulated on most CPUs
MIN_COSINE = 0.999
MIN_GAIN = 1.1  # how much faster than the best so far a candidate must be
PROBE_LIMIT = 1.5  # a candidate this much slower than float32 on one image is dropped at once
ROUNDS = 3


def dtype_of(precision: str) -> torch.dtype:
    """The torch type of a precision by its name.

    Raises:
        ValueError: there is no such precision.
    """
    if precision == "float32":
        return torch.float32
    if precision not in CANDIDATES:
        raise ValueError(f"precision must be float32 or one of {', '.join(CANDIDATES)}, not {precision!r}")
    return CANDIDATES[precision]


def choose_precision(
    tower: nn.Module,
    embed: Callable[[Tensor], Tensor],
    images: Tensor,
    model_id: str,
    cache_dir: Path | None = None,
) -> str:
    """The fastest precision for `tower` that keeps embeddings within a cosine of .999 of float32's.

    Args:
        tower: on its device, in float32; images -> features (B, F).
        embed: float32 features -> embeddings (B, D).
        images: a small batch, (B, H, W, 3) uint8, on the device.
        cache_dir: where the choice is kept, per device, torch version and model; None: nowhere.
    """
    key = f"{_device_name(images.device)} | torch {torch.__version__} | {model_id}"
    return measured_once(
        cache_dir, key, Literal["float32", "bfloat16", "float16"], lambda: _measure(tower, embed, images)
    )


@torch.inference_mode()
def _measure(tower: nn.Module, embed: Callable[[Tensor], Tensor], images: Tensor) -> str:
    reference = embed(tower(images))  # also the warm-up
    one = images[:1]
    tower(one)
    probe = _seconds(tower, one)
    best, best_seconds = "float32", min(_seconds(tower, images) for _ in range(ROUNDS))
    for name in CPU_CANDIDATES if images.device.type == "cpu" else CANDIDATES:
        candidate = copy.deepcopy(tower).to(CANDIDATES[name])
        try:
            # The first call may compile kernels, so the second has a say too, unless the first was hopeless.
            first = _seconds(candidate, one)
            if first > 20 * probe or min(first, _seconds(candidate, one)) > PROBE_LIMIT * probe:
                continue
            embeddings = embed(candidate(images).float())
            seconds = min(_seconds(candidate, images) for _ in range(ROUNDS))
        except RuntimeError as error:
            log.info("%s does not run here: %s", name, error)
            continue
        cosine = F.cosine_similarity(embeddings, reference).min().item()
        log.info("%s: %.1f ms against %.1f ms, cosine %.5f", name, seconds * 1e3, best_seconds * 1e3, cosine)
        if cosine >= MIN_COSINE and seconds * MIN_GAIN < best_seconds:
            best, best_seconds = name, seconds
    return best


def _seconds(tower: nn.Module, images: Tensor) -> float:
    _finish(images.device)
    start = time.perf_counter()
    tower(images)
    _finish(images.device)
    return time.perf_counter() - start


def _finish(device: torch.device) -> None:
    if device.type != "cpu":
        torch.accelerator.synchronize(device)


def _device_name(device: torch.device) -> str:
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    if device.type == "xpu":
        return torch.xpu.get_device_name(device)
    processor = platform.processor() or platform.machine()
    capability = torch.backends.cpu.get_cpu_capability()
    return f"{device.type} {platform.node()} {processor} {capability} x{os.cpu_count()}"
