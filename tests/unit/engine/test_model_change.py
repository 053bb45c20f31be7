"""The change from one model to another, as a person asks for it of a running engine."""

import os
import shutil
import threading
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from photosearch import settings
from photosearch.core import messages, search_messages
from photosearch.core.encoder import Calibration
from photosearch.core.errors import KnownError
from photosearch.core.model_messages import (
    CancelChange,
    ChangeModel,
    CompareModels,
    GetModels,
    Model,
    ModelChanged,
    ModelsChanged,
    PauseChange,
)
from photosearch.engine.service import Engine
from photosearch.index import pipeline
from photosearch.models import catalog
from photosearch.models.catalog import ModelInfo
from photosearch.models.loading import LoadedEncoder
from photosearch.paths import Library
from photosearch.store.reader import Reader
from photosearch.store.writer import Writer
from tests.helpers.colour_model import MODEL, describe_model, load_colours
from tests.helpers.engine import ask, engine_of, refusal, search
from tests.helpers.heard import Heard
from tests.helpers.photos import make_photo
from tests.helpers.processes import start, wait_for

OTHER = "other"


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """Two folders with three photos."""
    for folder, colours in (("here", ("red", "green")), ("drive", ("blue",))):
        (tmp_path / "photos" / folder).mkdir(parents=True)
        for colour in colours:
            make_photo(tmp_path / "photos" / folder / f"{colour}.png", color=colour)
    return tmp_path / "photos"


@pytest.fixture
def known(library: Library, photos: Path) -> Library:
    """A library whose photos one model knows, and with another one."""
    with engine_of(library) as engine:
        read(engine, photos / "here", photos / "drive")
    describe_model(library, OTHER)
    return library


def read(engine: Engine, *folders: Path) -> None:
    ask(engine, messages.Index([os.fsencode(folder) for folder in folders]))


def names(engine: Engine, text: str) -> list[str]:
    return [Path(hit.path).stem for hit in search(engine, text).hits]


def models(engine: Engine) -> dict[str, Model]:
    return {model.name: model for model in ask(engine, GetModels()).models}


def states(engine: Engine) -> dict[str, str]:
    return {name: model.state for name, model in models(engine).items() if name in (MODEL, OTHER)}


class HeldBack:
    """An encoder of photos that waits before each batch until it may go on."""

    def __init__(self, library: Library, name: str = OTHER) -> None:
        self._held = catalog.find(name, library).model_id
        self.began = threading.Event()
        self.may_go_on = threading.Event()
        self.means: list[NDArray[np.float64]] = []  # of each photo, (3,)

    def load(self, info: ModelInfo, library: Library) -> LoadedEncoder:
        loaded = load_colours(info, library)
        loaded.encoder.batch_size = 1  # type: ignore[misc]
        if info.model_id == self._held:
            encode = loaded.encoder.encode_images

            def encode_when_allowed(images: NDArray[np.uint8]) -> NDArray[np.float32]:
                self.began.set()
                assert self.may_go_on.wait(60)
                self.means.extend(images.mean(axis=(1, 2)))
                return encode(images)

            loaded.encoder.encode_images = encode_when_allowed  # type: ignore[method-assign]
        return loaded


def test_a_model_that_is_chosen_answers_once_it_knows_every_photo(known: Library, photos: Path) -> None:
    heard = Heard()
    with engine_of(known, None) as engine:
        engine.subscribe(heard)
        ask(engine, ChangeModel(OTHER))
        assert states(engine) == {MODEL: "answers", OTHER: "reading"}
        read(engine, photos / "here")
        assert states(engine) == {MODEL: "answers", OTHER: "reading"}
        assert names(engine, "blue")[0] == "blue"
        read(engine, photos / "drive")
        assert states(engine) == {MODEL: "here", OTHER: "answers"}
        assert models(engine)[MODEL].before
        heard.until_any(lambda event: isinstance(event, ModelChanged) and event.name == OTHER)
    with engine_of(known, None) as engine:
        assert states(engine) == {MODEL: "here", OTHER: "answers"}


def test_in_the_background_it_reads_by_itself(known: Library) -> None:
    with engine_of(known, None, background=True) as engine:
        ask(engine, ChangeModel(OTHER))
        wait_for(lambda: states(engine) == {MODEL: "here", OTHER: "answers"})


