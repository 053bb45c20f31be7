"""A model of the catalogue, ready to run: in ONNX Runtime, or in torch where that is wanted and there.

Which of them is decided without importing torch, which alone takes seconds.
"""

import importlib.metadata
import importlib.util
import os
import platform
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Literal, NamedTuple

from photosearch.core.encoder import Encoder
from photosearch.core.errors import KnownError
from photosearch.extras import GPU
from photosearch.models.catalog import ModelInfo
from photosearch.models.checkpoint_encoder import CheckpointEncoder, examples
from photosearch.models.config import IMAGE_GRAPH, TEXT_GRAPH, ModelConfig, read_config
from photosearch.models.lesson import LESSON, TaughtEncoder, read_lesson
from photosearch.models.measured import measured_once
from photosearch.models.runtime.encoder import OnnxEncoder
from photosearch.models.runtime.int8 import Int8Encoder
from photosearch.models.runtime.providers import devices

# What drivers leave behind, on Linux and on Windows.
_DRIVERS = ("/proc/driver/nvidia/version", "/dev/kfd", r"C:\Windows\System32\nvcuda.dll")
# What importing torch raises where its parts do not fit this computer, or each other.
_UNUSABLE = (ImportError, OSError, RuntimeError)


class LoadedEncoder(NamedTuple):
    """An encoder, and where and how it runs."""

    encoder: Encoder
    device: str  # that torch ranks on, such as cuda; cpu: the processor, without torch
    precision: str  # of photos, such as float32
    runtime: str = ""  # what computes
    why: str = ""  # that is used: a key of settings.RUNTIME_REASONS


class RuntimeChoice(NamedTuple):
    """What runs a model, and why."""

    runtime: Literal["onnx", "torch"]
    why: str  # a key of settings.RUNTIME_REASONS, which the faces put into words


FASTEST = RuntimeChoice("onnx", "fastest")
FASTER = RuntimeChoice("torch", "fastest")  # so it seems: it is measured


def load_encoder(
    info: ModelInfo,
    *,
    device: str | None = None,
    precision: str | None = None,
    threads: int | None = None,
    cache_dir: Path | None = None,
    taught: bool = True,
) -> LoadedEncoder:
    """Load a model.

    Args:
        device: cpu, cuda, mps or xpu; None: the fastest.
        precision: float32, bfloat16 or float16; None: the fastest that keeps the vectors.
        threads: of the processor that encode photos; None: one for each core.
        cache_dir: where what was measured is remembered.
        taught: with the lesson that its folder may hold.

    Raises:
        KnownError: the checkpoint or its lesson is damaged or incomplete; what was asked for is not here.
    """
    config = read_config(info.path)
    if info.int8:
        if device not in (None, "cpu") or precision not in (None, "float32"):
            raise KnownError(
                "The model {model} runs on the main processor in 8 bits; choose Automatic in the settings, "
                "or the model {base}.",
                model=info.name,
                base=config.name,
            )
        int8 = Int8Encoder(info.path, config, threads=threads, cache_dir=cache_dir)
        return LoadedEncoder(int8, "cpu", int8.precision, int8.runtime, "chosen")
    choice = choose_runtime(
        config, device, precision, torch=torch_is_here(), accelerator=accelerator_is_here()
    )
    encoder: CheckpointEncoder
    if choice.runtime == "torch":
        encoder = _torch()(info, cache_dir=cache_dir, device=device, precision=precision, threads=threads)
    else:
        encoder = OnnxEncoder(info.path, config, device=device, threads=threads, cache_dir=cache_dir)
    if choice == FASTER:
        exported = OnnxEncoder(info.path, config, threads=threads, cache_dir=cache_dir)
        if _faster(encoder, exported, cache_dir) == "onnx":
            encoder, choice = exported, FASTEST
    lesson = info.path / LESSON
    reader = TaughtEncoder(encoder, read_lesson(lesson)) if taught and lesson.exists() else encoder
    device = encoder.device if choice.runtime == "torch" else "cpu"
    return LoadedEncoder(reader, device, encoder.precision, encoder.runtime, choice.why)


