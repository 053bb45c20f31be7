"""Which models there are: the bundled one and those of the library. Reads configs only, never torch."""

import logging
from pathlib import Path
from typing import Any

import msgspec

from photosearch import paths
from photosearch.core.errors import KnownError
from photosearch.models.config import INT8_GRAPH, TOKENIZER, WEIGHTS, read_config

log = logging.getLogger(__name__)


class ModelInfo(msgspec.Struct, frozen=True):
    """What a checkpoint folder says of its model."""

    model_id: str
    name: str
    path: Path  # the checkpoint folder
    dim: int  # D, the length of an embedding
    bytes: int  # of the whole folder; in 8 bits: of what it has for itself there
    metrics: dict[str, Any]
    licence: str = ""  # of the weights; empty: unknown
    languages: tuple[str, ...] = ()  # that it reads, by their codes; none: unknown
    source: str = ""  # the id on the hub that it was taken from; empty: none
    int8: bool = False  # its photos in 8 bits; the folder holds the model that it was made from, too

    @property
    def calibrated(self) -> bool:
        """Whether how sure it is of a hit was fitted on photos with known answers."""
        return self.metrics.get("calibrated_on") != 0

    @property
    def fitted_on(self) -> int:
        """How many of the person's photos it knew when its labels were fitted on them alone; 0: never."""
        found = self.metrics.get("fitted_on")
        return found if isinstance(found, int) else 0


def available(library: paths.Library | None = None) -> list[ModelInfo]:
    """The models that can be read, the bundled one first, each before itself in 8 bits.

    A broken folder is logged and left out.
    """
    found = []
    for folder in _folders(library):
        try:
            info = read_info(folder)
            found += [info, int8] if (int8 := in_int8(info)) else [info]
        except KnownError as error:
            log.warning("%s", error)
    return found


def default() -> ModelInfo:
    """The bundled model.

    Raises:
        KnownError: it is missing or broken.
    """
    return read_info(_bundled())


def find(name_or_id: str, library: paths.Library | None = None) -> ModelInfo:
    """The model of that name, id, folder name or id of the hub; names in any case, where none fits as it is.

    Raises:
        KnownError: there is none (names what there is), or its folder is broken.
    """
    models = available(library)
    for model in models:
        if name_or_id in (model.model_id, model.name, model.path.name):
            return model
    for model in models:
        called = (model.name, model.path.name, model.source, model.source.partition("@")[0])
        if name_or_id.casefold() in (each.casefold() for each in called if each):
            return model
    for folder in _folders(library):
        if folder.name == name_or_id:
            return read_info(folder)  # left out above, so this raises what is wrong with it
    names = ", ".join(f"{model.name} ({model.model_id})" for model in models) or "none"
    raise KnownError(
        "There is no model {name}; the models here are: {names}.", name=repr(name_or_id), names=names
    )


def read_info(folder: Path) -> ModelInfo:
    """What the catalogue says of one checkpoint folder.

    Raises:
        KnownError: the folder is missing a file or its config cannot be read.
    """
    config = read_config(folder)
    for name in (WEIGHTS, TOKENIZER):
        if not (folder / name).is_file():
            raise KnownError(
                "The model in {folder} lacks its file {name}; install the model again.",
                folder=folder,
                name=name,
            )
    size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
    return ModelInfo(
        config.model_id,
        config.name,
        folder,
        config.dim,
        size,
        config.metrics,
        config.licence,
        config.languages,
        config.source,
    )


def in_int8(info: ModelInfo) -> ModelInfo | None:
    """The model whose photos are encoded in 8 bits; None where it has no graph for that.

    Raises:
        KnownError: its config cannot be read any more.
    """
    config = read_config(info.path)
    if config.int8_id is None:
        return None
    graph = info.path / INT8_GRAPH
    size = graph.stat().st_size if graph.is_file() else 0
    return msgspec.structs.replace(
        info, model_id=config.int8_id, name=config.int8_name, bytes=size, int8=True
    )


def _bundled() -> Path:
    return paths.resources() / "models" / "bundled"


def _folders(library: paths.Library | None) -> list[Path]:
    folders = [_bundled()]
    if library is not None and library.models.is_dir():
        # Hidden names are checkpoints that are still being written.
        folders += sorted(p for p in library.models.iterdir() if p.is_dir() and not p.name.startswith("."))
    return folders
