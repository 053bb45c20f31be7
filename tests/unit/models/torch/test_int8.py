"""Photos' sides in 8 bits: of a tiny network, and of the model that ships; more in test_export.py."""

from pathlib import Path

import numpy as np
import pytest

from photosearch.core.errors import KnownError
from photosearch.decode.fit import fit
from photosearch.decode.image import open_image
from photosearch.models import catalog
from photosearch.models.catalog import read_info
from photosearch.models.config import IMAGE_GRAPH, INT8_GRAPH, WEIGHTS, read_config
from photosearch.models.runtime.session import open_session
from photosearch.models.torch import int8
from photosearch.models.torch.int8 import export_int8
from tests.helpers.exported_models import copy_exported
from tests.helpers.int8_model import pictures
from tests.helpers.photos import sample_photos


def test_the_graph_is_a_model_of_its_own_and_the_old_one_stays(tmp_path: Path) -> None:
    folder = copy_exported(tmp_path / "tiny")
    before = read_info(folder)
    config = export_int8(folder, pictures())
    assert read_config(folder) == config
    assert config.model_id == before.model_id
    assert read_info(folder).bytes - before.bytes < 100_000  # no second set of weights
    model = catalog.in_int8(read_info(folder))
    assert model is not None and model.int8
    assert (model.name, model.model_id) == ("tiny-int8", config.int8_id)
    assert config.int8_id != config.model_id


def test_the_model_that_ships_keeps_real_photographs() -> None:
    folder = catalog.default().path
    config = read_config(folder)
    photos = [open_image(path.read_bytes(), at_least=260)[0] for path in sample_photos()]
    images = np.stack([fit(photo, config.preprocessing) for photo in photos])
    weights = (folder / WEIGHTS).read_bytes()
    exact, rounded = (
        open_session((folder / graph).read_bytes(), weights, no_overflow=True)  # as on any processor
        for graph in (IMAGE_GRAPH, INT8_GRAPH)
    )
    found = [
        float((exact.run(["vectors"], feed)[0] * rounded.run(["vectors"], feed)[0]).sum())
        for feed in ({"images": image[None]} for image in images)
    ]
    assert min(found) >= 0.97
    assert np.mean(found) >= 0.985


def test_what_differs_too_much_is_not_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = copy_exported(tmp_path / "tiny")
    monkeypatch.setattr(int8, "MIN_COSINE", 1.1)
    with pytest.raises(KnownError, match="gives other vectors"):
        export_int8(folder, pictures())
    assert not (folder / INT8_GRAPH).exists()
    assert read_config(folder).int8_id is None
