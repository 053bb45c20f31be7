"""What escapes from a command, and how the person meets it."""

import argparse
from pathlib import Path

import pytest

from photosearch import cli
from photosearch.cli import models
from photosearch.core.errors import KnownError


def fail_with(error: BaseException, monkeypatch: pytest.MonkeyPatch) -> None:
    def run(options: argparse.Namespace) -> int:
        raise error

    monkeypatch.setattr(models, "run", run)


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (KnownError("The disk is full.\x1b"), 1, "photosearch: The disk is full.\\x1b\n"),
        (KeyboardInterrupt(), 130, "photosearch: stopped.\n"),
    ],
)
def test_a_sentence_and_a_status(
    error: BaseException,
    code: int,
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    fail_with(error, monkeypatch)
    assert cli.main(["models", "--library", str(tmp_path)]) == code
    assert capsys.readouterr() == ("", said)


def test_a_slip_of_the_finger_is_understood(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(["serach", "dogs"])
    assert ended.value.code == 2
    assert capsys.readouterr().err == "photosearch: There is no command serach; did you mean search?\n"


def test_ctrl_c_while_indexing_says_how_to_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(options: argparse.Namespace) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(cli.index, "run", interrupted)
    assert cli.main(["index", str(tmp_path), "--library", str(tmp_path)]) == 130
    assert "goes on where it was" in capsys.readouterr().err


@pytest.mark.parametrize("writable", [True, False])
def test_a_bug_is_written_down_and_named(
    writable: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    library = tmp_path / "library"
    if not writable:
        library.touch()
    fail_with(ZeroDivisionError("surprise"), monkeypatch)
    assert cli.main(["models", "--library", str(library)]) == 1
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "surprise" not in said
    log = Path(said.partition("; ")[2].removesuffix(" has the details.\n"))
    assert log.is_relative_to(library) == writable
    assert "ZeroDivisionError: surprise" in log.read_text()
