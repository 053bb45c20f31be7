"""Lines of text beside each other, as the rows of a receipt."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from photosearch.core.lines import Line, as_text

# text, left, top, width, height
RECEIPT = (
    ("Bread", 0.1, 0.10, 0.2, 0.04),
    ("2.40", 0.6, 0.105, 0.1, 0.04),
    ("Milk", 0.1, 0.15, 0.15, 0.04),
    ("1.10", 0.6, 0.148, 0.1, 0.035),
    ("A", 0.75, 0.15, 0.02, 0.04),
    ("Thank you", 0.1, 0.25, 0.4, 0.08),
    ("12:40", 0.6, 0.25, 0.1, 0.02),
)
TEXT = "Bread\t2.40\nMilk\t1.10\tA\nThank you\n12:40"


def line(text: str, left: float, top: float, width: float, height: float, turn: float, size: float) -> Line:
    def turned(x: float, y: float) -> tuple[float, float]:
        return (
            size * (x * math.cos(turn) - y * math.sin(turn)),
            size * 1.5 * (x * math.sin(turn) + y * math.cos(turn)),  # of a photo that is wider than high
        )

    right, below = left + width, top + height
    return Line(text, (turned(left, top), turned(right, top), turned(right, below), turned(left, below)), 1.0)


@given(st.floats(-math.pi, math.pi), st.floats(0.2, 5.0))
def test_lines_of_a_row_are_together_however_the_photo_lies(turn: float, size: float) -> None:
    assert as_text([line(*one, turn, size) for one in RECEIPT]) == TEXT


@pytest.mark.parametrize("width", [0.0, 0.2])
def test_a_line_that_stands_over_another_or_has_no_extent_is_by_itself(width: float) -> None:
    over = line("one", 0.1, 0.1, width, 0.04, 0.0, 1.0)
    assert as_text([over, over]) == "one\none"
