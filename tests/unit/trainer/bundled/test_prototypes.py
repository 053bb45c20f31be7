import numpy as np
import pytest
import torch

from trainer.bundled.prototypes import Prototypes, PseudoPairs
from trainer.bundled.recipe import PseudoPairSettings

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


def test_pseudo_pairs_are_distinct_classes_with_texts_of_their_own(
    features: torch.Tensor, weights: torch.Tensor
) -> None:
    texts = [torch.full((count + 1, 3), float(count)) for count in range(CLASSES)]
    settings = PseudoPairSettings(classes=4, definitions=0)
    pairs = PseudoPairs(Prototypes(features, weights), texts, texts, settings)
    images, chosen = pairs.draw(np.random.default_rng(0))
    assert images.shape == (4, FEATURES)
    assert len(set(chosen[:, 0].tolist())) == 4


def test_classes_come_by_name_or_by_definition(features: torch.Tensor, weights: torch.Tensor) -> None:
    sayings, definitions = [torch.zeros(2, 3)] * CLASSES, [torch.ones(1, 3)] * CLASSES
    for share in (0.0, 0.5, 1.0):
        settings = PseudoPairSettings(classes=CLASSES, definitions=share)
        pairs = PseudoPairs(Prototypes(features, weights), sayings, definitions, settings)
        generator = np.random.default_rng(0)
        texts = torch.cat([pairs.draw(generator)[1] for _ in range(100)])
        assert texts.mean().item() == pytest.approx(share, abs=0.1)


def test_the_seed_decides(features: torch.Tensor, weights: torch.Tensor) -> None:
    texts = [torch.full((1, 3), float(c)) for c in range(CLASSES)]
    pairs = PseudoPairs(Prototypes(features, weights), texts, texts, PseudoPairSettings(classes=3))
    first, again = pairs.draw(np.random.default_rng(7)), pairs.draw(np.random.default_rng(7))
    assert all(torch.equal(a, b) for a, b in zip(first, again, strict=True))
