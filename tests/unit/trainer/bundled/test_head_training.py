import copy
import math
from pathlib import Path

import msgspec
import numpy as np
import pytest
import torch
from torch.nn import functional as F

from photosearch.core.errors import KnownError
from photosearch.models.torch.dual_encoder import DualEncoder
from tests.helpers.tiny_config import tiny_config
from tests.helpers.tiny_model import tiny_model
from trainer.bundled.head_training import train_heads
from trainer.bundled.prototypes import Prototypes, PseudoPairs
from trainer.data.pairs import Pairs
from trainer.evaluate.features import PairFeatures
from trainer.evaluate.measure import score
from trainer.evaluate.recall import recall
from trainer.recipe import read_recipe
from trainer.recipes.bundled import BundledRecipe, HeadTraining, HybridLoss, PseudoPairSettings

NO_TEXTS = torch.empty(0, 32)


@pytest.fixture(scope="module")
def pairs() -> PairFeatures:
    """48 images with 3 captions each; both sides are noisy views of the image's own hidden state."""
    generator = torch.Generator().manual_seed(0)
    hidden = torch.randn(48, 16, generator=generator)
    images = hidden @ torch.randn(16, 256, generator=generator)
    texts = hidden.repeat_interleave(3, 0) @ torch.randn(16, 32, generator=generator)
    texts = texts + 0.1 * torch.randn(texts.shape, generator=generator)
    image_of = np.repeat(np.arange(48), 3)
    named = Pairs([Path(str(i)) for i in range(48)], [bytes([i]) for i in range(48)], [""] * 144, image_of)
    return PairFeatures(named, images, F.normalize(texts, dim=-1))


def recipe(**training: float) -> BundledRecipe:
    values = {"epochs": 15, "batch_size": 24, "learning_rate": 5e-3, **training}
    bundled = read_recipe("bundled")
    assert isinstance(bundled, BundledRecipe)
    return msgspec.structs.replace(
        bundled,
        training=msgspec.convert(values, HeadTraining),
        loss=HybridLoss(alpha=0.1, ramp_steps=10),
        pseudo_pairs=None,
    )


def fresh() -> DualEncoder:
    return tiny_model(tiny_config())


def weights(model: DualEncoder) -> dict[str, torch.Tensor]:
    return copy.deepcopy(model.state_dict())


def test_learns_to_match_and_leaves_the_towers_alone(pairs: PairFeatures) -> None:
    model = fresh()
    before = weights(model)
    train_heads(model, pairs, recipe(), None, NO_TEXTS, seed=0)
    after = weights(model)
    changed = {name.split(".")[0] for name in before if not torch.equal(before[name], after[name])}
    assert changed == {"image_head", "text_head", "log_scale"}  # batch norms' statistics included
    assert not model.training
    found = recall(score(model, pairs.texts, pairs.images), pairs.pairs.image_of)
    assert found.t2i["R@5"] > 60  # chance is 10


def test_the_seed_decides_everything(pairs: PairFeatures) -> None:
    found = []
    for seed, disturbance in ((3, 0), (3, 1), (4, 0)):
        torch.manual_seed(disturbance)
        model = fresh()
        train_heads(model, pairs, recipe(epochs=2), None, NO_TEXTS, seed)
        found.append(weights(model))
    assert all(torch.equal(found[0][name], found[1][name]) for name in found[0])
    assert not torch.equal(found[0]["image_head.linear.weight"], found[2]["image_head.linear.weight"])


def test_the_last_training_does_not_shine_through(pairs: PairFeatures) -> None:
    once, twice = fresh(), fresh()
    train_heads(twice, pairs, recipe(epochs=3), None, NO_TEXTS, seed=1)
    for model in (once, twice):
        train_heads(model, pairs, recipe(epochs=2), None, NO_TEXTS, seed=0)
    assert torch.equal(once.image_head.linear.weight, twice.image_head.linear.weight)


def test_pseudo_pairs_teach_classes_that_no_photo_shows(pairs: PairFeatures) -> None:
    generator = torch.Generator().manual_seed(5)
    class_rows = torch.randn(10, 256, generator=generator)
    class_texts = F.normalize(torch.randn(10, 32, generator=generator), dim=-1)
    said = list(np.arange(10)[:, None])
    pseudo = PseudoPairs(Prototypes(pairs.images, class_rows), said, said, PseudoPairSettings(classes=10))
    drawn = Prototypes(pairs.images, class_rows).draw(np.arange(10), np.random.default_rng(0))
    ranks = []
    for taught in (None, pseudo):
        model = fresh()
        train_heads(model, pairs, recipe(), taught, class_texts, seed=0)
        ranks.append(recall(score(model, class_texts, drawn), np.arange(10)).t2i["R@1"])
    assert ranks[1] > ranks[0] + 20


def test_the_scale_stays_within_its_bound(pairs: PairFeatures) -> None:
    model = fresh()
    train_heads(model, pairs, recipe(epochs=3, learning_rate=3.0), None, NO_TEXTS, seed=0)
    assert model.log_scale.dtype == torch.float32
    assert model.log_scale.item() <= math.log(100) + 1e-6


def test_a_loss_that_is_no_number_stops_with_a_sentence(pairs: PairFeatures) -> None:
    broken = PairFeatures(pairs.pairs, pairs.images, torch.full_like(pairs.texts, torch.nan))
    with pytest.raises(KnownError, match="no longer a number at step 1 of 30; lower learning_rate"):
        train_heads(fresh(), broken, recipe(), None, NO_TEXTS, seed=0)
