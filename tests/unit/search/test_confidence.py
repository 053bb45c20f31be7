import pytest
from hypothesis import given
from hypothesis import strategies as st

from photosearch.core.encoder import Calibration
from photosearch.core.photo import Confidence
from photosearch.search.confidence import BETWEEN_PHOTOS, label, levels

RANKS = [Confidence.WEAK, Confidence.LIKELY, Confidence.STRONG]


@pytest.mark.parametrize(
    ("score", "expected"),
    [
        (-1.0, Confidence.WEAK),
        (0.30, Confidence.WEAK),  # P = 0.29
        (0.31, Confidence.LIKELY),  # P = 0.32
        (0.38, Confidence.LIKELY),  # P = 0.594
        (0.39, Confidence.STRONG),  # P = 0.63
        (1.0, Confidence.STRONG),
    ],
)
def test_the_measured_labels(score: float, expected: Confidence) -> None:
    assert label(score, Calibration()) is expected


@given(st.floats(-1e6, 1e6), st.floats(0, 1e6))
def test_a_higher_score_is_never_less_sure(score: float, more: float) -> None:
    for calibration in (Calibration(), BETWEEN_PHOTOS):
        low, high = (RANKS.index(label(value, calibration)) for value in (score, score + more))
        assert low <= high


@given(st.floats(-10, 10), st.floats(2, 40), st.floats(-20, 5))
def test_the_levels_are_where_the_label_changes(score: float, slope: float, offset: float) -> None:
    calibration = Calibration(slope=slope, offset=offset)
    strong, likely = levels(calibration)
    if min(abs(score - strong), abs(score - likely)) > 1e-9:
        expected = (
            Confidence.STRONG if score > strong else Confidence.LIKELY if score > likely else Confidence.WEAK
        )
        assert label(score, calibration) is expected
