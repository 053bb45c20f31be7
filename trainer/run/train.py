"""One training run, from a recipe and data to a published model."""

import copy
import hashlib
import os
import platform
import time
from contextlib import nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import safetensors.torch
import timm
import torch
import transformers
from numpy.typing import NDArray
from torch import nn

from photosearch.core.encoder import Preprocessing
from photosearch.core.errors import KnownError
from photosearch.models.config import file_hash
from trainer.data.dataset import Dataset, read_dataset, require_folder
from trainer.data.images import ImageCache
from trainer.data.loader import Loader
from trainer.data.pairs import Pairs
from trainer.losses import needs
from trainer.losses.nt_xent import NTXent
from trainer.models.build import Built, build
from trainer.models.optimise import apply_unlock
from trainer.models.view_head import add_view_head
from trainer.recipe import Recipe
from trainer.run.learner import Learner
from trainer.run.loop import Best, Loop
from trainer.run.processes import Processes, processes
from trainer.run.publish import Publisher
from trainer.run.run_folder import RunFolder, RunInfo, now
from trainer.run.stopping import Stop, Stopped, stop_signals
from trainer.run.validation import Validation


def train(
    recipe: Recipe,
    data: Path,
    run: Path,
    *,
    seed: int = 0,
    resume: bool = False,
    begin_from: Path | None = None,
    skip_unreadable: bool = False,
    steps: int | None = None,
    cache: Path | None = None,
    workers: int | None = None,
) -> dict[str, Any]:
    """Train as `recipe` says, keeping everything about it in the folder `run`, and publish the best model.

    Under `torchrun` this is one of its processes, and only the first one writes. Started again by it after a
    failure, this goes on with the run, from its last state, with as many processes as there are then.

    Args:
        resume: go on with the run that the folder holds
        begin_from: the folder of another run, whose last state a new run begins with
        skip_unreadable: leave damaged photos out, and name them in run.json, instead of refusing to begin
        steps: stop after so many, for a trial; the schedules stay those of the whole run. 0 publishes the
            model as it is
        cache: where decoded images are kept; the user's cache folder when missing
        workers: threads that prepare batches, as `Loader` takes them; they change nothing that is learnt
    Returns:
        the metrics of the published model
    Raises:
        KnownError: the data, the model or the folder are not as they must be, or the run went wrong.
        KeyboardInterrupt: it was asked to stop, at whatever stage; what is done is saved for `resume`.
    """
    started = time.monotonic()
    with processes() as group, stop_signals() as stop:
        folder = RunFolder(run)
        resume = bool(group.largest(int(resume or folder.was_left_by(group.job))))
        if group.first and not resume:
            folder.refuse_if_used()
        require_folder(data)
        built = build(recipe.model, seed)  # a hub out of reach is said before many photos are read
        dataset = read_dataset(data, seed, skip_unreadable=skip_unreadable, cache=cache)
        _check_labels(recipe, dataset.train)
        _check_batch_norms(recipe, group)
        info = _info(recipe, data, dataset, built, group, seed)
        info.begun_from = str(begin_from.resolve()) if begin_from else ""
        group.wait()  # for those that still read photos
        command = msgspec.json.encode([info.recipe, seed, steps])
        group.require_same(
            command=command, data=info.data["digest"].encode(), model=msgspec.json.encode(built.config)
        )
        if resume:
            info = _resumed(folder, info)
        facts = {
            **{
                key: info.data[key]
                for key in ("train_images", "train_captions", "val_images", "val_captions")
            },
            "seed": seed,
            "base": file_hash(safetensors.torch.save(built.model.state_dict())),  # what the recipe names
            **({"begun_from": info.begun_from} if info.begun_from else {}),
        }
        publisher = Publisher(folder.model, recipe, built, facts, stop)

        def on_best(model: nn.Module, best: Best) -> None:
            publisher.publish(model, best.step, best.t2i, best.i2t)
            info.best = {"step": best.step, "t2i": best.t2i, "i2t": best.i2t}
            folder.write(info)

        loop = _loop(recipe, built, dataset, folder, group, stop, seed, cache, workers, on_best)
        if resume:
            loop.restore()
        elif begin_from:
            loop.begin_from(RunFolder(begin_from))
        if group.first:
            folder.write(info)
            folder.rewind(loop.at.step)
        metrics: dict[str, Any] = {}
        try:
            # Several processes wait for each other within a step, so they stop together after it.
            with stop.later() if group.world > 1 else nullcontext():
                loop.run(loop.steps if steps is None else min(loop.steps, steps))
            if group.first:
                took = time.monotonic() - started
                metrics = publisher.finish(dataset, folder.validation, group.device, took)
                metrics["peak_memory_mib"] = group.peak_memory_mib()
                _end(folder, info, "finished" if loop.finished else "cancelled", loop.ended_early)
        except Stopped as error:
            if group.first:
                folder.record({"event": "stopped", "reason": str(error)})
                _end(folder, info, "stopped", str(error))
            raise
        except KeyboardInterrupt:
            if group.first:
                _end(folder, info, "cancelled", "asked to stop")
            raise
        except Exception as error:
            if group.first:
                said = str(error) if isinstance(error, KnownError) else f"{type(error).__name__}: {error}"
                with suppress(KnownError):  # of a full disk: what went wrong first is told
                    _end(folder, info, "failed", said)
            raise
        group.wait()
        return metrics


