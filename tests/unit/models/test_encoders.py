"""What holds of an encoder whichever runtime it runs in."""

import numpy as np
import pytest
from numpy.typing import NDArray

from photosearch.core.encoder import Encoder
from photosearch.models.catalog import read_info
from photosearch.models.loading import load_encoder
from tests.helpers.exported_models import copy_to_run
from tests.helpers.runtimes import RUNTIMES


@pytest.fixture(scope="module", params=RUNTIMES)
def encoder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Encoder:
    folder = copy_to_run(request.param, tmp_path_factory.mktemp("models") / "tiny")
    return load_encoder(read_info(folder), device="cpu", precision="float32", threads=2).encoder


def test_nothing_in_gives_nothing_out(encoder: Encoder, images: NDArray[np.uint8]) -> None:
    assert encoder.encode_images(images[:0]).shape == (0, 56)
    assert encoder.encode_texts([]).shape == (0, 56)
    assert encoder.image_bias(np.empty((0, 56), np.float32)).shape == (0,)


def test_photos_of_another_shape_are_a_bug_and_said_so(encoder: Encoder, images: NDArray[np.uint8]) -> None:
    for wrong in (images[:, :32], images[0], images.astype(np.float32), images[..., :1]):
        with pytest.raises(ValueError, match="images must be"):
            encoder.encode_images(wrong)


def test_views_that_are_not_contiguous_are_taken(encoder: Encoder, images: NDArray[np.uint8]) -> None:
    flipped = images[:, :, ::-1]
    np.testing.assert_allclose(
        encoder.encode_images(flipped), encoder.encode_images(flipped.copy()), atol=1e-6
    )


def test_any_query_can_be_asked(encoder: Encoder) -> None:
    for query in ("x" * 100_000, "\udcff", "犬 🐕", ""):
        assert np.isfinite(encoder.encode_texts([query])).all()


def test_after_a_rest_photos_get_the_same_vectors(encoder: Encoder, images: NDArray[np.uint8]) -> None:
    vectors = encoder.encode_images(images)
    bias = encoder.image_bias(vectors)
    encoder.rest()
    assert (encoder.image_bias(vectors) == bias).all()
    encoder.rest()
    assert (encoder.encode_images(images) == vectors).all()
