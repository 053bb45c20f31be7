"""Each family of the hub against a direct call of transformers, with its own processor and tokenizer."""

import functools
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import numpy as np
import pytest
import torch
import transformers
from PIL import Image
from torch.nn import functional as F

from photosearch.core.errors import KnownError
from photosearch.decode.fit import decoding_edge, fit
from photosearch.decode.image import open_image
from photosearch.models.catalog import read_info
from photosearch.models.config import HubConfig
from photosearch.models.runtime.encoder import OnnxEncoder
from photosearch.models.torch import checkpoint
from photosearch.models.torch.dual_encoder import DualEncoder
from photosearch.models.torch.encoder import load_encoder
from photosearch.models.torch.export import export
from tests.helpers.photos import files_of_every_shape, picture, sample_photos, seen_by_a_person
from tests.helpers.tiny_config import SENTENCES, TEXTS_OF_EVERY_KIND
from tests.helpers.tiny_hub import WHOLE, make_hub_whole
from trainer.models.build import Built, load_any

EXACT = 2e-5  # between two float32 computations of one thing
GOLDEN = 1e-4  # between our whole path and a family's own
EXPORTED = 1e-3  # between an export and that
LARGE = 0.999  # cosine of a photo that is decoded at a smaller scale; docs/training.md says why
SAME_GRAPHS = {"clip, of 2022", "clip, tiny", "siglip, gemma"}  # as another's; to export one takes seconds


@functools.cache
def photo_files() -> dict[str, bytes]:
    return files_of_every_shape()


class Case(NamedTuple):
    name: str  # of tiny_hub.WHOLE
    family: str
    folder: Path  # in the hub's format
    published: Path  # in ours
    built: Built
    direct: Any  # the transformers model


