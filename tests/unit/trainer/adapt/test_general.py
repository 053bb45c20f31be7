from pathlib import Path

import numpy as np
import pytest

from photosearch.core.errors import KnownError
from photosearch.core.vectors import l2_normed
from photosearch.models import catalog
from photosearch.paths import resources
from tests.helpers.own_words import world
from trainer.adapt.general import FILE, GeneralSet, from_library, general_set, read_general, write_general

MODEL = "0123456789abcdef"


def no_bias(photos):
    return np.zeros(len(photos), np.float32)


def some(count: int = 40) -> GeneralSet:
    random = np.random.default_rng(0)
    photos = l2_normed(random.standard_normal((count, 32)).astype(np.float32))
    texts = l2_normed(photos + 0.1 * random.standard_normal((count, 32)).astype(np.float32))
    return GeneralSet(texts, photos, no_bias(photos), np.arange(count))


def test_keeps_vectors_as_int8(tmp_path: Path) -> None:
    general = some()
    write_general(tmp_path / FILE, MODEL, general.texts, general.photos, general.photo_of)
    found = read_general(tmp_path / FILE, MODEL, no_bias)
    assert found is not None
    np.testing.assert_allclose((found.texts * general.texts).sum(axis=1), 1, atol=1e-3)
    assert found.photo_of.tolist() == list(range(40))
    assert read_general(tmp_path / FILE, "f" * 16, no_bias) is None


def test_a_damaged_file_is_told(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b"damaged")
    with pytest.raises(KnownError, match="install PhotoSearch again"):
        read_general(tmp_path / FILE, MODEL, no_bias)


def test_what_ships_is_the_bundled_models() -> None:
    found = read_general(resources() / "teaching" / FILE, catalog.default().model_id, no_bias)
    assert found is not None
    assert found.texts.shape == found.photos.shape == (800, catalog.default().dim)
    assert (found.ranks(found.texts) < 10).mean() > 0.9


def test_a_point_may_be_lost_and_no_more() -> None:
    general = some()
    assert general.kept_by(lambda texts: texts)
    assert not general.kept_by(lambda texts: texts[::-1])


def test_another_model_makes_its_set_from_the_library() -> None:
    library = world()
    found = general_set(library, MODEL, no_bias)
    assert found.texts.shape == from_library(library).texts.shape
    assert (found.ranks(found.texts) == 0).mean() > 0.4  # but for photos that are the same
    assert not found.kept_by(lambda texts: -texts)
