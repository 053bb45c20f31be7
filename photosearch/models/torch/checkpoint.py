"""A checkpoint folder: weights (safetensors, never pickle), config and tokenizer, verified by hash."""

import tempfile
import threading
from pathlib import Path

import msgspec
import safetensors.torch
import torch
from huggingface_hub.errors import StrictDataclassError
from safetensors import SafetensorError
from torch import Tensor
from transformers.initialization import no_init_weights

from photosearch.core.errors import KnownError
from photosearch.models.config import (
    CONFIG,
    TOKENIZER,
    WEIGHTS,
    ModelConfig,
    encode_config,
    file_hash,
    read_config,
    read_file,
)
from photosearch.models.tokenizer import Tokenizer, read_tokenizer
from photosearch.models.torch.bounds import refuse_out_of_bounds
from photosearch.models.torch.dual_encoder import DualEncoder
from photosearch.models.torch.sketch import sketched

# no_init_weights changes torch for all threads, and two at a time would not find back.
_building = threading.Lock()
# What timm and transformers raise over values that make no network.
_UNBUILDABLE = (StrictDataclassError, KeyError, RuntimeError, TypeError, ValueError)


def save(folder: Path, model: DualEncoder, config: ModelConfig, tokenizer: Path | bytes) -> ModelConfig:
    """Publish a checkpoint at `folder`, replacing what is there.

    `tokenizer` is a `tokenizer.json`, by path or by its bytes (`Tokenizer.data`).

    The files are written beside it and renamed into place, so a reader never meets half a checkpoint.
    Returns the config as written, with hashes and bank filled in.
    """
    weights = safetensors.torch.save({name: _stored(tensor) for name, tensor in model.state_dict().items()})
    tokenizer = tokenizer if isinstance(tokenizer, bytes) else tokenizer.read_bytes()
    config = msgspec.structs.replace(
        config,
        bank=len(model.bank),
        hashes={WEIGHTS: file_hash(weights), TOKENIZER: file_hash(tokenizer)},
        exports={},
    )
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{folder.name}-", dir=folder.parent) as temporary:
        fresh = Path(temporary) / "fresh"
        fresh.mkdir()
        (fresh / WEIGHTS).write_bytes(weights)
        (fresh / TOKENIZER).write_bytes(tokenizer)
        (fresh / CONFIG).write_bytes(encode_config(config))
        if folder.exists():
            folder.rename(Path(temporary) / "old")
        fresh.rename(folder)
    return config


def load(folder: Path) -> tuple[DualEncoder, ModelConfig, Tokenizer]:
    """The model of a checkpoint folder, in float32 on the CPU and in eval mode.

    Raises:
        KnownError: a file is missing, altered, of a newer program, or does not fit its config; that is out of
            all bounds.
    """
    config = read_config(folder)
    for part in (config.hub, config.text_tower):
        if part:
            refuse_out_of_bounds(part.transformers, str(folder), CONFIG)
    tokenizer = read_tokenizer(folder, config)
    data = read_file(folder, WEIGHTS, config.hashes.get(WEIGHTS))
    try:
        weights = safetensors.torch.load(data)
    except SafetensorError as error:
        raise KnownError(
            "The weights in {file} cannot be read ({reason}); install the model again.",
            file=folder / WEIGHTS,
            reason=error,
        ) from error
    try:
        with _building, no_init_weights():  # which takes longest, and all weights are read below
            shapes = [weight.shape for weight in weights.values()]
            sketch = sketched(lambda: DualEncoder(config), shapes, folder)
            _check_shapes(folder, sketch.state_dict(), weights)
            model = DualEncoder(config)
    except _UNBUILDABLE as error:
        raise KnownError(
            "The config in {folder} describes a network that cannot be built; install the model again.",
            folder=folder,
        ) from error
    model.load_state_dict(weights)
    return model.eval(), config, tokenizer


def _stored(tensor: Tensor) -> Tensor:
    # Vectors stay float32: they cost little, and a variance may leave float16's range.
    dtype = torch.float16 if tensor.is_floating_point() and tensor.ndim > 1 else tensor.dtype
    return tensor.detach().to("cpu", dtype).contiguous()


def _check_shapes(folder: Path, wanted: dict[str, Tensor], found: dict[str, Tensor]) -> None:
    for name in sorted(wanted.keys() | found.keys()):
        here = tuple(found[name].shape) if name in found else "nothing"
        there = tuple(wanted[name].shape) if name in wanted else "nothing"
        if here != there:
            raise KnownError(
                "The weights in {folder} do not fit their config: {name} is {here} where {there} is "
                "wanted; install the model again.",
                folder=folder,
                name=name,
                here=here,
                there=there,
            )
