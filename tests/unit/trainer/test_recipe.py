from pathlib import Path

import pytest

from photosearch.core.errors import KnownError
from trainer.recipe import RECIPES, Recipe, read_recipe


def changed(*changes: str) -> Recipe:
    found = read_recipe("hybrid-flickr8k", changes)
    assert isinstance(found, Recipe)
    return found


@pytest.mark.parametrize("name", sorted(path.stem for path in RECIPES.glob("*.toml")))
def test_every_recipe_reads_by_name_and_by_path(name: str) -> None:
    assert read_recipe(name) == read_recipe(str(RECIPES / f"{name}.toml"))


def test_an_unknown_name_lists_those_there_are() -> None:
    with pytest.raises(KnownError, match=r"name one of bundled, .*small"):
        read_recipe("nonsense")
    with pytest.raises(KnownError, match="no recipe"):
        read_recipe("nonsense.toml")


def test_changes_are_toml_and_leave_the_rest() -> None:
    found = changed(
        "training.epochs=3",
        "training.lr.text = 1e-6",
        "losses.1.weight=0.5",
        "unlock.image=none",
        'model.head="linear"',
        "augment.image.crop_area=[0.9, 1.0]",
        "training.ema=0.99",
    )
    plain = changed()
    assert (found.training.epochs, found.training.lr.text, found.losses[1].weight) == (3, 1e-6, 0.5)
    assert (found.unlock.image, found.augment.image.crop_area, found.training.ema) == (
        "none",
        (0.9, 1.0),
        0.99,
    )
    assert (found.training.batch_size, found.losses[0]) == (plain.training.batch_size, plain.losses[0])


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ("training.epochs=0", "training.epochs"),
        ("training.epoch=3", "unknown field `epoch`"),
        ("training.precision=double", "precision"),
        ("losses.2.weight=1", "no place for"),
        ("losses.0.kind=magic", "magic"),
        ("name.first=x", "to change"),
        ("training.epochs", "write KEY=VALUE"),
        ("=3", "write KEY=VALUE"),
        ("name=../elsewhere", "name"),
        ("training.ema=1.0", "ema"),
        ("training.lr.image=fast", "lr.image"),
        ("temperature.decay_to=0.01", "go together"),
        ("training.batch_ramp={start = 512, epochs = 2}", "batch_ramp.start"),
        ("unlock.batch_norm=train", "batch in one chunk"),
        ("losses=[]", "losses"),
        ("system=nonsense", "system"),
    ],
)
def test_says_what_is_wrong(change: str, sentence: str) -> None:
    with pytest.raises(KnownError, match=sentence):
        changed(change)


def test_a_temperature_that_decays_is_not_learnt() -> None:
    decay = ("temperature.decay_to=0.01", "temperature.decay_steps=10", "temperature.initial=0.07")
    with pytest.raises(KnownError, match="learn = false"):
        changed(*decay)
    assert changed(*decay, "temperature.learn=false").temperature.decay_to == 0.01


@pytest.mark.parametrize("text", ["[training", "system = 'dual-encoder'", "\xff"])
def test_a_file_that_is_no_recipe(tmp_path: Path, text: str) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(text, encoding="latin-1")
    with pytest.raises(KnownError, match="is not a recipe"):
        read_recipe(str(path))
