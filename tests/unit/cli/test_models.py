"""photosearch models and words, over a library whose model is never loaded."""

import io
import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from photosearch.cli import main
from photosearch.core.errors import KnownError
from photosearch.core.teaching import Word
from photosearch.engine import adding, measuring
from photosearch.engine.speeds import Speeds
from photosearch.extras import GPU
from photosearch.models import catalog, downloads
from photosearch.models.catalog import ModelInfo
from photosearch.models.lesson import Lesson, read_lesson, write_lesson
from photosearch.models.offers import known_models
from photosearch.paths import Library
from photosearch.store.writer import Writer
from tests.helpers.colour_library import make_colour_library
from tests.helpers.colour_model import MODEL
from tests.helpers.wheels import fetch_from_wheels, make_wheel

Run = Callable[..., str]


@pytest.fixture
def library(tmp_path: Path) -> Library:
    library = Library(tmp_path / "library")
    make_colour_library(library, 3)
    with Writer.open(library) as writer:
        writer.set_setting("model", catalog.find(MODEL, library).model_id)
    return library


@pytest.fixture
def run(library: Library, capsys: pytest.CaptureFixture[str]) -> Run:
    def run(*arguments: str | Path, code: int = 0) -> str:
        assert main([*map(str, arguments), "--library", str(library.root)]) == code
        out, errors = capsys.readouterr()
        assert bool(errors) == bool(code), errors
        return errors if code else out

    return run


@pytest.fixture
def file(library: Library, tmp_path: Path) -> Path:
    path = tmp_path / "ours.safetensors"
    base = catalog.find(MODEL, library).model_id
    write_lesson(path, Lesson(base, "Ours", created_at=1.7e9, captions=40, words=(Word("Rusty", "red"),)))
    return path


def listed(run: Run) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(run("models", "--json"))
    return found


def test_models_are_listed_with_lessons(run: Run, file: Path) -> None:
    assert listed(run)["lessons"] == []
    assert set(listed(run)["models"][0]) == {
        "id",
        "name",
        "dim",
        "bytes",
        "path",
        "default",
        "licence",
        "calibrated",
        "fitted_on",
        "next",
        "waits",
    }
    run("models", "import", file)
    (lesson,) = listed(run)["lessons"]
    assert (lesson["name"], lesson["in_use"], lesson["fits"], lesson["verdict"]) == (
        "Ours",
        False,
        True,
        None,
    )
    run("models", "use", "Ours")
    text = run("models", "list")
    assert f"* {MODEL}" in text
    assert "* Ours" in text
    assert "from 40 captions" in text
    assert json.loads(run("models", "list", "--json")) == listed(run)


def test_lessons_are_used_rolled_back_exported_and_deleted(run: Run, file: Path, tmp_path: Path) -> None:
    assert "nothing to go back" in run("models", "rollback", code=1)
    assert "No lesson is in use" in run("models", "export", tmp_path / "x", code=1)
    run("models", "import", file)
    run("models", "use", listed(run)["lessons"][0]["id"])
    assert run("words") == "Rusty  = red  (0 captions)\n"
    assert "no lesson" in run("models", "rollback")
    assert "use Ours" in run("models", "rollback")
    run("models", "export", tmp_path / "given.safetensors")
    assert read_lesson(tmp_path / "given.safetensors").words == read_lesson(file).words
    run("models", "use", "none")
    assert not listed(run)["lessons"][0]["in_use"]
    run("models", "import", file)
    assert "give an id" in run("models", "delete", "Ours", code=1)
    for lesson in listed(run)["lessons"]:
        run("models", "delete", lesson["id"])
    assert listed(run)["lessons"] == []
    assert run("models", "use", "Ours", code=1)
    assert run("models", "export", "x", "--lesson", "Ours", code=1)
    assert run("models", "import", tmp_path / "none", code=1)


