import msgspec
import numpy as np
import pytest
import torch
from torch.nn import functional as F

from photosearch.models.torch.dual_encoder import DualEncoder
from tests.helpers.tiny_config import tiny_config
from tests.helpers.tiny_model import tiny_model
from trainer.bundled.ensemble import merge_heads
from trainer.data.pairs import Pairs
from trainer.evaluate.features import PairFeatures


def wide(members: int) -> DualEncoder:
    """A model whose hidden layers have room for that many members."""
    config = tiny_config()
    heads = {
        side: msgspec.structs.replace(getattr(config, side), hidden=32 * members)
        for side in ("image_head", "text_head")
    }
    return tiny_model(msgspec.structs.replace(config, **heads))


@pytest.fixture
def train() -> PairFeatures:
    generator = torch.Generator().manual_seed(0)
    images = torch.randn(300, 256, generator=generator)
    texts = F.normalize(torch.randn(300, 32, generator=generator), dim=-1)
    return PairFeatures(Pairs([], [], [], np.arange(300)), images, texts)


def members(count: int) -> list[DualEncoder]:
    made = [tiny_model(tiny_config(), seed) for seed in range(count)]
    for model in made[1:]:
        model.image_head.mean.copy_(made[0].image_head.mean)
        model.image_head.std.copy_(made[0].image_head.std)
    return made


@torch.no_grad()
def test_one_member_keeps_its_cosines(train: PairFeatures) -> None:
    (only,), merged = members(1), wide(1)
    merge_heads(merged, [only], train)
    before = only.joint_text(train.texts) @ only.joint_image(train.images).T
    after = merged.joint_text(train.texts) @ merged.joint_image(train.images).T
    torch.testing.assert_close(after, before, atol=1e-4, rtol=1e-4)


@torch.no_grad()
def test_members_vote(train: PairFeatures) -> None:
    made, merged = members(3), wide(3)
    merge_heads(merged, made, train)
    votes = torch.stack([m.joint_text(train.texts) @ m.joint_image(train.images).T for m in made]).mean(0)
    together = merged.joint_text(train.texts) @ merged.joint_image(train.images).T
    assert merged.joint_image(train.images).shape == (300, 24)  # no longer than one member's
    correlation = torch.corrcoef(torch.stack([votes.flatten(), together.flatten()]))[0, 1]
    assert correlation > 0.8  # a third of the directions is kept, even of random heads
