"""The folder of one run: what it is, its curve, and what it needs to go on after a kill."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import msgspec
import safetensors.torch
from safetensors import SafetensorError
from torch import Tensor

from photosearch.core.errors import KnownError
from photosearch.core.reading import decode_json, read_regular
from photosearch.core.writing import written_whole
from trainer.models.folders import LARGEST_JSON

FORMAT = 1
LARGEST_METRICS = 1 << 30  # bytes; some millions of steps
RUN, METRICS, STATE, MODEL, VALIDATION = "run.json", "metrics.jsonl", "state", "model", "validation"
Status = Literal["running", "finished", "stopped", "cancelled", "failed"]


class RunInfo(msgspec.Struct):
    """`run.json`: which run this is and how it ended."""

    name: str
    recipe: dict[str, Any]
    seed: int
    data: dict[str, Any]
    model_parameters: int
    environment: dict[str, Any]
    started_at: str  # ISO 8601, UTC
    begun_from: str = ""  # the run whose last state this one began with
    finished_at: str | None = None
    status: Status = "running"
    reason: str = ""  # why it ended before its time
    best: dict[str, Any] | None = None  # {step, t2i, i2t}
    job: str = ""  # torchrun's name for what worked on it last
    format: int = FORMAT


class RunFolder:
    """A run's files. Whatever is replaced is written beside its place and renamed, so a kill at any moment
    leaves the old or the new."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.model = path / MODEL
        self.validation = path / VALIDATION

    def read(self) -> RunInfo | None:
        """What run.json says, or None where no run has begun.

        Raises:
            KnownError: the file is not a run's.
        """
        try:
            return decode_json(read_regular(self.path / RUN), RunInfo)
        except FileNotFoundError:
            return None
        except (OSError, msgspec.DecodeError) as error:
            raise KnownError(f"{self.path / RUN} cannot be read: {error}; name another --run.") from error

    def refuse_if_used(self) -> None:
        """Keep a run that began here from being written over.

        Raises:
            KnownError: a run has begun here.
        """
        info = self.read()
        if info is None:
            return
        if info.status == "finished":
            raise KnownError(f"{self.path} holds a finished run; name another folder with --run.")
        raise KnownError(
            f"{self.path} holds an unfinished run; go on with --resume, or name another folder with --run."
        )

    def was_left_by(self, job: str) -> bool:
        """Whether a failure ended this job's work on the run, so that torchrun's next start goes on with it.

        Args:
            job: as `Processes` has it

        Raises:
            KnownError: run.json is not a run's.
        """
        info = self.read()
        if info is None or not job:
            return False
        return info.job == job and info.status not in ("finished", "stopped")

    def write(self, info: RunInfo) -> None:
        """Put run.json in place.

        Raises:
            KnownError: the folder cannot be written, as for all that writes into it.
        """
        try:
            self.path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise KnownError(f"{self.path} cannot be made: {error.strerror}; name another --run.") from error
        _replace(self.path / RUN, msgspec.json.format(msgspec.json.encode(info), indent=1) + b"\n")

    def record(self, event: dict[str, Any]) -> None:
        """One line of metrics.jsonl, there for readers at once."""
        with (self.path / METRICS).open("a", encoding="utf-8") as file:
            file.write(json.dumps(event) + "\n")

    def metrics(self) -> list[str]:
        """The lines of metrics.jsonl, none where nothing was recorded; a kill may have cut the last one off.

        Raises:
            KnownError: the file cannot be read.
        """
        path = self.path / METRICS
        try:
            return read_regular(path, LARGEST_METRICS).decode().splitlines()
        except FileNotFoundError:
            return []
        except (OSError, UnicodeDecodeError) as error:
            raise KnownError(f"{path} cannot be read: {error}.") from error

    def rewind(self, step: int) -> None:
        """Forget the lines of metrics.jsonl after `step`, which a resumed run writes again."""
        kept = [line for line in self.metrics() if _step(line) <= step]
        _replace(self.path / METRICS, "".join(f"{line}\n" for line in kept).encode())

    def save_state(self, step: int, tensors: dict[str, Tensor], values: dict[str, Any]) -> None:
        """Keep all that `load_state` gives back, and drop what was kept before."""
        folder = self.path / STATE
        folder.mkdir(exist_ok=True)
        stem = f"step-{step:08}"
        _replace(folder / f"{stem}.safetensors", safetensors.torch.save(_plain(tensors)))
        _replace(folder / f"{stem}.json", json.dumps(values).encode())  # from now on this state counts
        for path in folder.iterdir():
            if path.stem != stem:
                path.unlink()

    def load_state(self) -> tuple[dict[str, Tensor], dict[str, Any]] | None:
        """The tensors and values of the last `save_state`, or None.

        Raises:
            KnownError: the state cannot be read.
        """
        states = sorted((self.path / STATE).glob("step-*.json"))
        if not states:
            return None
        try:
            tensors = safetensors.torch.load_file(states[-1].with_suffix(".safetensors"))
            return tensors, decode_json(read_regular(states[-1], LARGEST_JSON), dict[str, Any])
        except (OSError, SafetensorError, msgspec.DecodeError) as error:
            raise KnownError(
                f"The state in {self.path} cannot be read ({error}); begin a new run."
            ) from error


def now() -> str:
    """The time as run.json has it: ISO 8601, UTC, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def _plain(tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    # Copies, for safetensors takes no tensors that share memory.
    return {name: tensor.detach().to("cpu", copy=True).contiguous() for name, tensor in tensors.items()}


def _replace(path: Path, data: bytes) -> None:
    try:
        with written_whole(path) as file:
            file.write(data)
    except OSError as error:
        raise KnownError(f"{path} cannot be written: {error.strerror or error}.") from error


class _Event(msgspec.Struct):
    step: float = 0


def _step(line: str) -> float:
    try:
        return decode_json(line, _Event).step
    except msgspec.DecodeError:
        return float("inf")  # the line that a kill cut off
