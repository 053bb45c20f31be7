"""Each kind of network in open_clip's format against open_clip's own pipeline."""

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import open_clip
import pytest
import torch
import transformers
from open_clip.transform import PreprocessCfg, image_transform_v2
from torch.nn import functional as F

from photosearch.decode.fit import decoding_edge, fit
from photosearch.decode.image import open_image
from photosearch.models.catalog import read_info
from photosearch.models.runtime.encoder import OnnxEncoder
from photosearch.models.torch import checkpoint
from photosearch.models.torch.encoder import load_encoder
from photosearch.models.torch.export import export
from tests.helpers.photos import files_of_every_shape, seen_by_a_person
from tests.helpers.tiny_config import TEXTS_OF_EVERY_KIND
from tests.helpers.tiny_open_clip import KINDS, make_open_clip
from trainer.models.build import Built, load_any

GOLDEN = 1e-4  # between our whole path and open_clip's
EXPORTED = 1e-3  # between an export and that
LARGE = 0.999  # cosine of a photo that is decoded at a smaller scale; docs/training.md says why


class Case(NamedTuple):
    kind: str
    folder: Path  # in open_clip's format
    published: Path  # in ours
    built: Built
    network: Any  # open_clip's


@pytest.fixture(scope="module", params=list(KINDS))
def case(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Case:
    root = tmp_path_factory.mktemp("open_clip")
    network = make_open_clip(root / "hub", request.param)
    built = load_any(str(root / "hub"))
    checkpoint.save(root / "published", built.model, built.config, built.tokenizer_bytes)
    return Case(request.param, root / "hub", root / "published", built, network)


@pytest.fixture(scope="module")
def files() -> dict[str, bytes]:
    return files_of_every_shape()


@torch.inference_mode()
def own_images(case: Case, files: dict[str, bytes]) -> np.ndarray:
    said = {"size": case.built.config.preprocessing.size, **KINDS[case.kind].get("preprocess_cfg", {})}
    transform = image_transform_v2(PreprocessCfg(**said), is_train=False)
    pixels = torch.stack([transform(seen_by_a_person(file)) for file in files.values()])
    return F.normalize(case.network.encode_image(pixels), dim=-1).numpy()


@torch.inference_mode()
def own_texts(case: Case) -> np.ndarray:
    if case.kind == "XLM-R":
        tokenizer = transformers.PreTrainedTokenizerFast(
            tokenizer_file=str(case.folder / "tokenizer.json"), pad_token="<pad>"
        )
        ids = tokenizer(
            TEXTS_OF_EVERY_KIND, max_length=77, padding="max_length", truncation=True, return_tensors="pt"
        )["input_ids"]
    else:
        ids = open_clip.SimpleTokenizer(context_length=case.network.context_length)(TEXTS_OF_EVERY_KIND)
    return F.normalize(case.network.encode_text(ids), dim=-1).numpy()


def assert_golden(case: Case, encoder: Any, files: dict[str, bytes], atol: float) -> None:
    preprocessing = case.built.config.preprocessing
    edge = decoding_edge(preprocessing)
    squares = np.stack([fit(open_image(file, at_least=edge)[0], preprocessing) for file in files.values()])
    for name, found, expected in zip(
        files, encoder.encode_images(squares), own_images(case, files), strict=True
    ):
        if name == "12 MP":
            assert float(found @ expected) > LARGE
        else:
            np.testing.assert_allclose(found, expected, atol=atol, err_msg=name)
    texts = own_texts(case)
    np.testing.assert_allclose(encoder.encode_texts(TEXTS_OF_EVERY_KIND), texts, atol=atol)
    assert not np.allclose(texts[0], texts[1], atol=0.1)  # they are told apart


def test_from_file_to_vector_it_is_open_clips_own_path(case, files):
    encoder = load_encoder(read_info(case.published), device="cpu", precision="float32")
    assert_golden(case, encoder, files, GOLDEN)
    assert case.built.model.scale.item() == pytest.approx(case.network.logit_scale.exp().item())


def test_exported_it_is_the_same(case, files):
    if case.kind == "ViT, quick":  # the graph of another but for one operator; to export one takes seconds
        return
    assert_golden(case, OnnxEncoder(case.published, export(case.published)), files, EXPORTED)
