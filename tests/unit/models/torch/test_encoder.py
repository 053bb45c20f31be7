import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn.modules.module import register_module_forward_hook, register_module_forward_pre_hook

from photosearch.core.encoder import Encoder
from photosearch.core.errors import KnownError
from photosearch.models.catalog import read_info
from photosearch.models.torch import checkpoint
from photosearch.models.torch.encoder import TorchEncoder, load_encoder
from photosearch.models.torch.towers import ImageTower
from tests.helpers.tiny_config import SENTENCES
from tests.helpers.tiny_model import make_tiny_checkpoint


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_tiny_checkpoint(tmp_path_factory.mktemp("models") / "tiny")


@pytest.fixture(scope="module")
def encoder(folder: Path) -> TorchEncoder:
    return load_encoder(read_info(folder), device="cpu", precision="float32")


def test_it_is_an_encoder_that_says_what_it_is(encoder, folder):
    as_protocol: Encoder = encoder
    info = read_info(folder)
    assert (as_protocol.model_id, as_protocol.name, as_protocol.dim) == (info.model_id, "tiny", 56)
    assert as_protocol.preprocessing.size == 64
    assert as_protocol.calibration.strong == 0.6
    assert (encoder.device, encoder.precision) == ("cpu", "float32")
    assert encoder.batch_size > 0


@torch.inference_mode()
def test_vectors_are_those_of_the_checkpoint(encoder, folder, images):
    model, _, tokenizer = checkpoint.load(folder)
    expected = model.encode_image(torch.from_numpy(images)).numpy()
    found = encoder.encode_images(images)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, expected, atol=1e-5)
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1, atol=1e-5)

    tokens = tokenizer(SENTENCES)
    expected = model.encode_text(torch.from_numpy(tokens.ids), torch.from_numpy(tokens.mask)).numpy()
    np.testing.assert_allclose(encoder.encode_texts(SENTENCES), expected, atol=1e-5)

    expected = model.image_bias(torch.from_numpy(found)).numpy()
    np.testing.assert_allclose(encoder.image_bias(found), expected, atol=1e-5)
    assert encoder.image_bias(found).shape == (len(images),)


def test_a_batch_of_one_gives_what_a_batch_of_many_gives(encoder, images):
    together = encoder.encode_images(images)
    alone = np.concatenate([encoder.encode_images(images[i : i + 1]) for i in range(len(images))])
    np.testing.assert_allclose(alone, together, atol=1e-5)

    together = encoder.encode_texts(SENTENCES)
    alone = np.concatenate([encoder.encode_texts([sentence]) for sentence in SENTENCES])
    np.testing.assert_allclose(alone, together, atol=1e-5)


def test_a_remembered_query_cannot_be_spoilt_by_who_got_it(encoder):
    first = encoder.encode_texts(["a cup of coffee"])
    expected = first.copy()
    first[:] = 0
    np.testing.assert_array_equal(encoder.encode_texts(["a cup of coffee"]), expected)


def test_queries_and_photos_at_the_same_time_give_the_same_vectors(encoder, images):
    texts, vectors = encoder.encode_texts(SENTENCES), encoder.encode_images(images)
    with ThreadPoolExecutor(6) as threads:
        photos = [threads.submit(encoder.encode_images, images) for _ in range(6)]
        queries = [threads.submit(encoder.encode_texts, [s]) for s in SENTENCES * 4]
        for done in photos:
            np.testing.assert_allclose(done.result(), vectors, atol=1e-5)
        for index, done in enumerate(queries):
            np.testing.assert_allclose(done.result()[0], texts[index % len(texts)], atol=1e-5)


@contextmanager
def before_each_tower(seen: Callable[[torch.Tensor], object]) -> Iterator[None]:
    """Call `seen` with every batch of photos (B, S, S, 3), on its way into an image tower."""

    def before(module: nn.Module, inputs: tuple[torch.Tensor, ...]) -> None:
        if isinstance(module, ImageTower):
            seen(inputs[0])

    hook = register_module_forward_pre_hook(before)
    try:
        yield
    finally:
        hook.remove()