def test_what_a_model_that_is_gone_knew_can_be_deleted(run: Run, library: Library) -> None:
    old = catalog.find(MODEL, library)
    shutil.rmtree(old.path)
    assert listed(run)["gone"] == [{"id": old.model_id, "name": MODEL, "photos": 3}]
    assert f"{MODEL} is gone and knew 3 photos" in run("models")
    assert run("models", "delete", "another", code=1)
    run("models", "delete", MODEL)
    assert listed(run)["gone"] == []


def test_words_are_listed_set_and_removed(run: Run) -> None:
    assert "No names yet" in run("words")
    run("words", "set", "Rusty", "brown dog")
    run("words", "set", "Clover Meadow", "grassy field")
    assert run("words", "list").splitlines() == [
        "Clover Meadow  = grassy field  (yours)",
        "Rusty          = brown dog  (yours)",
    ]
    run("words", "remove", "rusty")
    (word,) = json.loads(run("words", "--json"))["words"]
    assert (word["name"], word["phrase"], word["edited"]) == ("Clover Meadow", "grassy field", True)
    assert run("words", "set", "", "x", code=1)


def test_what_can_be_had_is_listed_without_an_engine_or_a_network(run: Run, library: Library) -> None:
    found = json.loads(run("models", "offers", "--json"))
    assert found["photos"] == 3
    best = next(offer for offer in found["offers"] if offer["recommended"])
    assert (best["state"], best["research_only"], best["ms_a_photo"]) == ("offered", False, None)
    Speeds(library).remember(known_models()[0], 500.0)
    files = downloads.begin(library.downloads, "some/model", 2000)
    (files / "config.json.part").write_bytes(bytes(1000))
    text = run("models", "offers")
    assert f"{best['name']}  (recommended)\n  photosearch models get {best['source']}" in text
    assert "measured here: 500 ms a photo, 1.5 s for 3 photos" in text
    assert "some/model  (1.0 kB of 2.0 kB downloaded)" in text
    assert "not measured of all: photosearch models offers --measure" in text
    run("models", "delete", "some/model")
    assert "some/model" not in run("models", "offers")


def test_what_the_catalogue_has_not_is_refused(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "The catalogue has no model a good one" in run("models", "get", "a good one", code=1)
    assert "as owner/name" in run("models", "get", "a good one", code=1)
    monkeypatch.setattr(measuring, "torch_is_here", lambda: False)
    assert "takes torch, which is not here" in run("models", "offers", "--measure", code=1)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("typed", "options", "comes"), [("y\n", [], True), ("n\n", [], False), ("", ["--yes"], True)]
)
def test_a_model_comes_by_itself_once_torch_was_fetched_for_it(
    typed: str,
    options: list[str],
    comes: bool,
    library: Library,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    make_wheel(fetch_from_wheels(tmp_path, monkeypatch), "torch_of_the_test", "2.5")
    got = takes_torch(monkeypatch)
    monkeypatch.setattr(sys, "stdin", Terminal(typed))
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    command = ["models", "get", "makers/strong", *options, "--library", str(library.root)]
    assert main(command) == (0 if comes else 1)
    said, errors = capsys.readouterr()
    assert got == (["makers/strong"] if comes else [])
    assert ("Added " in said) == comes
    assert "takes torch, which is not here" in errors and "3 GB to download" in errors
    assert ("Go on? [y/N]" in errors) == (not options)
    assert ("Nothing was fetched." in errors) == (not comes)


def test_torch_is_not_fetched_where_nobody_can_be_asked(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    takes_torch(monkeypatch)
    monkeypatch.setattr(sys, "stdin", io.StringIO("y\n"))
    errors = run("models", "get", "makers/strong", code=1)
    assert "photosearch extras add gpu" in errors and "3 GB" not in errors


def takes_torch(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Nothing is made, and nothing said to be without torch; -> what was taken in."""
    got: list[str] = []

    def add_model(library: Library, source: str, **_: object) -> tuple[ModelInfo, tuple[()]]:
        if not GPU.fetched():
            raise KnownError("It takes torch, which is not here: {command}.", command=GPU.add)
        got.append(source)
        return catalog.default(), ()

    monkeypatch.setattr(adding, "add_model", add_model)
    return got
