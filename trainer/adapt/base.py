"""The model that is taught, as it is before."""

import math
from pathlib import Path
from typing import NamedTuple

import safetensors

from photosearch.core.encoder import Encoder
from photosearch.core.vectors import l2_normed
from photosearch.models.catalog import read_info
from photosearch.models.config import WEIGHTS, read_config
from photosearch.models.loading import load_encoder
from trainer.adapt.material import Vectors
from trainer.data.cache import default_cache
from trainer.models.folders import own_folder, refuse_taught


class Base(NamedTuple):
    """What teaching needs of a model."""

    folder: Path
    encoder: Encoder
    scale: float  # the logit scale, 1/temperature
    bank: Vectors  # typical sentences that the model carries (K, D), L2-normed; perhaps none


def read_base(model: str, *, device: str | None = None) -> Base:
    """
    Args:
        model: a checkpoint folder, the folder of a run, or a name of the catalogue
        device: as `load_encoder` takes it

    Raises:
        KnownError: there is no such model, it is broken, it was taught already, or it takes what is not
            installed.
    """
    folder = own_folder(model)
    refuse_taught(folder)
    encoder = load_encoder(read_info(folder), device=device, cache_dir=default_cache()).encoder
    with safetensors.safe_open(folder / WEIGHTS, "numpy") as weights:
        log_scale, bank, rows = (weights.get_tensor(name) for name in ("log_scale", "bank", "bank_scale"))
    scale = min(math.exp(log_scale), read_config(folder).max_scale)
    return Base(folder, encoder, scale, l2_normed(bank * rows[:, None]))
