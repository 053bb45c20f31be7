"""What a run's folder tells, to compare two runs."""

import json
from pathlib import Path
from typing import Any

import pytest
import safetensors.torch
from torch import Tensor


def curve(run: Path) -> list[dict[str, Any]]:
    """What the steps and the validations measured, without what hangs on the machine."""
    lines = [json.loads(line) for line in (run / "metrics.jsonl").read_text(encoding="utf-8").splitlines()]
    timed = ("pairs_per_second", "memory_mib")
    return [{key: value for key, value in line.items() if key not in timed} for line in lines]


def assert_same_curve(found: list[dict[str, Any]], wanted: list[dict[str, Any]], tolerance: float) -> None:
    assert [(e["event"], e["step"]) for e in found] == [(e["event"], e["step"]) for e in wanted]
    for one, other in zip(found, wanted, strict=True):
        if one["event"] == "step":
            assert one["loss"] == pytest.approx(other["loss"], abs=tolerance)
            assert one["lr"] == pytest.approx(other["lr"])
        else:
            assert one == other


def steps_of(run: Path) -> int:
    """How many steps a run has recorded."""
    path = run / "metrics.jsonl"
    return path.read_text(encoding="utf-8").count('"event": "step"') if path.exists() else 0


def weights(run: Path, prefix: str = "model.") -> dict[str, Tensor]:
    """The weights with which a run would go on, or other tensors of its state."""
    (file,) = (run / "state").glob("*.safetensors")
    tensors = safetensors.torch.load_file(file)
    return {name: tensor.float() for name, tensor in tensors.items() if name.startswith(prefix)}
