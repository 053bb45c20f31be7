import contextlib
import io
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from photosearch import cli
from photosearch.cli import extras
from photosearch.cli.extras import line
from photosearch.core.extra_messages import FetchProgress
from photosearch.extras import GPU
from photosearch.paths import Library
from tests.helpers.wheels import fetch_from_wheels, make_wheel


def test_torch_is_fetched_told_and_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    fetch_from_wheels(tmp_path, monkeypatch)

    def told(*arguments: str, code: int = 0) -> str:
        assert cli.main(["extras", *arguments]) == code
        found = capsys.readouterr()
        return found.out if code == 0 else found.err

    library = ("--library", str(tmp_path / "library"))
    assert "gpu    no torch" in told()
    assert "Torch could not be fetched (" in told("add", "gpu", *library, code=1)
    brought = tmp_path / "brought"
    assert f"There is no folder {brought}." in told("add", "gpu", "--from", str(brought), *library, code=1)
    make_wheel(brought, "torch_of_the_test", "2.5")
    assert told("add", "gpu", "--from", str(brought), *library).startswith("Torch 2.5 is here.")
    assert told().startswith("gpu    torch 2.5, fetched, ")
    assert str(GPU.folder()) in told("--json")
    told("remove", "gpu", *library)
    assert "gpu    no torch" in told()


def test_ctrl_c_while_it_is_fetched_is_told_in_a_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    @contextlib.contextmanager
    def interrupted(library: Library) -> Iterator[None]:
        raise KeyboardInterrupt
        yield

    monkeypatch.setattr(extras, "engine", interrupted)
    assert cli.main(["extras", "add", "gpu"]) == cli.INTERRUPTED
    first, last = capsys.readouterr().err.splitlines()
    assert "3 GB to download" in first and "licences" in first  # before anything is fetched
    assert last == "photosearch: stopped; nothing is left of it."


@pytest.mark.parametrize(
    ("typed", "options", "begins"),
    [("\n", [], False), ("n\n", [], False), ("", [], False), ("y\n", [], True), ("", ["--yes"], True)],
)
def test_on_a_terminal_it_is_asked_first(
    typed: str,
    options: list[str],
    begins: bool,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    begun: list[Library] = []

    @contextlib.contextmanager
    def recorded(library: Library) -> Iterator[None]:
        begun.append(library)
        raise KeyboardInterrupt
        yield

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr(extras, "engine", recorded)
    monkeypatch.setattr(sys, "stdin", Terminal(typed))
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    assert cli.main(["extras", "add", "gpu", *options]) == (cli.INTERRUPTED if begins else 1)
    assert bool(begun) == begins
    said = capsys.readouterr().err
    assert ("Go on? [y/N]" in said) == (not options)
    assert ("Nothing was fetched." in said) == (not begins)


@pytest.mark.parametrize(
    ("progress", "said"),
    [
        (FetchProgress("finding"), "finding …"),
        (FetchProgress("finding", "torch", bytes=530_000_000), "finding torch … · 530.0 MB so far"),
        (
            FetchProgress("downloading", "torch", 2, 9, 530_000_000, 3_000_000_000),
            "downloading torch … · 2 of 9 packages · 530.0 MB of 3.0 GB",
        ),
    ],
)
def test_a_line_of_progress(progress: FetchProgress, said: str) -> None:
    assert line(progress) == said
