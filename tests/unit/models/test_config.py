import msgspec
import pytest

from photosearch.core.encoder import Calibration
from photosearch.core.errors import KnownError
from photosearch.models.config import (
    CONFIG,
    ConSEConfig,
    HeadConfig,
    HubConfig,
    ImageTowerConfig,
    ModelConfig,
    read_config,
)
from tests.helpers.tiny_config import tiny_config


def changed(**values: object) -> ModelConfig:
    return msgspec.structs.replace(tiny_config(), **values)


def test_dim_is_the_learnt_part_and_conse():
    assert tiny_config().dim == 24 + 32
    assert changed(conse=None).dim == 24


@pytest.mark.parametrize(
    "values",
    [
        {"name": "other"},
        {"calibration": Calibration(slope=3.0)},
        {"metrics": {"R@1": 22.7}},
        {"recipe": {"epochs": 25}},
    ],
)
def test_what_changes_no_vector_changes_no_id(values: dict[str, object]):
    assert changed(**values).model_id == tiny_config().model_id


@pytest.mark.parametrize(
    "values",
    [
        {"hashes": {"model.safetensors": "0"}},
        {"preprocessing": msgspec.structs.replace(tiny_config().preprocessing, size=96)},
        {"preprocessing": msgspec.structs.replace(tiny_config().preprocessing, mean=(1.0, 2.0, 3.0))},
        {"conse": None},
        {"max_tokens": 32},
    ],
)
def test_what_changes_vectors_changes_the_id(values: dict[str, object]):
    assert changed(**values).model_id != tiny_config().model_id


def test_a_whole_model_has_the_length_that_it_says():
    parts = ("image_tower", "text_tower", "image_head", "text_head", "conse")
    whole = changed(**dict.fromkeys(parts), hub=HubConfig({"model_type": "clip"}, 24))
    assert whole.dim == 24
    assert whole.model_id != changed().model_id


@pytest.mark.parametrize(
    "make",
    [
        lambda: HeadConfig(dim_in=4, hidden=0, dim_out=4, dropout=0.0),
        lambda: ImageTowerConfig("test_resnet", 96, 10, "logits"),
    ],
)
def test_a_part_that_does_not_fit_itself_is_refused(make):
    with pytest.raises(ValueError, match=r"hidden layer|as many as the classes"):
        make()


def test_the_id_is_sixteen_hex_digits():
    assert len(tiny_config().model_id) == 16
    int(tiny_config().model_id, 16)


def test_an_id_stays_what_it_is_whatever_the_config_learns_to_say():
    assert tiny_config().model_id == "0f30e4f7661d8bba"


def test_a_config_reads_back_as_it_was_written(tmp_path):
    (tmp_path / CONFIG).write_bytes(msgspec.json.encode(tiny_config()))
    assert read_config(tmp_path) == tiny_config()
    assert read_config(tmp_path).model_id == tiny_config().model_id


def test_a_missing_folder_and_a_missing_config_are_told_apart(tmp_path):
    with pytest.raises(KnownError, match="no model folder"):
        read_config(tmp_path / "nothing")
    with pytest.raises(KnownError, match=r"lacks its file config\.json"):
        read_config(tmp_path)


@pytest.mark.parametrize(
    "values",
    [
        {"image_head": HeadConfig(dim_in=9, hidden=8, dim_out=24, dropout=0.0)},
        {"text_head": HeadConfig(dim_in=9, hidden=8, dim_out=24, dropout=0.0)},
        {"text_head": HeadConfig(dim_in=32, hidden=8, dim_out=25, dropout=0.0)},
        {"conse": ConSEConfig(classes=11, dim=32, weight=0.2)},
        {"conse": ConSEConfig(classes=10, dim=33, weight=0.2)},
        {"conse": ConSEConfig(classes=10, dim=32, weight=0.2, text_head=True)},
        {"image_tower": ImageTowerConfig("test_efficientnet", 256, 256, "logits")},
        {"text_head": None},
        {"hub": HubConfig({"model_type": "clip"}, 24)},
    ],
)
def test_parts_that_do_not_fit_each_other_are_refused(tmp_path, values: dict[str, object]):
    with pytest.raises(ValueError, match="must"):
        changed(**values)
    raw = msgspec.json.decode(msgspec.json.encode(tiny_config())) | msgspec.to_builtins(values)
    (tmp_path / CONFIG).write_bytes(msgspec.json.encode(raw))
    with pytest.raises(KnownError, match="not a model's config"):
        read_config(tmp_path)


@pytest.mark.parametrize(
    "text",
    [b"", b"{", b"\xff\xfe\x00", b"[]", b'{"format": 1}', b'{"format": 1, "name": "x", "surprise": 2}'],
)
def test_what_is_no_config_is_a_known_error(tmp_path, text: bytes):
    (tmp_path / CONFIG).write_bytes(text)
    with pytest.raises(KnownError, match="not a model's config"):
        read_config(tmp_path)


def test_a_newer_format_asks_for_a_newer_program_even_with_fields_unknown_here(tmp_path):
    (tmp_path / CONFIG).write_bytes(b'{"format": 99, "surprise": 1}')
    with pytest.raises(KnownError, match="newer PhotoSearch"):
        read_config(tmp_path)
