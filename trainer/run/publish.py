"""From a trained model to a checkpoint folder that the program can use, with its card."""

import copy
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import safetensors.torch
import torch

from photosearch.core.encoder import Calibration
from photosearch.core.errors import KnownError
from photosearch.models.config import ModelConfig
from photosearch.models.torch import checkpoint
from trainer.data.dataset import Dataset
from trainer.data.pairs import Pairs
from trainer.evaluate.calibrate import calibrate_model
from trainer.evaluate.embed import embed, embed_texts
from trainer.evaluate.recall import Protocol, rank_embeddings, recall_of
from trainer.models.build import Built
from trainer.models.folders import CARD
from trainer.models.optimise import merge_lora
from trainer.models.view_head import drop_view_head
from trainer.recipe import Recipe
from trainer.run.stopping import Stop

BANK = 2000  # captions kept with the model for each photo's bias


@dataclass(frozen=True)
class Publisher:
    """Writes one run's model, again and again as it gets better."""

    folder: Path
    recipe: Recipe
    built: Built
    facts: dict[str, Any]  # of the run, for the metrics
    stop: Stop

    def publish(self, model: Any, step: int, t2i: dict[str, float], i2t: dict[str, float]) -> None:
        """A model in training, as it stands."""
        merged = copy.deepcopy(model).cpu()
        merge_lora(merged)
        drop_view_head(merged)
        metrics = {**self.facts, "step": step, "val": {"t2i": t2i, "i2t": i2t}}
        config = msgspec.structs.replace(
            self.built.config,
            name=self.recipe.name,
            metrics=metrics,
            recipe=msgspec.to_builtins(self.recipe),
        )
        self._save(merged, config)

    def finish(self, data: Dataset, validation: Path, device: torch.device, seconds: float) -> dict[str, Any]:
        """Give the published model its bank and its label, measure it as published, and write its card.

        Returns:
            its metrics, as its config records them
        """
        model, config, tokenizer = checkpoint.load(self.folder)
        model.to(device)
        rows = np.random.default_rng(0).permutation(len(data.train.captions))[:BANK]
        bank, _ = embed_texts(model, tokenizer, [data.train.captions[row] for row in rows])
        model.set_bank(torch.from_numpy(bank).to(device))

        images, texts = embed(model, config, tokenizer, data.val)
        protocol = self.recipe.protocol
        metrics = {**config.metrics, "val": _recall(data.val, images, texts, protocol)}
        if data.test is not None:
            metrics["test"] = _recall(data.test, *embed(model, config, tokenizer, data.test), protocol)
        metrics["seconds"] = round(seconds)
        calibration = calibrate_model(model, tokenizer, data.val, images) or Calibration()
        self._save(model.cpu(), msgspec.structs.replace(config, metrics=metrics, calibration=calibration))
        _write_validation(validation, data.val, images, texts)
        return metrics

    def _save(self, model: Any, config: ModelConfig) -> None:
        try:
            with self.stop.later():
                checkpoint.save(self.folder, model, config, self.built.tokenizer_bytes)
                (self.folder / CARD).write_text(_card(config), encoding="utf-8")
        except OSError as error:
            raise KnownError(f"The model cannot be written to {self.folder}: {error.strerror}.") from error


def _recall(pairs: Pairs, images: Any, texts: Any, protocol: Protocol) -> dict[str, Any]:
    rows = protocol.rows(pairs.image_of)
    ranks = rank_embeddings(texts[rows], images, pairs.image_of[rows])
    return {**msgspec.to_builtins(recall_of(ranks, len(images))), "protocol": str(protocol)}


def _write_validation(folder: Path, pairs: Pairs, images: Any, texts: Any) -> None:
    """Embeddings of the validation pairs, for the report."""
    tensors = {
        "images": torch.from_numpy(images),
        "texts": torch.from_numpy(texts),
        "image_of": torch.from_numpy(pairs.image_of),
    }
    named = {"images": [str(image) for image in pairs.images], "captions": pairs.captions}
    try:
        folder.mkdir(exist_ok=True)
        # Not save_file, whose error on a full disk is no OSError.
        (folder / "validation.safetensors").write_bytes(safetensors.torch.save(tensors))
        (folder / "validation.json").write_text(json.dumps(named), encoding="utf-8")
    except OSError as error:
        raise KnownError(f"{folder} cannot be written: {error.strerror}.") from error


def _card(config: ModelConfig) -> str:
    metrics, model = config.metrics, config.recipe["model"]
    parts = " + ".join(str(model[key]) for key in ("source", "image", "text") if key in model)
    val = metrics["val"]
    lines = [
        f"# {config.name}",
        "",
        f"A dual encoder for finding photos by sentences: {parts}, {config.dim} dimensions, photos of "
        f"{config.preprocessing.size} x {config.preprocessing.size} pixels, sentences of up to "
        f"{config.max_tokens} tokens.",
        "",
        f"Trained with PhotoSearch's trainer by the recipe `{config.name}` on {metrics['train_images']:,} "
        f"images with {metrics['train_captions']:,} captions ({metrics['step']:,} steps, seed "
        f"{metrics['seed']}). The whole recipe is in config.json.",
        "",
        f"| {metrics['val_images']:,} validation images | R@1 | R@5 | R@10 | median rank | MRR |",
        "|---|---|---|---|---|---|",
    ]
    for way, label in (("t2i", "text to image"), ("i2t", "image to text")):
        found = val[way]
        figures = " | ".join(f"{found[key]:.1f}" for key in ("R@1", "R@5", "R@10", "median_rank"))
        lines.append(f"| {label} | {figures} | {found['mrr']:.3f} |")
    lines += [
        "",
        "It knows what its data shows and says; look at other photos before you rely on it. The licences of "
        "the networks it began from and of the data apply.",
    ]
    return "\n".join(lines) + "\n"
