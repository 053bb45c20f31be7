"""One training run, from a recipe and a folder of pairs to a checkpoint folder."""

import copy
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from photosearch.core.encoder import Calibration
from photosearch.core.errors import KnownError
from photosearch.models.config import (
    FORMAT,
    TOKENIZER,
    ConSEConfig,
    HeadConfig,
    ImageTowerConfig,
    ModelConfig,
    TextTowerConfig,
    read_config,
)
from photosearch.models.tokenizer import Tokenizer
from photosearch.models.torch import checkpoint
from photosearch.models.torch.dual_encoder import DualEncoder
from trainer.bundled.ensemble import merge_heads
from trainer.bundled.head_training import train_heads
from trainer.bundled.languages import LanguageSources, captions_beside, learn_languages, read_sources
from trainer.bundled.model_card import BESIDE, write_card
from trainer.bundled.prototypes import Prototypes, PseudoPairs
from trainer.bundled.tower_training import TowerMaterial, tune_towers
from trainer.bundled.views import ViewMaker
from trainer.data.cache import default_cache
from trainer.data.dataset import read_dataset
from trainer.data.pairs import Pairs
from trainer.evaluate.calibrate import calibrate
from trainer.evaluate.class_texts import imagenet_texts, photo_of
from trainer.evaluate.features import FOLDER, FeatureExtractor, digest, state_digest
from trainer.evaluate.measure import load, measure
from trainer.evaluate.objects import LabelledPhotos, read_labels
from trainer.models.optimise import apply_unlock
from trainer.models.pretrained import base_weights
from trainer.recipes.bundled import BundledRecipe, LanguagesStage, PseudoPairSettings, TowersStage

MAX_TOKENS = 64
LICENCE = "Apache-2.0"  # as the card explains
# The folder, of a run or of the cache, in which stage two keeps each round's end.
TOWERS = "towers"
# Of short queries the program embeds each of these; docs/search.md has what that gains.
PROMPTS = ("{}", "a {}", "a photo of a {}", "a picture of a {}")


def train_bundled(
    recipe: BundledRecipe,
    data: Path,
    objects: Path | None,
    out: Path,
    seed: int,
    *,
    folder: Path | None = None,
    resume: bool = False,
    skip_unreadable: bool = False,
    steps: int | None = None,
    languages: Path | None = None,
    more: Path | None = None,
    teacher: Path | None = None,
) -> dict[str, Any]:
    """Train as `recipe` says, measure, and publish a checkpoint with its model card at `out`.

    Beside the model, heads with plain InfoNCE are trained on the pretrained towers, to be measured against.

    Args:
        data: a folder as `read_dataset` takes it
        objects: a folder with `images/` and `labels.json`, or None to leave that measure out
        folder: of the run, where stage two keeps what it needs to go on; the user's cache when missing
        resume: go on with the run that the folder holds
        skip_unreadable: leave damaged photos out instead of refusing to begin
        steps: take so many at most in each stage, for a trial
        languages: a folder with `concepts.csv`, for the third stage
        more: a table of sentences without photos, for it too
        teacher: a checkpoint that stands for what the stages before the third would make
    Returns:
        the metrics, as the checkpoint's config records them
    Raises:
        KnownError: the data, the base weights or the place for the model are not as they must be.
    """
    started = time.monotonic()
    towers = base_towers(recipe)  # what is missing is said before many photos are read
    sources: LanguageSources | None = None
    if recipe.languages:
        sources = read_sources(_others(data, "train"), (languages or data) / "concepts.csv", more)
    if folder is not None:
        _begin(folder, resume)
    dataset = read_dataset(data, seed, skip_unreadable=skip_unreadable)
    labelled = read_labels(objects / "labels.json", objects / "images") if objects else None
    others = {table.suffixes[0][1:]: captions_beside(dataset.val, table)[0] for table in _others(data, "val")}
    material = Data(dataset.train, dataset.val, labelled, others)
    run = Stages(recipe, seed, material, towers, folder, steps)
    beside: dict[str, Any] = {}  # figures of other models
    before: ModelConfig | None = None  # the teacher's
    if teacher is None:
        beside["plain_infonce"] = run.measure(run.fit(recipe.plain()))
        model = run.fit(recipe)
        if recipe.towers_stage:
            beside["frozen_towers"] = run.measure(model)
            towers = run.tune(model, recipe, recipe.towers_stage)
            run = Stages(recipe, seed, material, towers, folder, steps)
            run.finish(model, recipe)
    else:
        model, run = taken_over(teacher, recipe, seed, material, steps)
        before = read_config(teacher)
        beside |= {key: found for key, found in before.metrics.items() if key in (*BESIDE, "note")}
    if recipe.languages:
        beside["english"] = run.measure(model)
        assert sources is not None
        model = run.teach_languages(model, recipe, recipe.languages, sources)
    config = msgspec.structs.replace(
        run.config(recipe),
        calibration=run.calibrate(model),
        photos_like=() if before is None else (before.model_id,),
        recipe=msgspec.to_builtins(recipe),
    )
    try:
        checkpoint.save(out, model, config, run.tokenizer)
        metrics = {
            **measure(*load(str(out)), dataset.val, labelled, others),  # as published, rounded
            **beside,
            "train_images": len(dataset.train.images),
            "train_captions": len(dataset.train.captions),
            "seed": seed,
            **({} if steps is None else {"trial_steps": steps}),
            "seconds": round(time.monotonic() - started),
        }
        config = msgspec.structs.replace(config, metrics=metrics)
        write_card(out, checkpoint.save(out, model, config, run.tokenizer))
    except OSError as error:
        raise KnownError(f"The model cannot be written to {out}: {error.strerror}.") from error
    return metrics


