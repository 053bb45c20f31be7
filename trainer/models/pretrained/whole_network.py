"""Whole dual encoders of transformers: CLIP, SigLIP, SigLIP2, Chinese-CLIP, ALIGN."""

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import transformers
from PIL import Image
from torch import Tensor

from photosearch.core.encoder import Preprocessing
from photosearch.core.errors import KnownError
from photosearch.models.torch import hub
from trainer.models.pretrained.hub_folder import (
    BROKEN,
    folder_of,
    load_transformers,
    read_transformers_config,
)
from trainer.models.pretrained.hub_tokenizer import tokenizer_bytes

CONTEXT = {"clip": 77, "chinese_clip": 52, "siglip": 64, "siglip2": 64, "align": 64}  # tokens, in training
BILINEAR = 2  # as Pillow counts


@dataclass(frozen=True)
class WholeBase:
    """A whole dual encoder of transformers with its tokenizer."""

    config: dict[str, Any]
    dim: int  # D, the length of an embedding
    longest: int  # tokens that its own training cut texts to
    preprocessing: Preprocessing
    network: Any | None  # the transformers model; None: random weights
    tokenizer: bytes


def whole_base(source: str, pretrained: bool) -> WholeBase:
    """A whole dual encoder of transformers.

    Args:
        source: an id of the hub, or a folder in its format
    Raises:
        KnownError: there is no such model, it is of a family that is not known here, or a file is missing.
    """
    folder = folder_of(source)
    config = read_transformers_config(folder, source)
    family = config["model_type"]
    if family not in hub.FAMILIES:
        raise KnownError(f"{source} is a {family}, not one of {', '.join(hub.FAMILIES)}.")
    longest = min(CONTEXT[family], config["text_config"]["max_position_embeddings"])
    network = load_transformers(folder, source) if pretrained else None
    dim = config.get("projection_dim") or config["vision_config"]["hidden_size"]
    return WholeBase(
        config,
        dim,
        longest,
        hub_preprocessing(folder, source, config),
        network,
        tokenizer_bytes(folder, source),
    )


def hub_preprocessing(folder: Path, source: str, config: dict[str, Any]) -> Preprocessing:
    """What a folder's own image processor does, in our words.

    The mean and the standard deviation are those by which black and white photos become what it gives.

    Raises:
        KnownError: it has none, or one that does not end in a square.
    """
    try:
        processor = transformers.AutoImageProcessor.from_pretrained(  # type: ignore[no-untyped-call]
            folder, trust_remote_code=False
        )
    except BROKEN as error:
        raise KnownError(f"{source} does not say how its images are prepared: {error}") from error
    if config["model_type"] == "siglip2":  # any grid of patches; the largest square of them is ours
        patch = config["vision_config"]["patch_size"]
        fit, size, zoom = "squash", patch * math.isqrt(processor.max_num_patches), 1.0
    else:
        fit, size, zoom = _square(processor, source)
    low, high = (_channels(processor, size, value) for value in (0, 255))
    std = 255 / (high - low)
    interpolation = "bilinear" if int(processor.resample) == BILINEAR else "bicubic"
    mean = (-low * std).tolist()
    return msgspec.convert(
        {
            "size": size,
            "fit": fit,
            "interpolation": interpolation,
            "mean": [round(value, 4) for value in mean],
            "std": [round(value, 4) for value in std.tolist()],
            "zoom": zoom,
        },
        Preprocessing,
    )


def _square(processor: Any, source: str) -> tuple[str, int, float]:
    """The fit, the edge in pixels, and the zoom of an image processor."""
    resized, cropped = dict(processor.size), dict(getattr(processor, "crop_size", None) or {})
    edge = resized.get("shortest_edge")
    resized = {"height": edge, "width": edge} if edge else resized
    size = cropped if processor.do_center_crop and cropped else resized
    if size["height"] != size["width"] or resized["height"] != resized["width"]:
        raise KnownError(f"{source} takes images that are not square, which is not supported.")
    return "crop" if edge else "squash", size["height"], min(1.0, size["height"] / resized["height"])


def _channels(processor: Any, size: int, value: int) -> Tensor:
    """What an image processor makes of an evenly grey photo: (3,)."""
    grey = Image.new("RGB", (size, size), (value,) * 3)
    pixels: Tensor = processor(images=[grey], return_tensors="pt")["pixel_values"]
    if pixels.ndim == 3:  # SigLIP2's patches, colours innermost
        return pixels.double().reshape(-1, 3).mean(dim=0)
    return pixels.double().mean(dim=(0, 2, 3))
