"""photosearch settings, over a library without a model."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from photosearch import cli
from photosearch.cli.settings import KEYS
from photosearch.paths import Library
from photosearch.store.writer import Writer

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    monkeypatch.setattr("photosearch.cli.settings.config_file", lambda: tmp_path / "photosearch.ini")
    Writer.open(Library(tmp_path / "library")).close()

    def run(*arguments: str) -> tuple[int, str, str]:
        code = cli.main(["settings", *arguments, "--library", str(tmp_path / "library")])
        return code, *capsys.readouterr()

    return run


@pytest.mark.parametrize(
    ("key", "first", "then"),
    [("theme", "system", "dark"), ("backups", "3", "7"), ("threads", "0", "4")],
    ids=["the person's", "the library's", "of the next engine"],
)
def test_a_setting_is_changed_and_made_what_it_was(run: Run, key: str, first: str, then: str) -> None:
    assert run("get", key) == (0, f"{first}\n", "")
    assert run("set", key, then) == (0, "", "")
    assert run("get", key) == (0, f"{then}\n", "")
    assert run("reset", key) == (0, "", "")
    assert run("get", key) == (0, f"{first}\n", "")


def test_what_a_setting_is_now_is_told_to_programs(run: Run) -> None:
    for arguments, value in ((("set", "backups", "7"), "7"), (("reset", "backups"), "3")):
        code, out, _ = run(*arguments, "--json")
        assert (code, json.loads(out)) == (0, {"settings": {"backups": value}})


def test_every_setting_is_listed(run: Run) -> None:
    code, out, _ = run("--json")
    assert (code, list(json.loads(out)["settings"])) == (0, KEYS)
    assert len(run("list")[1].splitlines()) == len(KEYS)


def test_several_values_are_the_lines_of_one_text(run: Run) -> None:
    assert run("set", "exclude", "Screenshots/", "*.gif") == (0, "", "")
    assert json.loads(run("get", "exclude", "--json")[1])["settings"] == {"exclude": "Screenshots/\n*.gif"}
    assert run("set", "backups", "1", "2")[0] == 2


def test_a_value_that_a_setting_does_not_take_is_refused(run: Run) -> None:
    code, out, errors = run("set", "backups", "many")
    assert (code, out) == (2, "")
    assert "The setting backups cannot be 'many'; it can be 0 to 30." in errors
    assert "it can be system, light, dark." in run("set", "theme", "purple")[2]
    assert run("get", "backups")[1] == "3\n"


def test_it_is_said_when_an_open_window_takes_up_what_it_reads_at_its_start(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Library(tmp_path / "library").engine_key.touch()  # an engine runs, which needs no window
    assert run("set", "theme", "light")[2] == ""
    monkeypatch.setattr("photosearch.gui.desktop.single_instance.is_open", lambda library: True)
    assert "opened again" in run("set", "theme", "dark")[2]