def _begin(folder: Path, resume: bool) -> None:
    """Make the folder of a run, unless one has begun there that is gone on with."""
    begun = (folder / TOWERS).is_dir()
    if resume and not begun:
        raise KnownError(f"{folder} holds no run to resume; begin one without --resume.")
    if begun and not resume:
        raise KnownError(f"{folder} holds a run; go on with --resume, or name another folder with --run.")
    try:
        (folder / TOWERS).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise KnownError(f"{folder} cannot be made: {error.strerror}; name another --run.") from error


def _others(data: Path, split: str) -> Sequence[Path]:
    """The tables of a split's captions in other languages than the first, such as train.zh.csv."""
    return sorted(data.glob(f"{split}.*.csv"))


@dataclass(frozen=True)
class Data:
    """What the model learns from, and what it is measured on."""

    train: Pairs
    val: Pairs
    labelled: LabelledPhotos | None
    others: Mapping[str, Pairs]  # captions of the photos of `val`, by their language


@dataclass(frozen=True)
class TowerWeights:
    """The state dicts of both towers' networks, and what else the text tower comes with."""

    image: dict[str, Tensor]
    text: dict[str, Tensor]
    text_config: dict[str, Any]
    tokenizer_path: Path


def base_towers(recipe: BundledRecipe) -> TowerWeights:
    """The pretrained towers that a recipe names.

    Raises:
        KnownError: a package that carries them is missing.
    """
    text_config, text, tokenizer_path = base_weights.load_text_base()
    return TowerWeights(base_weights.load_image_base(recipe.towers.image), text, text_config, tokenizer_path)


def taken_over(
    teacher: Path, recipe: BundledRecipe, seed: int, data: Data, steps: int | None
) -> tuple[DualEncoder, "Stages"]:
    """A model that the first two stages made before, and what goes on from there.

    Raises:
        KnownError: it cannot be read, or the recipe's first stages make none of its kind.
    """
    model, config, _ = checkpoint.load(teacher)
    text = config.text_tower
    if text is None or text.quantised or config.recipe.get("towers") != msgspec.to_builtins(recipe.towers):
        raise KnownError(f"{teacher} holds no model of English that the recipe {recipe.name} makes.")
    towers = TowerWeights(
        model.image_tower.network.state_dict(),
        model.text_tower.network.state_dict(),
        text.transformers,
        teacher / TOKENIZER,
    )
    return model, Stages(recipe, seed, data, towers, steps=steps)


