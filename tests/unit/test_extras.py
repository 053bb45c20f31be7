import importlib.metadata
import importlib.util
import sys
import tomllib
from pathlib import Path

import pytest

from photosearch import paths
from photosearch.cli import extras
from photosearch.core.errors import KnownError
from photosearch.extras import GPU, exports
from photosearch.models.catalog import read_info
from photosearch.models.loading import load_encoder
from tests.helpers.exported_models import EXPORTED, copy_to_run


@pytest.fixture
def fetched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of what was fetched: a torch that is none."""
    monkeypatch.setattr(paths, "extras", lambda: tmp_path)
    monkeypatch.setattr(sys, "path", sys.path[:])
    info = GPU.folder() / "torch-9.9.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: torch\nVersion: 9.9\n")
    return GPU.folder()


def test_what_was_fetched_is_told_apart_from_what_is_installed(fetched: Path) -> None:
    GPU.use()
    assert GPU.fetched() == "9.9"
    assert GPU.installed() != "9.9"


def test_what_is_installed_goes_first(fetched: Path) -> None:
    for name in ("numpy", "only_fetched"):
        (fetched / f"{name}.py").touch()
    GPU.use()
    only, numpy = (importlib.util.find_spec(name) for name in ("only_fetched", "numpy"))
    assert only is not None and only.origin == str(fetched / "only_fetched.py")
    assert numpy is not None and numpy.origin != str(fetched / "numpy.py")


def test_it_is_used_only_where_a_model_runs_in_torch(fetched: Path) -> None:
    load_encoder(read_info(EXPORTED / "tiny"), device="cpu")
    assert str(fetched) not in sys.path


def test_what_cannot_be_imported_is_one_sentence(
    fetched: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "photosearch.models.torch.encoder", None)
    info = read_info(copy_to_run("torch", tmp_path / "model"))
    with pytest.raises(
        KnownError,
        match=r"Torch cannot be used \(.*photosearch extras remove gpu && photosearch extras add gpu",
    ):
        load_encoder(info)


def test_pip_is_asked_for_what_the_extra_says(monkeypatch: pytest.MonkeyPatch) -> None:
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text("utf-8"))["project"]
    said = {name: project["optional-dependencies"][name] for name in ("demo", GPU.name, "train")}
    metadata = [f"{line}; extra == '{name}'" for name, lines in said.items() for line in lines]
    monkeypatch.setattr(importlib.metadata, "requires", lambda _: [*project["dependencies"], *metadata])
    assert GPU.requirements() == said[GPU.name]


def test_a_torch_without_what_exports_says_what_that_costs(
    fetched: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "path", [place for place in sys.path if "site-packages" not in place])
    assert not exports()
    assert "without onnxscript, models that are added run in torch alone" in str(extras.standing(GPU))
    package = GPU.folder() / "onnxscript-0.7.2.dist-info"
    package.mkdir()
    (package / "METADATA").write_text("Name: onnxscript\nVersion: 0.7.2\n")
    assert exports()
    assert "onnxscript" not in str(extras.standing(GPU))
