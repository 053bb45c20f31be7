"""Image networks of timm's, with what their weights expect of an image."""

import copy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import timm
import torch
from torch import Tensor

from photosearch.core.encoder import Preprocessing
from photosearch.core.errors import KnownError
from photosearch.models.torch.bounds import refuse_out_of_bounds
from trainer.models.folders import read_json
from trainer.models.pretrained import base_weights
from trainer.models.pretrained.hub_download import folder_of
from trainer.models.pretrained.hub_folder import BROKEN, safetensors_in


@dataclass(frozen=True)
class ImageBase:
    """A timm network with what its weights expect of an image."""

    architecture: str
    classes: int  # of its classifier
    preprocessing: Preprocessing
    weights: Path | dict[str, Tensor] | None  # a safetensors file, a state dict, or None: random ones


def image_base(source: str, pretrained: bool) -> ImageBase:
    """The image network that a recipe names.

    Args:
        source: `timm:NAME`, `package:NAME`, or a folder in the format that timm's models have on the hub
        pretrained: with its weights; else only its structure, and then `timm:NAME` needs no hub
    Raises:
        KnownError: there is no such network, or its weights cannot be had.
    """
    kind, _, name = source.partition(":")
    if kind == "package":
        weights = base_weights.load_image_base(name) if pretrained else None
        default = _timm_config(name)
        square = msgspec.structs.replace(
            _timm_preprocessing(default), mean=(127.0, 127.0, 127.0), std=(128.0, 128.0, 128.0)
        )
        return ImageBase(name, default.num_classes, square, weights)
    if kind == "timm":
        default = _timm_config(name)
        file = safetensors_in(folder_of(default.hf_hub_id), source) if pretrained else None
        return ImageBase(default.architecture, default.num_classes, _timm_preprocessing(default), file)
    folder = folder_of(source)
    described = read_json(folder / "config.json")
    refuse_out_of_bounds(described, source, "config.json")
    default = _timm_config(described.get("architecture", ""))
    for key, value in described.get("pretrained_cfg", {}).items():
        if hasattr(default, key):
            setattr(default, key, value)
    classes = described.get("num_classes", default.num_classes)
    file = safetensors_in(folder, source) if pretrained else None
    return ImageBase(default.architecture, classes, _timm_preprocessing(default), file)


def image_weights(base: ImageBase, classes: int, size: int) -> dict[str, Tensor]:
    """The weights of `base` for a network with `classes` (0: no classifier) and images of `size` pixels.

    Raises:
        KnownError: they do not fit the network.
    """
    assert base.weights is not None
    if isinstance(base.weights, dict):
        dropped = () if classes else (f"{_timm_config(base.architecture).classifier}.",)
        return {key: value for key, value in base.weights.items() if not key.startswith(dropped)}
    fixed = _timm_config(base.architecture).fixed_input_size
    sized: dict[str, Any] = {"img_size": size} if fixed else {}
    overlay = {"file": str(base.weights), "num_classes": base.classes}
    try:
        network = timm.create_model(
            base.architecture, pretrained=True, pretrained_cfg_overlay=overlay, num_classes=classes, **sized
        )
    except BROKEN as error:
        raise KnownError(
            "{weights} does not fit {network}: {reason}",
            weights=base.weights,
            network=base.architecture,
            reason=error,
        ) from error
    return dict(network.state_dict())


def image_dim(architecture: str) -> int:
    """F, how many features a timm network pools."""
    with torch.device("meta"):
        network: Any = timm.create_model(architecture, num_classes=0)
    return int(getattr(network, "head_hidden_size", None) or network.num_features)


def _timm_config(name: str) -> Any:
    """What timm says of a network of its own; a copy."""
    found = timm.get_pretrained_cfg(name) if timm.is_model(name) else None
    if found is None:
        raise KnownError("timm has no image network {name}.", name=repr(name))
    return copy.copy(found)


def _timm_preprocessing(config: Any) -> Preprocessing:
    if config.interpolation not in ("bilinear", "bicubic", "lanczos"):
        raise KnownError(
            "{network} is resized in a way that is not supported: its interpolation is {interpolation}, not "
            "bilinear, bicubic or lanczos; name another network.",
            network=config.architecture,
            interpolation=repr(config.interpolation),
        )
    return Preprocessing(
        size=config.input_size[-1],
        fit="squash",
        interpolation=config.interpolation,
        mean=_times_255(config.mean),
        std=_times_255(config.std),
    )


def _times_255(values: tuple[float, ...]) -> tuple[float, float, float]:
    return msgspec.convert([255 * value for value in values], tuple[float, float, float])
