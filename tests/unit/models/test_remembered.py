from collections.abc import Sequence

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from photosearch.models.remembered import RememberedTexts


class Lengths:
    """Encodes a text as its length, and notes the batches."""

    def __init__(self) -> None:
        self.batches: list[list[str]] = []

    def __call__(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.batches.append(list(texts))
        return np.array([[len(text)] for text in texts], dtype=np.float32)


def test_only_what_is_new_is_encoded_and_as_one_batch() -> None:
    encode = Lengths()
    remembered = RememberedTexts(encode, 8)
    assert remembered(["a", "bbb"]).tolist() == [[1], [3]]
    assert remembered(["bbb", "cc", "a", "dddd", "cc"]).tolist() == [[3], [2], [1], [4], [2]]
    assert encode.batches == [["a", "bbb"], ["cc", "dddd"]]


def test_what_was_asked_longest_ago_goes_first() -> None:
    encode = Lengths()
    remembered = RememberedTexts(encode, 2)
    for text in ("a", "bb", "a", "ccc", "a", "bb"):
        remembered([text])
    assert encode.batches == [["a"], ["bb"], ["ccc"], ["bb"]]


@given(
    st.lists(st.lists(st.sampled_from(["", "a", "bb", "ccc", "dddd"]), min_size=1), max_size=8),
    st.integers(1, 4),
)
def test_answers_are_what_the_encoder_says(asked: list[list[str]], most: int) -> None:
    remembered = RememberedTexts(Lengths(), most)
    for texts in asked:
        assert remembered(texts).tolist() == [[len(text)] for text in texts]
