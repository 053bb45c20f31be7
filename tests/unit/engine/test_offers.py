"""What a library is offered: the catalogue, beside what it has, has begun to download and has measured."""

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest

from photosearch.core.errors import KnownError
from photosearch.core.messages import AnyEvent, Index
from photosearch.core.model_messages import (
    Adding,
    GetOffers,
    MeasureOffers,
    Measuring,
    MeasuringChanged,
    Offer,
    StopMeasuring,
)
from photosearch.engine import measuring as measuring_module
from photosearch.engine.measuring import MeasuringJob
from photosearch.engine.offers import offered
from photosearch.engine.service import Engine
from photosearch.engine.speeds import Speeds
from photosearch.models import downloads
from photosearch.models.config import CONFIG, encode_config, read_config
from photosearch.models.offers import known_models
from photosearch.paths import Library
from tests.helpers.engine import ask, refusal
from tests.helpers.exported_models import copy_exported
from tests.helpers.photos import make_photo
from tests.helpers.processes import wait_for

FIRST, SECOND = known_models()[:2]


@pytest.fixture
def library(tmp_path: Path) -> Library:
    """It knows three photos."""
    library = Library(tmp_path / "library")
    copy_exported(library.models / "tiny")
    (tmp_path / "photos").mkdir()
    for seed in range(3):
        make_photo(tmp_path / "photos" / f"{seed}.jpg", seed)
    with Engine(library, "tiny", background=False) as engine:
        ask(engine, Index([os.fsencode(tmp_path / "photos")]))
    return library


def of(library: Library, source: str, adding: Adding | None = None) -> Offer:
    found = offered(library, "en", adding or Adding())
    return next(offer for offer in found.offers if offer.source == source)


def test_a_library_that_is_not_there_yet_is_offered_the_catalogue(tmp_path: Path) -> None:
    found = offered(Library(tmp_path / "nothing"), "en")
    assert [offer.source for offer in found.offers] == [model.source for model in known_models()]
    assert found.photos == 0
    assert {offer.state for offer in found.offers} == {"offered"}
    assert [offer.source for offer in found.offers if offer.recommended] == [FIRST.source]
    assert not (tmp_path / "nothing").exists()


def test_what_is_coming_paused_or_here_is_told(library: Library) -> None:
    coming = Adding("adding", FIRST.source, "fetching", 3, 9)
    assert (of(library, FIRST.source, coming).state, of(library, FIRST.source, coming).done) == ("coming", 3)
    for source in (SECOND.source, "some/model@refs/pr/1"):
        files = downloads.begin(library.downloads, source, 9)
        (files / "model.safetensors.part").write_bytes(b"abc")
    offer = of(library, SECOND.source)
    assert (offer.state, offer.done, offer.download_bytes, offer.name) == ("paused", 3, 9, SECOND.name)
    assert of(library, "some/model@refs/pr/1").state == "paused"
    folder = library.models / "tiny"
    config = msgspec.structs.replace(read_config(folder), source=FIRST.source)
    (folder / CONFIG).write_bytes(encode_config(config))
    here = of(library, FIRST.source)
    assert (here.state, here.model_id) == ("here", config.model_id)


def test_measured_speed_gives_the_time_that_the_library_takes(library: Library) -> None:
    assert (of(library, FIRST.source).ms, of(library, FIRST.source).seconds) == (None, None)
    Speeds(library).remember(FIRST, 250.0)
    offer = of(library, FIRST.source)
    assert (offer.ms, offer.seconds) == (250.0, 0.75)
    assert of(library, SECOND.source).ms is None


def trainer(code: str) -> tuple[str, ...]:
    return (sys.executable, "-c", code)


MEASURED = """
import sys, json, numpy
photos = numpy.load(sys.argv[sys.argv.index("--photos") + 1])
size = json.loads(sys.argv[-1])["vision_config"]["image_size"]
assert photos.shape[1:] == (size, size, 3) and 0 < len(photos) <= 8 and photos.std() > 1, photos.shape
print("Skipping", flush=True)
print(json.dumps({"event": "done", "ms": 1e6}), flush=True)
"""


@pytest.fixture
def job_of(library: Library, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., tuple]]:
    monkeypatch.setattr(measuring_module, "torch_is_here", lambda: True)
    jobs = []

    def make(code: str) -> tuple[MeasuringJob, list[Measuring]]:
        said: list[Measuring] = []

        def publish(event: AnyEvent) -> None:
            assert isinstance(event, MeasuringChanged)
            said.append(event.measuring)

        jobs.append(MeasuringJob(library, publish, lambda: None, trainer(code)))
        return jobs[-1], said

    yield make
    for job in jobs:
        job.close()


def test_speeds_are_measured_on_the_librarys_photos_and_remembered(job_of, library: Library) -> None:
    job, said = job_of(MEASURED)
    job.measure([SECOND.name, FIRST.source])
    wait_for(lambda: said[-1] == Measuring())
    assert [(state.source, state.done, state.total) for state in said[1:-1]] == [
        (FIRST.source, 0, 2),  # the smaller one, of which the figure comes sooner
        (SECOND.source, 1, 2),
    ]
    for model in (FIRST, SECOND):
        ms = of(library, model.source).ms
        assert ms is not None and ms > 1e6  # to decode it takes some, too
    assert not [path for path in (library.root / "cache").iterdir() if path.is_dir()]


def test_measuring_can_be_stopped_and_is_one_at_a_time(job_of, library: Library) -> None:
    job, said = job_of("import time; time.sleep(1000)")
    job.measure([FIRST.source])
    with pytest.raises(KnownError, match="measured already"):
        job.measure([SECOND.source])
    job.stop()
    assert said[-1] == Measuring()
    assert of(library, FIRST.source).ms is None


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        ("import sys; sys.exit('what?')", "could not be measured"),
        ("print('{}')", "could not be measured"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "as it does when memory runs out"),
    ],
)
def test_a_fault_of_the_trainer_is_said(job_of, library: Library, code: str, sentence: str) -> None:
    job, said = job_of(code)
    job.measure([FIRST.source])
    wait_for(lambda: said[-1].sentence is not None)
    assert sentence in str(said[-1].sentence)


def test_what_cannot_be_measured_is_refused(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(measuring_module, "torch_is_here", lambda: False)
    with Engine(library, background=False) as engine:
        assert "takes torch" in refusal(engine, MeasureOffers())
        assert "has no model nobody/nothing" in refusal(engine, MeasureOffers(("nobody/nothing",)))
        assert ask(engine, GetOffers("zh_CN")).photos == 3
        ask(engine, StopMeasuring())


def test_without_photos_that_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measuring_module, "torch_is_here", lambda: True)
    with Engine(Library(tmp_path / "empty"), background=False) as engine:
        ask(engine, MeasureOffers((FIRST.source,)))
        wait_for(lambda: ask(engine, GetOffers()).measuring.sentence is not None)
        assert "add a folder first" in str(ask(engine, GetOffers()).measuring.sentence)
