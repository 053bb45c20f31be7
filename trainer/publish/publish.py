"""Takes a model in: one of our own, even on the hub, is copied, which takes no torch; others are converted.

Both are checked: a model that does not run here is not published.
"""

import contextlib
import hashlib
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import msgspec
import numpy as np
import safetensors

from photosearch.core.errors import KnownError, Sentence, system_reason
from photosearch.models import offers
from photosearch.models.catalog import ModelInfo, read_info
from photosearch.models.checkpoint_encoder import examples
from photosearch.models.config import (
    CONFIG,
    IMAGE_GRAPH,
    TEXT_GRAPH,
    TOKENIZER,
    WEIGHTS,
    ModelConfig,
    encode_config,
    read_config,
)
from photosearch.models.lesson import LESSON
from photosearch.models.loading import load_encoder
from trainer.models.folders import CARD, OPEN_CLIP, checkpoint_folder, is_checkpoint, model_source
from trainer.models.pretrained.hub_card import licence_of
from trainer.publish.stages import OnStage, check_room, check_torch

BLOCK = 1 << 20  # bytes that are read at a time


def publish(
    source: str,
    out: Path,
    on_stage: OnStage,
    *,
    name: str | None = None,
    data: Path | None = None,
    downloads: Path | None = None,
) -> tuple[ModelInfo, tuple[Sentence, ...]]:
    """Make a checkpoint folder of a model; nothing is left behind unless all goes well.

    No code that comes with a model is run, and no pickle is opened.

    Args:
        source: a checkpoint folder, a run's folder, a folder in the hub's format, an id of the hub, or a name
            of the catalogue
        out: the new folder
        name: what a person calls the model; None: as it calls itself
        data: photos with captions, on which a hub's model gets its label; None: its own scale gives one
        downloads: where what is downloaded lies until the model is made, and stays where it is not; None:
            the hub's own client keeps it

    Returns:
        the model, and what its user should know of it

    Raises:
        KnownError: there is no such model, it is damaged or of no kind that is known here, it does not run
            here, or the disk refuses.
    """
    if out.exists():
        raise KnownError("{out} is there already; name a new folder.", out=out)
    if Path(source).is_file():
        source = _folder_around(Path(source))
    source = model_source(str(Path(source).absolute()) if Path(source).is_dir() else source)
    folder = checkpoint_folder(source)
    hub_id = "" if folder or Path(source).is_dir() else source
    with _disk_errors(out):
        out.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{out.name}-", dir=out.parent) as hidden:
            fresh = Path(hidden) / "fresh"
            if folder is None:
                folder = _fetched(source, downloads, on_stage)
            if is_checkpoint(folder):
                notes = _copy(folder, fresh, hub_id, data, on_stage)
            else:
                notes = _convert(source, folder, fresh, data, on_stage)
            config = read_config(fresh)
            if name:
                config = msgspec.structs.replace(config, name=name)
                (fresh / CONFIG).write_bytes(encode_config(config))
            on_stage("checking")
            _check(fresh, config)
            fresh.rename(out)
    return read_info(out), notes


def what_comes(source: str, downloads: Path) -> tuple[int, bool]:
    """How many bytes `publish` would download for a model, and whether those take torch.

    None for a model that is here.

    Args:
        downloads: as of `publish`

    Raises:
        KnownError: there is no such model, or no way to the hub.
    """
    if Path(source).exists() or checkpoint_folder(source):
        return 0, False
    from trainer.publish.download import what_comes

    return what_comes(source, downloads)


def _folder_around(file: Path) -> str:
    """The folder of a model that was named by one of its files, as a person may who chooses a file."""
    if file.suffix not in (".safetensors", ".json"):
        raise KnownError("{file} is no part of a model; name the folder that holds one.", file=file)
    return str(file.absolute().parent)


def _fetched(source: str, downloads: Path | None, on_stage: OnStage) -> Path:
    """The folder of a model in a format of the hub, or of one of ours that came from there."""
    on_stage("fetching")
    if Path(source).is_dir():
        return Path(source)
    from trainer.models.pretrained.hub_download import folder_of
    from trainer.publish.download import download

    if downloads is None:
        check_torch()  # which no file was looked at for yet
        return folder_of(source)
    return download(
        source,
        downloads,
        lambda done, total: on_stage("fetching", done, total),
        lambda described: _refuse_unknown(described, source, on_stage),
    )


