from collections import deque

import numpy as np
import pytest
from numpy.typing import NDArray

from photosearch.core.vectors import l2_normed
from trainer.evaluate.recall import Recall, rank_embeddings, recall_of
from trainer.run.collapse import CollapseGuard, symptoms

IMAGES, EACH, DIM = 120, 3, 16
IMAGE_OF = np.repeat(np.arange(IMAGES), EACH)

Vectors = NDArray[np.float32]


def embeddings(spread: float, knowledge: float) -> tuple[Vectors, Vectors]:
    """Around one direction; texts lie near their image as far as `knowledge` goes."""
    random = np.random.default_rng(0)
    centre = 1 / np.sqrt(DIM)
    hidden = random.standard_normal((IMAGES, DIM))
    texts = knowledge * hidden[IMAGE_OF] + (1 - knowledge) * random.standard_normal((len(IMAGE_OF), DIM))
    return l2_normed(centre + spread * hidden), l2_normed(centre + spread * texts)


def recall(images: Vectors, texts: Vectors) -> Recall:
    return recall_of(rank_embeddings(texts, images, IMAGE_OF), IMAGES)


def found(images: Vectors, texts: Vectors, loss: float) -> int:
    return len(symptoms(deque([loss] * 20), images, texts, recall(images, texts)))


def test_a_model_that_learns_has_no_symptom() -> None:
    assert found(*embeddings(1, 0.8), loss=0.5) == 0


@pytest.mark.parametrize("apart", [False, True])
def test_a_collapsed_model_has_all_four(apart: bool) -> None:
    """Also where photos and captions lie each at a point of their own, as they do in a real collapse."""
    images, texts = embeddings(1e-4, 0)
    images[:], texts[:] = images[:1], (-1 if apart else 1) * texts[:1]
    said = symptoms(deque([0.999] * 20), images, texts, recall(images, texts))
    words = ("ln(batch)", "mean cosine", "different photo", "guessing gives")
    assert [[word for word in words if word in line] for line in said] == [[word] for word in words]


def test_a_slow_start_has_two_and_goes_on() -> None:
    """Guesses, at the loss of guessing, but spread out as it should be."""
    images, texts = embeddings(1, 0)
    assert found(images, texts, loss=1.0) == 2
    guard = CollapseGuard(after=0)
    for _ in range(20):
        guard.update(3.0, 3.0)
    assert guard.verdict(100, images, texts, recall(images, texts)) is None


def test_a_narrow_cone_is_no_symptom() -> None:
    """So alike are the photos of a young model that learns in the end."""
    images, texts = embeddings(0.05, 0.9)
    assert 0.9 < float(np.mean(images @ images.T)) < 0.99
    assert found(images, texts, loss=0.5) == 0


@pytest.mark.parametrize("side", ["photos", "captions"])
def test_one_side_at_one_point_is_a_symptom(side: str) -> None:
    images, texts = embeddings(1, 0.9)
    random = np.random.default_rng(0)
    vectors = images if side == "photos" else texts
    vectors[:] = l2_normed(vectors[:1] + 0.01 * random.standard_normal(vectors.shape))
    said = " ".join(symptoms(deque(), images, texts, recall(images, texts)))
    assert "of 1.00 among themselves, and captions 0." in said or "and captions 1.00" in said


@pytest.mark.parametrize(("photos", "says"), [(9, False), (10, True)])
def test_one_photo_first_for_all_is_a_symptom_unless_there_are_few(photos: int, says: bool) -> None:
    images, texts = embeddings(1, 0.8)
    images, image_of = images[:photos], IMAGE_OF[: photos * EACH]
    texts = images[np.zeros_like(image_of)]
    found = symptoms(deque(), images, texts, recall_of(rank_embeddings(texts, images, image_of), photos))
    assert any("different photo" in line for line in found) == says


@pytest.mark.parametrize(("step", "stops"), [(49, False), (50, True)])
def test_judges_only_after_the_warm_up(step: int, stops: bool) -> None:
    images, texts = embeddings(1e-5, 0)
    guard = CollapseGuard(after=50)
    guard.update(3.0, 3.0)
    verdict = guard.verdict(step, images, texts, recall(images, texts))
    assert (verdict is not None) == stops
    if verdict:
        assert verdict.startswith("The model has collapsed by step 50") and "training.lr" in verdict