def choose_runtime(
    config: ModelConfig, device: str | None, precision: str | None, *, torch: bool, accelerator: bool
) -> RuntimeChoice:
    """What is to run a model.

    Args:
        torch: whether it is installed
        accelerator: whether this computer seems to have a device that torch is faster on

    Raises:
        KnownError: it takes torch, which is not installed.
    """
    for_torch = device in ("cuda", "mps", "xpu") or precision in ("bfloat16", "float16")
    if for_torch and not torch:
        raise KnownError(
            "Encoding on {device} in {precision} takes torch, which is not here: fetch it in the settings or "
            "by {command}, or choose Automatic in the settings.",
            device=device or "cpu",
            precision=precision or "float32",
            command=GPU.add,
        )
    if not _is_exported(config) and not torch:
        raise KnownError(
            "The model {model} was not exported and takes torch, which is not here: fetch it in the "
            "settings or by {command}.",
            model=config.name,
            command=GPU.add,
        )
    if for_torch:
        return RuntimeChoice("torch", "chosen")
    if not _is_exported(config):
        return RuntimeChoice("torch", "not exported")
    if device == "cpu" or not accelerator:
        return FASTEST
    if not torch:
        return RuntimeChoice("onnx", "no torch")
    return FASTER


def torch_is_here() -> bool:
    """Whether torch is installed, or was fetched; it is not imported for that."""
    return importlib.util.find_spec("torch") is not None or GPU.fetched() is not None


def accelerator_is_here() -> bool:
    """Whether a device that torch would run on seems to be here; told by drivers, not by torch."""
    if sys.platform == "darwin":
        return platform.machine() == "arm64"
    try:
        build = importlib.metadata.version("torch").partition("+")[2]
    except importlib.metadata.PackageNotFoundError:
        build = ""
    if build == "cpu":
        return False
    return build == "xpu" or any(Path(driver).exists() for driver in _DRIVERS)


def encodes_on_the_processor() -> bool:
    """Whether nothing that is here would encode photos faster than the main processor."""
    return not (devices() or (accelerator_is_here() and torch_is_here()))


def _torch() -> Callable[..., CheckpointEncoder]:
    """What loads an encoder in torch.

    Raises:
        KnownError: what is there cannot be imported.
    """
    GPU.use()
    try:
        from photosearch.models.torch.encoder import load_encoder
    except _UNUSABLE as error:
        raise KnownError(
            "Torch cannot be used ({reason}); install it anew: {command}.",
            reason=error,
            command=GPU.add_again if GPU.fetched() else "pip install --force-reinstall 'photosearch[gpu]'",
        ) from error
    return load_encoder


def _is_exported(config: ModelConfig) -> bool:
    return {IMAGE_GRAPH, TEXT_GRAPH} <= config.exports.keys()


def _faster(torch: CheckpointEncoder, exported: CheckpointEncoder, cache_dir: Path | None) -> str:
    """Which of two encoders of one model takes more photos a second here."""

    def measure() -> str:
        return min(("torch", torch), ("onnx", exported), key=lambda named: _seconds_a_photo(named[1]))[0]

    key = f"{platform.node()} x{os.cpu_count()} | {torch.device} | {torch.runtime} | {exported.runtime}"
    return measured_once(cache_dir, f"{key} | {torch.model_id}", Literal["torch", "onnx"], measure)


def _seconds_a_photo(encoder: CheckpointEncoder) -> float:
    images = examples(encoder.batch_size, encoder.preprocessing.size)
    encoder.encode_images(images)  # what is compiled or opened once
    start = time.perf_counter()
    encoder.encode_images(images)
    return (time.perf_counter() - start) / len(images)
