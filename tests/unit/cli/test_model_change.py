"""photosearch models use, pause, resume, cancel and compare, over two small models that run."""

import json
import shlex
from collections.abc import Callable
from pathlib import Path

import pytest

from photosearch.cli import main, models
from photosearch.paths import Library
from photosearch.store.writer import Writer
from tests.helpers.exported_models import copy_exported
from tests.helpers.photos import make_photo

Run = Callable[..., str]


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    folder = tmp_path / "photos"
    folder.mkdir()
    for colour in ("red", "green", "blue"):
        make_photo(folder / f"{colour}.png", color=colour)
    return folder


@pytest.fixture
def library(tmp_path: Path) -> Library:
    library = Library(tmp_path / "library")
    for name in ("tiny", "other"):
        copy_exported(library.models / name, name)
    return library


@pytest.fixture
def run(library: Library, photos: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    def run(*arguments: str | Path, code: int = 0) -> str:
        assert main([*map(str, arguments), "--library", str(library.root)]) == code
        out, errors = capsys.readouterr()
        return errors if code else out

    run("index", photos, "--model", "tiny")
    return run


def test_the_example_of_comparing_is_one_search() -> None:
    (example,) = (line for line in models.EXAMPLES if line.startswith("photosearch models compare"))
    assert shlex.split(example.partition("(")[0]) == ["photosearch", "models", "compare", "two dogs"]


def test_another_model_is_read_for_compared_and_left_again(run: Run, photos: Path, library: Library) -> None:
    assert "knows 0 of 3 photos" in run("models", "use", "other")
    assert "once it knows every photo that can be read" in run("status")
    compared = run("models", "compare", "red")
    assert "only those are compared that both know" in compared and "both know no photo" in compared
    assert "models cancel" in run("models", "delete", "other", code=1)
    assert "models resume" in run("models", "pause")
    assert "answers next, but its reading waits, and knows 0 of 3 photos" in run("models", "list")
    listed = {model["name"]: model for model in json.loads(run("models", "--json"))["models"]}
    assert [(listed[name]["next"], listed[name]["waits"]) for name in ("tiny", "other")] == [
        (False, False),
        (True, True),
    ]
    assert "reading waits at 0 of 3 photos" in run("status")
    run("index", photos)
    assert json.loads(run("status", "--json"))["next_waits"]
    assert "photosearch index FOLDER" in run("models", "resume")
    assert json.loads(run("index", photos, "--json"))["indexed"] == 3
    assert json.loads(run("status", "--json"))["next_model"] == ""

    (search,) = json.loads(run("models", "compare", "red", "--json"))["searches"]
    assert [model["name"] for model in search["models"]] == ["tiny", "other"]
    assert [len(model["paths"]) for model in search["models"]] == [3, 3]
    with Writer.open(library) as writer:
        writer.save_search("Blues", "blue")
        writer.remember_search("green")
    compared = run("models", "compare", "-k", "1")
    assert compared.index("blue") < compared.index("green")
    assert "answers" in run("models", "compare", "red", "--with", "other", code=1)

    assert "photosearch models use tiny" in run("models", "rollback", code=1)  # which is for lessons
    assert run("models", "use", "tiny") == "It answers from now on.\n"
    assert "model     tiny" in run("status")
    assert "other is deleted, " in run("models", "delete", "other")


def test_a_change_is_ended(run: Run, photos: Path) -> None:
    run("models", "use", "other")
    assert "is forgotten" in run("models", "cancel", "--forget")
    assert json.loads(run("status", "--json"))["next_model"] == ""
    for action in ("pause", "resume", "cancel"):
        assert "No other model" in run("models", action, code=1)


def test_photos_that_the_model_before_answers_for_are_searchable(
    run: Run, photos: Path, library: Library, tmp_path: Path
) -> None:
    drive = tmp_path / "drive"
    drive.mkdir()
    make_photo(drive / "yellow.png", color="yellow")
    run("index", drive)
    drive.rename(tmp_path / "away")
    run("models", "use", "other")
    run("index", photos)
    said = run("status")
    assert "photos    4\n" in said
    assert "beside    1 photo that it cannot read now" in said
    told = json.loads(run("status", "--json"))
    assert (told["searchable"], told["beside"]) == (4, 1)


def test_there_must_be_something_to_compare(run: Run) -> None:
    assert "No search is saved" in run("models", "compare", code=1)
    assert "no earlier model" in run("models", "compare", "red", code=1)
