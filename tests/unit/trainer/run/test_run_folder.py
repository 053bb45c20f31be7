from pathlib import Path

import pytest
import torch

from photosearch.core.errors import KnownError
from trainer.run.run_folder import RunFolder, RunInfo


@pytest.fixture
def folder(tmp_path: Path) -> RunFolder:
    folder = RunFolder(tmp_path / "run")
    folder.write(info())
    return folder


def info() -> RunInfo:
    return RunInfo("mine", {"losses": [1]}, 0, {}, 10, {}, "2026-01-01T00:00:00+00:00")


def test_a_run_is_read_as_it_was_written(folder: RunFolder, tmp_path: Path) -> None:
    assert folder.read() == info()
    assert RunFolder(tmp_path / "none").read() is None


@pytest.mark.parametrize(("status", "sentence"), [("running", "--resume"), ("finished", "finished run")])
def test_a_used_folder_is_refused(folder: RunFolder, status: str, sentence: str) -> None:
    used = info()
    used.status = status  # type: ignore[assignment]
    folder.write(used)
    with pytest.raises(KnownError, match=sentence):
        folder.refuse_if_used()


def test_a_broken_run_json_is_told(folder: RunFolder) -> None:
    (folder.path / "run.json").write_text("{")
    with pytest.raises(KnownError, match="cannot be read"):
        folder.read()


def test_going_back_forgets_later_lines_and_one_that_was_cut_off(folder: RunFolder) -> None:
    for step in range(1, 5):
        folder.record({"event": "step", "step": step})
    with (folder.path / "metrics.jsonl").open("a") as file:
        file.write('{"event": "st')
    folder.rewind(2)
    folder.record({"event": "step", "step": 3})
    lines = (folder.path / "metrics.jsonl").read_text().splitlines()
    assert [line[-2] for line in lines] == ["1", "2", "3"]


def test_the_last_whole_state_counts(folder: RunFolder) -> None:
    assert folder.load_state() is None
    for step in (9, 10):
        shared = torch.full((2,), float(step))
        folder.save_state(step, {"a": shared, "b": shared}, {"step": step})
    state = folder.path / "state"
    assert len(list(state.iterdir())) == 2
    # A kill while the next state is written leaves its weights without its values, or half a file.
    (state / "step-00000011.safetensors").write_bytes(b"whole")
    (state / ".step-00000011.json.partial").write_bytes(b"{")
    found = folder.load_state()
    assert found is not None
    assert (found[0]["b"].tolist(), found[1]) == ([10.0, 10.0], {"step": 10})


def test_a_damaged_state_is_told(folder: RunFolder) -> None:
    folder.save_state(3, {"a": torch.zeros(1)}, {})
    (folder.path / "state" / "step-00000003.safetensors").write_bytes(b"no tensors")
    with pytest.raises(KnownError, match="begin a new run"):
        folder.load_state()
