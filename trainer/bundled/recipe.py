"""A recipe: everything that decides what a training run makes, as a TOML file."""

from pathlib import Path
from typing import Annotated

import msgspec

from photosearch.core.encoder import Preprocessing
from photosearch.core.errors import KnownError

RECIPES = Path(__file__).resolve().parents[1] / "recipes"

Positive = Annotated[float, msgspec.Meta(gt=0)]
Count = Annotated[int, msgspec.Meta(gt=0)]
NotNegative = Annotated[float, msgspec.Meta(ge=0)]
Part = Annotated[float, msgspec.Meta(ge=0, lt=1)]


class Towers(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    image: str  # a name that trainer.bundled.base_weights knows
    text: str


class Heads(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    members: Count = 1  # trained from different seeds and merged into one head of members * hidden
    dim: Count = 512
    hidden: Count = 384
    image_dropout: Part = 0.3
    text_dropout: Part = 0.1


class Loss(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    alpha: NotNegative = 0.0  # of the triplet loss; 0 leaves InfoNCE
    margin: Positive = 0.2  # in units of cosine
    ramp_steps: Annotated[int, msgspec.Meta(ge=0)] = 0


class Training(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    epochs: Count = 25
    batch_size: Annotated[int, msgspec.Meta(ge=2)] = 1000
    learning_rate: Positive = 1.5e-3  # the peak of the one-cycle schedule
    weight_decay: NotNegative = 0.05


class PseudoPairSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Class prototypes beside the real pairs; see trainer.bundled.prototypes."""

    weight: Positive = 0.3  # of their loss, which is separate
    classes: Annotated[int, msgspec.Meta(ge=2)] = 300  # drawn a step
    definitions: Annotated[float, msgspec.Meta(ge=0, le=1)] = (
        0.25  # how often a class comes as its definition
    )


class Bank(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Texts kept with the model for each photo's bias, beside the class names."""

    captions: Count = 2000


class Recipe(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    name: str
    towers: Towers
    preprocessing: Preprocessing
    heads: Heads = Heads()
    loss: Loss = Loss()
    training: Training = Training()
    pseudo_pairs: PseudoPairSettings | None = None
    conse_weight: Part = 0.0  # w, the share of the cosine; 0 leaves ConSE out
    bank: Bank = Bank()

    def plain(self) -> "Recipe":
        """One head a side and InfoNCE alone, on the real pairs alone: what the rest is measured against."""
        single = msgspec.structs.replace(self.heads, members=1)
        return msgspec.structs.replace(self, heads=single, loss=Loss(), pseudo_pairs=None, conse_weight=0.0)


def read_recipe(name: str) -> Recipe:
    """A recipe by the name of a file in `trainer/recipes`, or by path.

    Raises:
        KnownError: there is no such recipe, or it is not one.
    """
    path = Path(name) if name.endswith(".toml") else RECIPES / f"{name}.toml"
    try:
        return msgspec.toml.decode(path.read_bytes(), type=Recipe)
    except OSError:
        known = ", ".join(sorted(p.stem for p in RECIPES.glob("*.toml")))
        raise KnownError(
            f"There is no recipe {name!r}; name one of {known}, or the path of a .toml file."
        ) from None
    except msgspec.DecodeError as error:
        raise KnownError(f"{path} is not a recipe: {error}.") from None
