import math
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainer.report.charts import POINTS, Mark, Series, line_chart, number, thinned, ticks

NUMBERS = st.floats(-1e6, 1e6, allow_nan=False).map(lambda x: round(x, 6))


@given(NUMBERS, NUMBERS)
def test_ticks_enclose_the_values_and_are_few(a: float, b: float) -> None:
    low, high = min(a, b), max(a, b)
    found = ticks(low, high)
    assert 2 <= len(found) <= 8
    assert found == sorted(found)
    slack = 1e-6 * max(1.0, high - low)
    assert found[0] <= low + slack and found[-1] >= high - slack


def test_ticks_are_round() -> None:
    assert ticks(0, 97) == [0, 25, 50, 75, 100]
    assert ticks(-1.4, 0.02) == [-1.5, -1, -0.5, 0, 0.5]


@pytest.mark.parametrize(("value", "text"), [(1200, "1,200"), (2.5, "2.5"), (-0.1, "−0.1"), (0, "0")])
def test_numbers_read_well(value: float, text: str) -> None:
    assert number(value) == text


def test_long_curves_are_averaged_and_what_is_no_number_left_out() -> None:
    steps = list(range(10 * POINTS))
    found = thinned(Series("a", 0, steps, [1.0] * len(steps)))
    assert len(found.x) <= POINTS
    assert set(found.y) == {1.0}
    assert sum(found.x) / len(found.x) == pytest.approx(sum(steps) / len(steps))
    assert thinned(Series("a", 0, [1, 2, 3], [math.nan, 5, math.inf])).x == [2]


def test_a_chart_is_well_formed_and_names_its_points() -> None:
    series = [
        Series("first <run>", 0, [1, 2, 3], [0.0, -0.5, -1.0]),
        Series("second", 1, [1], [-0.2]),
        Series("empty", 2, [], []),
    ]
    chart = line_chart(series, x_label="step", y_label="loss & more", mark=Mark(0, "guessing"))
    root = ElementTree.fromstring(chart)
    assert len(root.findall("g")) == 2
    titles = [title.text for title in root.iter("title")]
    assert "first <run>, step 2: loss & more −0.5" in titles
    assert "guessing" in "".join(root.itertext())


def test_nothing_to_draw_is_said() -> None:
    assert "Nothing recorded yet" in line_chart([Series("a", 0, [], [])], x_label="step", y_label="loss")
