from pathlib import Path

import msgspec
import numpy as np
import pytest
import timm
import torch
import transformers
from torch import Tensor

from photosearch.core.errors import KnownError
from photosearch.core.teaching import Word
from photosearch.models.catalog import read_info
from photosearch.models.lesson import LESSON, Lesson, write_lesson
from photosearch.models.torch import checkpoint
from photosearch.models.torch.encoder import load_encoder
from tests.helpers.photos import picture
from tests.helpers.tiny_config import SENTENCES
from tests.helpers.tiny_hub import IMAGE_KINDS, TEXT_KINDS, make_hub_image, make_hub_text, make_hub_whole
from tests.helpers.tiny_model import make_tiny_checkpoint
from trainer.models.build import Towers, Whole, build, load_any

IMAGES = torch.from_numpy(np.stack([np.asarray(picture(seed, (64, 64))) for seed in range(3)]))


@pytest.fixture(scope="module")
def bases(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("bases")
    for kind in TEXT_KINDS:
        make_hub_text(root / kind, kind)
    for kind in IMAGE_KINDS:
        make_hub_image(root / kind, kind)
    return root


def towers(bases: Path, image: str = "test_resnet", text: str = "distilbert", **values: object) -> Towers:
    sources = {"kind": "towers", "image": str(bases / image), "text": str(bases / text)}
    return msgspec.convert({**sources, "size": 64, "dim": 16, **values}, Towers)


def tokens(built) -> tuple[Tensor, Tensor]:
    ids, mask, _ = built.tokenizer(SENTENCES[:3])
    return torch.from_numpy(ids), torch.from_numpy(mask)


@torch.inference_mode()
@pytest.mark.parametrize("image", IMAGE_KINDS)
def test_the_image_tower_is_the_pretrained_one(bases, image: str):
    built = build(towers(bases, image), seed=0)
    sized = {"img_size": 64} if image == "test_vit" else {}
    overlay = {"file": str(bases / image / "model.safetensors"), "num_classes": 10}
    direct = timm.create_model(image, pretrained=True, pretrained_cfg_overlay=overlay, num_classes=0, **sized)
    default = timm.get_pretrained_cfg(image)
    mean, std = (torch.tensor(v).view(3, 1, 1) * 255 for v in (default.mean, default.std))
    pixels = (IMAGES.permute(0, 3, 1, 2).float() - mean) / std
    torch.testing.assert_close(
        built.model.image_features(IMAGES), direct.eval()(pixels), atol=1e-4, rtol=1e-4
    )


@torch.inference_mode()
@pytest.mark.parametrize("pooling", ["mean", "cls"])
@pytest.mark.parametrize("text", TEXT_KINDS)
def test_the_text_tower_is_the_pretrained_one(bases, text: str, pooling: str):
    built = build(towers(bases, text=text, pooling=pooling), seed=0)
    direct = transformers.AutoModel.from_pretrained(bases / text).eval()
    encoded = transformers.AutoTokenizer.from_pretrained(bases / text)(
        SENTENCES[:3], padding=True, return_tensors="pt"
    )
    ids, mask = tokens(built)
    assert torch.equal(ids, encoded["input_ids"])
    hidden = direct(input_ids=ids, attention_mask=mask).last_hidden_state
    mean = torch.stack([states[: int(m.sum())].mean(dim=0) for states, m in zip(hidden, mask, strict=True)])
    expected = mean if pooling == "mean" else hidden[:, 0]
    torch.testing.assert_close(built.model.text_features(ids, mask), expected, atol=1e-5, rtol=1e-4)


@torch.inference_mode()
@pytest.mark.parametrize("head", ["residual", "linear", "mlp"])
@pytest.mark.parametrize("features", ["pooled", "logits"])
def test_what_is_built_can_be_published_and_searched_with(bases, tmp_path, head: str, features: str):
    built = build(towers(bases, head=head, features=features, bias=True), seed=0)
    checkpoint.save(tmp_path / "m", built.model, built.config, built.tokenizer_bytes)
    encoder = load_encoder(read_info(tmp_path / "m"), device="cpu", precision="float32")
    np.testing.assert_allclose(
        encoder.encode_images(IMAGES.numpy()), built.model.encode_image(IMAGES).numpy(), atol=5e-3
    )
    expected = built.model.encode_text(*tokens(built)).numpy()
    np.testing.assert_allclose(encoder.encode_texts(SENTENCES[:3]), expected, atol=5e-3)
    assert encoder.dim == built.config.dim == 16


@torch.inference_mode()
def test_logits_as_features_are_the_classifiers(bases):
    built = build(towers(bases, features="logits"), seed=0)
    pooled = build(towers(bases), seed=0).model.image_features(IMAGES)
    found = built.model.image_features(IMAGES)
    assert found.shape == (3, 10)
    torch.testing.assert_close(found, built.model.image_tower.classifier(pooled))


def test_a_seed_decides_what_is_not_pretrained(bases):
    def weights(seed: int, **values: object) -> dict[str, Tensor]:
        return build(towers(bases, **values), seed).model.state_dict()

    one, again, other = (weights(seed) for seed in (1, 1, 2))
    for name, tensor in one.items():
        assert torch.equal(tensor, again[name])
    assert not torch.equal(one["image_head.projection.weight"], other["image_head.projection.weight"])
    name = "text_tower.network.transformer.layer.0.attention.q_lin.weight"
    assert torch.equal(one[name], other[name])
    assert not torch.equal(one[name], weights(1, pretrained=False)[name])


def test_random_weights_need_no_hub_for_the_image(bases):
    settings = Towers(image="timm:test_vit", text=str(bases / "bert"), pretrained=False, size=64)
    built = build(settings, seed=0)
    assert built.model.encode_image(IMAGES).shape == (3, 256)


def test_captions_are_cut_where_the_text_tower_has_no_more_positions(bases):
    assert build(towers(bases, max_tokens=500), 0).config.max_tokens == 66
    assert build(towers(bases, text="roberta", max_tokens=500), 0).config.max_tokens == 64  # two unused
    assert build(towers(bases, max_tokens=20), 0).config.max_tokens == 20


@pytest.mark.parametrize(
    "values",
    [{"head": "cubic"}, {"dim": 0}, {"dropout": 1.0}, {"pooling": "max"}, {"surprise": 1}, {"size": -1}],
)
def test_a_wrong_setting_is_refused_when_it_is_read(bases, values: dict[str, object]):
    with pytest.raises(msgspec.ValidationError):
        towers(bases, **values)


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"image": "timm:no_such_network"}, "timm has no image network 'no_such_network'"),
        ({"image": "package:resnet50"}, "no base weights for resnet50"),
        ({"text": "package:something"}, "No package carries"),
    ],
)
def test_a_network_that_does_not_exist_is_a_known_error(bases, values: dict[str, str], sentence: str):
    with pytest.raises(KnownError, match=sentence):
        build(msgspec.structs.replace(towers(bases), **values), seed=0)


