import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from photosearch import paths
from photosearch.core.errors import KnownError
from photosearch.models import catalog
from photosearch.models.config import CONFIG, INT8_GRAPH, WEIGHTS, read_config
from photosearch.paths import Library
from tests.helpers.exported_models import copy_exported
from tests.helpers.int8_model import make_int8


@pytest.fixture
def bundled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(paths, "resources", lambda: tmp_path / "resources")
    return copy_exported(tmp_path / "resources" / "models" / "bundled")


@pytest.fixture
def library(tmp_path: Path, bundled: Path) -> Library:
    """A library with one model of its own."""
    library = Library(tmp_path / "library")
    copy_exported(library.models / "taught", "other")
    return library


def test_a_model_is_found_by_the_id_it_was_got_by_and_in_any_case(library: Library, bundled: Path) -> None:
    config = library.models / "taught" / CONFIG
    config.write_text(json.dumps({**json.loads(config.read_text()), "source": "google/Taught@v2"}))
    taught = catalog.available(library)[1]
    for name in ("google/taught", "google/Taught@v2", "Other", "TAUGHT"):
        assert catalog.find(name, library) == taught


def test_the_bundled_model_comes_first_then_the_librarys(library, bundled):
    models = catalog.available(library)
    assert [model.name for model in models] == ["tiny", "other"]
    assert catalog.available(None) == models[:1] == [catalog.default()]
    assert models[0].path == bundled
    assert models[0].model_id == read_config(bundled).model_id
    assert models[0].dim == 56
    assert models[0].bytes == sum(file.stat().st_size for file in bundled.iterdir())


def test_a_form_in_8_bits_takes_what_it_has_for_itself(tmp_path: Path) -> None:
    library = Library(tmp_path / "library")
    folder = make_int8(library.models / "tiny")
    base, int8 = (model for model in catalog.available(library) if model.path == folder)
    assert base.bytes == sum(file.stat().st_size for file in folder.iterdir())
    assert int8.bytes == (folder / INT8_GRAPH).stat().st_size


def test_a_model_is_found_by_id_name_and_folder(library):
    taught = catalog.available(library)[1]
    for key in (taught.model_id, "other", "taught"):
        assert catalog.find(key, library) == taught


def test_a_model_that_is_not_there_is_an_error_that_names_what_is(library):
    with pytest.raises(KnownError, match=r"no model 'clip'.*tiny.*other"):
        catalog.find("clip", library)
    with pytest.raises(KnownError, match="no model 'other'"):
        catalog.find("other", None)


@pytest.mark.parametrize("damage", ["no weights", "no config", "no JSON", "newer", "pipe", "deep", "device"])
def test_a_broken_folder_hides_no_other_and_says_what_is_wrong_when_asked_for(library, caplog, damage: str):
    folder = library.models / "broken"
    shutil.copytree(library.models / "taught", folder)
    if damage == "no weights":
        (folder / WEIGHTS).unlink()
    elif damage == "no config":
        (folder / CONFIG).unlink()
    elif damage == "pipe":
        (folder / CONFIG).unlink()
        os.mkfifo(folder / CONFIG)
    elif damage == "device":
        (folder / CONFIG).unlink()
        (folder / CONFIG).symlink_to("/dev/zero")
    elif damage == "deep":
        (folder / CONFIG).write_text('{"format": 1, "recipe": {"x": ' + "[" * 100_000 + "]" * 100_000 + "}}")
    else:
        (folder / CONFIG).write_text('{"format": 99}' if damage == "newer" else "{")
    assert [model.name for model in catalog.available(library)] == ["tiny", "other"]
    assert str(folder) in caplog.text
    with pytest.raises(KnownError) as error:
        catalog.find("broken", library)
    assert str(folder) in str(error.value)


def test_a_broken_bundled_model_leaves_the_librarys(library, bundled):
    shutil.rmtree(bundled)
    assert [model.name for model in catalog.available(library)] == ["other"]
    with pytest.raises(KnownError, match="no model folder"):
        catalog.default()


def test_unfinished_and_foreign_entries_are_passed_over(library, caplog):
    (library.models / ".taught-x1").mkdir()
    (library.models / "notes.txt").write_text("not a model")
    assert len(catalog.available(library)) == 2
    assert not caplog.text


def test_the_catalogue_never_imports_torch():
    code = (
        "import sys, photosearch.models.catalog as catalog; catalog.available(None); "
        "print({'torch', 'timm', 'transformers'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