def _loop(
    recipe: Recipe,
    built: Built,
    dataset: Dataset,
    folder: RunFolder,
    group: Processes,
    stop: Stop,
    seed: int,
    cache: Path | None,
    workers: int | None,
    on_best: Any,
) -> Loop:
    model, settings, wanted = built.model, recipe.training, needs(recipe.losses)
    guide = copy.deepcopy(model).eval().requires_grad_(False).to(group.device) if "guide" in wanted else None
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)  # LoRA and a head for views draw their first weights
        apply_unlock(model, recipe.unlock)
        for loss in recipe.losses:
            if isinstance(loss, NTXent) and loss.head:
                add_view_head(model, built.config.preprocessing.size, loss.head.hidden, loss.head.dim)
    model.max_scale = recipe.temperature.max_scale
    model.log_scale.requires_grad_(recipe.temperature.learn)
    if recipe.temperature.initial is not None:
        nn.init.constant_(model.log_scale, -float(np.log(recipe.temperature.initial)))
    model.to(group.device)
    model.image_tower.to(memory_format=torch.channels_last)
    views = "views" in wanted
    preprocessing = built.config.preprocessing
    margin = recipe.augment.margin(views)
    pairs, images = (
        dataset.train,
        ImageCache(dataset.train.images, dataset.train.hashes, preprocessing, margin=margin, cache=cache),
    )
    if not settings.one_caption:
        pairs, images = _by_caption(pairs, images)
    loader = Loader(pairs, images, built.tokenizer, recipe.augment, seed, views=views, threads=workers)
    val = dataset.val
    validation = Validation(
        val,
        ImageCache(val.images, val.hashes, preprocessing, cache=cache),
        built.tokenizer,
        recipe.protocol,
        group,
        settings.chunk,
    )
    group.wait()  # for those that still decode photos
    group.copy_first(model.state_dict().values())  # other processors may draw other weights
    learner = Learner(recipe, model, guide, group, seed)
    return Loop(recipe, learner, loader, validation, folder, group, stop, on_best)


@dataclass(frozen=True)
class _Repeated:
    """An image cache as seen by rows that repeat its images."""

    cache: ImageCache
    image_of: NDArray[np.int64]

    @property
    def preprocessing(self) -> Preprocessing:
        return self.cache.preprocessing

    @property
    def edge(self) -> int:
        return self.cache.edge

    def rows(self, indices: NDArray[np.int64]) -> NDArray[np.uint8]:
        return self.cache.rows(self.image_of[indices])


