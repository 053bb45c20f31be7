"""`photosearch teach` with the real trainer, on a tiny model and vectors by chance."""

import json
import signal
import subprocess
from pathlib import Path

import psutil
import pytest

from photosearch.models import catalog
from photosearch.paths import Library
from photosearch.store.rows import IndexedFile
from photosearch.store.writer import Writer
from tests.helpers.exported_models import copy_to_run
from tests.helpers.library import indexed_file
from tests.helpers.processes import PATIENCE, photosearch, start, wait_for
from tests.helpers.runtimes import RUNTIMES

CAPTIONED = 24


@pytest.fixture
def library(request: pytest.FixtureRequest, tmp_path: Path) -> Library:
    library = Library(tmp_path / "library")
    copy_to_run(getattr(request, "param", RUNTIMES[0]), library.models / "tiny")
    model = catalog.find("tiny", library)
    with Writer.open(library) as writer:
        folder = writer.add_folder(b"/photos", "")
        writer.register_model(model.model_id, model.name, model.dim)
        files: list[IndexedFile] = [
            indexed_file(number, folder_id=folder.folder_id, dim=model.dim) for number in range(40)
        ]
        ids = writer.commit(files, model.model_id)
        writer.set_setting("model", model.model_id)
        said = ("Rusty runs along a beach", "a cat on a sofa at Pelican Cove", "Rusty in the water")
        writer.import_captions(
            [(photo_id, f"{said[place % 3]} {place}") for place, photo_id in enumerate(ids[:CAPTIONED])]
        )
    return library


@pytest.mark.parametrize("library", RUNTIMES, indirect=True)
def test_what_was_measured_is_told_and_kept(library: Library) -> None:
    ended = photosearch("teach", "--json", "--library", library.root)
    assert (ended.code, ended.errors) == (0, "")
    found = json.loads(ended.output)
    report = found["report"]
    assert (report["captions"], report["photos"], report["gallery"]) == (CAPTIONED, CAPTIONED, 40)
    assert found["in_use"] == (found["verdict"] == "better")
    listed = json.loads(photosearch("models", "--json", "--library", library.root).output)
    (lesson,) = listed["lessons"]
    assert (lesson["id"], lesson["verdict"], lesson["fits"]) == (found["lesson"], found["verdict"], True)
    assert not library.teaching.exists()


def test_ctrl_c_ends_the_trainer_too(library: Library) -> None:
    command, trainer = learning(library)
    command.send_signal(signal.SIGINT)
    _, errors = command.communicate(timeout=PATIENCE)
    assert command.returncode == 130
    assert "nothing was changed" in errors
    trainer.wait(PATIENCE)
    assert not library.teaching.exists()


def learning(library: Library) -> tuple["subprocess.Popen[str]", psutil.Process]:
    """A command that teaches, and its trainer."""
    command = start("photosearch", "teach", "--library", library.root)
    found: list[psutil.Process] = []

    def has_begun() -> bool:
        assert command.poll() is None, command.communicate()
        children = psutil.Process(command.pid).children()
        found[:] = [child for child in children if "trainer" in child.cmdline()]
        return bool(found)

    wait_for(has_begun)
    return command, found[0]
