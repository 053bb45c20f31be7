import numpy as np
import pytest
import torch

from tests.helpers.tiny_config import tiny_config
from tests.helpers.tiny_model import tiny_model
from trainer.bundled.prototypes import Prototypes, PseudoPairs, pseudo_loss
from trainer.recipes.bundled import PseudoPairSettings

FEATURES, CLASSES = 16, 5


@pytest.fixture
def features() -> torch.Tensor:
    return torch.randn(400, FEATURES, generator=torch.Generator().manual_seed(0)).abs() + 1


@pytest.fixture
def weights() -> torch.Tensor:
    return torch.randn(CLASSES, FEATURES, generator=torch.Generator().manual_seed(1))


def test_a_class_is_drawn_where_its_classifier_fires(features: torch.Tensor, weights: torch.Tensor) -> None:
    prototypes = Prototypes(features, weights)
    classes = np.repeat(np.arange(CLASSES), 200)
    drawn = prototypes.draw(classes, np.random.default_rng(0))
    relative = (drawn - features.mean(0)) @ (weights - weights.mean(0)).T
    means = torch.stack([relative[torch.from_numpy(classes) == c].mean(0) for c in range(CLASSES)])
    assert means.argmax(dim=1).tolist() == list(range(CLASSES))


def test_features_are_what_follows_a_relu(features: torch.Tensor, weights: torch.Tensor) -> None:
    drawn = Prototypes(features - 1, 50 * weights).draw(np.arange(CLASSES), np.random.default_rng(0))
    assert drawn.shape == (CLASSES, FEATURES)
    assert (drawn >= 0).all()


def test_lda_finds_the_means_it_was_trained_on() -> None:
    """Three Gaussian classes of one covariance: the direction of each is that of its true mean."""
    generator = np.random.default_rng(0)
    mixing = np.eye(FEATURES) + generator.normal(size=(FEATURES, FEATURES)) / 16
    means = 3 * generator.normal(size=(3, FEATURES)) @ mixing
    noise = generator.normal(size=(3000, FEATURES)) @ mixing
    covariance = mixing.T @ mixing
    weights = torch.from_numpy(means @ np.linalg.inv(covariance)).float()  # LDA's classifier
    prototypes = Prototypes(torch.from_numpy(noise + 20).float(), weights)
    drawn = prototypes.draw(np.repeat(np.arange(3), 500), generator).reshape(3, 500, FEATURES).mean(1) - 20
    expected = torch.from_numpy(means - means.mean(0)).float()
    cosines = torch.nn.functional.cosine_similarity(drawn, expected)
    assert cosines.min() > 0.85  # not 1: half of the covariance is shrunk to its diagonal


def rows(start: int, count: int) -> list[np.ndarray]:
    """`count` texts for each class, by their rows, from `start` on."""
    return list(np.arange(start, start + CLASSES * count).reshape(CLASSES, count))


def test_pseudo_pairs_are_distinct_classes_with_texts_of_their_own(
    features: torch.Tensor, weights: torch.Tensor
) -> None:
    settings = PseudoPairSettings(classes=4, definitions=0)
    pairs = PseudoPairs(Prototypes(features, weights), rows(0, 3), rows(15, 1), settings)
    images, texts = pairs.draw(np.random.default_rng(0))
    assert images.shape == (4, FEATURES)
    assert texts.max() < 15
    assert len(set((texts // 3).tolist())) == 4


def test_classes_come_by_name_or_by_definition(features: torch.Tensor, weights: torch.Tensor) -> None:
    for share in (0.0, 0.5, 1.0):
        settings = PseudoPairSettings(classes=CLASSES, definitions=share)
        pairs = PseudoPairs(Prototypes(features, weights), rows(0, 2), rows(10, 1), settings)
        generator = np.random.default_rng(0)
        texts = torch.cat([pairs.draw(generator)[1] for _ in range(100)])
        assert (texts >= 10).float().mean().item() == pytest.approx(share, abs=0.1)


def test_the_seed_decides(features: torch.Tensor, weights: torch.Tensor) -> None:
    settings = PseudoPairSettings(classes=3)
    pairs = PseudoPairs(Prototypes(features, weights), rows(0, 1), rows(5, 1), settings)
    first, again = pairs.draw(np.random.default_rng(7)), pairs.draw(np.random.default_rng(7))
    assert all(torch.equal(a, b) for a, b in zip(first, again, strict=True))


def test_the_loss_of_pseudo_pairs_is_that_of_telling_classes_apart() -> None:
    model = tiny_model(tiny_config())
    images, texts = torch.rand(4, 256), torch.nn.functional.normalize(torch.randn(4, 32), dim=-1)
    logits = model.scale * model.joint_image(images) @ model.joint_text(texts).T
    right = torch.arange(4)
    both = [torch.nn.functional.cross_entropy(way, right) for way in (logits, logits.T)]
    torch.testing.assert_close(pseudo_loss(model, images, texts), torch.stack(both).mean())
