"""How fast an architecture is, measured without its weights."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from photosearch.core.errors import KnownError
from photosearch.models.checkpoint_encoder import examples
from photosearch.models.config import read_config
from photosearch.models.offers import known_models
from trainer.cli import main
from trainer.publish.speed import milliseconds

pytestmark = pytest.mark.usefixtures("on_the_cpu")
SMALL = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 1, "num_attention_heads": 2}


FAMILIES = sorted({model.architecture["model_type"] for model in known_models()} - {"clip"})  # below


@pytest.mark.parametrize("family", FAMILIES)
def test_each_family_of_the_catalogue_can_be_measured(
    family: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Six seconds less each: the models' own tests export every family, the command below a whole measuring.
    monkeypatch.setattr("trainer.publish.speed.export", lambda folder, texts: read_config(folder))
    architecture: dict[str, Any] = {"model_type": family, "vision_config": {**SMALL, "patch_size": 16}}
    if family == "open_clip":
        vision = {"width": 128, "layers": 1, "patch_size": 16}
        architecture = {"model_type": family, "embed_dim": 32, "vision_cfg": vision, "text_cfg": {}}
    assert milliseconds(architecture, examples(3, 64), tmp_path) > 0
    assert list(tmp_path.iterdir()) == []


def test_what_is_no_architecture_is_said(tmp_path: Path) -> None:
    for architecture in ({"model_type": "nothing"}, {"model_type": "bert"}, {}):
        with pytest.raises(KnownError, match="only clip, "):
            milliseconds(architecture, examples(1, 64), tmp_path)
    for unknown in ({}, {"embed_dim": 8, "vision_cfg": {"pool_type": "avg"}, "text_cfg": {}}):
        with pytest.raises(KnownError, match=r"cannot be loaded|vision_cfg\.pool_type = avg"):
            milliseconds({"model_type": "open_clip", **unknown}, examples(1, 64), tmp_path)
    with pytest.raises(KnownError, match="A clip cannot be measured here"):
        milliseconds({"model_type": "clip", "vision_config": {"patch_size": "x"}}, examples(1, 64), tmp_path)


def test_the_command_takes_photos_and_says_it_as_json(tmp_path: Path) -> None:
    np.save(tmp_path / "photos.npy", examples(2, 32))
    architecture = {"model_type": "clip", "vision_config": {**SMALL, "patch_size": 16}}
    command = [sys.executable, "-m", "trainer", "speed", "--json", "--photos", tmp_path / "photos.npy"]
    ran = subprocess.run(
        [*command, "--threads", "1", "--", json.dumps(architecture)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    last = json.loads(ran.stdout.splitlines()[-1])
    assert last["event"] == "done" and last["ms"] > 0


def test_the_command_says_as_json_what_is_no_architecture(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    np.save(tmp_path / "photos.npy", examples(2, 32))
    assert main(["speed", "--json", "--photos", str(tmp_path / "photos.npy"), "[]"]) == 1
    assert json.loads(capsys.readouterr().out)["event"] == "failed"
