"""`python -m trainer train` as a person meets it: run, killed, stopped, and by torchrun."""

import contextlib
import io
import json
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import safetensors.torch
import torch
from torch.distributed.run import main as torchrun

from photosearch.models.config import IMAGE_GRAPH, TEXT_GRAPH, read_config
from tests.helpers.captioned import make_captioned
from tests.helpers.curves import assert_same_curve, curve, steps_of, weights
from tests.helpers.processes import ENVIRONMENT, PATIENCE, wait_for
from tests.helpers.training import tiny_changes
from trainer.cli import main
from trainer.run.run_folder import RunFolder

STEPS = 12


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with photos, tiny towers and a cache."""
    place = tmp_path_factory.mktemp("training")
    make_captioned(place / "photos", images=30)
    return place


def command(place: Path, run: str, *more: str) -> list[str]:
    """A run with dropout, chunks, a moving average, and a validation every third step."""
    changes = tiny_changes(
        "hybrid-flickr8k",
        place / "hub",
        "training.chunk=4",
        f"training.steps={STEPS}",
        "training.evaluate_every=3",
        "training.checkpoint_every=1",
        "training.ema=0.9",
    )
    return [
        *("trainer", "train", "hybrid-flickr8k", "--data", str(place / "photos"), "--run", str(place / run)),
        *(part for change in changes for part in ("--set", change)),
        *more,
    ]


def environment(place: Path) -> dict[str, str]:
    return {**ENVIRONMENT, "XDG_CACHE_HOME": str(place / "cache"), "HF_HUB_OFFLINE": "1"}


def start(place: Path, run: str, *more: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", *command(place, run, *more)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(place),
    )


def trained(place: Path, run: str, *more: str, code: int = 0) -> str:
    """The same command in this process, which spares the imports; -> what it says on stdout."""
    arguments, printed = command(place, run, *more)[1:], io.StringIO()
    with (
        pytest.MonkeyPatch.context() as patch,
        contextlib.redirect_stdout(printed),
    ):
        patch.setattr("platformdirs.user_cache_dir", lambda *_, **__: str(place / "cache" / "PhotoSearch"))
        if "--out" not in more:  # to write graphs takes seconds each time
            patch.setattr("photosearch.models.torch.export.export", lambda folder: None)
        assert main(arguments) == code
    return printed.getvalue()


def interrupted_by(number: signal.Signals, after: int) -> Callable[[RunFolder, dict[str, Any]], None]:
    """`RunFolder.record`, during which this process gets a signal once."""
    record = RunFolder.record

    def interrupted(self: RunFolder, event: dict[str, Any]) -> None:
        record(self, event)
        if (event["event"], event["step"]) == ("step", after):
            signal.raise_signal(number)

    return interrupted


@pytest.fixture(scope="module")
def whole(place: Path) -> Path:
    """A run that nothing disturbed."""
    metrics = json.loads(trained(place, "whole", "--json", "--out", str(place / "published")))
    assert metrics["val"]["images"] == 6
    assert metrics["peak_memory_mib"] is None or metrics["peak_memory_mib"] > 0
    return place / "whole"


def test_a_run_leaves_its_folder(place: Path, whole: Path) -> None:
    info = json.loads((whole / "run.json").read_text())
    assert (info["status"], info["reason"], info["name"]) == ("finished", "", "hybrid-flickr8k")
    assert info["best"]["step"] in range(3, STEPS + 1, 3)
    names = {"run.json", "metrics.jsonl", "model", "validation", "state"}
    assert {path.name for path in whole.iterdir()} == names
    assert (whole / "model" / "MODEL_CARD.md").read_text().startswith("# hybrid-flickr8k")
    assert (place / "published" / "model.safetensors").is_file()
    assert read_config(place / "published").exports.keys() == {IMAGE_GRAPH, TEXT_GRAPH}
    named = json.loads((whole / "validation" / "validation.json").read_text())
    arrays = safetensors.torch.load_file(whole / "validation" / "validation.safetensors")
    assert (len(named["images"]), len(named["captions"])) == (6, 12)
    assert (len(arrays["images"]), len(arrays["texts"]), len(arrays["image_of"])) == (6, 12, 12)
    steps = [event for event in curve(whole) if event["event"] == "step"]
    assert [event["step"] for event in steps] == list(range(1, STEPS + 1))


def test_interrupted_then_killed_then_resumed_gives_the_same_curve(place: Path, whole: Path) -> None:
    run = place / "disturbed"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(RunFolder, "record", interrupted_by(signal.SIGINT, after=2))
        assert trained(place, "disturbed", code=130) == ""
    assert json.loads((run / "run.json").read_text())["status"] == "cancelled"
    assert steps_of(run) == 2

    process = start(place, "disturbed", "--resume")
    wait_for(lambda: process.poll() is not None or steps_of(run) >= 5)
    process.kill()
    process.communicate(timeout=PATIENCE)
    assert json.loads((run / "run.json").read_text())["status"] == "running"
    assert steps_of(run) < STEPS

    trained(place, "disturbed", "--resume")
    assert_same_curve(curve(run), curve(whole), 1e-6)


def test_two_processes_equal_one(place: Path) -> None:
    """The first has three pairs of each batch, the other one four."""
    more = [f"--set=training.{change}" for change in ("batch_size=7", "chunk=3")] + ["--steps=5"]
    trained(place, "one", *more)
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment(place).items():
            patch.setenv(name, value)
        two = ["--standalone", "--nproc-per-node", "2", "-m", "--", *command(place, "two", *more)]
        torchrun(two)
    assert_same_curve(curve(place / "two"), curve(place / "one"), 1e-5)
    torch.testing.assert_close(weights(place / "two"), weights(place / "one"), rtol=0, atol=1e-5)
