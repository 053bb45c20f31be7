from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch

from photosearch.core.errors import KnownError
from photosearch.decode.fit import decoding_edge, fit
from photosearch.decode.image import open_image
from tests.helpers.tiny_config import SENTENCES
from trainer.data.pairs import Pairs, content_hash
from trainer.evaluate import embed as module
from trainer.evaluate.embed import (
    Opened,
    embed,
    embed_images,
    embed_texts,
    evaluating,
    image_bias,
    open_model,
)


@pytest.fixture(scope="module")
def opened(model: str) -> Iterator[Opened]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "best_device", lambda: "cpu")
        yield open_model(model)


def test_images_are_prepared_as_for_indexing(opened: Opened, photos: list[Path]) -> None:
    preprocessing = opened.config.preprocessing
    found, unreadable = embed_images(opened.model, preprocessing, photos)
    edge = decoding_edge(preprocessing)
    squares = [fit(open_image(p.read_bytes(), at_least=edge)[0], preprocessing) for p in photos]
    with torch.inference_mode():
        expected = opened.model.encode_image(torch.from_numpy(np.stack(squares))).numpy()
    assert unreadable == []
    np.testing.assert_allclose(found, expected, atol=1e-5)


def test_batches_change_nothing(opened: Opened, photos: list[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    images, _ = embed_images(opened.model, opened.config.preprocessing, photos)
    texts, _ = embed_texts(opened.model, opened.tokenizer, SENTENCES)
    monkeypatch.setattr(module, "TEXT_BATCH", 3)
    np.testing.assert_allclose(
        embed_images(opened.model, opened.config.preprocessing, photos, batch_size=2, workers=1)[0],
        images,
        atol=1e-5,
    )
    np.testing.assert_allclose(embed_texts(opened.model, opened.tokenizer, SENTENCES)[0], texts, atol=1e-5)


def test_what_cannot_be_read_is_told_by_position(opened: Opened, photos: list[Path]) -> None:
    photos[1].write_bytes(b"no photo")
    photos[3].unlink()
    found, unreadable = embed_images(opened.model, opened.config.preprocessing, photos)
    assert (len(found), unreadable) == (3, [1, 3])
    pairs = Pairs(photos, [bytes([i]) for i in range(5)], SENTENCES[:5], np.arange(5))
    with pytest.raises(KnownError, match=r"2 photo\(s\) .* the first is .*1\.png"):
        embed(*opened[:3], pairs)


def test_no_readable_photo_is_no_embedding(opened: Opened, tmp_path: Path) -> None:
    found, unreadable = embed_images(opened.model, opened.config.preprocessing, [tmp_path / "none.jpg"])
    assert (len(found), unreadable) == (0, [0])


def test_counts_captions_that_lose_their_end(opened: Opened) -> None:
    assert embed_texts(opened.model, opened.tokenizer, ["a cat", "a dog " * 40])[1] == 1


def test_pairs_keep_their_order(opened: Opened, photos: list[Path]) -> None:
    pairs = Pairs(photos, [content_hash(p) for p in photos], SENTENCES[:5], np.arange(5))
    images, texts = embed(*opened[:3], pairs)
    np.testing.assert_allclose(
        images[3:4], embed_images(opened.model, opened.config.preprocessing, photos[3:4])[0], atol=1e-5
    )
    np.testing.assert_allclose(
        texts[2:3], embed_texts(opened.model, opened.tokenizer, SENTENCES[2:3])[0], atol=1e-5
    )
    np.testing.assert_allclose(np.linalg.norm(images, axis=1), 1, atol=1e-5)
    assert image_bias(opened.model, images).shape == (5,)


def test_a_model_in_training_is_given_back_as_it_was(opened: Opened, photos: list[Path]) -> None:
    model = opened.model
    model.train()
    model.image_tower.eval()  # frozen, as its batch norms must stay
    before = {name: buffer.clone() for name, buffer in model.named_buffers()}
    modes = [module.training for module in model.modules()]
    embed_images(model, opened.config.preprocessing, photos)
    with pytest.raises(RuntimeError), evaluating(model):
        assert not any(module.training for module in model.modules())
        raise RuntimeError
    assert [module.training for module in model.modules()] == modes
    assert all(torch.equal(before[name], buffer) for name, buffer in model.named_buffers())
    model.eval()


def test_opens_the_model_of_a_run(model: str, tmp_path: Path) -> None:
    run = tmp_path / "run"
    run.mkdir()
    (run / "run.json").write_text("{}")
    with pytest.raises(KnownError, match="no model yet"):
        open_model(str(run))
    (run / "model").symlink_to(model, target_is_directory=True)
    assert open_model(str(run)).config.name == "tiny"
    with pytest.raises(KnownError, match="no model 'unknown'"):
        open_model("unknown")
