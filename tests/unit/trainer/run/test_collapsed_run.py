"""A real collapse: a trained text tower at the rate of fresh heads, in the public `train`."""

import json
from pathlib import Path

import pytest

from tests.helpers.captioned import make_captioned
from tests.helpers.training import tiny_changes
from trainer.recipe import Recipe, read_recipe
from trainer.run.stopping import Stopped
from trainer.run.train import train

SETTINGS = [
    "model.text=package:all-MiniLM-L6-v2",  # what five large steps do to 22 million trained weights
    "model.size=32",
    "model.max_tokens=12",
    "temperature.learn=false",
    "training.lr={heads=1e-3, image=1e-3, text=1e-3}",
    "training.clip=0",
    "training.heads_first_steps=0",
    "training.warmup_steps=0",
    "training.evaluate_every=5",
    "training.steps=10",
]


def test_a_thousandth_on_the_towers_collapses_and_is_stopped(
    hub: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("trainer.run.loop.GRACE", 5)  # it is down by then, and fifty steps take long
    recipe = read_recipe("hybrid-flickr8k", [*tiny_changes("hybrid-flickr8k", hub), *SETTINGS])
    assert isinstance(recipe, Recipe)
    data, run = make_captioned(tmp_path / "photos", images=60), tmp_path / "run"
    with pytest.raises(Stopped, match=r"collapsed by step 5: .*Lower the learning rates") as stopped:
        train(recipe, data, run, cache=tmp_path / "cache")
    reason = str(stopped.value)
    for symptom in (
        "of ln(batch)",
        "among themselves",
        "24 captions find only 1 different photo(s) first",
        "and guessing gives 8.3%",
    ):
        assert symptom in reason
    info = json.loads((run / "run.json").read_text(encoding="utf-8"))
    assert (info["status"], info["reason"]) == ("stopped", reason)
    events = [json.loads(line) for line in (run / "metrics.jsonl").read_text(encoding="utf-8").splitlines()]
    assert events[-1] == {"event": "stopped", "reason": reason}
    assert [event["step"] for event in events if event["event"] == "step"] == [1, 2, 3, 4, 5]
