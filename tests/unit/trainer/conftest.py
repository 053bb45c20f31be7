from pathlib import Path

import pytest

from tests.helpers.exported_models import copy_to_run
from tests.helpers.runtimes import RUNTIMES


@pytest.fixture(autouse=True)
def own_cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Nothing is read from, or left in, the cache folder of the person who runs the tests."""
    monkeypatch.setattr("platformdirs.user_cache_dir", lambda *args, **kwargs: str(tmp_path / "user-cache"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "user-cache"))  # for processes of their own


@pytest.fixture
def on_the_cpu(monkeypatch: pytest.MonkeyPatch) -> None:
    """Models run on the main processor, whatever else this computer has."""
    monkeypatch.setattr("photosearch.models.loading.accelerator_is_here", lambda: False)
    if "torch" in RUNTIMES:
        monkeypatch.setattr("trainer.evaluate.embed.best_device", lambda: "cpu")


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The folder of a tiny checkpoint that nobody changes."""
    return str(copy_to_run("torch", tmp_path_factory.mktemp("models") / "tiny"))


@pytest.fixture(scope="session")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where tests of whole runs keep their tiny towers, each made when it is first asked for."""
    return tmp_path_factory.mktemp("hub")
