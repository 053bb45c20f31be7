import pytest
from hypothesis import given
from hypothesis import strategies as st

from photosearch.core.encoder import Calibration, Logistic
from photosearch.core.photo import Confidence
from photosearch.models.confidence import KINDS, kind_of, label, levels, of_kind

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
    for kind in KINDS:
        calibration = of_kind(Calibration(), kind)
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


def test_each_kind_of_query_has_its_own_curve_and_the_same_cuts() -> None:
    calibration = Calibration(
        8, -3, strong=0.65, likely=0.25, short=Logistic(10, -2), pictures=Logistic(7, -4)
    )
    found = {kind: of_kind(calibration, kind) for kind in KINDS}
    assert {kind: (one.slope, one.offset) for kind, one in found.items()} == {
        "short": (10, -2),
        "sentence": (8, -3),
        "pictures": (7, -4),
    }
    assert {(one.strong, one.likely) for one in found.values()} == {(0.65, 0.25)}


def test_a_model_that_was_fitted_on_sentences_alone_calls_words_as_it_calls_them() -> None:
    assert of_kind(Calibration(), "short") == Calibration()
    strong, likely = levels(of_kind(Calibration(), "pictures"))
    assert strong > likely > levels(Calibration())[0]  # photos lie nearer to one another


@pytest.mark.parametrize(
    ("sentence", "kind"),
    [
        ("", "pictures"),
        ("dog", "short"),
        ("a red dog", "short"),
        ("two red dogs", "sentence"),
        ("狗", "short"),
    ],
)
def test_what_kind_of_query_a_text_is(sentence: str, kind: str) -> None:
    assert kind_of(sentence) == kind
