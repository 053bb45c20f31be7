"""Configs whose numbers would exhaust the computer are refused before anything is built of them."""

import json
from pathlib import Path
from typing import Any

import pytest

from photosearch.core.errors import KnownError
from photosearch.models.offers import KnownModel, known_models
from photosearch.models.torch.bounds import BOUNDS, refuse_out_of_bounds
from trainer.models.pretrained.hub_folder import read_transformers_config
from trainer.models.pretrained.hub_processor import hub_preprocessing
from trainer.models.pretrained.image_network import image_base
from trainer.models.pretrained.open_clip_folder import open_clip_base


@pytest.mark.parametrize(
    "sizes",
    [
        {"size": {"shortest_edge": 60_000}, "crop_size": {"height": 60_000, "width": 60_000}},
        {"size": 60_000, "crop_size": 60_000},
        {"size": {"height": 10**9, "width": 10**9}},
    ],
)
def test_an_image_processor_of_vast_photos_is_refused(tmp_path: Path, sizes: dict[str, Any]) -> None:
    said = {"image_processor_type": "CLIPImageProcessor", **sizes}
    (tmp_path / "preprocessor_config.json").write_text(json.dumps(said))
    with pytest.raises(KnownError, match=r"^a model has \w+ = \d+ in its preprocessor_config.json, where no"):
        hub_preprocessing(tmp_path, "a model")


@pytest.mark.parametrize(
    ("part", "field", "value"),
    [
        ("vision_config", "image_size", 10**6),
        ("vision_config", "hidden_size", 2**31),
        ("vision_config", "hidden_size", "wide"),
        ("vision_config", "num_hidden_layers", -1),
        ("vision_config", "patch_size", 0),
        ("text_config", "num_hidden_layers", 10**6),
        ("text_config", "vocab_size", 10**12),
        ("text_config", "max_position_embeddings", 10**9),
    ],
)
def test_a_config_of_vast_networks_is_refused(tmp_path: Path, part: str, field: str, value: object) -> None:
    (tmp_path / "config.json").write_text(json.dumps({"model_type": "clip", part: {field: value}}))
    with pytest.raises(KnownError, match=rf"^a model has {field} = '?{value}'? in its config.json, where no"):
        read_transformers_config(tmp_path, "a model")


def test_an_open_clip_config_of_a_vast_network_is_refused(tmp_path: Path) -> None:
    config = {"model_cfg": {"embed_dim": 64, "vision_cfg": {"image_size": 224, "layers": 10**6}}}
    (tmp_path / "open_clip_config.json").write_text(json.dumps(config))
    with pytest.raises(KnownError, match="a model has layers = 1000000 in its open_clip_config"):
        open_clip_base(tmp_path, "a model")


def test_an_image_network_of_vast_photos_is_refused(tmp_path: Path) -> None:
    config = {"architecture": "test_vit", "pretrained_cfg": {"input_size": [3, 10**6, 10**6]}}
    (tmp_path / "config.json").write_text(json.dumps(config))
    with pytest.raises(KnownError, match="has input_size = 1000000 in its config"):
        image_base(str(tmp_path), pretrained=False)


def test_patches_that_are_vast_in_number_are_refused(tmp_path: Path) -> None:
    vision = {"image_size": 2048, "patch_size": 1}
    (tmp_path / "config.json").write_text(json.dumps({"model_type": "clip", "vision_config": vision}))
    with pytest.raises(KnownError, match="a model has num_patches = 4194304"):
        read_transformers_config(tmp_path, "a model")
    said = {"image_processor_type": "Siglip2ImageProcessor", "patch_size": 2048, "max_num_patches": 10_000}
    (tmp_path / "preprocessor_config.json").write_text(json.dumps(said))
    with pytest.raises(KnownError, match="max_num_patches = 10000"):
        hub_preprocessing(tmp_path, "a model")


@pytest.mark.parametrize("known", known_models(), ids=lambda known: known.source)
def test_no_model_that_is_offered_is_near_a_bound(known: KnownModel) -> None:
    larger = {
        part: {key: 2 * value if key in BOUNDS else value for key, value in fields.items()}
        for part, fields in known.architecture.items()
        if isinstance(fields, dict)
    }
    refuse_out_of_bounds({**known.architecture, **larger}, known.source, "config.json")