def test_a_query_does_not_wait_for_photos(encoder, images):
    entered, opened = threading.Event(), threading.Event()

    def wait(_: torch.Tensor) -> None:
        entered.set()
        assert opened.wait(30)

    with before_each_tower(wait), ThreadPoolExecutor(1) as background:
        photos = background.submit(encoder.encode_images, np.repeat(images, 4, axis=0))
        assert entered.wait(30)
        assert encoder.encode_texts(["a query while photos encode"]).shape == (1, 56)
        assert not photos.done()
        opened.set()
        assert photos.result().shape == (44, 56)


def memory_for(limit: int) -> Callable[[torch.Tensor], None]:
    """What a device says that has memory for so many photos."""

    def check(images: torch.Tensor) -> None:
        if len(images) > limit:
            raise torch.OutOfMemoryError("out of memory")

    return check


def test_out_of_memory_halves_the_batch_and_goes_on(folder, images):
    encoder = load_encoder(read_info(folder), device="cpu", precision="float32")
    before, expected = encoder.batch_size, encoder.encode_images(images)
    with before_each_tower(memory_for(2)):
        np.testing.assert_allclose(encoder.encode_images(images), expected, atol=1e-5)
    assert encoder.batch_size < before


def test_no_memory_for_a_single_photo_is_a_known_error(folder, images):
    encoder = load_encoder(read_info(folder), device="cpu", precision="float32")
    with before_each_tower(memory_for(0)), pytest.raises(KnownError, match="too small for one photo"):
        encoder.encode_images(images)


def test_bfloat16_keeps_photos_close_and_queries_exact(encoder, folder, images):
    half = load_encoder(read_info(folder), device="cpu", precision="bfloat16")
    assert half.precision == "bfloat16"
    cosines = (half.encode_images(images) * encoder.encode_images(images)).sum(axis=1)
    assert cosines.min() > 0.999
    np.testing.assert_array_equal(half.encode_texts(["a cat"]), encoder.encode_texts(["a cat"]))


def test_a_photo_that_overflows_half_precision_gets_a_second_try_in_float32(encoder, folder, images):
    half = load_encoder(read_info(folder), device="cpu", precision="bfloat16")
    expected = half.encode_images(images)
    overflowing, seen = images[2], []

    def overflow(module: nn.Module, inputs: tuple[torch.Tensor], output: torch.Tensor) -> None:
        if isinstance(module, ImageTower):
            if output.dtype == torch.float32:
                seen.append(len(output))
            elif (place := (inputs[0].numpy() == overflowing).all(axis=(1, 2, 3))).any():
                output[torch.from_numpy(place)] = torch.nan

    with register_module_forward_hook(overflow):
        found = half.encode_images(images)
    assert seen == [1]
    np.testing.assert_array_equal(np.delete(found, 2, axis=0), np.delete(expected, 2, axis=0))
    assert (found[2] * encoder.encode_images(images[2:3])[0]).sum() > 0.999


def test_the_precision_is_measured_and_remembered(folder, tmp_path):
    first = load_encoder(read_info(folder), cache_dir=tmp_path)
    assert (tmp_path / "measured.json").exists()
    assert load_encoder(read_info(folder), cache_dir=tmp_path).precision == first.precision


@pytest.mark.parametrize("architecture", ["test_resnet", "test_vit"])
def test_other_networks_run_too(tmp_path, images, architecture: str):
    info = read_info(make_tiny_checkpoint(tmp_path / architecture, architecture=architecture))
    encoder = load_encoder(info, device="cpu")
    model, _, _ = checkpoint.load(info.path)
    with torch.inference_mode():
        expected = model.encode_image(torch.from_numpy(images)).numpy()
    assert (encoder.encode_images(images) * expected).sum(axis=1).min() > 0.999