def test_going_back_is_at_once(known: Library, photos: Path) -> None:
    with engine_of(known, OTHER) as engine:
        read(engine, photos / "here", photos / "drive")
        make_photo(photos / "here" / "yellow.png", color="yellow")
        read(engine, photos / "here")
        ask(engine, ChangeModel(MODEL))
        found = models(engine)
        assert (found[MODEL].state, found[OTHER].state, found[OTHER].beside) == ("answers", "beside", 1)
        assert found[OTHER].before
        assert names(engine, "yellow")[0] == "yellow", "which only the other one has read"
        read(engine, photos / "here")
        assert states(engine) == {MODEL: "answers", OTHER: "here"}


def test_a_drive_that_is_away_blocks_no_change(known: Library, photos: Path, tmp_path: Path) -> None:
    heard = Heard()
    (photos / "drive").rename(tmp_path / "unplugged")
    with engine_of(known, OTHER) as engine:
        engine.subscribe(heard)
        read(engine, photos / "here")  # which never looks at the drive
        assert states(engine) == {MODEL: "beside", OTHER: "answers"}
        (changed,) = [event for event in heard.until_any(is_change) if is_change(event)]
        assert isinstance(changed, ModelChanged)
        assert changed.beside == 1
        assert ask(engine, messages.GetStatus()).beside == 1
        assert names(engine, "blue")[0] == "blue"
        assert set(names(engine, "green")) == {"red", "green", "blue"}
    with engine_of(known, None) as engine:
        assert names(engine, "blue")[0] == "blue", "the next engine goes on so"
        (tmp_path / "unplugged").rename(photos / "drive")
        heard = Heard()
        engine.subscribe(heard)
        read(engine, photos / "drive")
        heard.until(ModelsChanged())
        assert states(engine) == {MODEL: "here", OTHER: "answers"}
        assert ask(engine, messages.GetStatus()).beside == 0
        assert names(engine, "blue")[0] == "blue"


def is_change(event: messages.AnyEvent) -> bool:
    return isinstance(event, ModelChanged)


def test_photos_that_come_while_another_model_reads_are_found_at_once(known: Library, photos: Path) -> None:
    held = HeldBack(known)
    with Engine(known, load=held.load) as engine:
        ask(engine, ChangeModel(OTHER))
        engine.subscribe(Heard())
        assert held.began.wait(60)
        make_photo(photos / "here" / "yellow.png", color="yellow")
        held.may_go_on.set()
        wait_for(lambda: "yellow" in names(engine, "yellow"))
        wait_for(lambda: states(engine) == {MODEL: "here", OTHER: "answers"})
        wait_for(lambda: len(names(engine, "yellow")) == 4)


def test_the_reading_waits_and_goes_on(known: Library, photos: Path) -> None:
    with engine_of(known, None) as engine:
        ask(engine, ChangeModel(OTHER))
        ask(engine, PauseChange(True))
        make_photo(photos / "here" / "yellow.png", color="yellow")
        read(engine, photos / "here", photos / "drive")
        assert names(engine, "yellow")[0] == "yellow"
        assert states(engine) == {MODEL: "answers", OTHER: "paused"}
        assert models(engine)[OTHER].photos == 0
    with engine_of(known, None) as engine:
        assert states(engine) == {MODEL: "answers", OTHER: "paused"}, "the next engine keeps to it"
        ask(engine, PauseChange(False))
        read(engine, photos / "here", photos / "drive")
        assert states(engine) == {MODEL: "here", OTHER: "answers"}


def test_a_pause_ends_what_is_being_read(known: Library) -> None:
    held = HeldBack(known)
    with Engine(known, load=held.load) as engine:
        ask(engine, ChangeModel(OTHER))
        assert held.began.wait(60)
        pausing = threading.Thread(target=lambda: ask(engine, PauseChange(True)))
        pausing.start()
        held.may_go_on.set()
        pausing.join(60)
        assert states(engine) == {MODEL: "answers", OTHER: "paused"}
        wait_for(lambda: not ask(engine, messages.GetJobs()).jobs)
        assert models(engine)[OTHER].photos < 3


