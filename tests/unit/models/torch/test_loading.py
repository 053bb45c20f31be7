from pathlib import Path

import numpy as np
import pytest

from photosearch.models import loading
from photosearch.models.catalog import read_info
from photosearch.models.loading import load_encoder
from tests.helpers.exported_models import EXPORTED, copy_to_run

TINY = EXPORTED / "tiny"


def test_both_runtimes_give_one_vector(tmp_path: Path) -> None:
    unexported = copy_to_run("torch", tmp_path / "tiny")
    exported, torch = load_encoder(read_info(TINY)), load_encoder(read_info(unexported), precision="float32")
    assert exported.runtime.startswith("ONNX Runtime")
    assert torch.runtime.startswith("torch")
    assert exported.encoder.model_id == torch.encoder.model_id
    texts = ["two dogs run along a beach"]
    np.testing.assert_allclose(
        exported.encoder.encode_texts(texts), torch.encoder.encode_texts(texts), atol=1e-5
    )


def test_where_an_accelerator_seems_to_be_the_faster_is_measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loading, "accelerator_is_here", lambda: True)
    seconds = {"torch": 1.0, "ONNX": 2.0}
    monkeypatch.setattr(loading, "_seconds_a_photo", lambda encoder: seconds[encoder.runtime.split()[0]])
    assert load_encoder(read_info(TINY), cache_dir=tmp_path / "a").runtime.startswith("torch")
    seconds["torch"] = 3.0
    assert load_encoder(read_info(TINY), cache_dir=tmp_path / "a").runtime.startswith("torch")  # remembered
    loaded = load_encoder(read_info(TINY), cache_dir=tmp_path / "b")
    assert loaded.runtime.startswith("ONNX")
    assert loaded.device == "cpu"
