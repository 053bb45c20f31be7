import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st

from photosearch.core.chinese import simplified
from photosearch.core.stop_words import STOP_WORDS
from trainer.adapt.general_words import (
    count_ngrams,
    general_captions,
    general_phrases,
    ngrams,
    words_of,
    write_ngrams,
)


def test_words_are_lower_case_without_possessives() -> None:
    found = words_of("Rusty's ball, Anna-Lena’s")
    assert [word.word for word in found] == ["rusty", "ball", "anna-lena"]


@given(st.text())
def test_a_word_stands_where_it_says(text: str) -> None:
    for word in words_of(text):
        assert simplified(text[word.start : word.end].casefold()) == word.word


def test_ngrams_neither_begin_nor_end_with_a_function_word() -> None:
    found = [text for _, _, text in ngrams(["a", "dog", "at", "the", "beach"])]
    assert found == ["dog", "beach"]


def test_an_ngram_counts_once_for_each_caption() -> None:
    assert count_ngrams(["dog dog", "a dog"])["dog"] == 2


def test_rare_ngrams_are_left_out_of_the_resource() -> None:
    data = write_ngrams(7, count_ngrams(["red ball", "red hat"]))
    assert gzip.decompress(data).decode() == "7\nred\t2"
    assert data == write_ngrams(7, count_ngrams(["red ball", "red hat"]))


def test_what_ships_tells_common_from_unheard_of() -> None:
    general = general_captions()
    assert general.rate("dog") > 0.1
    assert 0 < general.rate("pelican cove") < 1e-4


@pytest.mark.parametrize("phrase", ["brown dog", "beach", "grass", "snow", "bicycle", "baby"])
def test_what_ships_has_plain_phrases(phrase: str) -> None:
    assert phrase in general_phrases()
    assert not any({text.split()[0], text.split()[-1]} & STOP_WORDS for text in general_phrases())