@pytest.mark.parametrize("keep", [True, False])
def test_a_change_that_is_ended_leaves_what_is_wanted(known: Library, photos: Path, keep: bool) -> None:
    with engine_of(known, OTHER) as engine:
        read(engine, photos / "here")
        ask(engine, CancelChange(keep))
        found = models(engine)
        assert (found[MODEL].state, found[OTHER].state) == ("answers", "here")
        assert found[OTHER].photos == (2 if keep else 0)
        ask(engine, CancelChange(keep))  # there is none
        read(engine, photos / "here", photos / "drive")
        assert states(engine)[MODEL] == "answers"
    with engine_of(known, None) as engine, Reader.open(known) as reader:
        assert states(engine)[MODEL] == "answers"
        assert len(reader.models()) == (2 if keep else 1)


def test_choosing_the_model_that_answers_ends_a_change(known: Library) -> None:
    with engine_of(known, None) as engine:
        ask(engine, ChangeModel(OTHER))
        ask(engine, ChangeModel(MODEL))
        assert states(engine) == {MODEL: "answers", OTHER: "here"}


def test_a_third_model_takes_the_place_of_the_one_that_reads(known: Library, photos: Path) -> None:
    describe_model(known, "third")
    with engine_of(known, None) as engine:
        ask(engine, ChangeModel(OTHER))
        read(engine, photos / "here")
        ask(engine, ChangeModel("third"))
        read(engine, photos / "drive")
        assert states(engine) == {MODEL: "answers", OTHER: "here"}
        read(engine, photos / "here")
        assert models(engine)["third"].state == "answers"


def test_a_model_that_cannot_be_loaded_changes_nothing(known: Library) -> None:
    def load(info: ModelInfo, library: Library) -> LoadedEncoder:
        if info.name == OTHER:
            raise KnownError("The weights are damaged.")
        return load_colours(info, library)

    with Engine(known, background=False, load=load) as engine:
        assert refusal(engine, ChangeModel(OTHER)) == "The weights are damaged."
        assert states(engine) == {MODEL: "answers", OTHER: "here"}
        assert "no model" in refusal(engine, ChangeModel("nope"))


def test_the_models_in_use_stay_and_the_old_one_can_be_deleted(known: Library, photos: Path) -> None:
    with engine_of(known, None) as engine:
        ids = {model.name: model.model_id for model in models(engine).values()}
        assert "in use" in refusal(engine, messages.ForgetModel(ids[MODEL]))
        ask(engine, ChangeModel(OTHER))
        assert "in use" in refusal(engine, messages.ForgetModel(ids[OTHER]))
        read(engine, photos / "here", photos / "drive")
        ask(engine, messages.ForgetModel(ids[MODEL]))
        with Reader.open(known) as reader:
            assert [model.model_id for model in reader.models()] == [ids[OTHER]]
            assert reader.setting(settings.MODEL_BEFORE) == ""
        assert not list(known.vectors.glob(f"{ids[MODEL]}.*"))
        assert len(names(engine, "red")) == 3


def test_one_that_answers_beside_can_be_deleted_too(known: Library, photos: Path, tmp_path: Path) -> None:
    shutil.move(photos / "drive", tmp_path / "unplugged")
    with engine_of(known, OTHER) as engine:
        engine.handle(messages.Index([os.fsencode(photos / "drive")]))  # finds that it is away
        engine.handle(messages.Rescan())
        wait_for(lambda: states(engine)[MODEL] == "beside")
        ask(engine, messages.ForgetModel(models(engine)[MODEL].model_id))
        assert sorted(names(engine, "blue")) == ["green", "red"]
        assert ask(engine, messages.GetStatus()).beside == 0


