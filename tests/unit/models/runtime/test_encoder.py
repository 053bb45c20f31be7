import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec
import numpy as np
import pytest
from numpy.typing import NDArray

from photosearch.core.encoder import Encoder
from photosearch.core.errors import KnownError
from photosearch.models.config import (
    CONFIG,
    IMAGE_GRAPH,
    TEXT_GRAPH,
    WEIGHTS,
    encode_config,
    file_hash,
    read_config,
)
from photosearch.models.runtime.encoder import OnnxEncoder

TEXTS = ["a photo of a cat on a sofa", "two dogs run along a beach", "a rocket", "x"]


@pytest.fixture(scope="module")
def encoder(folder: Path) -> OnnxEncoder:
    return OnnxEncoder(folder, read_config(folder), threads=2)


def test_it_is_an_encoder_that_says_what_it_is(encoder: OnnxEncoder, folder: Path) -> None:
    as_protocol: Encoder = encoder
    config = read_config(folder)
    assert (as_protocol.model_id, as_protocol.name, as_protocol.dim) == (config.model_id, "tiny", 56)
    assert as_protocol.preprocessing == config.preprocessing
    assert (encoder.device, encoder.precision, encoder.batch_size) == ("cpu", "float32", 16)
    assert encoder.runtime.startswith("ONNX Runtime ")


def test_vectors_are_unit_vectors_whatever_the_batch(encoder: OnnxEncoder, images: NDArray[np.uint8]) -> None:
    together = encoder.encode_images(images)
    assert together.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(together, axis=1), 1, atol=1e-5)
    alone = np.concatenate([encoder.encode_images(images[i : i + 1]) for i in range(len(images))])
    np.testing.assert_allclose(alone, together, atol=1e-5)
    many = encoder.encode_texts(TEXTS * 20)
    np.testing.assert_allclose(np.linalg.norm(many, axis=1), 1, atol=1e-5)
    np.testing.assert_allclose(encoder.encode_texts(TEXTS), many[:4], atol=1e-5)


def test_the_bias_is_that_of_its_definition(encoder: OnnxEncoder, folder: Path) -> None:
    import safetensors.numpy

    tensors = safetensors.numpy.load_file(folder / WEIGHTS)
    bank = tensors["bank"].astype(np.float64) * tensors["bank_scale"][:, None]
    vectors = encoder.encode_texts(TEXTS)
    expected = np.log(np.exp(10 * (vectors @ bank.T)).mean(axis=1)) / 10
    np.testing.assert_allclose(encoder.image_bias(vectors), expected, atol=1e-5)


def test_queries_and_photos_at_the_same_time(encoder: OnnxEncoder, images: NDArray[np.uint8]) -> None:
    texts, vectors = encoder.encode_texts(TEXTS), encoder.encode_images(images)
    with ThreadPoolExecutor(6) as threads:
        photos = [threads.submit(encoder.encode_images, images) for _ in range(6)]
        queries = [threads.submit(encoder.encode_texts, [text]) for text in TEXTS * 4]
        for done in photos:
            np.testing.assert_allclose(done.result(), vectors, atol=1e-5)
        for index, done in enumerate(queries):
            np.testing.assert_allclose(done.result()[0], texts[index % len(texts)], atol=1e-5)


def test_a_search_reads_no_photos_graph(own: Path) -> None:
    (own / IMAGE_GRAPH).unlink()
    encoder = OnnxEncoder(own, read_config(own), threads=1)
    assert encoder.encode_texts(["a cat"]).shape == (1, 56)
    with pytest.raises(KnownError, match=r"lacks its file image\.onnx"):
        encoder.encode_images(np.zeros((1, 64, 64, 3), np.uint8))


@pytest.mark.parametrize("name", [TEXT_GRAPH, WEIGHTS])
def test_what_was_altered_is_refused(own: Path, name: str) -> None:
    data = bytearray((own / name).read_bytes())
    data[-1] ^= 1
    (own / name).write_bytes(data)
    with pytest.raises(KnownError, match="altered"):
        OnnxEncoder(own, read_config(own))


def outside(graph: bytes) -> bytes:
    return graph.replace(b"model.safetensors", b"/etc/machine-id..")


@pytest.mark.parametrize(
    "spoil", [outside, lambda graph: b"", lambda graph: b"no graph", lambda graph: graph[:999]]
)
def test_what_is_no_graph_of_the_weights_is_refused(own: Path, spoil) -> None:
    graph = spoil((own / TEXT_GRAPH).read_bytes())
    (own / TEXT_GRAPH).write_bytes(graph)
    config = read_config(own)
    exports = {**config.exports, TEXT_GRAPH: file_hash(graph)}
    (own / CONFIG).write_bytes(encode_config(msgspec.structs.replace(config, exports=exports)))
    with pytest.raises(KnownError, match="cannot be run"):
        OnnxEncoder(own, read_config(own))


def test_a_device_that_is_not_here_is_refused(folder: Path) -> None:
    with pytest.raises(KnownError, match="no abacus device"):
        OnnxEncoder(folder, read_config(folder), device="abacus")


def test_no_thread_stays_for_texts_alone(folder: Path) -> None:
    before = set(threading.enumerate())
    OnnxEncoder(folder, read_config(folder), threads=2).encode_texts(["a cat"])
    assert set(threading.enumerate()) <= before
