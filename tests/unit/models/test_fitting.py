import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from photosearch.core.encoder import BIAS_BETA, Calibration, Logistic
from photosearch.core.vectors import l2_normed
from photosearch.models.catalog import read_info
from photosearch.models.confidence import KINDS, levels, of_kind
from photosearch.models.fitting import fit_labels, read_bank, spreads
from photosearch.models.loading import load_encoder
from tests.helpers.exported_models import EXPORTED

Vectors = NDArray[np.float32]


def some(seed: int, count: int, dim: int = 12) -> Vectors:
    return l2_normed(np.random.default_rng(seed).normal(size=(count, dim)))


def fitted(texts: Vectors, photos: Vectors, bias: Vectors) -> Calibration:
    found = fit_labels(texts, photos, bias, Calibration())
    assert found is not None
    return found


def in_cone(vectors: Vectors, share: float, axis: int) -> Vectors:
    """As of a model whose vectors point much the same way: cosines shrink, and rise where axes are alike."""
    beside = np.zeros((len(vectors), 2), np.float32)
    beside[:, axis] = 1
    return np.hstack([np.sqrt(1 - share) * vectors, np.sqrt(share) * beside]).astype(np.float32)


@given(
    seed=st.integers(0, 2**32 - 1),
    share=st.floats(0.01, 0.95),
    gap=st.integers(0, 1),
    taken_off=st.floats(-0.5, 0.5),
)
def test_a_models_scale_and_offset_change_no_label(
    seed: int, share: float, gap: int, taken_off: float
) -> None:
    texts, photos, bias = some(seed, 20), some(seed + 1, 30), np.zeros(30, np.float32)
    plain = fitted(texts, photos, bias)
    narrow = fitted(in_cone(texts, share, gap), in_cone(photos, share, 0), bias + np.float32(taken_off))
    for kind in KINDS:
        rises = share if kind == "pictures" or gap == 0 else 0.0
        for before, after in zip(levels(of_kind(plain, kind)), levels(of_kind(narrow, kind)), strict=True):
            assert after == pytest.approx((1 - share) * before + rises - taken_off, abs=5e-3)


def test_spreads_are_of_texts_and_of_photos_without_themselves() -> None:
    texts, photos, bias = some(0, 5), some(1, 7), np.linspace(0, 0.1, 7, dtype=np.float32)
    by_texts, by_photos = spreads(texts, photos, bias)
    scores = [text @ photo - taken for text in texts for photo, taken in zip(photos, bias, strict=True)]
    assert by_texts == pytest.approx((np.mean(scores), np.std(scores)), abs=1e-6)
    near = [photos[i] @ photos[j] - bias[j] for i in range(7) for j in range(7) if i != j]
    assert by_photos == pytest.approx((np.mean(near), np.std(near)), abs=1e-6)
    label = Logistic(1.5, -3.0)
    back = by_texts.standard(by_texts.of(label))
    assert (back.slope, back.offset) == pytest.approx((label.slope, label.offset), abs=1e-2)


def test_prompts_stay_and_a_few_hits_of_random_scores_are_likely() -> None:
    texts, photos = some(0, 200), some(1, 500)
    before = Calibration(prompts=("a {}",))
    found = fit_labels(texts, photos, np.zeros(500, np.float32), before)
    assert found is not None
    assert found.prompts == ("a {}",)
    scores = texts @ photos.T
    for kind in ("short", "sentence"):
        strong, likely = levels(of_kind(found, kind))
        assert strong > likely
        assert (scores >= likely).mean() < 0.05
        assert (scores >= strong).mean() < 0.001


@pytest.mark.parametrize(
    ("texts", "photos"),
    [(some(0, 0), some(1, 9)), (some(0, 9), some(1, 1)), (some(0, 9), some(1, 1).repeat(9, 0))],
)
def test_nothing_is_fitted_where_scores_say_nothing(texts: Vectors, photos: Vectors) -> None:
    assert fit_labels(texts, photos, np.zeros(len(photos), np.float32), Calibration()) is None


def test_a_checkpoints_general_texts_are_read_alone() -> None:
    folder = EXPORTED / "tiny"
    bank = read_bank(folder)
    encoder = load_encoder(read_info(folder), device="cpu").encoder
    photos = some(0, 4, encoder.dim)
    by_bank = np.log(np.exp(BIAS_BETA * photos @ bank.T).mean(axis=1)) / BIAS_BETA
    assert by_bank == pytest.approx(encoder.image_bias(photos), abs=2e-3)  # which keeps rounded lengths
