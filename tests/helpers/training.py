"""Any recipe at tiny widths, with towers of the same family in the hub's own format."""

from pathlib import Path

from tests.helpers.tiny_hub import make_hub_image, make_hub_text, make_hub_whole
from trainer.models.build import Towers
from trainer.recipe import Recipe, read_recipe

WHOLE = {
    "clip-finetune": "clip",
    "siglip": "siglip",
    "chinese-clip-finetune": "chinese_clip",
}


def tiny_recipe(name: str, folder: Path, *changes: str) -> Recipe:
    """A recipe with tiny towers in place of its own; `folder` keeps them."""
    found = read_recipe(name, tiny_changes(name, folder, *changes))
    assert isinstance(found, Recipe)
    return found


def tiny_changes(name: str, folder: Path, *changes: str) -> list[str]:
    """What makes a recipe tiny, as `read_recipe` and `--set` take it; more `changes` come last."""
    plain = read_recipe(name)
    assert isinstance(plain, Recipe)
    steps = [
        "training.batch_size=8",
        "training.chunk=8",
        "training.warmup_steps=1",
        "training.precision=float32",
    ]
    if name == "slip":
        steps.append("losses.1.head.hidden=24")
    if plain.training.heads_first_steps:
        steps.append("training.heads_first_steps=1")
    return [*_tiny_model(plain, folder), *steps, *changes]


def _tiny_model(recipe: Recipe, folder: Path) -> list[str]:
    folder.mkdir(parents=True, exist_ok=True)
    model = recipe.model
    if not isinstance(model, Towers):
        family = WHOLE[recipe.name]
        return [f"model.source={_made(folder / family, make_hub_whole, family)}"]
    image = (
        "test_vit"
        if "vit" in model.image
        else "test_resnet"
        if "resnet" in model.image
        else "test_efficientnet"
    )
    text = next((kind for kind in ("distilbert", "roberta") if kind in model.text), "bert")
    return [
        f"model.image={_made(folder / image, make_hub_image, image)}",
        f"model.text={_made(folder / text, make_hub_text, text)}",
        "model.dim=24",
        "model.hidden=24",
        *([] if "vit" in image else ["model.size=64"]),
    ]


def _made(folder: Path, make: object, kind: str) -> Path:
    return folder if folder.exists() else make(folder, kind)  # type: ignore[operator,no-any-return]