def _copy(
    source: Path, folder: Path, hub_id: str, data: Path | None, on_stage: OnStage
) -> tuple[Sentence, ...]:
    """A model with its exports, card and lesson, held to its hashes; nothing else of its folder."""
    if data:
        raise KnownError(
            "{model} has a label already; only a model of the hub takes data to fit one.", model=source
        )
    on_stage("copying")
    if not (source / CONFIG).is_file():
        raise KnownError("{folder} holds no model: it has no {name}.", folder=source, name=CONFIG)
    config = read_config(source)
    named = config.hashes | config.exports
    check_room(folder, read_info(source).bytes)  # which also says what is missing
    folder.mkdir()
    for name in (WEIGHTS, TOKENIZER, *config.exports):
        if not (source / name).is_file() or _copied(source / name, folder / name) != named.get(name):
            raise KnownError(
                "The model's file {file} was altered or is damaged; install the model again.",
                file=source / name,
            )
    if hub_id:
        licence = config.licence or licence_of(source)
        config = msgspec.structs.replace(config, source=hub_id, licence=licence)
    (folder / CONFIG).write_bytes(encode_config(config))
    for name in (CARD, LESSON):
        if (source / name).is_file():
            shutil.copyfile(source / name, folder / name)
    return ()


def _copied(source: Path, copy: Path) -> str:
    """Copy a file; -> its BLAKE2b-256."""
    found = hashlib.blake2b(digest_size=32)
    with source.open("rb") as reading, copy.open("wb") as writing:
        while block := reading.read(BLOCK):
            found.update(block)
            writing.write(block)
    return found.hexdigest()


def _convert(
    source: str, fetched: Path, folder: Path, data: Path | None, on_stage: OnStage
) -> tuple[Sentence, ...]:
    check_torch()
    on_stage("loading")  # of torch and transformers, which takes long on a slow disk
    check_room(folder, sum(file.stat().st_size for file in fetched.glob("*.safetensors")))
    from trainer.publish.convert import convert

    return convert(source, fetched, folder, data, on_stage)


def _refuse_unknown(folder: Path, source: str, on_stage: OnStage) -> None:
    """Say before the weights come what their config tells already.

    Of a model of the catalogue it is known: torch, which takes many seconds to load, is left for later.

    Raises:
        KnownError: it is no model that is known here, or cannot be taken in without torch.
    """
    if is_checkpoint(folder):
        config = read_config(folder)
        if not {IMAGE_GRAPH, TEXT_GRAPH} <= config.exports.keys():
            check_torch()
        return
    check_torch()
    if not (folder / OPEN_CLIP).is_file() and not offers.named(source):
        on_stage("loading")
        from trainer.models.pretrained.whole_network import whole_config

        whole_config(folder, source)


def _check(folder: Path, config: ModelConfig) -> None:
    """Let the model encode photos and sentences, as the program will.

    Raises:
        KnownError: its weights do not fit its config, it does not run here, or what it gives are no vectors.
    """
    try:
        with safetensors.safe_open(folder / WEIGHTS, "np") as weights:
            fits = tuple(weights.get_slice("bank").get_shape()) == (config.bank, config.dim)
    except safetensors.SafetensorError:
        fits = False
    if not fits:
        raise KnownError("The weights of {model} do not fit its config.", model=config.name)
    encoder = load_encoder(read_info(folder), device="cpu").encoder
    photos = encoder.encode_images(examples(2, config.preprocessing.size))
    texts = encoder.encode_texts(["two dogs on a beach", ""])
    for vectors in (photos, texts):
        lengths = np.linalg.norm(vectors, axis=1)
        if vectors.shape != (2, config.dim) or not np.allclose(lengths, 1, atol=0.01):  # nor NaN
            raise KnownError("{model} gives no vectors for photos and sentences.", model=config.name)


@contextlib.contextmanager
def _disk_errors(out: Path) -> Iterator[None]:
    """Raises KnownError where the disk refuses."""
    try:
        yield
    except OSError as error:
        raise KnownError(
            "The model cannot be written to {out}: {reason}.", out=out, reason=system_reason(error)
        ) from error
