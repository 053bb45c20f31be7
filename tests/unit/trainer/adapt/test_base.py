from pathlib import Path

import msgspec
import numpy as np
import pytest
import safetensors.numpy

from photosearch.core.errors import KnownError
from photosearch.models.config import CONFIG, WEIGHTS, encode_config, file_hash, read_config
from photosearch.models.lesson import LESSON, Lesson, write_lesson
from tests.helpers.exported_models import EXPORTED, copy_exported
from trainer.adapt.base import read_base

pytestmark = pytest.mark.usefixtures("on_the_cpu")

TINY = EXPORTED / "tiny"


def test_scale_and_bank_are_the_models_own() -> None:
    base, weights = read_base(str(TINY)), safetensors.numpy.load_file(TINY / WEIGHTS)
    assert base.scale == pytest.approx(np.exp(weights["log_scale"]).item())
    assert base.encoder.model_id == read_config(TINY).model_id
    bank = weights["bank"].astype(np.float32)
    np.testing.assert_allclose(base.bank, bank / np.linalg.norm(bank, axis=1, keepdims=True), atol=1e-6)


def test_a_scale_is_bounded(tmp_path: Path) -> None:
    steep = copy_exported(tmp_path / "steep")
    weights = safetensors.numpy.load_file(steep / WEIGHTS)
    data = safetensors.numpy.save({**weights, "log_scale": np.full_like(weights["log_scale"], 7.0)})
    (steep / WEIGHTS).write_bytes(data)
    config = read_config(steep)
    config = msgspec.structs.replace(config, hashes={**config.hashes, WEIGHTS: file_hash(data)})
    (steep / CONFIG).write_bytes(encode_config(config))
    assert read_base(str(steep)).scale == pytest.approx(100)


def test_a_taught_model_is_refused(tmp_path: Path) -> None:
    folder = copy_exported(tmp_path / "taught")
    write_lesson(folder / LESSON, Lesson(read_config(folder).model_id))
    with pytest.raises(KnownError, match="was taught somebody's words"):
        read_base(str(folder))
