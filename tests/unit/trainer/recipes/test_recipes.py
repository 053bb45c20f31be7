"""Every recipe trains, at tiny widths, and what it publishes is a model that the program can use."""

import json
import math
import re
from pathlib import Path

import pytest

from photosearch.models.torch import checkpoint
from tests.helpers.captioned import make_captioned
from tests.helpers.training import tiny_recipe
from trainer.recipe import RECIPES, read_recipe
from trainer.run.train import train

ROOT = Path(__file__).parents[4]
NAMES = sorted(path.stem for path in RECIPES.glob("*.toml") if path.stem != "bundled")


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_captioned(tmp_path_factory.mktemp("data") / "photos", images=24, labels=True)


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.mark.parametrize("name", NAMES)
def test_trains_and_publishes(name: str, data: Path, hub: Path, cache: Path, tmp_path: Path) -> None:
    recipe = tiny_recipe(name, hub)
    metrics = train(recipe, data, tmp_path / "run", steps=2, cache=cache)
    events = [json.loads(line) for line in (tmp_path / "run" / "metrics.jsonl").read_text().splitlines()]
    steps = [event for event in events if event["event"] == "step"]
    assert [event["step"] for event in steps] == [1, 2]
    assert all(math.isfinite(event["loss"]) for event in steps)
    model, config, tokenizer = checkpoint.load(tmp_path / "run" / "model")
    assert (config.name, config.metrics["val"]["images"]) == (name, metrics["val"]["images"])
    (scale,) = [event["scale"] for event in steps if event["step"] == config.metrics["step"]]
    assert model.scale.item() == pytest.approx(scale, rel=1e-3)  # half precision
    assert len(config.metrics["base"]) == 64
    assert len(model.bank) == metrics["train_captions"]
    assert not hasattr(model, "view_head")  # SLIP's, which only training has
    assert tokenizer(["a red square"]).ids.shape[0] == 1


@pytest.mark.parametrize("name", NAMES)
def test_says_what_it_reproduces_what_is_changed_and_what_it_was_compared_with(name: str) -> None:
    first, second, third = (RECIPES / f"{name}.toml").read_text(encoding="utf-8").splitlines()[:3]
    assert first.startswith("# Reproduces") and second.startswith("# Changed")
    assert third.startswith("# Compared with")
    assert read_recipe(name).name == name


def test_the_teddy_cup_projects_settings_are_words_of_ours() -> None:
    page = (ROOT / "docs" / "training.md").read_text(encoding="utf-8")
    table = page.partition("### Coming from the Teddy-cup project")[2].partition("\n#")[0]
    changes = re.findall(r"`--set ([\w.]+=[\w.-]+)`", table)
    assert len(changes) == 7
    for change in changes:
        read_recipe("contrastive-resnet50-roberta", [change])
