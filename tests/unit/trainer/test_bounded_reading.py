"""JSON that somebody may have put where the trainer reads: refused in a sentence, and never waited for."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from photosearch.core.errors import KnownError
from trainer.adapt.session import read_words
from trainer.evaluate.objects import read_labels
from trainer.evaluate.recall import Protocol
from trainer.evaluate.zero_shot import read_class_labels
from trainer.models.folders import read_json
from trainer.report.finished_run import read_measured
from trainer.run.run_folder import RunFolder

DEEP = '{"recipe": ' * 100_000


def saved_state(folder: Path) -> Path:
    RunFolder(folder).save_state(1, {"a": torch.zeros(1)}, {})
    return folder / "state" / "step-00000001.json"


READERS: dict[str, tuple[Callable[[Path], Path], Callable[[Path], object]]] = {
    "a model's": (lambda folder: folder / "config.json", lambda folder: read_json(folder / "config.json")),
    "a run": (lambda folder: folder / "run.json", lambda folder: RunFolder(folder).read()),
    "a run's state": (saved_state, lambda folder: RunFolder(folder).load_state()),
    "what a run measured": (
        lambda folder: folder / "validation.json",
        lambda folder: read_measured(folder, Protocol()),
    ),
    "objects": (
        lambda folder: folder / "labels.json",
        lambda folder: read_labels(folder / "labels.json", folder),
    ),
    "classes": (
        lambda folder: folder / "labels.json",
        lambda folder: read_class_labels(folder / "labels.json", folder),
    ),
    "words": (lambda folder: folder / "words.json", lambda folder: read_words(folder / "words.json")),
}


@pytest.mark.parametrize("what", READERS)
def test_what_is_nested_without_end_is_refused(what: str, tmp_path: Path) -> None:
    place, read = READERS[what]
    place(tmp_path).write_text(DEEP)
    with pytest.raises(KnownError):
        read(tmp_path)


@pytest.mark.skipif(os.name != "posix", reason="pipes in folders are POSIX's")
@pytest.mark.parametrize("what", READERS)
def test_a_pipe_is_refused(what: str, tmp_path: Path) -> None:
    place, read = READERS[what]
    path = place(tmp_path)
    path.unlink(missing_ok=True)
    os.mkfifo(path)
    with pytest.raises(KnownError):
        read(tmp_path)


@pytest.mark.skipif(os.name != "posix", reason="pipes in folders are POSIX's")
def test_a_pipe_is_no_curve_of_a_run(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "metrics.jsonl")
    with pytest.raises(KnownError, match="cannot be read"):
        RunFolder(tmp_path).metrics()


def test_going_back_leaves_out_a_line_that_is_nested_without_end(tmp_path: Path) -> None:
    run = RunFolder(tmp_path)
    run.record({"event": "step", "step": 1})
    with (tmp_path / "metrics.jsonl").open("a") as file:
        file.write(f"{DEEP}\n")
    run.rewind(1)
    assert len(run.metrics()) == 1
