"""One training run, from a recipe and a folder of pairs to a checkpoint folder."""

import time
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from photosearch.core.encoder import Calibration
from photosearch.core.errors import KnownError
from photosearch.models import checkpoint
from photosearch.models.config import (
    FORMAT,
    ConSEConfig,
    HeadConfig,
    ImageTowerConfig,
    ModelConfig,
    TextTowerConfig,
)
from photosearch.models.dual_encoder import DualEncoder
from photosearch.models.tokenizer import Tokenizer
from trainer.bundled import base_weights
from trainer.bundled.class_texts import imagenet_texts, known_nouns, photo_of
from trainer.bundled.ensemble import merge_heads
from trainer.bundled.heads import train_heads
from trainer.bundled.model_card import write_card
from trainer.bundled.prototypes import Prototypes, PseudoPairs
from trainer.bundled.recipe import Recipe
from trainer.calibrate import fit_label, things
from trainer.data.pairs import Pairs, read_folder
from trainer.features import FeatureExtractor
from trainer.measure import load, measure, score
from trainer.objects import LabelledPhotos, read_labels

MAX_TOKENS = 64


def train(recipe: Recipe, data: Path, objects: Path | None, out: Path, seed: int) -> dict[str, Any]:
    """Train as `recipe` says, measure, and publish a checkpoint with its model card at `out`.

    Beside the model, heads with plain InfoNCE are trained on the same features, to be measured against.

    Args:
        data: a folder as `read_folder` takes it
        objects: a folder with `images/` and `labels.json`, or None to leave that measure out
    Returns:
        the metrics, as the checkpoint's config records them
    Raises:
        KnownError: the data, the base weights or the place for the model are not as they must be.
    """
    started = time.monotonic()
    train_pairs, val_pairs = read_folder(data, seed)
    labelled = read_labels(objects / "labels.json", objects / "images") if objects else None
    run = Run(recipe, seed, train_pairs, val_pairs, labelled)
    plain_metrics = run.measure(run.fit(recipe.plain()))
    model = run.fit(recipe)
    config = msgspec.structs.replace(
        run.config(recipe), calibration=run.calibrate(model), recipe=msgspec.to_builtins(recipe)
    )
    try:
        checkpoint.save(out, model, config, run.tokenizer_path)
        metrics = {
            **measure(*load(str(out)), val_pairs, labelled),  # as published, rounded to float16
            "plain_infonce": plain_metrics,
            "train_images": len(train_pairs.images),
            "train_captions": len(train_pairs.captions),
            "seed": seed,
            "seconds": round(time.monotonic() - started),
        }
        config = msgspec.structs.replace(config, metrics=metrics)
        write_card(out, checkpoint.save(out, model, config, run.tokenizer_path))
    except OSError as error:
        raise KnownError(f"The model cannot be written to {out}: {error.strerror}.") from error
    return metrics


