import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest
from safetensors import SafetensorError

from trainer.cli import COMMANDS, FAULT, main


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.NAME)
def test_every_command_explains_itself(command: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([command.NAME, "--help"])
    assert ended.value.code == 0
    assert f"examples:\n  python -m trainer {command.NAME}" in capsys.readouterr().out


def test_starts_without_torch() -> None:
    script = (
        "import contextlib, sys, trainer.cli as cli\n"
        "with contextlib.suppress(SystemExit): cli.main(['--help'])\n"
        "print(*{'torch', 'numpy', 'PIL', 'jinja2'} & set(sys.modules), file=sys.stderr)"
    )
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert ended.stdout.startswith("usage:")
    assert ended.stderr.split() == []


def test_a_known_error_is_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    missing = tmp_path / "none"
    assert main(["data", "check", str(missing)]) == 1
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err == (
        f"{missing} is not a folder; name the one that holds the photos and their captions.\n"
    )


def test_an_error_that_nobody_foresaw_ends_with_a_sentence_and_a_code_of_its_own(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(*_: object) -> None:
        raise SafetensorError("Error while serializing: I/O error: No space left on device")

    monkeypatch.setattr("trainer.data.check.check", full)
    assert main(["data", "check", "photos"]) == FAULT
    told = capsys.readouterr()
    assert told.out == ""
    assert "No space left" in told.err
    assert told.err.splitlines()[-1] == (
        "The trainer has a fault (SafetensorError); please report it with the lines above."
    )


def test_what_is_not_installed_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "trainer.evaluate.measure", None)
    monkeypatch.delitem(sys.modules, "trainer.evaluate.measure")
    monkeypatch.setitem(sys.modules, "torch", None)
    assert main(["objects", "--model", "bundled", "--images", ".", "--labels", "labels.json"]) == 1
    assert capsys.readouterr().err == (
        "This takes torch, which is not installed: pip install 'photosearch[train]'.\n"
    )


def test_wrong_usage_is_2() -> None:
    with pytest.raises(SystemExit) as ended:
        main(["objects"])
    assert ended.value.code == 2