@torch.inference_mode()
def test_towers_out_of_packages_know_what_they_show():
    built = build(
        Towers(image="package:tf_efficientnet_lite2", text="package:all-MiniLM-L6-v2", normed=True), seed=0
    )
    assert (built.config.preprocessing.size, built.config.preprocessing.mean) == (260, (127.0,) * 3)
    ids, mask, _ = built.tokenizer(["a dog", "a puppy", "an aeroplane"])
    dog, puppy, plane = built.model.text_features(torch.from_numpy(ids), torch.from_numpy(mask))
    assert dog @ puppy > dog @ plane + 0.3


def test_one_of_our_checkpoints_goes_on_without_what_training_makes_stale(tmp_path):
    folder = make_tiny_checkpoint(tmp_path / "tiny")
    built = build(Whole(source=str(folder)), seed=0)
    assert (len(built.model.bank), built.config.bank, built.config.hashes) == (0, 0, {})
    vectors = built.model.encode_image(IMAGES)
    torch.testing.assert_close(vectors, checkpoint.load(folder)[0].encode_image(IMAGES))
    checkpoint.save(tmp_path / "again", built.model, built.config, built.tokenizer_bytes)
    assert not checkpoint.load(tmp_path / "again")[0].image_bias(vectors).any()


def test_a_taught_model_is_not_trained_on_as_its_lesson_would_be_lost(tmp_path):
    folder = make_tiny_checkpoint(tmp_path / "taught")
    write_lesson(folder / LESSON, Lesson(read_info(folder).model_id, words=(Word("Rusty", "brown dog"),)))
    with pytest.raises(KnownError, match=r"taught was taught somebody's words.*move lesson.safetensors out"):
        build(Whole(source=str(folder)), seed=0)
    assert load_any(str(folder)).config.model_id == read_info(folder).model_id  # it may be measured


def test_any_model_is_found_by_folder_or_by_name(tmp_path):
    folder = make_tiny_checkpoint(tmp_path / "tiny")
    assert load_any(str(folder)).config == checkpoint.load(folder)[1]
    assert load_any("bundled").config.name == "bundled"
    whole = make_hub_whole(tmp_path / "clip")
    assert load_any(str(whole)).config.hub is not None
    with pytest.raises(KnownError, match="There is no model 'nonsense'"):
        load_any("nonsense")


def test_a_whole_model_can_start_from_random_weights(tmp_path):
    folder = make_hub_whole(tmp_path / "clip")
    (folder / "model.safetensors").unlink()
    built = build(Whole(source=str(folder), pretrained=False, bias=True), seed=0)
    assert built.model.bias is not None
    assert built.model.encode_image(IMAGES).shape == (3, 32)


def test_a_hub_model_that_is_no_dual_encoder_is_a_known_error(bases):
    with pytest.raises(KnownError, match="is a bert, not one of clip"):
        load_any(str(bases / "bert"))
