from trainer.recipe import read_recipe
from trainer.recipes.bundled import BundledRecipe


def test_the_plain_form_is_contrast_alone() -> None:
    bundled = read_recipe("bundled")
    assert isinstance(bundled, BundledRecipe)
    plain = bundled.plain()
    assert (plain.loss.alpha, plain.pseudo_pairs, plain.conse_weight, plain.heads.members) == (0, None, 0, 1)
    assert plain.training == bundled.training
