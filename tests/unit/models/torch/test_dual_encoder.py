import math

import msgspec
import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from photosearch.models.torch.dual_encoder import DualEncoder
from tests.helpers.tiny_config import tiny_config
from tests.helpers.tiny_model import tiny_model

IDS = torch.tensor([[2, 10, 11, 3], [2, 20, 3, 0]])
MASK = torch.tensor([[1, 1, 1, 1], [1, 1, 1, 0]])


@pytest.fixture(scope="module")
def model() -> DualEncoder:
    return tiny_model(tiny_config())


@pytest.fixture(scope="module")
def images() -> Tensor:
    return torch.randint(
        0, 256, (3, 64, 64, 3), dtype=torch.uint8, generator=torch.Generator().manual_seed(1)
    )


@torch.inference_mode()
def test_embeddings_are_normed_and_of_the_configs_dim(model, images):
    for vectors in (model.encode_image(images), model.encode_text(IDS, MASK)):
        assert vectors.shape[1] == tiny_config().dim
        torch.testing.assert_close(vectors.norm(dim=1), torch.ones(len(vectors)))


@torch.inference_mode()
def test_a_cosine_is_the_weighted_sum_of_the_learnt_and_the_conse_cosine(model, images):
    features, text = model.image_features(images), model.text_features(IDS, MASK)
    cosine = model.embed_image_features(features) @ model.embed_text_features(text).T
    learnt = model.joint_image(features) @ model.joint_text(text).T
    conse = model.conse(model.image_tower.logits(features)) @ text.T
    torch.testing.assert_close(cosine, 0.8 * learnt + 0.2 * conse)


@torch.inference_mode()
def test_without_conse_the_embedding_is_the_learnt_part(images):
    model = tiny_model(msgspec.structs.replace(tiny_config(), conse=None))
    features = model.image_features(images)
    assert torch.equal(model.embed_image_features(features), model.joint_image(features))
    assert model.encode_text(IDS, MASK).shape == (2, 24)


def test_the_scale_learns_but_never_passes_100(model):
    assert model.scale.item() == pytest.approx(1 / 0.07)
    assert model.scale.requires_grad
    fresh = DualEncoder(tiny_config())
    with torch.no_grad():
        fresh.log_scale.fill_(9.0)
    assert fresh.scale.item() == pytest.approx(100)


@torch.inference_mode()
def test_image_bias_is_the_soft_maximum_over_the_bank():
    model = DualEncoder(tiny_config()).eval()
    bank = F.normalize(torch.randn(40, 56), dim=-1)
    vectors = F.normalize(torch.randn(5, 56), dim=-1)
    assert torch.equal(model.image_bias(vectors), torch.zeros(5))
    model.set_bank(bank)
    assert model.bank.dtype == torch.int8
    expected = torch.log(torch.exp(10 * vectors.double() @ bank.double().T).mean(dim=1)) / 10
    torch.testing.assert_close(model.image_bias(vectors), expected.float(), atol=2e-3, rtol=0)


def test_gradients_reach_both_heads_and_the_scale(model, images):
    fresh = tiny_model(tiny_config(), seed=3).train()
    image = fresh.joint_image(fresh.image_features(images)[:2])
    text = fresh.joint_text(fresh.text_features(IDS, MASK))
    F.cross_entropy(fresh.scale * image @ text.T, torch.arange(2)).backward()
    for parameter in (fresh.image_head.linear.weight, fresh.text_head.linear.weight, fresh.log_scale):
        assert parameter.grad is not None
        assert math.isfinite(parameter.grad.sum().item())
