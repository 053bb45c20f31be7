"""Pretrained networks: from the hub, from a folder in the hub's own format, or out of pip packages."""

import copy
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import timm
import tokenizers
import torch
import transformers
from huggingface_hub import snapshot_download
from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError
from safetensors import SafetensorError
from torch import Tensor
from transformers.utils import logging as hf_logging

from photosearch.core.encoder import Preprocessing
from photosearch.core.errors import KnownError
from trainer.bundled import base_weights

# No pickles; the tokenizer's files are of several kinds.
WANTED = ["*.json", "*.safetensors", "*.txt", "*.model"]
BROKEN = (SafetensorError, OSError, KeyError, RuntimeError, TypeError, ValueError)


@dataclass(frozen=True)
class ImageBase:
    """A timm network with what its weights expect of an image."""

    architecture: str
    classes: int  # of its classifier
    preprocessing: Preprocessing
    weights: Path | dict[str, Tensor] | None  # a safetensors file, a state dict, or None: random ones


@dataclass(frozen=True)
class TextBase:
    """A transformers text encoder with its tokenizer."""

    config: dict[str, Any]
    dim: int  # T, the length of a token's state
    longest: int  # tokens that it has positions for
    weights: dict[str, Tensor] | None
    tokenizer: bytes


def folder_of(source: str) -> Path:
    """The folder of a model: itself where `source` is one, else the hub's, downloaded once.

    Args:
        source: a path, or an id of the hub such as `openai/clip-vit-base-patch32`, with `@revision` if wanted
    Raises:
        KnownError: there is no such folder, no such model, or no way to the hub.
    """
    if Path(source).is_dir():
        return Path(source)
    name, _, revision = source.partition("@")
    try:
        return Path(snapshot_download(name, revision=revision or None, allow_patterns=WANTED))
    except HFValidationError:
        raise KnownError(f"{source} is neither a folder nor the id of a model of the hub.") from None
    except LocalEntryNotFoundError:
        raise KnownError(
            f"{source} is not a folder, and the hub cannot be reached to download it; check the connection, "
            "set HF_ENDPOINT to a mirror's address, or name a folder that holds the model."
        ) from None
    except HfHubHTTPError as error:
        status = getattr(error.response, "status_code", "no status")
        raise KnownError(
            f"The hub does not give out {source} ({status}); check the id, log in where the model asks for "
            "it, set HF_ENDPOINT to a mirror's address, or name a folder that holds the model."
        ) from None


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
        file = _safetensors(folder_of(default.hf_hub_id), source) if pretrained else None
        return ImageBase(default.architecture, default.num_classes, _timm_preprocessing(default), file)
    folder = folder_of(source)
    described = _read_json(folder / "config.json")
    default = _timm_config(described.get("architecture", ""))
    for key, value in described.get("pretrained_cfg", {}).items():
        if hasattr(default, key):
            setattr(default, key, value)
    classes = described.get("num_classes", default.num_classes)
    file = _safetensors(folder, source) if pretrained else None
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
        raise KnownError(f"{base.weights} does not fit {base.architecture}: {error}") from error
    return dict(network.state_dict())


def image_dim(architecture: str) -> int:
    """F, how many features a timm network pools."""
    with torch.device("meta"):
        network: Any = timm.create_model(architecture, num_classes=0)
    return int(getattr(network, "head_hidden_size", None) or network.num_features)


def text_base(source: str, pretrained: bool) -> TextBase:
    """The text network that a recipe names.

    Args:
        source: an id of the hub, a folder in its format, or `package:all-MiniLM-L6-v2`
        pretrained: with its weights; else only its structure and its tokenizer
    Raises:
        KnownError: there is no such network, or its weights cannot be had.
    """
    if source.startswith("package:"):
        if source != "package:all-MiniLM-L6-v2":
            raise KnownError(f"No package carries {source}; the one there is: package:all-MiniLM-L6-v2.")
        config, weights, tokenizer = base_weights.load_text_base()
        longest = config["max_position_embeddings"]
        return TextBase(
            config, config["hidden_size"], longest, weights if pretrained else None, tokenizer.read_bytes()
        )
    folder = folder_of(source)
    config = read_transformers_config(folder, source)
    states: dict[str, Tensor] | None = None
    if pretrained:
        network = load_transformers(folder, source)
        states = {k: v for k, v in network.state_dict().items() if not k.startswith("pooler.")}
    known = transformers.AutoConfig.for_model(config["model_type"])
    parsed = known.from_dict(config)
    # RoBERTa's positions begin behind its padding index.
    longest = parsed.max_position_embeddings - (
        parsed.pad_token_id + 1 if "roberta" in parsed.model_type else 0
    )
    return TextBase(config, parsed.hidden_size, longest, states, tokenizer_bytes(folder, source))