def test_scores_of_two_models_are_compared_by_how_likely_they_are_right(
    known: Library, photos: Path, tmp_path: Path
) -> None:
    """The other one's scores are twice as large for the same odds."""

    def load(info: ModelInfo, library: Library) -> LoadedEncoder:
        loaded = load_colours(info, library)
        if info.name == OTHER:
            loaded.encoder.recalibrate(Calibration(slope=8.0, offset=-5.7))
        return loaded

    with engine_of(known, None) as engine:
        alone = {hit.path: hit for hit in search(engine, "blue").hits}
    (photos / "drive").rename(tmp_path / "unplugged")
    with Engine(known, OTHER, background=False, load=load) as engine:
        engine.handle(messages.Rescan())
        wait_for(lambda: states(engine) == {MODEL: "beside", OTHER: "answers"})
        first = search(engine, "blue").hits[0]
        assert first.path.endswith("blue.png")
        assert 8 * first.score - 5.7 == pytest.approx(16 * alone[first.path].score - 5.7, abs=1e-3)
        assert first.confidence == alone[first.path].confidence
        explained = ask(engine, search_messages.Explain(search_messages.Search("blue"), first.photo_id))
        assert (explained.rank, explained.searched) == (1, 3)
        assert explained.score == pytest.approx(alone[first.path].score, abs=1e-6)
        red = next(hit for hit in search(engine, "red").hits if hit.path.endswith("red.png"))
        similar = ask(engine, search_messages.Similar(red.photo_id, 9)).hits
        assert {Path(hit.path).stem for hit in similar} == {"green", "blue"}
        similar = ask(engine, search_messages.Similar(first.photo_id, 9)).hits
        assert {Path(hit.path).stem for hit in similar} == {"red", "green"}


def test_two_models_are_compared_among_the_photos_that_both_know(known: Library, photos: Path) -> None:
    with engine_of(known, OTHER) as engine:
        read(engine, photos / "here")
        compared = ask(engine, CompareModels("blue"))
        assert (compared.other, compared.answering, compared.photos) == ("tiny", "tiny", 2)
        assert set(compared.by_other) == set(compared.by_answering)
        read(engine, photos / "drive")
        by = {hit.path: hit.photo_id for hit in search(engine, "blue").hits}
        compared = ask(engine, CompareModels("blue", MODEL, 1))
        (best,) = compared.by_other
        assert compared.by_answering == (best,) == (by[str(photos / "drive" / "blue.png")],)
        compared = ask(engine, CompareModels("red folder:here"))
        assert (compared.photos, len(compared.by_other)) == (2, 2)
        assert "only choose among them" in refusal(engine, CompareModels("folder:here"))
        assert "answers" in refusal(engine, CompareModels("red", OTHER))
        ask(engine, ChangeModel(MODEL))
        assert names(engine, "red")[0] == "red"


def test_without_an_earlier_model_there_is_nothing_to_compare(known: Library) -> None:
    with engine_of(known, None) as engine:
        assert "no earlier model" in refusal(engine, CompareModels("red"))


def test_what_one_looks_at_is_read_first(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pipeline, "HURRY_SECONDS", 0.0)
    with Writer.open(library) as writer:
        writer.set_setting(settings.THREADS, "1")
    folder = tmp_path / "photos"
    folder.mkdir()
    for seed in range(60):
        make_photo(folder / f"{seed:02}.png", seed)
    make_photo(folder / "last-red.png", color="red")
    with engine_of(library) as engine:
        read(engine, folder)
    describe_model(library, OTHER)
    held = HeldBack(library)
    with Engine(library, load=held.load) as engine:
        ask(engine, ChangeModel(OTHER))
        engine.subscribe(Heard())
        assert held.began.wait(60)
        (hit,) = search(engine, "red", k=1).hits
        assert hit.path.endswith("last-red.png")
        held.may_go_on.set()
        wait_for(lambda: states(engine)[OTHER] == "answers")
    reddest = np.argmax([mean[0] - mean[1] for mean in held.means])
    assert reddest < 20, "though its name is the last of 61; some were decoded before"


def test_an_engine_that_is_killed_loses_nothing_of_a_change(known: Library, photos: Path) -> None:
    for seed in range(5):
        make_photo(photos / "here" / f"{seed}.png", seed)
    with engine_of(known, None) as engine:
        read(engine, photos / "here")
    killed = start("tests.helpers.change_forever", known.root, OTHER)
    assert killed.stdout is not None
    there = int(killed.stdout.readline())
    killed.kill()
    killed.communicate()
    with engine_of(known, None) as engine:
        found = models(engine)
        assert (found[MODEL].state, found[OTHER].state, found[OTHER].photos) == ("answers", "reading", there)
        assert names(engine, "blue")[0] == "blue"
        report = ask(engine, messages.Index([os.fsencode(photos / "here"), os.fsencode(photos / "drive")]))
        assert report.report.indexed == 8 - there
        assert states(engine) == {MODEL: "here", OTHER: "answers"}
