"""Labels of a model that brings none, fitted on the photos of the library."""

import errno
import os
from pathlib import Path

import msgspec
import numpy as np
import pytest
import safetensors.numpy

from photosearch.core import messages
from photosearch.core.encoder import Calibration
from photosearch.core.messages import GetStatus
from photosearch.core.model_messages import ChangeModel
from photosearch.core.photo import Confidence
from photosearch.engine import fitted_labels
from photosearch.engine.service import Engine
from photosearch.models import catalog
from photosearch.models.config import CONFIG, WEIGHTS, encode_config, read_config
from photosearch.paths import Library
from tests.helpers.colour_model import MODEL, describe_model
from tests.helpers.engine import ask, engine_of, search
from tests.helpers.photos import make_photo
from tests.helpers.processes import wait_for
from tests.helpers.tiny_encoder import COLOURS, TinyEncoder

FEWEST = 6


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """A folder with two colours fewer than what is enough."""
    for number, colour in enumerate(list(COLOURS)[: FEWEST - 2]):
        add(tmp_path / "photos", number, colour)
    return tmp_path / "photos"


def add(folder: Path, number: int, colour: str) -> None:
    folder.mkdir(exist_ok=True)
    make_photo(folder / f"{number}.png", size=(32 + number, 32), color=colour)


@pytest.fixture
def model(library: Library, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a model that brings no labels, but general texts."""
    monkeypatch.setattr(fitted_labels, "FEWEST", FEWEST)
    if not (library.models / MODEL).exists():
        describe_model(library)
    folder = library.models / MODEL
    bring_no_labels(folder, TinyEncoder().encode_texts(list(COLOURS)))
    return folder


def bring_no_labels(folder: Path, texts: np.ndarray) -> None:
    bank = {
        "bank": np.round(127 * texts).astype(np.int8),
        "bank_scale": np.full(len(texts), 1 / 127, np.float32),
    }
    (folder / WEIGHTS).write_bytes(safetensors.numpy.save(bank))
    config = msgspec.structs.replace(read_config(folder), metrics={"calibrated_on": 0})
    (folder / CONFIG).write_bytes(encode_config(config))


def read(engine: Engine, folder: Path) -> None:
    ask(engine, messages.Index([os.fsencode(folder)]))


def test_they_are_fitted_once_there_are_photos_enough_and_again_once_there_are_many_more(
    library: Library, model: Path, photos: Path
) -> None:
    before = read_config(model)
    with engine_of(library) as engine:
        read(engine, photos)
        assert read_config(model) == before
        for number, colour in enumerate(list(COLOURS)[FEWEST - 2 : FEWEST], FEWEST - 2):
            add(photos, number, colour)
        read(engine, photos)
        after = read_config(model)
        info = catalog.find(MODEL, library)
        assert (info.calibrated, info.fitted_on, info.model_id) == (False, FEWEST, before.model_id)
        assert after.calibration != before.calibration
        add(photos, 90, "black")
        read(engine, photos)
        assert read_config(model) == after  # the same as long as there are not many more
        for number in range(91, 91 + FEWEST - 1):
            add(photos, number, "red")
        read(engine, photos)
        assert catalog.find(MODEL, library).fitted_on == 2 * FEWEST
        assert read_config(model).calibration != after.calibration


def test_searches_go_by_them_at_once_and_after_a_restart(library: Library, model: Path, photos: Path) -> None:
    for number, colour in enumerate(COLOURS):
        add(photos, number, colour)
    # What a model's own scale can come to: nothing is ever likely.
    config = msgspec.structs.replace(read_config(model), calibration=Calibration(16.0, -100.0))
    (model / CONFIG).write_bytes(encode_config(config))
    with engine_of(library) as engine:
        read(engine, photos)
        fitted = read_config(model).calibration
        hits = search(engine, "red").hits
        assert hits[0].path.endswith("3.png")
        assert hits[0].confidence is not Confidence.WEAK
        assert hits[-1].confidence is Confidence.WEAK
    with engine_of(library) as engine:
        read(engine, photos)
        assert read_config(model).calibration == fitted


def test_a_model_that_brings_labels_keeps_them(library: Library, model: Path, photos: Path) -> None:
    config = msgspec.structs.replace(read_config(model), metrics={"calibrated_on": 40})
    (model / CONFIG).write_bytes(encode_config(config))
    for number, colour in enumerate(COLOURS):
        add(photos, number, colour)
    with engine_of(library) as engine:
        read(engine, photos)
    assert read_config(model) == config


def test_weights_that_cannot_be_read_keep_no_photo_from_being_found(
    library: Library, model: Path, photos: Path
) -> None:
    for number, colour in enumerate(COLOURS):
        add(photos, number, colour)
    (model / WEIGHTS).write_bytes(b"no weights")
    with engine_of(library) as engine:
        read(engine, photos)
        assert search(engine, "red").hits[0].path.endswith("3.png")
    assert read_config(model).metrics == {"calibrated_on": 0}


@pytest.mark.parametrize("chosen", [True, False], ids=["chosen", "loaded"])
def test_a_model_that_knows_all_photos_already_needs_no_reading_for_it(
    chosen: bool, library: Library, model: Path, photos: Path
) -> None:
    for number, colour in enumerate(COLOURS):
        add(photos, number, colour)
    with engine_of(library) as engine:
        read(engine, photos)
        labelled = read_config(model)
    bring_no_labels(model, TinyEncoder().encode_texts(list(COLOURS)))  # as what an older program left
    describe_model(library, "other")
    with engine_of(library, "other") as engine:
        read(engine, photos)
    with engine_of(library, None if chosen else MODEL) as engine:
        if chosen:
            assert ask(engine, GetStatus()).model == catalog.find("other", library).model_id
            ask(engine, ChangeModel(MODEL))
        search(engine, "red")
        wait_for(lambda: catalog.find(MODEL, library).fitted_on > 0)
    assert read_config(model).calibration == labelled.calibration


def test_labels_hold_where_they_cannot_be_kept(
    library: Library, model: Path, photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number, colour in enumerate(COLOURS):
        add(photos, number, colour)
    config = msgspec.structs.replace(read_config(model), calibration=Calibration(16.0, -100.0))
    (model / CONFIG).write_bytes(encode_config(config))
    tried = []

    def refuse(*_: object) -> None:
        tried.append(None)
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(fitted_labels, "write_files", refuse)
    with engine_of(library) as engine:
        read(engine, photos)
        wait_for(lambda: len(tried) > 0)
        assert search(engine, "red").hits[0].confidence is not Confidence.WEAK
    assert read_config(model) == config