def read_transformers_config(folder: Path, source: str) -> dict[str, Any]:
    """The whole config of a transformers model, defaults included, so that later defaults change nothing.

    Raises:
        KnownError: there is none, or of a kind that transformers does not know without remote code.
    """
    try:
        config = transformers.AutoConfig.from_pretrained(folder, trust_remote_code=False)
    except BROKEN as error:
        raise KnownError(f"{source} is not a model of transformers' own: {error}") from error
    values: dict[str, Any] = json.loads(config.to_json_string(use_diff=False))
    return {k: v for k, v in values.items() if k not in ("transformers_version", "dtype", "auto_map")}


def load_transformers(folder: Path, source: str) -> Any:
    """The transformers model of a folder, in float32, from safetensors alone.

    Raises:
        KnownError: the weights are missing, incomplete or of another kind.
    """
    _safetensors(folder, source)
    hf_logging.disable_progress_bar()  # type: ignore[no-untyped-call]  # of reading a file
    try:
        model, info = transformers.AutoModel.from_pretrained(
            folder,
            use_safetensors=True,
            trust_remote_code=False,
            dtype=torch.float32,
            output_loading_info=True,
        )
    except BROKEN as error:
        raise KnownError(f"{source} cannot be loaded: {error}") from error
    missing = sorted(key for key in info["missing_keys"] if not key.startswith("pooler."))
    if missing:
        raise KnownError(f"The weights of {source} lack {missing[0]} and {len(missing) - 1} more.")
    return model


def tokenizer_bytes(folder: Path, source: str) -> bytes:
    """A folder's tokenizer as one `tokenizer.json`, with its padding token and side.

    Raises:
        KnownError: there is none that the tokenizers library can run.
    """
    try:
        found = transformers.AutoTokenizer.from_pretrained(folder, trust_remote_code=False)
    except (ImportError, *BROKEN) as error:  # of a kind that wants another package
        found = _plain_tokenizer(folder, source, error)
    if not hasattr(found, "backend_tokenizer"):
        found = _plain_tokenizer(folder, source, None)
    fast = tokenizers.Tokenizer.from_str(found.backend_tokenizer.to_str())
    fast.no_truncation()
    if found.pad_token is None:
        raise KnownError(f"The tokenizer of {source} has no padding token.")
    fast.enable_padding(pad_id=found.pad_token_id, pad_token=found.pad_token, direction=found.padding_side)
    return fast.to_str().encode("utf-8")


def _plain_tokenizer(folder: Path, source: str, error: Exception | None) -> Any:
    if not (folder / "tokenizer.json").is_file():
        raise KnownError(f"{source} has no tokenizer.json, and its own tokenizer cannot be used.") from error
    return transformers.PreTrainedTokenizerFast.from_pretrained(folder)


def _safetensors(folder: Path, source: str) -> Path:
    for name in ("model.safetensors", "model.safetensors.index.json"):
        if (folder / name).is_file():
            return folder / name
    raise KnownError(
        f"{source} has no weights as safetensors, and pickles are never loaded; name a revision that has "
        "them (ID@REVISION), or convert the model with transformers' save_pretrained."
    )


def _timm_config(name: str) -> Any:
    """What timm says of a network of its own; a copy."""
    found = timm.get_pretrained_cfg(name) if timm.is_model(name) else None
    if found is None:
        raise KnownError(f"timm has no image network {name!r}.")
    return copy.copy(found)


def _timm_preprocessing(config: Any) -> Preprocessing:
    return Preprocessing(
        size=config.input_size[-1],
        fit="squash",
        interpolation="bilinear" if config.interpolation == "bilinear" else "bicubic",
        mean=_times_255(config.mean),
        std=_times_255(config.std),
    )


def _times_255(values: tuple[float, ...]) -> tuple[float, float, float]:
    return msgspec.convert([255 * value for value in values], tuple[float, float, float])


def _read_json(path: Path) -> dict[str, Any]:
    try:
        return msgspec.json.decode(path.read_bytes(), type=dict[str, Any])
    except FileNotFoundError:
        raise KnownError(f"{path.parent} holds no model: it has no {path.name}.") from None
    except (msgspec.DecodeError, OSError) as error:
        raise KnownError(f"{path} cannot be read: {error}") from error
