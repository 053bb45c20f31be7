"""A model gets in, is searched with, and goes: the real command line, with the real trainer as its child."""

import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import psutil
import pytest

from photosearch.paths import Library
from tests.helpers.exported_models import EXPORTED, copy_exported
from tests.helpers.hub import serving
from tests.helpers.photos import make_photo
from tests.helpers.processes import ENVIRONMENT, PATIENCE, Ended, photosearch, start, wait_for
from tests.helpers.tiny_hub import make_hub_whole


@pytest.fixture
def library(tmp_path: Path) -> Library:
    """A library that knows three photos with a tiny model."""
    library = Library(tmp_path / "home" / "library")
    copy_exported(library.models / "tiny")
    for color in ("red", "green", "blue"):
        (tmp_path / "photos").mkdir(exist_ok=True)
        make_photo(tmp_path / "photos" / f"{color}.jpg", color=color)
    told("index", tmp_path / "photos", "--model", "tiny", "--library", library.root)
    return library


def told(*arguments: str | Path) -> str:
    ended = photosearch(*arguments)
    assert (ended.code, ended.errors) == (0, "")
    return ended.output


def refused(*arguments: str | Path) -> str:
    ended = photosearch(*arguments)
    assert (ended.code, ended.output, len(ended.errors.splitlines())) == (1, "", 1)
    return ended.errors


def models(library: Library) -> dict[str, dict[str, Any]]:
    found = json.loads(told("models", "--json", "--library", library.root))["models"]
    return {model["name"]: model for model in found}


def here(library: Library) -> set[str]:
    return {folder.name for folder in library.models.iterdir()} - {library.downloads.name}


def test_a_model_of_the_hub_gets_in_answers_and_goes(library: Library, tmp_path: Path) -> None:
    hub = make_hub_whole(tmp_path / "clip")
    (hub / "README.md").write_text("---\nlicense: mit\n---\n")
    at = ("--library", library.root)
    with serving({"tiny/clip": hub}) as server:
        environment = {**ENVIRONMENT, "HF_ENDPOINT": server.endpoint, "HF_HOME": str(tmp_path / "cache")}
        server.cut = (10_000, 1)
        add = ("models", "add", "tiny/clip", "--name", "My CLIP", "--json", *at)
        ended = photosearch(*add, environment=environment)
        assert (ended.code, ended.errors) == (0, "")
    added = json.loads(ended.output)
    assert (added["name"], added["licence"], len(added["notes"])) == ("My CLIP", "mit", 1)
    assert (here(library), list(library.downloads.iterdir())) == ({added["id"], "tiny"}, [])
    assert models(library)["tiny"]["default"]
    assert "licence mit, not calibrated on known answers" in told("models", *at)
    taken = refused("models", "add", EXPORTED / "other", "--name", "My CLIP", *at)
    assert "A model named My CLIP is here already" in taken
    assert here(library) == {added["id"], "tiny"}

    told("models", "use", "My CLIP", *at)
    told("index", tmp_path / "photos", *at)
    assert models(library)["My CLIP"]["default"]
    assert len(json.loads(told("search", "a red square", "--json", *at))["hits"]) == 3
    assert "in use" in refused("models", "delete", "My CLIP", *at)
    told("models", "use", "tiny", *at)
    told("index", tmp_path / "photos", *at)
    assert models(library)["tiny"]["default"]
    told("models", "delete", "My CLIP", *at)
    assert here(library) == {"tiny"}
    assert "My CLIP" not in models(library)
    assert "came with the program" in refused("models", "delete", "bundled", *at)
    assert "no lesson and no model My CLIP" in refused("models", "delete", "My CLIP", *at)


def test_one_of_our_own_gets_in_where_no_library_is_yet(tmp_path: Path) -> None:
    library = Library(tmp_path / "home" / "library")
    text = told("models", "add", EXPORTED / "other", "--library", library.root)
    assert text.startswith("Added other (") and text.endswith(f"use {models(library)['other']['id']}\n")
    assert "licence unknown" in text


def test_what_is_no_model_is_refused_in_one_sentence_and_leaves_nothing(tmp_path: Path) -> None:
    library = Library(tmp_path / "library")
    (tmp_path / "empty").mkdir()
    assert "holds no model" in refused("models", "add", tmp_path / "empty", "--library", library.root)
    assert "neither a folder" in refused("models", "add", tmp_path / "gone", "--library", library.root)
    assert list(library.models.iterdir()) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_stop_ends_the_trainer_too_and_leaves_nothing(number: signal.Signals, tmp_path: Path) -> None:
    library = Library(tmp_path / "library")
    hub = make_hub_whole(tmp_path / "clip")
    command = start("photosearch", "models", "add", hub, "--library", library.root)
    wait_for(lambda: any(library.models.glob(".adding/.model-*")))  # the trainer is at work
    (trainer,) = psutil.Process(command.pid).children()
    command.send_signal(number)
    _, errors = command.communicate(timeout=PATIENCE)
    trainer.wait(PATIENCE)
    if number == signal.SIGKILL:
        told("models", "add", EXPORTED / "other", "--library", library.root)  # which clears up after it
    else:
        assert command.returncode == (130 if number == signal.SIGINT else 128 + number)
        assert "Traceback" not in errors
    assert not list(library.models.glob(".*"))


def test_the_trainer_publishes_by_the_same_code(tmp_path: Path) -> None:
    def publish() -> Ended:
        command = [sys.executable, "-m", "trainer", "publish", EXPORTED / "tiny", "--out", tmp_path / "out"]
        ran = subprocess.run(command, capture_output=True, text=True, env=ENVIRONMENT, check=False)
        return Ended(ran.returncode, ran.stdout, ran.stderr)

    first = publish()
    assert (first.code, first.errors) == (0, "")
    assert first.output.startswith("tiny (") and "licence: unknown." in first.output
    assert publish() == (1, "", f"{tmp_path / 'out'} is there already; name a new folder.\n")