class Run:
    """Towers and the features of one set of data, shared by the models that are trained on them."""

    def __init__(
        self, recipe: Recipe, seed: int, train: Pairs, val: Pairs, labelled: LabelledPhotos | None
    ) -> None:
        self._seed = seed
        self._image_base = base_weights.load_image_base(recipe.towers.image)
        self._text_config, self._text_base, self.tokenizer_path = base_weights.load_text_base()
        self._classifier = self._image_base["classifier.weight"]  # (C, F)

        tokenizer = Tokenizer(self.tokenizer_path.read_bytes(), MAX_TOKENS)
        self._features = features = FeatureExtractor(self._model(recipe), recipe.preprocessing, tokenizer)
        self._train, self._val = features.pairs(train), features.pairs(val)
        classes = imagenet_texts()
        self._names = features.texts([photo_of(name) for name in classes.names])  # (C, T)
        self._definitions = features.texts(classes.definitions)  # (C, T)
        explained = [f"{n}, {d}" for n, d in zip(classes.names, classes.definitions, strict=True)]
        self._explanations = torch.stack([self._definitions, features.texts(explained)], dim=1)  # (C, 2, T)
        sayings = features.texts([text for texts in classes.sayings for text in texts])
        self._sayings = torch.split(sayings, [len(texts) for texts in classes.sayings])  # C x (n_c, T)
        self._things, self._shows = things(val, known_nouns())
        if self._things:  # asked for twice, as "dog" and as "a photo of a dog"
            self._thing_texts = features.texts([*self._things, *map(photo_of, self._things)])
        self._labelled = labelled

    def config(self, recipe: Recipe) -> ModelConfig:
        """What a model of this recipe is built from."""
        classes, image_dim = self._classifier.shape
        text_dim = self._text_config["hidden_size"]
        heads = recipe.heads
        return ModelConfig(
            format=FORMAT,
            name=recipe.name,
            image_tower=ImageTowerConfig(recipe.towers.image, image_dim, classes),
            text_tower=TextTowerConfig(self._text_config, text_dim),
            image_head=HeadConfig(image_dim, heads.members * heads.hidden, heads.dim, heads.image_dropout),
            text_head=HeadConfig(text_dim, heads.members * heads.hidden, heads.dim, heads.text_dropout),
            preprocessing=recipe.preprocessing,
            calibration=Calibration(),  # fitted after training
            conse=ConSEConfig(classes, text_dim, recipe.conse_weight) if recipe.conse_weight else None,
            max_tokens=MAX_TOKENS,
        )

    def fit(self, recipe: Recipe) -> DualEncoder:
        """A model with heads trained as `recipe` says, and its bank."""
        model = self._model(recipe)
        if model.conse is not None:
            # A name alone is often one that only experts know; its definition says what kind of thing it is.
            model.conse.class_text.copy_(F.normalize(self._names + self._definitions, dim=-1))
            with torch.inference_mode():
                mixtures = model.conse.mixture(model.image_tower.logits(self._train.images))
            model.conse.mean.copy_(mixtures.mean(dim=0))
        self._train_members(model, recipe)
        with torch.inference_mode():
            model.set_bank(model.embed_text_features(self._bank_texts(recipe)))
        return model

    def measure(self, model: DualEncoder) -> dict[str, Any]:
        """As `trainer.measure.measure`, on the validation pairs and the labelled photos."""
        return measure(model, self._features, self._val.pairs, self._labelled)

    def calibrate(self, model: DualEncoder) -> Calibration:
        """The logistic label, fitted on the things that the validation captions name."""
        if not self._things:
            return Calibration()
        scores = score(model, self._thing_texts, self._val.images, bias=True)
        return fit_label(scores, np.concatenate([self._shows, self._shows]))

    def _train_members(self, model: DualEncoder, recipe: Recipe) -> None:
        """Train as many heads as the recipe has members, and merge them into those of `model`."""
        count, pseudo = recipe.heads.members, self._pseudo_pairs(recipe)
        alone = msgspec.structs.replace(recipe, heads=msgspec.structs.replace(recipe.heads, members=1))
        members = [self._model(alone) for _ in range(count)]
        for number, member in enumerate(members):
            train_heads(member, self._train, recipe, pseudo, seed=self._seed * count + number)
        merge_heads(model, members, self._train)

    def _model(self, recipe: Recipe) -> DualEncoder:
        model = DualEncoder(self.config(recipe))
        model.image_tower.network.load_state_dict(self._image_base)
        model.text_tower.network.load_state_dict(self._text_base)
        return model.eval()

    def _pseudo_pairs(self, recipe: Recipe) -> PseudoPairs | None:
        settings = recipe.pseudo_pairs
        if settings is None:
            return None
        prototypes = Prototypes(self._train.images, self._classifier)
        return PseudoPairs(prototypes, self._sayings, self._explanations.unbind(), settings)

    def _bank_texts(self, recipe: Recipe) -> Tensor:
        rows = np.random.default_rng(self._seed).permutation(len(self._train.texts))
        return torch.cat([self._train.texts[rows[: recipe.bank.captions]], self._names])  # (K, T)
