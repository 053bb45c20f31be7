"""Networks that the trainer builds, exported and run without torch; those of the hub are in test_hub.py."""

import logging
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from photosearch.core.errors import KnownError
from photosearch.models.catalog import read_info
from photosearch.models.config import IMAGE_GRAPH, INT8_GRAPH, TEXT_GRAPH, read_config
from photosearch.models.runtime.encoder import OnnxEncoder
from photosearch.models.torch import checkpoint, export
from photosearch.models.torch.encoder import load_encoder
from tests.helpers.exported_models import copy_exported
from tests.helpers.multilingual_model import make_multilingual_checkpoint
from tests.helpers.photos import picture
from tests.helpers.tiny_config import FEATURES, SENTENCES
from tests.helpers.tiny_model import make_tiny_checkpoint


@pytest.fixture(autouse=True)
def _no_trace() -> Iterator[None]:
    """The exporter logs every step of its trace; for pytest to keep it all takes most of the time."""
    trace = logging.getLogger("torch.__trace")
    trace.propagate = False
    yield
    trace.propagate = True


def published(folder: Path, kind: str) -> Path:
    if kind == "quantised":
        return make_multilingual_checkpoint(folder / "languages")
    return make_tiny_checkpoint(folder / kind, architecture=kind)


@pytest.mark.parametrize("kind", [*FEATURES, "quantised"])
def test_a_graph_gives_the_vectors_of_the_network(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    if kind == "quantised":
        monkeypatch.setattr(export, "LARGEST_FOLDED", 64)  # smaller than this network's layers
    folder = published(tmp_path, kind)
    before = read_info(folder)
    (folder / INT8_GRAPH).write_bytes(b"made from the graph before")
    config = export.export(folder)
    assert not (folder / INT8_GRAPH).exists()
    assert config.model_id == before.model_id
    assert read_config(folder) == config
    added = read_info(folder).bytes - before.bytes
    assert added < 400_000  # no second set of weights
    unpacked_at_once = b"DequantizeLinear" in (folder / TEXT_GRAPH).read_bytes()
    assert unpacked_at_once == (kind == "quantised")

    exported = OnnxEncoder(folder, config, threads=1)
    network = load_encoder(before, device="cpu", precision="float32")
    size = config.preprocessing.size
    images = np.stack([np.asarray(picture(seed, (size, size))) for seed in range(7)])
    vectors = network.encode_images(images)
    for found, expected in (
        (exported.encode_images(images), vectors),
        (exported.encode_texts(SENTENCES), network.encode_texts(SENTENCES)),
        (exported.encode_texts(["a"]), network.encode_texts(["a"])),
        (exported.image_bias(vectors), network.image_bias(vectors)),
    ):
        np.testing.assert_allclose(found, expected, atol=1e-5)


def test_weights_that_are_saved_anew_have_no_export(tmp_path: Path) -> None:
    folder = copy_exported(tmp_path / "tiny")
    model, config, tokenizer = checkpoint.load(folder)
    checkpoint.save(folder, model, config, tokenizer.data)
    assert not read_config(folder).exports
    assert not (folder / IMAGE_GRAPH).exists()


def test_what_differs_is_refused_and_nothing_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = published(tmp_path, "test_resnet")
    monkeypatch.setattr(export, "MIN_COSINE", 1.1)
    with pytest.raises(KnownError, match="gives other vectors"):
        export.export(folder)
    assert not read_config(folder).exports
    assert not (folder / TEXT_GRAPH).exists()
