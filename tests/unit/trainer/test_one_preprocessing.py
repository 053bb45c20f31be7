"""Whoever prepares a photo for a model, the program or the trainer, makes the same array of it."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from photosearch.core.encoder import Preprocessing
from photosearch.decode.fit import decoding_edge
from photosearch.decode.pool import DecoderPool, Wanted
from tests.helpers.photos import ORIENTATION
from trainer.data.images import ImageCache
from trainer.data.pairs import content_hash
from trainer.evaluate.features import FeatureExtractor
from trainer.evaluate.photos import encode_photos

NORM = ((127.0,) * 3, (128.0,) * 3)
PREPROCESSINGS = {
    "squash": Preprocessing(26, "squash", "bicubic", *NORM),
    "crop": Preprocessing(24, "crop", "bilinear", *NORM, zoom=0.75),
    "large": Preprocessing(448, "crop", "lanczos", *NORM, zoom=0.8),  # of 560 pixels
}


class Pixels(torch.nn.Module):
    """An image tower whose features are the very pixels it is given."""

    network = torch.nn.Identity()

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return images.flatten(1).float()


@pytest.fixture(scope="module", params=list(PREPROCESSINGS))
def preprocessing(request: pytest.FixtureRequest) -> Preprocessing:
    return PREPROCESSINGS[request.param]


@pytest.fixture(scope="module")
def pool(preprocessing: Preprocessing) -> Iterator[DecoderPool]:
    with DecoderPool(preprocessing, workers=1) as pool:
        yield pool


edges = st.one_of(st.integers(1, 600), st.integers(1000, 2600))


@given(
    width=edges,
    height=edges,
    kind=st.sampled_from(["JPEG", "JPEG", "PNG"]),
    turn=st.integers(1, 8),
    seed=st.integers(0, 9),
)
@settings(max_examples=15)
def test_program_and_trainer_see_the_same_array_of_any_photo(
    preprocessing: Preprocessing,
    pool: DecoderPool,
    width: int,
    height: int,
    kind: str,
    turn: int,
    seed: int,
) -> None:
    coarse = np.random.default_rng(seed).integers(
        0, 256, (height // 5 + 1, width // 5 + 1, 3), dtype=np.uint8
    )
    exif = Image.Exif()
    exif[ORIENTATION] = turn
    with tempfile.TemporaryDirectory() as made:
        photo = Path(made) / "photo"
        Image.fromarray(coarse).resize((width, height)).save(photo, kind, exif=exif)
        hashes = [content_hash(photo)]

        indexed = pool.decode(os.fsencode(photo), lambda _: Wanted.PICTURE).picture
        assert indexed is not None
        expected = np.frombuffer(indexed.pixels, np.uint8).reshape(preprocessing.size, -1, 3)

        trained = ImageCache([photo], hashes, preprocessing, cache=Path(made)).rows([0])[0]
        measured, _ = encode_photos(lambda squares: squares.astype(np.float32), preprocessing, [photo])
        tower = SimpleNamespace(image_tower=Pixels(), text_tower=Pixels())
        features = FeatureExtractor(tower, preprocessing, None, Path(made)).images([photo], hashes)  # type: ignore[arg-type]

        assert (trained == expected).all()
        assert (measured[0] == expected).all()
        assert (features.numpy().reshape(expected.shape) == expected).all()


def test_a_photo_is_decoded_at_what_it_is_resized_to_before_the_crop() -> None:
    assert {name: decoding_edge(found) for name, found in PREPROCESSINGS.items()} == {
        "squash": 512,  # a thumbnail's, whatever the model
        "crop": 512,
        "large": 560,
    }
