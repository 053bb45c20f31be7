from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from photosearch.core.errors import KnownError
from photosearch.models.torch.dual_encoder import DualEncoder
from tests.helpers.photos import make_photo
from tests.helpers.tiny_config import tiny_config
from tests.helpers.tiny_model import tiny_model
from trainer.bundled.views import View, ViewMaker, frozen_blocks, split_network
from trainer.data.augment import ImageAugment
from trainer.data.pairs import Pairs, content_hash
from trainer.evaluate.features import FeatureExtractor
from trainer.models.optimise import Unlock, apply_unlock

AUGMENT = ImageAugment(crop_area=(0.5, 1.0), flip=0.5, jitter=1.0)


@pytest.fixture
def model() -> DualEncoder:
    model = tiny_model(tiny_config())
    apply_unlock(model, Unlock(image=1, text=1))
    return model


@pytest.fixture
def pairs(tmp_path: Path) -> Pairs:
    paths = [make_photo(tmp_path / f"{seed}.jpg", seed) for seed in range(6)]
    return Pairs(paths, [content_hash(path) for path in paths], ["a photo"] * 6, np.arange(6))


def maker(model: DualEncoder, cache: Path, seed: int = 0, augment: ImageAugment = AUGMENT) -> ViewMaker:
    return ViewMaker(model, tiny_config().preprocessing, augment, seed, cache)


def late(model: DualEncoder, view: View) -> torch.Tensor:
    network = model.image_tower.network
    maps = torch.from_numpy(np.array(view.early)).float().permute(0, 3, 1, 2)
    with torch.no_grad():
        features: torch.Tensor = split_network(network, frozen_blocks(network))[1](maps)
    return features


def test_the_first_view_is_what_the_program_sees(model: DualEncoder, pairs: Pairs, tmp_path: Path) -> None:
    make_photo(tmp_path / "0.jpg", size=(1500, 1100))  # decoded smaller
    view = maker(model, tmp_path / "cache").view(pairs, 0)
    extractor = FeatureExtractor(model, tiny_config().preprocessing, None, tmp_path / "other")  # type: ignore[arg-type]
    torch.testing.assert_close(
        view.features, extractor.images(pairs.images, pairs.hashes), atol=1e-4, rtol=1e-4
    )
    assert not view.flipped.any()


@pytest.mark.parametrize("number", [0, 1])
def test_the_rest_of_the_tower_goes_on_from_what_is_kept(
    model: DualEncoder, pairs: Pairs, tmp_path: Path, number: int
) -> None:
    view = maker(model, tmp_path / "cache").view(pairs, number)
    assert view.early.dtype == np.float16
    torch.testing.assert_close(late(model, view), view.features, atol=0.02, rtol=0.02)  # of float16


def test_a_view_is_of_the_seed_the_number_and_the_photo_alone(
    model: DualEncoder, pairs: Pairs, tmp_path: Path
) -> None:
    first = maker(model, tmp_path / "a").view(pairs, 1)
    backwards = maker(model, tmp_path / "b").view(pairs.subset(range(5, -1, -1)), 1)
    torch.testing.assert_close(first.features, backwards.features.flip(0), atol=1e-5, rtol=1e-5)
    assert np.array_equal(first.flipped, backwards.flipped[::-1])
    for other in (
        maker(model, tmp_path / "a").view(pairs, 2),
        maker(model, tmp_path / "a", 1).view(pairs, 1),
    ):
        assert not torch.allclose(other.features, first.features, atol=1e-3)


def test_what_was_made_is_not_made_again(model: DualEncoder, pairs: Pairs, tmp_path: Path) -> None:
    made = maker(model, tmp_path / "cache").view(pairs, 1)
    for path in pairs.images:
        Image.new("RGB", (8, 8)).save(path)  # the hashes are those of the photos before
    again = maker(model, tmp_path / "cache").view(pairs, 1)
    assert torch.equal(made.features, again.features)
    assert np.array_equal(made.early, again.early)


def test_other_settings_or_weights_are_not_taken_for_the_same(
    model: DualEncoder, pairs: Pairs, tmp_path: Path
) -> None:
    cache = tmp_path / "cache"
    maker(model, cache).view(pairs, 1)
    count = len(list(cache.iterdir()))
    maker(model, cache, augment=ImageAugment(crop_area=(0.9, 1.0))).view(pairs, 1)
    assert len(list(cache.iterdir())) == 2 * count
    maker(tiny_model(tiny_config(), seed=1), cache).view(pairs, 1)
    assert len(list(cache.iterdir())) == 3 * count


def test_a_photo_that_cannot_be_read_is_named(model: DualEncoder, pairs: Pairs, tmp_path: Path) -> None:
    path = pairs.images[3]
    assert isinstance(path, Path)
    path.write_bytes(b"no photo")
    with pytest.raises(KnownError, match=r"3\.jpg"):
        maker(model, tmp_path / "cache").view(pairs, 0)
