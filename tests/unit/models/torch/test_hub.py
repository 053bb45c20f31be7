"""Each family of the hub against a direct call of transformers, with its own processor and tokenizer."""

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
from photosearch.decode.fit import fit
from photosearch.models.catalog import read_info
from photosearch.models.config import HubConfig
from photosearch.models.torch import checkpoint
from photosearch.models.torch.dual_encoder import DualEncoder
from photosearch.models.torch.encoder import load_encoder
from tests.helpers.photos import picture, sample_photos
from tests.helpers.tiny_config import SENTENCES
from tests.helpers.tiny_hub import WHOLE, make_hub_whole
from trainer.models.build import Built, load_any

EXACT = 2e-5  # between two float32 computations of one thing
PUBLISHED = 5e-3  # weights rounded to float16


class Case(NamedTuple):
    family: str
    folder: Path  # in the hub's format
    published: Path  # in ours
    built: Built
    direct: Any  # the transformers model


@pytest.fixture(scope="module", params=list(WHOLE))
def case(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Case:
    root = tmp_path_factory.mktemp(request.param)
    folder = make_hub_whole(root / "hub", request.param)
    built = load_any(str(folder))
    published = root / "published"
    checkpoint.save(published, built.model, built.config, built.tokenizer_bytes)
    direct = transformers.AutoModel.from_pretrained(folder).eval()
    return Case(request.param, folder, published, built, direct)


@torch.inference_mode()
def direct_images(case: Case, images: list[Image.Image]) -> torch.Tensor:
    processor = transformers.AutoImageProcessor.from_pretrained(case.folder)
    return F.normalize(
        case.direct.get_image_features(**processor(images=images, return_tensors="pt")).pooler_output, dim=-1
    )


def direct_tokens(case: Case, texts: list[str]) -> dict[str, torch.Tensor]:
    tokenizer = transformers.AutoTokenizer.from_pretrained(case.folder)
    padding = "max_length" if case.family.startswith("siglip") else "longest"
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
    limits = {"clip": 77, "chinese_clip": 52, "siglip": 64, "siglip2": 64, "align": 64}
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


@torch.inference_mode()
def test_the_program_runs_the_published_model(case):
    encoder = load_encoder(read_info(case.published), device="cpu", precision="float32")
    assert encoder.dim == 32
    photos = [picture(seed, (80, 64)) for seed in range(5)]
    pixels = squares(case, photos)
    expected = case.built.model.encode_image(pixels).numpy()
    np.testing.assert_allclose(encoder.encode_images(pixels.numpy()), expected, atol=PUBLISHED)
    np.testing.assert_allclose(
        encoder.encode_texts(SENTENCES), direct_texts(case, SENTENCES).numpy(), atol=PUBLISHED
    )
    half = load_encoder(read_info(case.published), device="cpu", precision="bfloat16")
    assert (half.encode_images(pixels.numpy()) * expected).sum(axis=1).min() > 0.98


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
