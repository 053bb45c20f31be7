from pathlib import Path

import pytest

from photosearch.core.errors import KnownError
from trainer.bundled.recipe import RECIPES, read_recipe


@pytest.mark.parametrize("name", sorted(path.stem for path in RECIPES.glob("*.toml")))
def test_every_recipe_reads_by_name_and_by_path(name: str) -> None:
    assert read_recipe(name) == read_recipe(str(RECIPES / f"{name}.toml"))


def test_the_plain_form_is_contrast_alone() -> None:
    plain = read_recipe("bundled").plain()
    assert (plain.loss.alpha, plain.pseudo_pairs, plain.conse_weight, plain.heads.members) == (0, None, 0, 1)
    assert plain.training == read_recipe("bundled").training


def test_an_unknown_name_lists_those_there_are() -> None:
    with pytest.raises(KnownError, match="name one of bundled"):
        read_recipe("nonsense")
    with pytest.raises(KnownError, match="no recipe"):
        read_recipe("nonsense.toml")


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (("epochs = 25", "epochs = 0"), "epochs"),
        (("epochs = 25", "epoch = 25"), "unknown field `epoch`"),
        (('fit = "squash"', 'fit = "stretch"'), "fit"),
        (("[heads]", "[heads"), "is not a recipe"),
    ],
)
def test_says_what_is_wrong_with_a_recipe(tmp_path: Path, change: tuple[str, str], sentence: str) -> None:
    text = (RECIPES / "bundled.toml").read_text(encoding="utf-8")
    assert change[0] in text
    path = tmp_path / "mine.toml"
    path.write_text(text.replace(*change), encoding="utf-8")
    with pytest.raises(KnownError, match=sentence):
        read_recipe(str(path))