@pytest.fixture(scope="module", params=list(WHOLE))
def case(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Case:
    root = tmp_path_factory.mktemp("whole")
    folder = make_hub_whole(root / "hub", request.param)
    built = load_any(str(folder))
    published = root / "published"
    checkpoint.save(published, built.model, built.config, built.tokenizer_bytes)
    direct = transformers.AutoModel.from_pretrained(folder).eval()
    return Case(request.param, request.param.partition(",")[0], folder, published, built, direct)


@torch.inference_mode()
def direct_images(case: Case, images: list[Image.Image]) -> torch.Tensor:
    # In Pillow, as the networks were trained; torchvision's resampling rounds otherwise.
    processor = transformers.AutoImageProcessor.from_pretrained(case.folder, backend="pil")
    return F.normalize(
        case.direct.get_image_features(**processor(images=images, return_tensors="pt")).pooler_output, dim=-1
    )


def direct_tokens(case: Case, texts: list[str]) -> dict[str, torch.Tensor]:
    tokenizer = transformers.AutoTokenizer.from_pretrained(case.folder)
    padding = "max_length" if case.family.startswith("siglip") else "longest"
    tokenizer.padding_side = "right"  # as all were trained, though some classes begin with "left"
    if case.name == "siglip, gemma":  # as SigLIP2's authors read texts, and its own class of tokenizer does
        texts = [text.lower() for text in texts]
    tokens = tokenizer(
        texts,
        padding=padding,
        truncation=True,
        max_length=case.built.config.max_tokens,
        return_tensors="pt",
    )
    if case.family.startswith("siglip"):
        return {"input_ids": tokens["input_ids"]}  # these were trained without a mask
    return dict(tokens)


@torch.inference_mode()
def direct_texts(case: Case, texts: list[str]) -> torch.Tensor:
    return F.normalize(case.direct.get_text_features(**direct_tokens(case, texts)).pooler_output, dim=-1)


def squares(case: Case, images: list[Image.Image]) -> torch.Tensor:
    return torch.from_numpy(np.stack([fit(image, case.built.config.preprocessing) for image in images]))


@torch.inference_mode()
def test_images_that_need_no_resizing_have_the_very_vectors_of_transformers(case):
    edge = round(64 / case.built.config.preprocessing.zoom)  # before the crop
    images = [picture(seed, (edge, edge)) for seed in range(3)]
    expected = direct_images(case, images)
    assert (expected @ expected.T).min() < 0.95  # they are told apart
    torch.testing.assert_close(
        case.built.model.encode_image(squares(case, images)), expected, atol=EXACT, rtol=0
    )


@torch.inference_mode()
def test_a_photo_is_prepared_as_the_models_own_processor_does(case):
    # SigLIP2's keeps the shape of a photo, where we make it a square.
    shape = (300, 300) if case.family == "siglip2" else (451, 300)
    photos = [Image.open(path).convert("RGB").crop((0, 0, *shape)) for path in sample_photos()]
    found = case.built.model.encode_image(squares(case, photos))
    expected = direct_images(case, photos)
    centre = expected.mean(dim=0)
    assert F.cosine_similarity(found - centre, expected - centre).min() > 0.98


@torch.inference_mode()
def test_texts_have_the_very_vectors_of_transformers(case):
    texts = [*SENTENCES, "dogs run " * 40]
    tokens = case.built.tokenizer(texts)
    assert tokens.truncated == 1
    found = case.built.model.encode_text(torch.from_numpy(tokens.ids), torch.from_numpy(tokens.mask))
    expected = direct_texts(case, texts)
    assert (expected @ expected.T).min() < 0.95
    torch.testing.assert_close(found, expected, atol=EXACT, rtol=0)


@torch.inference_mode()
def test_logits_are_those_of_the_whole_model(case):
    """By its own forward, which knows nothing of how its features are asked for one side at a time."""
    edge = round(64 / case.built.config.preprocessing.zoom)
    images = [picture(seed, (edge, edge)) for seed in range(3)]
    processor = transformers.AutoImageProcessor.from_pretrained(case.folder)
    direct = case.direct(
        **processor(images=images, return_tensors="pt"), **direct_tokens(case, SENTENCES)
    ).logits_per_text
    model, tokens = case.built.model, case.built.tokenizer(SENTENCES)
    texts = model.encode_text(torch.from_numpy(tokens.ids), torch.from_numpy(tokens.mask))
    found = model.scale * texts @ model.encode_image(squares(case, images)).T
    if model.bias is not None:
        found = found + model.bias
    torch.testing.assert_close(found, direct, atol=EXACT * float(model.scale), rtol=0)


def test_texts_are_cut_where_the_families_training_cut_them(case):
    limits = {"clip": 77, "metaclip_2": 77, "chinese_clip": 52, "siglip": 64, "siglip2": 64, "align": 64}
    assert case.built.config.max_tokens == limits[case.family]
    width = case.built.tokenizer(["a cat"]).ids.shape[1]
    assert (width == 64) == case.family.startswith("siglip")


def test_the_scale_and_the_bias_are_those_of_the_model(case):
    model, direct = case.built.model, case.direct
    if case.family == "align":
        assert model.scale.item() == pytest.approx(1 / direct.temperature.item())
    else:
        assert model.scale.item() == pytest.approx(direct.logit_scale.exp().item(), rel=1e-5)
    if case.family.startswith("siglip"):
        assert model.bias.item() == pytest.approx(direct.logit_bias.item())
    else:
        assert model.bias is None


def indexed(case: Case, file: bytes) -> np.ndarray:
    """What indexing gives the model of a file."""
    preprocessing = case.built.config.preprocessing
    return fit(open_image(file, at_least=decoding_edge(preprocessing))[0], preprocessing)


@pytest.fixture(scope="module")
def golden(case: Case) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """The family's own vectors: of the photos by name, and of TEXTS_OF_EVERY_KIND."""
    # Where SigLIP2's processor keeps the shape of a photo, we make it a square; so does its training.
    squash = case.family == "siglip2"
    photos = [seen_by_a_person(file) for file in photo_files().values()]
    if squash:
        photos = [photo.resize((64, 64), Image.Resampling.BILINEAR) for photo in photos]
    vectors = direct_images(case, photos).numpy()
    return dict(zip(photo_files(), vectors, strict=True)), direct_texts(case, TEXTS_OF_EVERY_KIND).numpy()


def assert_golden(
    case: Case, encoder: Any, golden: tuple[dict[str, np.ndarray], np.ndarray], atol: float
) -> None:
    photos, texts = golden
    found = encoder.encode_images(np.stack([indexed(case, file) for file in photo_files().values()]))
    for (name, expected), vector in zip(photos.items(), found, strict=True):
        if name == "12 MP":
            assert float(vector @ expected) > LARGE
        else:
            np.testing.assert_allclose(vector, expected, atol=atol, err_msg=name)
    np.testing.assert_allclose(encoder.encode_texts(TEXTS_OF_EVERY_KIND), texts, atol=atol)
    assert not np.allclose(texts[0], texts[1], atol=0.1)  # they are told apart


def test_from_file_to_vector_it_is_the_familys_own_path(case, golden):
    encoder = load_encoder(read_info(case.published), device="cpu", precision="float32")
    assert encoder.dim == 32
    assert_golden(case, encoder, golden, GOLDEN)


def test_exported_it_is_the_same(case, golden):
    if case.name in SAME_GRAPHS:
        return
    config = export(case.published)
    assert_golden(case, OnnxEncoder(case.published, config), golden, EXPORTED)


@torch.inference_mode()
def test_in_half_precision_vectors_stay_near(case):
    photos = squares(case, [picture(seed, (80, 64)) for seed in range(5)]).numpy()
    half = load_encoder(read_info(case.published), device="cpu", precision="bfloat16")
    expected = case.built.model.encode_image(torch.from_numpy(photos)).numpy()
    assert (half.encode_images(photos) * expected).sum(axis=1).min() > 0.98


@torch.inference_mode()
def test_places_and_tokens_are_in_the_joint_space(case):
    model = case.built.model
    images = squares(case, [picture(seed) for seed in range(2)])
    ids, mask, _ = case.built.tokenizer(SENTENCES[:3])
    places = model.image_tokens(images)
    words = model.text_tokens(torch.from_numpy(ids), torch.from_numpy(mask))
    assert places.shape[0] == 2 and words.shape[:2] == ids.shape
    for vectors in (places, words):
        assert vectors.shape[-1] == case.built.config.dim
        torch.testing.assert_close(vectors.norm(dim=-1), torch.ones(vectors.shape[:-1]))


def test_a_model_of_another_family_is_a_known_error(case):
    other = HubConfig({**case.built.config.hub.transformers, "model_type": "bert"}, 32)
    with pytest.raises(KnownError, match="only clip"):
        DualEncoder(msgspec.structs.replace(case.built.config, hub=other))
