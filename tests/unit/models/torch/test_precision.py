import json
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from photosearch.models.torch import precision
from photosearch.models.torch.precision import choose_precision, dtype_of

IMAGES = torch.randint(0, 256, (4, 8, 8, 3), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))


class Tower(nn.Module):
    """Flattens; `spoil` is added to the features in any precision but float32."""

    def __init__(self, spoil: float = 0.0, broken: bool = False) -> None:
        super().__init__()
        self.spoil, self.broken = spoil, broken
        self.weight = nn.Parameter(torch.ones(1))

    def forward(self, images: Tensor) -> Tensor:
        features = images.flatten(1).to(self.weight.dtype) * self.weight
        if self.weight.dtype == torch.float32:
            return features
        if self.broken:
            raise RuntimeError("not implemented for 'BFloat16'")
        return features + self.spoil * torch.arange(features.shape[1])


@pytest.fixture
def speed(monkeypatch: pytest.MonkeyPatch) -> dict[torch.dtype, float]:
    """Seconds a photo by precision, in the place of the clock."""
    seconds = {torch.float32: 1.0, torch.bfloat16: 0.5, torch.float16: 0.5}

    def measured(tower: Tower, images: Tensor) -> float:
        tower(images)
        return seconds[tower.weight.dtype] * len(images)

    monkeypatch.setattr(precision, "_seconds", measured)
    return seconds


def choose(tower: Tower, cache_dir: Path | None = None, model_id: str = "m") -> str:
    return choose_precision(tower, lambda features: features, IMAGES, model_id, cache_dir)


def test_a_faster_precision_that_keeps_the_embeddings_is_chosen(speed):
    assert choose(Tower()) == "bfloat16"


@pytest.mark.parametrize("seconds", [0.95, 1.0, 3.0, 100.0])
def test_a_precision_that_gains_too_little_is_not(speed, seconds: float):
    speed[torch.bfloat16] = seconds
    assert choose(Tower()) == "float32"


@pytest.mark.parametrize("spoil", [10.0, float("nan")])
def test_a_precision_that_changes_the_embeddings_is_not(speed, spoil: float):
    assert choose(Tower(spoil=spoil)) == "float32"


def test_a_precision_that_the_device_lacks_is_not(speed):
    assert choose(Tower(broken=True)) == "float32"


def test_a_hopeless_candidate_runs_once_only(monkeypatch):
    runs = []

    def measured(tower: Tower, images: Tensor) -> float:
        runs.append((tower.weight.dtype, len(images)))
        return 1.0 if tower.weight.dtype == torch.float32 else 1000.0

    monkeypatch.setattr(precision, "_seconds", measured)
    assert choose(Tower()) == "float32"
    assert [run for run in runs if run[0] == torch.bfloat16] == [(torch.bfloat16, 1)]


def test_the_choice_is_remembered_for_this_model_and_device(speed, tmp_path):
    assert choose(Tower(), tmp_path / "cache") == "bfloat16"
    speed[torch.bfloat16] = 100.0
    assert choose(Tower(), tmp_path / "cache") == "bfloat16"
    assert choose(Tower(), tmp_path / "cache", model_id="other") == "float32"
    assert sorted(json.loads((tmp_path / "cache" / "measured.json").read_text()).values()) == [
        "bfloat16",
        "float32",
    ]


@pytest.mark.parametrize("text", ["", "[]", "{", '{"a": 1}', "\x00"])
def test_a_damaged_memory_is_measured_again(speed, tmp_path, text: str):
    (tmp_path / "measured.json").write_text(text)
    assert choose(Tower(), tmp_path) == "bfloat16"


def test_a_remembered_value_that_is_no_precision_is_measured_again(speed, tmp_path):
    choose(Tower(), tmp_path)
    file = tmp_path / "measured.json"
    file.write_text(file.read_text().replace("bfloat16", "int4"))
    assert choose(Tower(), tmp_path) == "bfloat16"


def test_a_memory_that_cannot_be_written_costs_nothing_but_a_warning(speed, tmp_path, caplog):
    (tmp_path / "file").write_text("in the way")
    assert choose(Tower(), tmp_path / "file") == "bfloat16"
    assert "could not be remembered" in caplog.text


def test_the_real_clock_gives_some_precision():
    assert choose(Tower()) in ("float32", "bfloat16")


def test_precisions_by_name():
    assert [dtype_of(name) for name in ("float32", "bfloat16", "float16")] == [
        torch.float32,
        torch.bfloat16,
        torch.float16,
    ]
    with pytest.raises(ValueError, match="precision must be"):
        dtype_of("int8")
