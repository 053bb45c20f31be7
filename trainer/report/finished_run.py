"""A run folder as the report sees it: what it was, its curves, and how each query fared."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import safetensors.numpy
from numpy.typing import NDArray
from safetensors import SafetensorError

from photosearch.core.errors import KnownError
from photosearch.core.reading import decode_json, read_regular
from photosearch.models.config import TOKENIZER, read_config, read_file
from photosearch.models.tokenizer import Tokenizer
from trainer.evaluate.compare import Comparison, compare_models
from trainer.evaluate.recall import Protocol, Ranks, rank_embeddings
from trainer.models.folders import LARGEST_JSON
from trainer.run.run_folder import MODEL, VALIDATION, RunFolder, RunInfo


@dataclass(frozen=True)
class Measured:
    """The validation pairs under one model, as the protocol takes them."""

    photos: list[str]  # N paths
    captions: list[str]  # T
    image_of: NDArray[np.int64]  # (T,)
    images: NDArray[np.float32]  # (N, D), L2-normed
    texts: NDArray[np.float32]  # (T, D), L2-normed
    protocol: Protocol

    @cached_property
    def ranks(self) -> Ranks:
        """Of the captions and of the photos; see trainer.evaluate.recall.Ranks."""
        return rank_embeddings(self.texts, self.images, self.image_of)

    def same_queries(self, other: "Measured") -> bool:
        """Whether both were asked the same: captions, photos and protocol."""
        mine, theirs = [Path(p).name for p in self.photos], [Path(p).name for p in other.photos]
        return self.captions == other.captions and mine == theirs and self.protocol == other.protocol


@dataclass(frozen=True)
class FinishedRun:
    """What the report knows of one run, read from its folder."""

    label: str  # unlike that of any other run in the report
    info: RunInfo
    steps: list[dict[str, Any]]
    validations: list[dict[str, Any]]
    measured: Measured | None  # None until the run has ended
    truncated: int = 0  # of the measured captions, those that the model's tokenizer cuts

    def curve(self) -> tuple[list[float], list[float]]:
        """Steps, and InfoNCE less ln(batch): 0 is guessing, and batches of any size compare.

        A run without InfoNCE gives its whole loss less ln(batch), which only has a meaning within the run.
        """
        kept = [event for event in self.steps if {"step", "loss", "floor"} <= event.keys()]
        values = [event.get("terms", {}).get("infonce", event["loss"]) - event["floor"] for event in kept]
        return [event["step"] for event in kept], values


def read_runs(folders: Sequence[Path]) -> list[FinishedRun]:
    """Read run folders; those of one name are told apart by folder or number.

    Raises:
        KnownError: a folder is no run's, or its files cannot be read.
    """
    runs = [_read(folder) for folder in folders]
    names = [run.info.name for run in runs]
    paths = [folder.name for folder in folders]
    numbers = [f"{name} ({i})" for i, name in enumerate(names, 1)]
    labels = next(some for some in (names, paths, numbers) if len(set(some)) == len(some))
    return [replace(run, label=label) for run, label in zip(runs, labels, strict=True)]


def compare_runs(before: Path, after: Path) -> dict[str, Comparison]:
    """Compare two runs on the validation pairs that both were measured on; "t2i" and "i2t".

    Raises:
        KnownError: one is no run, has not been measured, or was measured on other queries.
    """
    first, second = (run.measured for run in read_runs([before, after]))
    if first is None or second is None:
        raise KnownError("One of the runs has no embeddings yet; let it finish, or name data with --data.")
    if not first.same_queries(second):
        raise KnownError("The runs were measured on different data; name one for both with --data.")
    return compare_models(first.ranks, second.ranks, first.image_of)


def read_measured(folder: Path, protocol: Protocol) -> Measured | None:
    """The validation embeddings that a run keeps, or None where it has none yet.

    Raises:
        KnownError: they cannot be read.
    """
    try:
        data = read_regular(folder / "validation.json", LARGEST_JSON)
        named = decode_json(data, dict[str, list[str]])
        arrays = safetensors.numpy.load_file(folder / "validation.safetensors")
        image_of = arrays["image_of"].astype(np.int64)
        rows = protocol.rows(image_of)
        return Measured(
            photos=named["images"],
            captions=[named["captions"][row] for row in rows],
            image_of=image_of[rows],
            images=arrays["images"].astype(np.float32),
            texts=arrays["texts"][rows].astype(np.float32),
            protocol=protocol,
        )
    except FileNotFoundError:
        return None
    except (OSError, SafetensorError, KeyError, IndexError, msgspec.DecodeError) as error:
        raise KnownError(f"What the run kept in {folder} cannot be read: {error}.") from error


def _read(folder: Path) -> FinishedRun:
    run = RunFolder(folder)
    info = run.read()
    if info is None:
        raise KnownError(f"{folder} is not the folder of a run: it has no run.json.")
    events = _events(run.metrics())
    try:
        protocol = msgspec.convert(info.recipe.get("protocol", {}), Protocol)
    except msgspec.ValidationError as error:
        raise KnownError(
            f"The run in {folder} has a protocol that this program does not know: {error}."
        ) from error
    measured = read_measured(folder / VALIDATION, protocol)
    return FinishedRun(
        label=info.name,
        info=info,
        steps=[event for event in events if event.get("event") == "step"],
        validations=[event for event in events if event.get("event") == "validation"],
        measured=measured,
        truncated=_truncated(folder / MODEL, measured.captions) if measured else 0,
    )


def _truncated(model: Path, captions: Sequence[str]) -> int:
    if not model.is_dir():
        return 0  # moved away; the report is of the run
    config = read_config(model)
    data = read_file(model, TOKENIZER, config.hashes.get(TOKENIZER))
    return Tokenizer(data, config.max_tokens, config.fixed_length)(captions).truncated


def _events(lines: Sequence[str]) -> list[dict[str, Any]]:
    events = []
    for line in lines:
        try:
            events.append(decode_json(line, dict[str, Any]))
        except msgspec.DecodeError:
            continue  # the last line of a run that is writing now, or was killed
    return events
