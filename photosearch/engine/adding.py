"""Taking a model into a library: the trainer, run as a child, makes it in a hidden folder and checks it.

Only then it gets its name, so that nobody meets half a model, and nothing is left of one that is given up.
"""

import contextlib
import logging
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import filelock
import msgspec

from photosearch.core.errors import KnownError, Sentence
from photosearch.engine import children
from photosearch.engine.teaching import TRAINER
from photosearch.models import catalog
from photosearch.paths import Library
from photosearch.store.connect import explained

_log = logging.getLogger(__name__)


class TrainerLine(msgspec.Struct, frozen=True):
    """A line of the trainer's: what it does now, that it is done, or why it cannot go on."""

    event: str
    stage: str = ""
    sentence: Sentence | None = None
    notes: tuple[Sentence, ...] = ()


def add_model(
    library: Library,
    source: str,
    *,
    name: str | None = None,
    on_stage: Callable[[str], None] = lambda stage: None,
    trainer: Sequence[str] = TRAINER,
) -> tuple[catalog.ModelInfo, tuple[Sentence, ...]]:
    """Make a checkpoint, a run of the trainer or a model of the hub one of the library's.

    Args:
        source: a folder; what is none is an id of the hub, the only thing that the network is asked for
        name: what the person calls it; None: as it calls itself
        on_stage: called with what is done now, a word

    Returns:
        the model, and what its user should know of it

    Raises:
        KnownError: there is no such model, it cannot be used, its name is taken, or the disk refuses.
    """
    if name:
        _refuse_taken(library, name)
    with explained(library):
        library.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        library.models.mkdir(exist_ok=True)
        library.logs.mkdir(mode=0o700, exist_ok=True)
        with _hidden_folder(library) as hidden:
            made = hidden / "model"
            notes = _published(library, source, made, name, on_stage, trainer)
            info = catalog.read_info(made)
            _refuse_taken(library, info.name, info.model_id)
            folder = made.rename(library.models / info.model_id)
    return catalog.read_info(folder), notes


@contextlib.contextmanager
def _hidden_folder(library: Library) -> Iterator[Path]:
    """An empty folder among the models that goes at the end; what a killed process left of it goes before.

    Raises:
        KnownError: another process has it.
    """
    lock = filelock.FileLock(library.root / "adding.lock")
    try:
        lock.acquire(timeout=0)
    except filelock.Timeout:
        raise KnownError("Another model is being added; let that end first.") from None
    hidden = library.models / ".adding"
    try:
        shutil.rmtree(hidden, ignore_errors=True)
        hidden.mkdir()
        yield hidden
    finally:
        shutil.rmtree(hidden, ignore_errors=True)
        lock.release()


def _refuse_taken(library: Library, name: str, model_id: str = "") -> None:
    for model in catalog.available(library):
        if model.model_id == model_id:
            raise KnownError("This model is here already, as {name}.", name=model.name)
        if name in (model.name, model.model_id, model.path.name):
            raise KnownError("A model named {name} is here already; give this one another name.", name=name)


def _published(
    library: Library,
    source: str,
    folder: Path,
    name: str | None,
    on_stage: Callable[[str], None],
    trainer: Sequence[str],
) -> tuple[Sentence, ...]:
    is_folder = Path(source).is_dir()
    command = [*trainer, "publish", "--json", "--out", str(folder), *([f"--name={name}"] if name else [])]
    command += ["--", str(Path(source).absolute()) if is_folder else source]
    offline = {"HF_HUB_OFFLINE": "1"} if is_folder else {}
    failure: Sentence | None = None
    notes: tuple[Sentence, ...] = ()
    log = library.logs / "adding.txt"
    with (
        log.open("wb") as errors,
        children.start(
            command,
            stdout=subprocess.PIPE,
            stderr=errors,
            cwd=Path.cwd(),
            env={**os.environ, **offline},
        ) as child,
    ):
        assert child.stdout is not None
        try:
            for line in child.stdout:
                said = _event(line)
                failure, notes = said.sentence or failure, said.notes or notes
                if said.event == "stage":
                    on_stage(said.stage)
        except BaseException:
            children.end(child)
            raise
    if child.returncode:
        raise KnownError(failure or Sentence("The model could not be added; {log} says more.", log=log))
    return notes


def _event(line: bytes) -> TrainerLine:
    try:
        return msgspec.json.decode(line, type=TrainerLine)
    except msgspec.MsgspecError as error:
        _log.warning("The trainer said what is not understood: %s", error)
        return TrainerLine("")
