"""Which model answers, above all when the one that did is gone."""

import shutil
from pathlib import Path

import pytest

from photosearch import paths, settings
from photosearch.core import messages, search_messages
from photosearch.engine.service import Engine
from photosearch.models import catalog
from photosearch.models.catalog import ModelInfo
from photosearch.paths import Library
from photosearch.store.reader import Reader
from photosearch.store.writer import Writer
from tests.helpers.colour_library import add_photos, make_colour_library
from tests.helpers.colour_model import MODEL, describe_model
from tests.helpers.engine import ask, engine_of, refusal
from tests.helpers.heard import Heard


@pytest.fixture
def updated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Library:
    """A library whose model came with the program, which was updated and brings another one now."""
    library = Library(tmp_path / "library")
    make_colour_library(library, 12)
    remember(library, catalog.find(MODEL, library))
    shutil.rmtree(library.models / MODEL)

    describe_model(library, "version 2")
    resources = tmp_path / "resources"
    (resources / "models").mkdir(parents=True)
    (library.models / "version 2").rename(resources / "models" / "bundled")
    monkeypatch.setattr(paths, "resources", lambda: resources)
    return library


def remember(library: Library, model: ModelInfo) -> None:
    with Writer.open(library) as writer:
        writer.set_setting(settings.MODEL, model.model_id)


def problems(engine: Engine) -> list[str]:
    heard = Heard()
    engine.subscribe(heard)
    engine.handle(messages.RemoveFolder(b"/photos"))  # an event that surely comes later
    told = heard.until(messages.FoldersChanged([]))
    return [str(event.sentence) for event in told if isinstance(event, messages.Problem)]


def test_after_an_update_the_new_bundled_model_takes_the_place_of_the_old(updated: Library) -> None:
    with engine_of(updated, None) as engine:
        status = ask(engine, messages.GetStatus())
        assert status.model == catalog.default().model_id
        assert (status.photos, status.searchable) == (12, 0)
        assert ask(engine, search_messages.Search("red")).hits == []
        with Writer.open(updated) as writer:
            # as indexing does
            add_photos(writer, catalog.default(), range(12))
    with engine_of(updated, None) as engine:
        assert len(ask(engine, search_messages.Search("red")).hits) == 10 + 2


def test_it_is_told_once_and_not_when_photos_are_known_again(updated: Library) -> None:
    with engine_of(updated, None) as engine:
        (sentence,) = problems(engine)
        assert "colours" in sentence
        assert "version 2" in sentence
        assert problems(engine) == []
    with Writer.open(updated) as writer:
        add_photos(writer, catalog.default(), range(12))
    with engine_of(updated, None) as engine:
        assert problems(engine) == []


def test_a_library_that_never_chose_a_model_is_told_too(updated: Library) -> None:
    with Writer.open(updated) as writer:
        writer.set_setting(settings.MODEL, "")
    with engine_of(updated, None) as engine:
        assert len(problems(engine)) == 1


def test_what_the_old_one_knew_stays_until_it_is_removed(updated: Library) -> None:
    with engine_of(updated, None) as engine, Reader.open(updated) as reader:
        ((old, photos),) = [(model.model_id, model.photos) for model in reader.models()]
        assert photos == 12
        updated.vectors.mkdir(exist_ok=True)
        (updated.vectors / f"{old}.f16").touch()
        assert refusal(engine, messages.ForgetModel(catalog.default().model_id))
        assert refusal(engine, messages.ForgetModel("none"))
        ask(engine, messages.ForgetModel(old))
        assert [model for model in reader.models() if model.model_id == old] == []
        assert len(reader.vector_ids(old)) == 0
        assert not (updated.vectors / f"{old}.f16").exists()
        assert len(reader.living()) == 12


def test_the_old_model_answers_again_where_it_comes_back(updated: Library) -> None:
    with engine_of(updated, None):
        pass
    describe_model(updated)
    with engine_of(updated, None) as engine:
        assert len(ask(engine, search_messages.Search("red")).hits) == 12


def test_without_any_model_a_search_says_so(updated: Library) -> None:
    shutil.rmtree(catalog.default().path)
    with engine_of(updated, None) as engine:
        assert "no model" in refusal(engine, search_messages.Search("red")).casefold()


def test_the_bundled_one_and_what_it_knows_stay_where_another_answers(updated: Library) -> None:
    bundled = catalog.default()
    describe_model(updated)
    with Writer.open(updated) as writer:
        add_photos(writer, bundled, range(12))
    with engine_of(updated, None) as engine, Reader.open(updated) as reader:
        assert ask(engine, messages.GetStatus()).model != bundled.model_id
        assert "came with the program" in refusal(engine, messages.ForgetModel(bundled.model_id))
        assert len(reader.vector_ids(bundled.model_id)) == 12
        assert bundled.path.is_dir()
