import contextlib
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec
import numpy as np
import pytest
import torch

from photosearch.core.errors import KnownError
from photosearch.models.tokenizer import Tokenizer
from tests.helpers.tiny_config import SENTENCES, make_tiny_tokenizer, tiny_config
from tests.helpers.tiny_model import tiny_model
from trainer.data.pairs import Pairs, content_hash
from trainer.evaluate.features import FeatureExtractor


@pytest.fixture
def tokenizer(tmp_path: Path) -> Tokenizer:
    return Tokenizer(make_tiny_tokenizer(tmp_path / "tokenizer.json").read_bytes(), 16)


def extractor(tokenizer: Tokenizer, cache: Path, seed: int = 0, fit: str = "squash") -> FeatureExtractor:
    config = tiny_config()
    preprocessing = msgspec.structs.replace(config.preprocessing, fit=fit)
    return FeatureExtractor(tiny_model(config, seed), preprocessing, tokenizer, cache)


def images(found: FeatureExtractor, photos: list[Path]) -> torch.Tensor:
    return found.images(photos, [content_hash(path) for path in photos])


def test_features_are_what_the_towers_give(tmp_path: Path, photos: list[Path], tokenizer: Tokenizer) -> None:
    found = extractor(tokenizer, tmp_path / "cache")
    model = tiny_model(tiny_config())
    features = images(found, photos)
    assert features.shape == (5, 256)
    texts = found.texts(SENTENCES)
    for text, feature in zip(SENTENCES, texts, strict=True):  # one by one: no padding, no sorting
        tokens = tokenizer([text])
        with torch.inference_mode():
            alone = model.text_features(torch.from_numpy(tokens.ids), torch.from_numpy(tokens.mask))
        torch.testing.assert_close(feature[None], alone, atol=1e-5, rtol=1e-4)


def test_a_second_time_decodes_nothing(tmp_path: Path, photos: list[Path], tokenizer: Tokenizer) -> None:
    cache = tmp_path / "cache"
    hashes = [content_hash(path) for path in photos]
    first = extractor(tokenizer, cache).images(photos, hashes)
    gone = [tmp_path / "nowhere" / path.name for path in photos]
    assert torch.equal(extractor(tokenizer, cache).images(gone, hashes), first)


def test_other_weights_preprocessing_photos_or_texts_are_never_mistaken(
    tmp_path: Path, photos: list[Path], tokenizer: Tokenizer
) -> None:
    cache = tmp_path / "cache"
    found = extractor(tokenizer, cache)
    first, texts = images(found, photos), found.texts(SENTENCES)
    assert not torch.equal(images(extractor(tokenizer, cache, seed=1), photos), first)
    assert not torch.equal(images(extractor(tokenizer, cache, fit="crop"), photos), first)
    torch.testing.assert_close(images(found, photos[::-1]), first.flip(0))
    assert not torch.equal(extractor(tokenizer, cache, seed=1).texts(SENTENCES), texts)
    torch.testing.assert_close(found.texts(SENTENCES[:3]), texts[:3], atol=1e-5, rtol=1e-4)


def test_pairs_keep_their_order(tmp_path: Path, photos: list[Path], tokenizer: Tokenizer) -> None:
    found = extractor(tokenizer, tmp_path / "cache")
    hashes = [content_hash(path) for path in photos]
    pairs = Pairs(photos, hashes, SENTENCES[:5], np.arange(5))
    features = found.pairs(pairs)
    assert torch.equal(features.images, images(found, photos))
    assert torch.equal(features.texts, found.texts(SENTENCES[:5]))


def test_a_photo_that_cannot_be_decoded_is_named(
    tmp_path: Path, photos: list[Path], tokenizer: Tokenizer
) -> None:
    photos[2].write_bytes(b"not a photo")
    with pytest.raises(KnownError, match=r"cannot be read, the first is .*2\.png"):
        images(extractor(tokenizer, tmp_path / "cache"), photos)
    assert not list((tmp_path / "cache").glob("*.npy"))


def test_of_two_that_ask_for_the_same_one_computes(
    tmp_path: Path, photos: list[Path], tokenizer: Tokenizer, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[Path] = []
    both_asked, both_read = threading.Barrier(2), threading.Barrier(2)
    really = Path.read_bytes

    def slowly(path: Path) -> bytes:
        read.append(path)
        with contextlib.suppress(threading.BrokenBarrierError):  # the other one waits, as it should
            both_read.wait(timeout=0.2)
        return really(path)

    def ask(found: FeatureExtractor) -> torch.Tensor:
        both_asked.wait()
        return found.images(photos, hashes)

    hashes = [content_hash(path) for path in photos]
    monkeypatch.setattr(Path, "read_bytes", slowly)
    with ThreadPoolExecutor(2) as pool:
        one, other = pool.map(ask, [extractor(tokenizer, tmp_path / "cache") for _ in range(2)])
    assert torch.equal(one, other)
    assert read == photos
    assert [path.suffix for path in (tmp_path / "cache").iterdir() if path.suffix != ".lock"] == [".npy"]
