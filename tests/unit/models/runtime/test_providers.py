"""Which device is chosen, with devices in the place of those that this computer lacks."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from photosearch.core.errors import KnownError
from photosearch.models.runtime import providers
from photosearch.models.runtime.providers import Embed, choose_device

IMAGES = np.zeros((2, 4, 4, 3), np.uint8)
SECONDS = {"cpu": 1.0, "cuda": 0.2, "directml": 0.5}


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Callable[[str], Embed]]:
    """Makes what opens devices; the speed of each is as in SECONDS."""
    monkeypatch.setattr(providers, "devices", lambda: ["cuda", "directml"])
    monkeypatch.setattr(providers, "_seconds", lambda embed, images: SECONDS[embed.__name__])

    def make(spoilt: str = "", broken: str = "") -> Callable[[str], Embed]:
        def open_device(device: str) -> Embed:
            if device == broken:
                raise KnownError("no such driver")

            def embed(images: NDArray[np.uint8]) -> NDArray[np.float32]:
                return np.float32([[0.8, 0.6] if device == spoilt else [1, 0]] * len(images))

            embed.__name__ = device
            return embed

        return open_device

    return make


def test_the_fastest_is_chosen(opened) -> None:
    assert choose_device(opened(), lambda: IMAGES, "m", None) == "cuda"


def test_one_that_changes_the_vectors_is_not(opened) -> None:
    assert choose_device(opened(spoilt="cuda"), lambda: IMAGES, "m", None) == "directml"


def test_one_that_does_not_run_is_not(opened) -> None:
    assert choose_device(opened(broken="cuda"), lambda: IMAGES, "m", None) == "directml"


def test_the_choice_is_measured_once_a_model(opened, tmp_path: Path, monkeypatch) -> None:
    assert choose_device(opened(), lambda: IMAGES, "m", tmp_path) == "cuda"
    monkeypatch.setattr(providers, "_seconds", lambda embed, images: pytest.fail("measured again"))
    assert choose_device(opened(), lambda: IMAGES, "m", tmp_path) == "cuda"
    monkeypatch.setattr(providers, "_seconds", lambda embed, images: 1.0)
    assert choose_device(opened(), lambda: IMAGES, "another", tmp_path) == "cpu"


def test_without_any_nothing_is_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(providers, "devices", list)
    assert choose_device(lambda device: pytest.fail("opened"), lambda: IMAGES, "m", None) == "cpu"


def test_the_runtime_keeps_no_identifier_of_the_computer_and_has_nobody_to_tell_it(tmp_path):
    """What it would send goes through files that it makes at its import."""
    code = "import photosearch.models.runtime.session"
    homes = dict.fromkeys(("HOME", "USERPROFILE", "LOCALAPPDATA", "XDG_CACHE_HOME"), str(tmp_path))
    environment = {name: value for name, value in os.environ.items() if name != "ORT_DISABLE_TELEMETRY"}
    subprocess.run([sys.executable, "-c", code], env=environment | homes, check=True)
    assert list(tmp_path.iterdir()) == []