def _by_caption(pairs: Pairs, cache: ImageCache) -> tuple[Pairs, Any]:
    """Pairs in which every caption has an entry, with its image, of its own."""
    image_of = pairs.image_of
    repeated = Pairs(
        images=[pairs.images[i] for i in image_of],
        hashes=[pairs.hashes[i] for i in image_of],
        captions=pairs.captions,
        image_of=np.arange(len(image_of)),
        groups=pairs.groups[image_of],
        labels=pairs.labels[image_of],
    )
    return repeated, _Repeated(cache, image_of)


def _check_labels(recipe: Recipe, pairs: Pairs) -> None:
    if "labels" in needs(recipe.losses) and not (pairs.labels >= 0).any():
        raise KnownError(
            f"The recipe {recipe.name} learns from labels, and the data has none; add a third column, label, "
            "to captions.csv or train.csv."
        )


def _check_batch_norms(recipe: Recipe, group: Processes) -> None:
    if recipe.unlock.batch_norm == "train" and group.world > 1:
        raise KnownError(
            "Batch norms that learn need the whole batch in one process; start one, or set "
            "unlock.batch_norm=eval."
        )


def _info(recipe: Recipe, data: Path, dataset: Dataset, built: Built, group: Processes, seed: int) -> RunInfo:
    train, val = dataset.train, dataset.val
    digest = hashlib.blake2b(digest_size=16)
    for pairs in (train, val):
        for part in (*pairs.hashes, *(caption.encode("utf-8", "replace") for caption in pairs.captions)):
            digest.update(part)
    return RunInfo(
        name=recipe.name,
        recipe=_as_kept(recipe),
        seed=seed,
        data={
            "path": str(data.resolve()),
            "train_images": len(train.images),
            "train_captions": len(train.captions),
            "val_images": len(val.images),
            "val_captions": len(val.captions),
            "unreadable": dataset.unreadable,
            "digest": digest.hexdigest(),
        },
        model_parameters=sum(parameter.numel() for parameter in built.model.parameters()),
        environment=_environment(recipe, group),
        job=group.job,
        started_at=now(),
    )


def _environment(recipe: Recipe, group: Processes) -> dict[str, Any]:
    named = torch.cuda.get_device_name(group.device) if group.device.type == "cuda" else platform.processor()
    return {
        "python": platform.python_version(),
        "torch": str(torch.__version__),
        "timm": timm.__version__,
        "transformers": transformers.__version__,
        "platform": platform.platform(),
        "device": f"{group.device.type} {named}".strip(),
        "precision": recipe.training.precision,
        "threads": torch.get_num_threads(),
        "cores": os.cpu_count(),
        "processes": group.world,
    }


def _resumed(folder: RunFolder, info: RunInfo) -> RunInfo:
    """The run that the folder holds, running again; its recipe, its seed and its data must be the same."""
    before = folder.read()
    if before is None:
        raise KnownError(f"{folder.path} holds no run to resume; begin one without --resume.")
    if before.status == "finished":
        raise KnownError(f"The run in {folder.path} is finished; there is nothing to resume.")
    for what, old, new in (
        ("recipe", _with_defaults(before.recipe), info.recipe),
        ("seed", before.seed, info.seed),
        ("data", before.data["digest"], info.data["digest"]),
    ):
        if old != new:
            raise KnownError(
                f"The {what} is not that of the run in {folder.path}; resume with the same, or begin another "
                "run with --run."
            )
    before.status, before.reason = "running", ""
    before.environment, before.job = info.environment, info.job
    return before


def _as_kept(recipe: Recipe) -> dict[str, Any]:
    """As run.json gives it back."""
    kept: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(recipe))
    return kept


def _with_defaults(kept: dict[str, Any]) -> dict[str, Any]:
    """A kept recipe as it is read today: settings that there were not when its run began are as then."""
    try:
        return _as_kept(msgspec.convert(kept, Recipe))
    except msgspec.ValidationError:
        return kept


def _end(folder: RunFolder, info: RunInfo, status: Any, reason: str) -> None:
    info.status, info.reason, info.finished_at = status, reason, now()
    folder.write(info)
