"""A model of the catalogue is got over a slow hub, paused, killed and gone on with, by the real program."""

import json
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from photosearch.paths import Library
from tests.helpers.hub import Hub, serving
from tests.helpers.processes import ENVIRONMENT, PATIENCE, photosearch, start, wait_for
from tests.helpers.tiny_hub import make_hub_whole

MODEL, NAME = "google/siglip2-base-patch32-256", "SigLIP 2 B/32"


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    with serving({MODEL: make_hub_whole(tmp_path / "given", "siglip")}) as started:
        started.rate = 20_000  # bytes a second, so that there is time to end it
        yield started


def offer(library: Library) -> dict[str, Any]:
    ended = photosearch("models", "offers", "--json", "--library", library.root)
    assert (ended.code, ended.errors) == (0, "")
    found: list[dict[str, Any]] = json.loads(ended.output)["offers"]
    return next(each for each in found if each["source"] == MODEL)


def test_a_model_is_paused_killed_gone_on_with_and_here(hub: Hub, tmp_path: Path) -> None:
    library = Library(tmp_path / "home" / "library")
    at = ("--library", library.root)
    environment = {**ENVIRONMENT, "HF_ENDPOINT": hub.endpoint}
    assert (offer(library)["state"], offer(library)["recommended"]) == ("offered", True)

    def come() -> int:
        return sum(file.stat().st_size for file in library.downloads.glob("*/*/*.safetensors.part"))

    for number in (signal.SIGINT, signal.SIGKILL):
        before = come()
        getting = start("photosearch", "models", "get", NAME, *at, environment=environment)
        wait_for(lambda before=before: come() > before)
        (trainer,) = psutil.Process(getting.pid).children()
        getting.send_signal(number)
        _, errors = getting.communicate(timeout=PATIENCE)
        trainer.wait(PATIENCE)
        if number == signal.SIGINT:
            assert getting.returncode == 130
            assert f"paused; what was downloaded is kept. To go on: photosearch models get {MODEL}" in errors
        paused = offer(library)
        assert (paused["state"], paused["downloaded_bytes"] > 0) == ("paused", True)

    hub.rate = 0
    told = photosearch("settings", "set", "hub_mirror", hub.endpoint, *at)
    assert (told.code, told.errors) == (0, "")
    ended = photosearch("models", "get", MODEL, "--json", *at)  # of the mirror
    assert (ended.code, ended.errors) == (0, "")
    assert len(hub.ranges) == 2 and "bytes=0-" not in hub.ranges
    assert list(library.downloads.iterdir()) == []
    here = offer(library)
    assert (here["state"], here["id"]) == ("here", json.loads(ended.output)["id"])
    again = photosearch("models", "get", NAME, *at)
    assert again.code == 1 and "is here already" in again.errors


def test_what_was_downloaded_of_one_is_deleted_when_it_is_given_up(hub: Hub, tmp_path: Path) -> None:
    library = Library(tmp_path / "library")
    at = ("--library", library.root)
    hub.cut = (0, 10**6)
    failed = photosearch("models", "get", NAME, *at, environment={**ENVIRONMENT, "HF_ENDPOINT": hub.endpoint})
    assert (failed.code, len(failed.errors.splitlines())) == (1, 1)
    assert "is cut again and again" in failed.errors
    assert offer(library)["state"] == "paused"
    photosearch("settings", "set", "hub_mirror", hub.endpoint, *at)
    deleted = photosearch("models", "delete", NAME, *at)
    assert (deleted.code, deleted.errors) == (0, "")
    assert (offer(library)["state"], list(library.downloads.iterdir())) == ("offered", [])