class Stages:
    """Towers and the features of one set of data, shared by the models that are trained on them."""

    def __init__(
        self,
        recipe: BundledRecipe,
        seed: int,
        data: Data,
        towers: TowerWeights,
        folder: Path | None = None,
        steps: int | None = None,
    ) -> None:
        """
        Args:
            folder, steps: as `train_bundled` takes them
        """
        self._seed = seed
        self._data = data
        self._folder, self._steps = folder, steps
        self._towers = towers
        self._classifier = towers.image["classifier.weight"]  # (C, F)
        self.tokenizer = towers.tokenizer_path.read_bytes()
        self._tokenizer = Tokenizer(self.tokenizer, MAX_TOKENS)
        self._spoken: ModelConfig | None = None  # once the text side is one of many languages
        self.features = FeatureExtractor(self._model(recipe), recipe.preprocessing, self._tokenizer)
        self._classes = imagenet_texts()
        self._names = self.features.texts([photo_of(name) for name in self._classes.names])  # (C, T)
        self._definitions = self.features.texts(self._classes.definitions)  # (C, T)

    def config(self, recipe: BundledRecipe) -> ModelConfig:
        """What a model of this recipe is built from, at the stage that was reached."""
        if self._spoken is not None:
            return self._spoken
        classes, image_dim = self._classifier.shape
        text_dim = self._towers.text_config["hidden_size"]
        heads = recipe.heads
        return ModelConfig(
            format=FORMAT,
            name=recipe.name,
            image_tower=ImageTowerConfig(recipe.towers.image, image_dim, classes),
            text_tower=TextTowerConfig(self._towers.text_config, text_dim),
            image_head=HeadConfig(image_dim, heads.members * heads.hidden, heads.dim, heads.image_dropout),
            text_head=HeadConfig(text_dim, heads.members * heads.hidden, heads.dim, heads.text_dropout),
            preprocessing=recipe.preprocessing,
            calibration=Calibration(),  # fitted after training
            conse=ConSEConfig(classes, text_dim, recipe.conse_weight) if recipe.conse_weight else None,
            max_tokens=MAX_TOKENS,
            languages=("en",),
            licence=LICENCE,
        )

    def fit(self, recipe: BundledRecipe) -> DualEncoder:
        """A model with heads trained as `recipe` says."""
        model = self._model(recipe)
        self._train_members(model, recipe)
        self.finish(model, recipe)
        return model

    def finish(self, model: DualEncoder, recipe: BundledRecipe) -> None:
        """Give a model of these towers its class texts and its bank."""
        if model.conse is not None:
            # A name alone is often one that only experts know; its definition says what kind of thing it is.
            model.conse.class_text.copy_(F.normalize(self._names + self._definitions, dim=-1))
            train = self._data.train
            photos = self.features.images(train.images, train.hashes)
            with torch.inference_mode():
                mixtures = model.conse.mixture(model.image_tower.logits(photos))
            model.conse.mean.copy_(mixtures.mean(dim=0))
        with torch.inference_mode():
            model.set_bank(model.embed_text_features(self._bank_texts(recipe)))

    def measure(self, model: DualEncoder) -> dict[str, Any]:
        """As `trainer.evaluate.measure.measure`, on the validation pairs and the labelled photos."""
        return measure(model, self.features, self._data.val, self._data.labelled, self._data.others)

    def calibrate(self, model: DualEncoder) -> Calibration:
        """The labels, fitted on what the validation captions name; and the prompts."""
        photos = self.features.images(self._data.val.images, self._data.val.hashes)

        def encode(texts: Sequence[str]) -> NDArray[np.float32]:
            return model.embed_text_features(self.features.texts(texts)).numpy()

        with torch.inference_mode():
            images = model.embed_image_features(photos)
            bias = model.image_bias(images).numpy()
            fitted = calibrate(self._data.val, images.numpy(), bias, encode, PROMPTS)
        return fitted or Calibration(prompts=PROMPTS)

    def tune(self, model: DualEncoder, recipe: BundledRecipe, stage: TowersStage) -> TowerWeights:
        """Train `model` in place as stage two does; -> its towers, which are other ones now.

        Of each weight's change only a part may be kept: interpolated towards where it began, a model forgets
        less of what the new data never shows (Wortsman et al. 2022, WiSE-FT).
        """
        before = copy.deepcopy(model.state_dict())
        apply_unlock(model, stage.unlock)
        pairs = self._data.train
        maker = ViewMaker(model, recipe.preprocessing, stage.augment, self._seed)
        views = [maker.view(pairs, number) for number in range(1 + stage.views)]
        settings = stage.pseudo_pairs
        material = TowerMaterial(
            pairs=pairs,
            views=views,
            captions=self._tokenizer(pairs.captions),
            pseudo=self._pseudo_pairs(views[0].features, settings) if settings else None,
            class_texts=self._tokenizer([text for kind in self._classes.kinds for text in kind]),
        )
        made_from = [repr((stage, self._seed)), *pairs.captions]
        key = digest(state_digest(model), *pairs.hashes, *(text.encode() for text in made_from)).hex()
        kept = (self._folder or default_cache() / FOLDER) / TOWERS
        if self._folder and any(other.name != key for other in kept.iterdir()):
            raise KnownError(
                f"The recipe, the seed, the steps or the data are not those of the run in {self._folder}; "
                "resume with the same, or begin another run with --run."
            )
        tune_towers(model, material, stage, kept / key, self._seed, self._steps)
        with torch.no_grad():
            for name, tensor in model.state_dict().items():
                if tensor.is_floating_point():
                    tensor.copy_(torch.lerp(before[name], tensor, stage.keep))
        return replace(
            self._towers,
            image=model.image_tower.network.state_dict(),
            text=model.text_tower.network.state_dict(),
        )

    def teach_languages(
        self, model: DualEncoder, recipe: BundledRecipe, stage: LanguagesStage, sources: LanguageSources
    ) -> DualEncoder:
        """The model with the text side of many languages that stage three gives it, a bank included."""
        spoken = learn_languages(
            model,
            self.config(recipe),
            self.features,
            self._data.train,
            self._classes.names,
            stage,
            sources,
            self._seed,
            self._steps,
        )
        self._spoken, self.tokenizer, self.features = spoken.config, spoken.tokenizer, spoken.features
        self._names = self.features.texts([photo_of(name) for name in self._classes.names])
        with torch.inference_mode():
            spoken.model.set_bank(spoken.model.embed_text_features(self._bank_texts(recipe)))
        return spoken.model

    def _train_members(self, model: DualEncoder, recipe: BundledRecipe) -> None:
        """Train as many heads as the recipe has members, and merge them into those of `model`."""
        count, settings = recipe.heads.members, recipe.pseudo_pairs
        train = self.features.pairs(self._data.train)
        pseudo = self._pseudo_pairs(train.images, settings) if settings else None
        class_texts = torch.cat([self.features.texts(kind) for kind in self._classes.kinds])  # (K, T)
        alone = msgspec.structs.replace(recipe, heads=msgspec.structs.replace(recipe.heads, members=1))
        members = [self._model(alone) for _ in range(count)]
        for number, member in enumerate(members):
            part = self._seed * count + number
            train_heads(member, train, recipe, pseudo, class_texts, part, self._steps)
        merge_heads(model, members, train)

    def _model(self, recipe: BundledRecipe) -> DualEncoder:
        model = DualEncoder(self.config(recipe))
        model.image_tower.network.load_state_dict(self._towers.image)
        model.text_tower.network.load_state_dict(self._towers.text)
        return model.eval()

    def _pseudo_pairs(self, photos: Tensor, settings: PseudoPairSettings) -> PseudoPairs:
        prototypes = Prototypes(photos, self._classifier)
        return PseudoPairs(prototypes, self._classes.saying_rows, self._classes.explanation_rows, settings)

    def _bank_texts(self, recipe: BundledRecipe) -> Tensor:
        captions = self._data.train.captions
        rows = np.random.default_rng(self._seed).permutation(len(captions))[: recipe.bank.captions]
        return torch.cat([self.features.texts([captions[row] for row in rows]), self._names])  # (K, T)
