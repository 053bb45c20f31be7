"""The checkpoint that ships, on real photographs that it was never trained on."""

import numpy as np
import pytest

from photosearch.core.encoder import Calibration, Encoder
from photosearch.decode.fit import decoding_edge, fit
from photosearch.decode.image import open_image
from photosearch.models import catalog
from photosearch.models.config import read_config
from photosearch.models.loading import load_encoder
from tests.helpers.photos import sample_photos

NONSENSE = ["qwzx vbnk plort", "colorless green ideas sleep furiously", "a b c d e f g", "1234567890"]


@pytest.fixture(scope="module")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> Encoder:
    return load_encoder(catalog.default(), cache_dir=tmp_path_factory.mktemp("measured")).encoder


@pytest.fixture(scope="module")
def vectors(encoder: Encoder) -> np.ndarray:
    edge = decoding_edge(encoder.preprocessing)
    photos = [open_image(path.read_bytes(), at_least=edge)[0] for path in sample_photos()]
    return encoder.encode_images(np.stack([fit(photo, encoder.preprocessing) for photo in photos]))


def test_it_has_the_id_that_libraries_keep_its_vectors_under() -> None:
    assert read_config(catalog.default().path).photos_like == ("3b1261e95c6a239e",)
    assert catalog.default().model_id == "e006afc56650653c"


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("a cat", "chelsea.png"),
        ("a cup of coffee", "coffee.png"),
        ("a rocket taking off", "rocket.jpg"),
        ("a flower", "flower.jpg"),
        ("一只猫", "chelsea.png"),
        ("eine Tasse Kaffee", "coffee.png"),
        ("コーヒー", "coffee.png"),
        ("ракета", "rocket.jpg"),
        ("una flor", "flower.jpg"),
    ],
)
@pytest.mark.parametrize("with_bias", [False, True])
def test_finds_the_photo(
    encoder: Encoder, vectors: np.ndarray, query: str, name: str, with_bias: bool
) -> None:
    scores = vectors @ encoder.encode_texts([query])[0] - with_bias * encoder.image_bias(vectors)
    assert sample_photos()[int(scores.argmax())].name == name


def probability(score: np.ndarray, label: Calibration) -> np.ndarray:
    return 1 / (1 + np.exp(-(label.slope * score + label.offset)))


def test_nonsense_is_never_strong(encoder: Encoder, vectors: np.ndarray) -> None:
    scores = encoder.encode_texts(NONSENSE) @ vectors.T - encoder.image_bias(vectors)
    assert probability(scores, encoder.calibration).max() < encoder.calibration.strong


def test_fits_its_budget_and_says_how_good_it_is() -> None:
    info = catalog.default()
    assert info.bytes <= 71_600_000
    assert info.metrics["val"]["t2i"]["R@1"] >= 22.0
    assert info.metrics["val"]["t2i"]["R@5"] >= 50.5
    assert info.metrics["val"]["t2i"]["R@10"] >= 64.5
    assert info.metrics["objects_map"] >= 1.4 * info.metrics["plain_infonce"]["objects_map"]
    assert info.metrics["val_by_language"]["zh"]["t2i"]["R@10"] >= 45
    english, *others = info.metrics["objects_by_language"].values()
    assert np.mean(others) >= 0.75 * english
    card = (info.path / "MODEL_CARD.md").read_text(encoding="utf-8")
    assert info.model_id in card
    assert "$" not in card
