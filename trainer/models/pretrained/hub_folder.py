"""What is in a folder in the hub's own format."""

import json
from pathlib import Path
from typing import Any

import torch
import transformers
from huggingface_hub.errors import StrictDataclassError
from safetensors import SafetensorError, safe_open
from transformers.utils import logging as hf_logging

from photosearch.core.errors import KnownError
from photosearch.models.torch.bounds import refuse_out_of_bounds
from photosearch.models.torch.sketch import sketched
from photosearch.models.torch.towers import transformers_config
from trainer.models.folders import read_json
from trainer.models.pretrained.hub_download import no_safetensors

WHOLE, PARTS = "model.safetensors", "model.safetensors.index.json"  # weights, or the list of their parts
MADE_ANEW = frozenset(("position_ids", "inv_freq", "pooler"))  # or not read; old files have them
# What timm and transformers raise over folders that make no network.
BROKEN = (SafetensorError, StrictDataclassError, OSError, KeyError, RuntimeError, TypeError, ValueError)


def read_transformers_config(folder: Path, source: str) -> dict[str, Any]:
    """The whole config of a transformers model, defaults included, so that later defaults change nothing.

    Raises:
        KnownError: there is none, of a kind that transformers does not know without remote code, or one of
            sizes that are out of all bounds.
    """
    described = read_json(folder / "config.json")
    refuse_out_of_bounds(described, source, "config.json")
    if described.get("auto_map") and described.get("model_type") not in transformers.CONFIG_MAPPING:
        raise KnownError(
            "{source} brings code of its own, which is never run; name another model.", source=source
        )
    try:
        config = transformers.AutoConfig.from_pretrained(folder, trust_remote_code=False)
    except BROKEN as error:
        raise KnownError(
            "{source} is not a model of transformers' own: {reason}", source=source, reason=error
        ) from error
    return config_values(config)


def config_values(config: Any) -> dict[str, Any]:
    """A config of transformers' as plain values, defaults included."""
    values: dict[str, Any] = json.loads(config.to_json_string(use_diff=False))
    # Nor where it lies: a model is the same in any folder.
    passing = ("transformers_version", "dtype", "auto_map", "_name_or_path")
    return {key: value for key, value in values.items() if key not in passing}


def load_transformers(folder: Path, source: str) -> Any:
    """The transformers model of a folder, in float32, from safetensors alone.

    Raises:
        KnownError: the weights are missing, incomplete, of another kind or more than the config says.
    """
    described = transformers_config(read_json(folder / "config.json"))
    try:
        sketched(
            lambda: transformers.AutoModel.from_config(described, trust_remote_code=False),
            _shapes(safetensors_in(folder, source)),
            source,
        )
    except (SafetensorError, OSError) as error:
        raise KnownError("{source} cannot be loaded: {reason}", source=source, reason=error) from error
    except BROKEN as error:
        raise _unfit(source) from error
    hf_logging.disable_progress_bar()  # of reading a file
    try:
        model, info = transformers.AutoModel.from_pretrained(
            folder,
            use_safetensors=True,
            trust_remote_code=False,
            dtype=torch.float32,
            output_loading_info=True,
        )
    except (SafetensorError, OSError) as error:
        raise KnownError("{source} cannot be loaded: {reason}", source=source, reason=error) from error
    except BROKEN as error:  # what transformers says is for who calls it
        raise _unfit(source) from error
    if any(_is_of(model, key) for key in info["unexpected_keys"]):
        raise _unfit(source)
    missing = sorted(key for key in info["missing_keys"] if not key.startswith("pooler."))
    if missing:
        raise KnownError(
            "The weights of {source} lack {first} and {more} more.",
            source=source,
            first=missing[0],
            more=len(missing) - 1,
        )
    return model


def _shapes(file: Path) -> list[list[int]]:
    """Of all tensors of a file of weights, or of the parts that its index names.

    Raises:
        SafetensorError, OSError: one is none, or cannot be read.
    """
    parts = [file]
    if file.name == PARTS:
        named = sorted(set(read_json(file).get("weight_map", {}).values()))
        parts = [file.with_name(Path(name).name) for name in named]
    found = []
    for part in parts:
        with safe_open(part, "np") as weights:
            found += [weights.get_slice(name).get_shape() for name in weights.keys()]  # noqa: SIM118
    return found


def _is_of(network: Any, key: str) -> bool:
    """Whether a weight is one of the network itself, not of a head for another task, nor made anew anyhow."""
    parts = key.removeprefix(f"{network.base_model_prefix}.").split(".")
    return parts[0] in dict(network.named_children()) and not MADE_ANEW.intersection(parts)


def _unfit(source: str) -> KnownError:
    return KnownError("The weights of {model} do not fit its config.", model=source)


def safetensors_in(folder: Path, source: str) -> Path:
    """The file of a folder's weights, or the index of its parts.

    Raises:
        KnownError: there are no safetensors.
    """
    for name in (WHOLE, PARTS):
        if (folder / name).is_file():
            return folder / name
    raise no_safetensors(source)
