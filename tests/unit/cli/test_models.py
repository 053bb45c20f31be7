"""photosearch models and words, over a library whose model is never loaded."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from photosearch.cli import main
from photosearch.core.teaching import Word
from photosearch.engine import measuring
from photosearch.engine.speeds import Speeds
from photosearch.models import catalog, downloads
from photosearch.models.lesson import Lesson, read_lesson, write_lesson
from photosearch.models.offers import known_models
from photosearch.paths import Library
from photosearch.store.writer import Writer
from tests.helpers.colour_library import make_colour_library
from tests.helpers.colour_model import MODEL

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
    monkeypatch.setattr(measuring, "torch_is_here", lambda: False)
    assert "takes torch, which is not here" in run("models", "offers", "--measure", code=1)
