import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from photosearch.core.errors import KnownError
from photosearch.search.query import MAX_CHARACTERS, parse


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ("two dogs", "two dogs"),
        ("  two\t dogs \r\n on a\u00a0beach ", "two dogs on a beach"),
        ("cafe\u0301", "café"),
        ("a\x00b\x1b[31mc", "ab[31mc"),
        ("👩‍👩‍👧 犬", "👩‍👩‍👧 犬"),
        ("caf\udce9", "caf\ufffd"),
    ],
)
def test_what_is_made_of_a_query(typed: str, text: str) -> None:
    assert parse(typed).text == text


@pytest.mark.parametrize("typed", ["", " \n\t ", "\x00\x07"])
def test_an_empty_query_says_what_to_type(typed: str) -> None:
    with pytest.raises(KnownError, match="two dogs on a beach"):
        parse(typed)


def test_a_query_that_is_too_long_says_both_numbers() -> None:
    assert parse("x" * MAX_CHARACTERS).text == "x" * MAX_CHARACTERS
    with pytest.raises(KnownError, match=r"100,000 characters.* 1,000"):
        parse("x" * 100_000)


@given(st.text(st.characters(exclude_categories=()), max_size=40))
def test_any_text_becomes_clean_unicode_once_and_for_all(typed: str) -> None:
    try:
        text = parse(typed).text
    except KnownError:
        return
    text.encode()
    assert unicodedata.is_normalized("NFC", text)
    assert text == " ".join(text.split())
    assert parse(text).text == text
