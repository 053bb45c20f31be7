"""A model that the catalogue lists, run by the small encoder in numpy: an engine without torch."""

import msgspec

from photosearch.core.encoder import Calibration, Preprocessing
from photosearch.models.catalog import ModelInfo
from photosearch.models.config import (
    CONFIG,
    FORMAT,
    TOKENIZER,
    WEIGHTS,
    HeadConfig,
    ImageTowerConfig,
    ModelConfig,
    TextTowerConfig,
)
from photosearch.models.loading import LoadedEncoder
from photosearch.paths import Library
from tests.helpers.tiny_encoder import TinyEncoder

MODEL = "colours"


def describe_model(library: Library, name: str = MODEL) -> None:
    """A checkpoint folder that the catalogue lists; its weights are empty."""
    config = ModelConfig(
        format=FORMAT,
        name=name,
        image_tower=ImageTowerConfig(architecture=name, dim=8),
        text_tower=TextTowerConfig(transformers={}, dim=8),
        image_head=HeadConfig(dim_in=8, hidden=8, dim_out=32, dropout=0.0),
        text_head=HeadConfig(dim_in=8, hidden=8, dim_out=32, dropout=0.0),
        preprocessing=Preprocessing(
            size=32, fit="squash", interpolation="bilinear", mean=(0.0, 0.0, 0.0), std=(1.0, 1.0, 1.0)
        ),
        calibration=Calibration(),
        max_tokens=16,
    )
    folder = library.models / name
    folder.mkdir(parents=True)
    (folder / CONFIG).write_bytes(msgspec.json.encode(config))
    (folder / WEIGHTS).touch()
    (folder / TOKENIZER).touch()


def load_colours(info: ModelInfo, library: Library) -> LoadedEncoder:
    encoder = TinyEncoder()
    encoder.model_id = info.model_id
    return LoadedEncoder(encoder, "cpu", "float32")
