"""Photos in 8 bits: offered where that is worthwhile, taken where it was chosen, and left again at once."""

import os
from pathlib import Path

import pytest

from photosearch import settings
from photosearch.core import messages, model_messages, search_messages
from photosearch.engine import faster_reading
from photosearch.engine.service import Engine
from photosearch.models import catalog
from photosearch.models.runtime.int8 import Int8Measurement
from photosearch.paths import Library
from tests.helpers.engine import ask, refusal
from tests.helpers.int8_model import make_int8
from tests.helpers.photos import make_photo

PHOTOS = 6


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_int8(tmp_path_factory.mktemp("models") / "tiny")


@pytest.fixture
def library(tmp_path: Path, checkpoint: Path) -> Library:
    library = Library(tmp_path / "library")
    library.models.mkdir(parents=True)
    (library.models / "tiny").symlink_to(checkpoint)
    return library


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    folder = tmp_path / "photos"
    folder.mkdir()
    for seed in range(PHOTOS):
        make_photo(folder / f"{seed}.jpg", seed)
    return folder


@pytest.fixture
def measured(monkeypatch: pytest.MonkeyPatch) -> dict[str, Int8Measurement]:
    """What the processor does; a test may change it."""
    found = {"now": Int8Measurement(cosine=0.99, seconds=1.0, float32_seconds=2.0)}
    monkeypatch.setattr(faster_reading, "measured", lambda *_: found["now"])
    monkeypatch.setattr(faster_reading, "encodes_on_the_processor", lambda: True)
    monkeypatch.setattr(faster_reading, "MIN_SAVED", 1.0)
    return found


def engine_of(library: Library, model: str | None = None) -> Engine:
    return Engine(library, model, background=False)


def index(engine: Engine, photos: Path) -> int:
    return ask(engine, messages.Index([os.fsencode(photos)])).report.indexed


def models(engine: Engine) -> tuple[str, str]:
    """The one that answers, and the one that is built."""
    status = ask(engine, messages.GetStatus())
    return status.model, status.next_model


def test_it_is_offered_with_what_it_brings(
    library: Library, photos: Path, measured: dict[str, Int8Measurement]
) -> None:
    with engine_of(library, "tiny") as engine:
        assert not ask(engine, messages.GetFasterReading()).worthwhile  # nothing to measure with
        index(engine, photos)
        found = ask(engine, messages.GetFasterReading())
        assert (found.model, found.base, found.photos) == ("tiny-int8", "tiny", PHOTOS)
        assert found.exact
        assert found.worthwhile
        assert found.now_ms > 1.5 * found.then_ms > 0
        measured["now"] = Int8Measurement(cosine=0.99, seconds=1.0, float32_seconds=1.2)
        assert not ask(engine, messages.GetFasterReading()).worthwhile
        measured["now"] = Int8Measurement(cosine=0.85, seconds=1.0, float32_seconds=9.0)
        found = ask(engine, messages.GetFasterReading())
        assert not found.exact
        assert not found.worthwhile


def test_for_few_photos_it_is_not_worthwhile(
    library: Library, photos: Path, measured: dict[str, Int8Measurement], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(faster_reading, "MIN_SAVED", 600.0)
    with engine_of(library, "tiny") as engine:
        index(engine, photos)
        found = ask(engine, messages.GetFasterReading())
    assert found.now_ms > 1.5 * found.then_ms
    assert not found.worthwhile


def test_where_something_else_is_faster_it_is_not_offered(
    library: Library, photos: Path, measured: dict[str, Int8Measurement], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(faster_reading, "encodes_on_the_processor", lambda: False)
    with engine_of(library, "tiny") as engine:
        index(engine, photos)
        assert ask(engine, messages.GetFasterReading()) == messages.FasterReading()


def test_nobody_is_moved_to_it_unasked(
    library: Library, photos: Path, measured: dict[str, Int8Measurement]
) -> None:
    base = catalog.find("tiny", library).model_id
    measured["now"] = Int8Measurement(cosine=1.0, seconds=0.1, float32_seconds=100.0)
    with engine_of(library, "tiny") as engine:
        index(engine, photos)
        assert ask(engine, messages.GetFasterReading()).worthwhile
        assert models(engine) == (base, "")
    with engine_of(library) as engine:
        assert models(engine) == (base, "")
        assert ask(engine, search_messages.Search("a cat")).model == base


def test_chosen_it_answers_once_all_is_read_again_and_going_back_is_immediate(
    library: Library, photos: Path
) -> None:
    base, rounded = (catalog.find(name, library).model_id for name in ("tiny", "tiny-int8"))
    with engine_of(library, "tiny") as engine:
        index(engine, photos)
        scores = [hit.score for hit in ask(engine, search_messages.Search("a cat")).hits]
        ask(engine, model_messages.ChangeModel(rounded))
    with engine_of(library) as engine:
        assert models(engine) == (base, rounded)
        answer = ask(engine, search_messages.Search("a cat"))
        assert (answer.model, [hit.score for hit in answer.hits]) == (base, scores)
        index(engine, photos)
        assert models(engine) == (rounded, "")
        answer = ask(engine, search_messages.Search("a cat"))
        assert answer.model == rounded
        assert [hit.score for hit in answer.hits] != scores
        assert [hit.score for hit in answer.hits] == pytest.approx(scores, abs=0.05)
        ask(engine, model_messages.ChangeModel(base))
    with engine_of(library) as engine:
        answer = ask(engine, search_messages.Search("a cat"))  # nothing is read before it
        assert (answer.model, [hit.score for hit in answer.hits]) == (base, scores)
        assert models(engine) == (base, "")


def test_a_setting_that_is_a_model_is_not_kept_apart(library: Library) -> None:
    with engine_of(library, "tiny") as engine:
        assert "not one of a library" in refusal(engine, messages.ChangeSetting(settings.INT8, settings.YES))
