"""Networks that the trainer builds, exported and run without torch; those of the hub are in test_hub.py."""

import functools
import logging
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from photosearch.core.errors import KnownError
from photosearch.models.catalog import ModelInfo, read_info
from photosearch.models.config import IMAGE_GRAPH, INT8_GRAPH, TEXT_GRAPH, ModelConfig, read_config
from photosearch.models.runtime.encoder import OnnxEncoder
from photosearch.models.runtime.int8 import Int8Encoder
from photosearch.models.torch import checkpoint, export
from photosearch.models.torch.encoder import load_encoder
from photosearch.models.torch.int8 import export_int8
from tests.helpers.exported_models import copy_exported
from tests.helpers.int8_model import pictures
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


class Exported(NamedTuple):
    folder: Path
    before: ModelInfo
    config: ModelConfig


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Exported]:
    """Each kind once: to export one takes seconds."""

    @functools.cache
    def of(kind: str) -> Exported:
        folder = published(tmp_path_factory.mktemp("exported"), kind)
        before = read_info(folder)
        (folder / INT8_GRAPH).write_bytes(b"made from the graph before")
        with pytest.MonkeyPatch.context() as patch:
            if kind == "quantised":
                patch.setattr(export, "LARGEST_FOLDED", 64)  # smaller than this network's layers
            return Exported(folder, before, export.export(folder))

    return of


@pytest.mark.parametrize("kind", [*FEATURES, "quantised"])
def test_a_graph_gives_the_vectors_of_the_network(exported: Callable[[str], Exported], kind: str) -> None:
    folder, before, config = exported(kind)
    assert not (folder / INT8_GRAPH).exists()
    assert config.model_id == before.model_id
    assert read_config(folder) == config
    added = read_info(folder).bytes - before.bytes
    assert added < 400_000  # no second set of weights
    unpacked_at_once = b"DequantizeLinear" in (folder / TEXT_GRAPH).read_bytes()
    assert unpacked_at_once == (kind == "quantised")

    graphs = OnnxEncoder(folder, config, threads=1)
    network = load_encoder(before, device="cpu", precision="float32")
    size = config.preprocessing.size
    images = np.stack([np.asarray(picture(seed, (size, size))) for seed in range(7)])
    vectors = network.encode_images(images)
    for found, expected in (
        (graphs.encode_images(images), vectors),
        (graphs.encode_texts(SENTENCES), network.encode_texts(SENTENCES)),
        (graphs.encode_texts(["a"]), network.encode_texts(["a"])),
        (graphs.image_bias(vectors), network.image_bias(vectors)),
    ):
        np.testing.assert_allclose(found, expected, atol=1e-5)


@pytest.mark.parametrize("kind", ["test_efficientnet", "test_resnet"])
def test_in_8_bits_it_computes_nearly_the_same(
    exported: Callable[[str], Exported], tmp_path: Path, kind: str
) -> None:
    folder = Path(shutil.copytree(exported(kind).folder, tmp_path / kind))
    config = export_int8(folder, pictures())
    exact, rounded = OnnxEncoder(folder, config, threads=1), Int8Encoder(folder, config, threads=1)
    cosines = (exact.encode_images(pictures()) * rounded.encode_images(pictures())).sum(axis=1)
    assert 0.98 < cosines.min() < cosines.max() < 1.0
    np.testing.assert_array_equal(exact.encode_texts(["a cat"]), rounded.encode_texts(["a cat"]))


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
