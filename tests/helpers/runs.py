"""Run folders as training leaves them, made up: curves that learn, and embeddings that know a little."""

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import safetensors.numpy

from photosearch.core.vectors import l2_normed
from tests.helpers.photos import make_photo
from trainer.evaluate.recall import rank_embeddings, recall_of
from trainer.run.run_folder import RunFolder, RunInfo, Status

CAPTIONS = ("a picture of number {}", "number {}, seen <b>again</b> & again", "what is {}?")


def make_run(
    folder: Path,
    *,
    name: str = "hybrid-flickr8k",
    images: int = 40,
    knows: float = 1.0,
    steps: int = 120,
    seed: int = 0,
    status: Status = "finished",
    reason: str = "",
    settings: dict[str, Any] | None = None,
    photos: Path | None = None,
) -> Path:
    """A run folder.

    Args:
        knows: how near a caption's embedding is to its photo's; 0 is chance
        status: "running" leaves the validation embeddings out
        photos: where the photos lie, or are made when missing; None: they are named and not there
    """
    generator = np.random.default_rng(seed)
    vectors = l2_normed(np.random.default_rng(7).standard_normal((images, 16)))
    image_of = np.repeat(np.arange(images), len(CAPTIONS))
    noise = l2_normed(generator.standard_normal((len(image_of), 16)))
    texts = l2_normed(knows * vectors[image_of] + noise)
    found = recall_of(rank_embeddings(texts, vectors, image_of), images)
    run = RunFolder(folder)
    run.write(
        RunInfo(
            name=name,
            recipe={
                "system": "dual-encoder",
                "name": name,
                "losses": [{"kind": "infonce"}],
                "training": {"batch_size": 64, "lr": {"heads": 1e-3, "image": 1e-5}, "ema": None},
                **(settings or {}),
            },
            seed=seed,
            data={
                "path": "flickr8k",
                "train_images": 6000,
                "train_captions": 30000,
                "val_images": images,
                "val_captions": len(image_of),
                "digest": "d1935",
            },
            model_parameters=91_000_000,
            environment={"python": "3.11", "torch": "2.15", "device": "cpu", "precision": "float32"},
            started_at="2026-03-01T10:00:00+00:00",
            finished_at=None if status == "running" else "2026-03-01T11:32:00+00:00",
            status=status,
            reason=reason,
            best={"step": steps, "t2i": found.t2i, "i2t": found.i2t},
        )
    )
    for step in range(1, steps + 1):
        done = step / steps
        gain = 3.2 * knows * (1 - math.exp(-4 * done)) / (1 + knows) + 0.08 * generator.standard_normal()
        loss = math.log(64) - gain
        run.record(
            {
                "event": "step",
                "step": step,
                "epoch": step // 40,
                "loss": loss + 0.05,
                "floor": math.log(64),
                "terms": {"infonce": loss, "triplet": 0.05},
                "scale": 14.3 + 6 * done * knows,
                "lr": {"heads": 1e-3 * (1 - done)},
                "grad_norm": 1.0,
                "pairs_per_second": 200 + 10 * generator.random(),
                "memory_mib": 900,
            }
        )
        if step % (steps // 6) == 0:
            part = 1 - math.exp(-4 * done)
            run.record(
                {
                    "event": "validation",
                    "step": step,
                    "epoch": step // 40,
                    "t2i": {key: value * part for key, value in found.t2i.items()},
                    "i2t": {key: value * part for key, value in found.i2t.items()},
                }
            )
    if status == "stopped":
        run.record({"event": "stopped", "reason": reason})
    if status != "running":
        folder = photos or Path("nowhere")
        paths = [folder / f"{i}.jpg" for i in range(images)]
        if photos is not None:
            photos.mkdir(exist_ok=True)
            for i, path in enumerate(paths):
                if not path.exists():
                    make_photo(path, i)
        run.validation.mkdir()
        safetensors.numpy.save_file(
            {"images": vectors, "texts": texts, "image_of": image_of},
            run.validation / "validation.safetensors",
        )
        named = {
            "images": [str(path) for path in paths],
            "captions": [CAPTIONS[i % len(CAPTIONS)].format(image) for i, image in enumerate(image_of)],
        }
        (run.validation / "validation.json").write_text(json.dumps(named), encoding="utf-8")
    return run.path
