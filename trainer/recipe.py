"""A recipe: everything that decides what a training run makes, as a TOML file."""

import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec

from photosearch.core.errors import KnownError
from trainer.bounds import Count, NotNegative, Positive, ProperFraction, Several, Share, Steps
from trainer.data.augment import Augment
from trainer.evaluate.recall import Protocol
from trainer.losses import Loss
from trainer.models.build import Towers, Whole
from trainer.models.optimise import LearningRates, OptimizerName, Unlock, WeightDecay
from trainer.models.precision import Precision
from trainer.recipes.bundled import BundledRecipe

RECIPES = Path(__file__).resolve().parent / "recipes"

Name = Annotated[str, msgspec.Meta(pattern=r"^[\w.-]+$")]


class Temperature(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The temperature tau that divides similarities; the logit scale is 1 / tau."""

    initial: Positive | None = None  # None: what the model comes with; a new one has 0.07
    learn: bool = True
    max_scale: Annotated[float, msgspec.Meta(ge=1)] = 100.0  # a learnt scale never passes it
    decay_to: Positive | None = (
        None  # moves from `initial` to this, over `decay_steps`; then it is not learnt
    )
    decay_steps: Count | None = None

    def __post_init__(self) -> None:
        if (self.decay_to is None) != (self.decay_steps is None):
            raise ValueError("decay_to and decay_steps go together")
        if self.decay_to is not None and (self.learn or self.initial is None):
            raise ValueError("a temperature that decays needs `initial`, and learn = false")


class Ramp(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A batch that grows by equal factors, from `start` to batch_size after so many epochs."""

    start: Several
    epochs: Count


class Training(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How long, how fast and in which batches a run trains; the defaults suit a new model."""

    lr: LearningRates
    optimizer: OptimizerName = "adamw"
    epochs: Count = 30
    steps: Count | None = None  # instead of epochs
    batch_size: Several = 128  # pairs that see each other, over all processes
    chunk: Count = 32  # pairs embedded at a time; decides memory and speed, not what is learnt
    graphs: Count = 1  # chunks embedded once in place of twice, each for the memory of its graph
    accumulate: Count = 1  # batches whose gradients are averaged in one step
    batch_ramp: Ramp | None = None
    one_caption: bool = True  # an epoch has each image once, with a random caption; false: every caption
    mask_positives: bool = True  # pairs of one image or one caption are no negatives of each other
    normalise: bool = True  # losses see L2-normed embeddings
    layer_decay: Share = 1.0  # of the rate, from each layer to the one below
    weight_decay: NotNegative | WeightDecay = 0.05
    clip: NotNegative = 1.0  # the largest norm of the gradient; 0: any
    schedule: Literal["cosine", "plateau", "constant"] = "cosine"
    warmup_steps: Steps = 0
    plateau_patience: Steps = 1  # validations without a better score, before the rate falls
    plateau_factor: ProperFraction = 0.5
    heads_first_steps: Steps = 0  # the towers keep still for so long
    precision: Precision = "float32"
    ema: ProperFraction | None = None  # decay of the weights' moving average, which is then published
    evaluate_every: Count | None = None  # steps; None: each epoch
    checkpoint_every: Count | None = None  # steps, beside each validation
    early_stop_patience: Count | None = None  # validations without a better score
    select: Literal["recall", "mrr"] = "recall"  # the best model has the largest R@1+5+10, or MRR, both ways
    guard: bool = True  # stop a collapsed run

    def __post_init__(self) -> None:
        if self.batch_ramp and self.batch_ramp.start > self.batch_size:
            raise ValueError("batch_ramp.start must not be above batch_size")


class Recipe(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="system", tag="dual-encoder"):
    """What decides what a run makes: the model, what it lowers, how it is trained and measured."""

    name: Name
    model: Towers | Whole
    losses: Annotated[tuple[Loss, ...], msgspec.Meta(min_length=1)]
    training: Training
    unlock: Unlock = Unlock()
    temperature: Temperature = Temperature()
    augment: Augment = Augment()
    protocol: Protocol = Protocol()

    def __post_init__(self) -> None:
        if self.unlock.batch_norm == "train" and self.training.chunk < self.training.batch_size:
            raise ValueError(
                'batch_norm = "train" needs the batch in one chunk: statistics of chunks are not the batch\'s'
            )


def read_recipe(name: str, changes: Sequence[str] = ()) -> Recipe | BundledRecipe:
    """A recipe by the name of a file in `trainer/recipes`, or by path.

    Args:
        changes: such as "training.epochs=3" or "losses.0.weight=0.5", with values as TOML has them; the
            quotation marks of a text may be left out

    Raises:
        KnownError: there is no such recipe, it is not one, or a change does not fit it.
    """
    path = Path(name) if name.endswith(".toml") else RECIPES / f"{name}.toml"
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError:
        known = ", ".join(sorted(p.stem for p in RECIPES.glob("*.toml")))
        raise KnownError(
            f"There is no recipe {name!r}; name one of {known}, or the path of a .toml file."
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise KnownError(f"{path} is not a recipe: {error}.") from None
    for change in changes:
        _change(values, change)
    try:
        found: Recipe | BundledRecipe = msgspec.convert(values, Recipe | BundledRecipe)
    except msgspec.ValidationError as error:
        where = f"{path} with {', '.join(changes)}" if changes else str(path)
        raise KnownError(f"{where} is not a recipe: {error}.") from None
    return found


def _change(values: dict[str, Any], change: str) -> None:
    """Set one value of a recipe in place."""
    key, equals, text = change.partition("=")
    *path, last = key.strip().split(".")
    if not equals or not last:
        raise KnownError(f"{change!r} is no change of a recipe; write KEY=VALUE, such as training.epochs=3.")
    place: Any = values
    for part in path:
        place = _step(place, part, change)
    if isinstance(place, list):
        _step(place, last, change)
        place[int(last)] = _value(text.strip())
    elif isinstance(place, dict):
        place[last] = _value(text.strip())
    else:
        raise KnownError(f"The recipe has no {key.strip()} to change.")


def _step(place: Any, part: str, change: str) -> Any:
    if isinstance(place, dict):
        return place.setdefault(part, {})
    if isinstance(place, list) and part.isdecimal() and int(part) < len(place):
        return place[int(part)]
    raise KnownError(f"The recipe has no place for {change!r}: it has no {part!r}.")


def _value(text: str) -> Any:
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text  # a name without its quotation marks
