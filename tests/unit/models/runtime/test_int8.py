"""Photos in 8 bits, where the processor can and where it cannot."""

from pathlib import Path

import msgspec
import numpy as np
import pytest

from photosearch.core.errors import KnownError
from photosearch.models import catalog
from photosearch.models.catalog import ModelInfo, read_info
from photosearch.models.config import read_config
from photosearch.models.lesson import Lesson
from photosearch.models.loading import load_encoder
from photosearch.models.runtime import int8
from tests.helpers.int8_model import make_int8, pictures


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> ModelInfo:
    found = catalog.in_int8(read_info(make_int8(tmp_path_factory.mktemp("models") / "tiny")))
    assert found is not None
    return found


def test_it_is_loaded_by_its_own_id_and_base_by_its_own(model: ModelInfo) -> None:
    rounded, exact = load_encoder(model), load_encoder(read_info(model.path))
    assert (rounded.encoder.model_id, rounded.encoder.name) == (model.model_id, "tiny-int8")
    assert (rounded.device, rounded.precision, exact.precision) == ("cpu", "int8", "float32")
    assert exact.encoder.model_id == read_config(model.path).model_id != model.model_id
    texts, images = ["a cat"], pictures()
    np.testing.assert_array_equal(rounded.encoder.encode_texts(texts), exact.encoder.encode_texts(texts))
    assert not np.allclose(
        rounded.encoder.encode_images(images), exact.encoder.encode_images(images), atol=1e-5
    )


@pytest.mark.parametrize("asked", [{"device": "cuda"}, {"precision": "bfloat16"}])
def test_what_it_cannot_run_on_is_refused(model: ModelInfo, asked: dict[str, str]) -> None:
    with pytest.raises(KnownError, match="tiny-int8 runs on the main processor"):
        load_encoder(model, **asked)


def test_a_processor_that_is_too_inexact_is_refused_by_name(
    model: ModelInfo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(int8, "least_cosine", lambda vectors, others: 0.85)  # as where sums overflow
    with pytest.raises(KnownError, match="too inexactly in 8 bits for tiny-int8; choose tiny"):
        load_encoder(model, cache_dir=tmp_path)
    monkeypatch.undo()
    with pytest.raises(KnownError):  # remembered
        load_encoder(model, cache_dir=tmp_path)
    assert load_encoder(read_info(model.path), cache_dir=tmp_path).precision == "float32"


def test_it_is_measured_once(model: ModelInfo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = read_config(model.path)
    first = int8.measured(model.path, config, tmp_path)
    assert first.exact
    assert first.seconds > 0
    monkeypatch.setattr(int8, "open_session", lambda *_: pytest.fail("measured again"))
    assert int8.measured(model.path, config, tmp_path) == first


def test_a_lesson_of_the_base_fits(model: ModelInfo) -> None:
    base = read_config(model.path).model_id
    assert Lesson(base).fits(model.model_id, model.dim)
    assert not Lesson("0" * 16).fits(model.model_id, model.dim)


def test_another_graph_is_another_model(model: ModelInfo) -> None:
    config = read_config(model.path)
    other = msgspec.structs.replace(config, exports=dict.fromkeys(config.exports, "0" * 64))
    assert other.model_id == config.model_id
    assert other.int8_id != config.int8_id
