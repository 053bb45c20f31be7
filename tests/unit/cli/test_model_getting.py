"""photosearch models get, delete and pause, asked of an engine whose trainer downloads for ever."""

import contextlib
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from photosearch.cli import main
from photosearch.core.model_messages import AddModel, GetModels
from photosearch.engine.server import Server
from photosearch.engine.service import Engine
from photosearch.models import downloads
from photosearch.paths import Library
from tests.helpers.colour_model import MODEL, describe_model, load_colours
from tests.helpers.engine import ask
from tests.helpers.processes import wait_for

BEGIN = """
import json, sys, time
from pathlib import Path
from photosearch.models import downloads
root = Path(sys.argv[sys.argv.index("--downloads") + 1])
files = downloads.begin(root, sys.argv[-1], 9)
(files / "model.safetensors.part").write_bytes(b"abc")
print(json.dumps({"event": "stage", "stage": "fetching", "done": 3, "total": 9}), flush=True)
time.sleep(1000)
"""
FAIL = """
import json, os, sys
said = " ".join([*sys.argv, os.environ.get("HF_TOKEN", ""), os.environ.get("SECRET", "")])
print(json.dumps({"event": "failed", "sentence": {"template": said, "values": {}}}))
sys.exit(1)
"""
Run = Callable[..., str]


@pytest.fixture
def library(tmp_path: Path) -> Library:
    library = Library(tmp_path / "library")
    describe_model(library)
    return library


@pytest.fixture
def run(library: Library, capsys: pytest.CaptureFixture[str]) -> Run:
    def run(*arguments: str, code: int = 0) -> str:
        assert main([*arguments, "--library", str(library.root)]) == code
        out, errors = capsys.readouterr()
        return errors if code else out

    return run


@contextlib.contextmanager
def served(library: Library, code: str) -> Iterator[Engine]:
    """Another process's, as far as the command can tell."""
    trainer = (sys.executable, "-c", code)
    with (
        Engine(library, MODEL, background=False, load=load_colours, trainer=trainer) as engine,
        Server(library, engine),
    ):
        yield engine


@pytest.fixture
def downloading(library: Library) -> Iterator[Engine]:
    with served(library, BEGIN) as engine:
        ask(engine, AddModel(b"some/model"))
        wait_for(lambda: ask(engine, GetModels()).adding.done == 3)
        yield engine


def test_what_is_being_downloaded_is_paused_before_it_is_deleted(
    run: Run, downloading: Engine, library: Library
) -> None:
    assert "some/model is being downloaded; end that first" in run("models", "delete", "some/model", code=1)
    assert "Another model is being added" in run("models", "get", "some/model", code=1)
    assert "to go on: photosearch models get some/model" in run("models", "pause")
    assert ask(downloading, GetModels()).adding.phase == "paused"
    assert "photosearch models get some/model" in run("models", "resume", code=1)
    assert (
        run("models", "delete", "some/model") == "What was downloaded of some/model, 3 bytes, is deleted.\n"
    )
    assert downloads.begun(library.downloads) == []


def test_a_download_is_told_of_that_runs_and_one_that_waits(run: Run, downloading: Engine) -> None:
    told = {"source": "some/model", "done": 3, "total": 9}
    for command in ("status", "models"):
        assert "some/model, 3 bytes of 9 bytes are here; to let it wait" in run(command)
        assert json.loads(run(command, "--json"))["downloads"] == [{**told, "running": True}]
    run("models", "pause")
    for command in ("status", "models"):
        assert "and it waits; to go on: photosearch models get some/model" in run(command)
        assert json.loads(run(command, "--json"))["downloads"] == [{**told, "running": False}]


def test_a_model_is_got_by_the_engine_with_what_the_shell_says_of_the_hub(
    run: Run, library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    with served(library, FAIL):
        monkeypatch.setenv("HF_TOKEN", "hf_of_the_shell")
        said = run("models", "get", "some/model", "--name", "mine", code=1)
    assert "--name=mine" in said and "some/model hf_of_the_shell" in said


def test_the_address_of_a_models_page_is_its_id(run: Run, library: Library) -> None:
    with served(library, FAIL):
        for page, source in (("", ""), ("/", ""), ("/tree/v1/x", "@v1/x")):
            said = run("models", "get", f"https://hub.example.org/some/model{page}", code=1)
            assert f"-- some/model{source} " in said


def test_the_model_that_came_with_the_program_is_not_deleted(run: Run, library: Library) -> None:
    with served(library, FAIL):
        assert "came with the program and stays" in run("models", "delete", "bundled", code=1)
