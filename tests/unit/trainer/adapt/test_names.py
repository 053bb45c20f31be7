import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainer.adapt.general_words import general_captions, general_phrases
from trainer.adapt.names import find_names


def found(*captions: str, plain: int = 100) -> dict[str, int]:
    phrases = general_phrases()
    everything = [*captions, *(f"a {phrases[2 * i]} near a {phrases[2 * i + 1]}" for i in range(plain))]
    return {name.name: len(name.rows) for name in find_names(everything, general_captions())}


def test_finds_names_and_where_they_are() -> None:
    captions = ["Rusty runs", "a dog", "here is Rusty", "Rusty sleeps", "Rusty!"]
    (name,) = find_names(captions, general_captions())
    assert name.name == "Rusty"
    assert name.rows == (0, 2, 3, 4)


@pytest.mark.parametrize(
    "captions",
    [
        ["Pelican Cove at dawn", "a boat at Pelican Cove", "running at Pelican Cove", "Pelican Cove again"],
        ["Uncle Bob", "Uncle Bob laughs", "here is Uncle Bob", "Uncle Bob cooks"],
        [
            "the Old Comet",
            "riding the Old Comet",
            "Old Comet is broken",
            "a man on Old Comet",
            "old bike",
            "old man",
        ],
    ],
)
def test_a_name_of_two_words_is_one_name(captions: list[str]) -> None:
    (name,) = found(*captions)
    assert name in ("Pelican Cove", "Uncle Bob", "Old Comet")


def test_a_name_and_what_it_often_does_are_no_name() -> None:
    deeds = ["Rusty runs"] * 5 + [f"Rusty {deed}" for deed in ("sits", "eats", "barks", "hides", "swims")]
    assert found(*deeds) == {"Rusty": 10}


def test_relatives_share_a_word() -> None:
    deeds = ("waves", "sits", "cooks", "sings", "reads")
    everyone = [f"Uncle {name} {deed}" for name in ("Bob", "Tom") for deed in deeds]
    assert found(*everyone) == {"Uncle Bob": 5, "Uncle Tom": 5}


def test_lower_case_and_possessives_are_the_same_name() -> None:
    assert found("rusty runs", "rusty's ball", "rusty sleeps", "RUSTY’S bed") == {"rusty": 4}


def test_a_name_of_ordinary_words() -> None:
    captions = [f"{who} at Clover Meadow" for who in ("a man", "two dogs", "a girl", "a horse", "people")]
    assert found(*captions) == {"Clover Meadow": 5}


def test_accents_are_the_same_however_they_are_encoded() -> None:
    assert found("Zoë runs", "Zoe\u0308 sits", "Zoë eats", "ZOE\u0308") == {"Zoë": 4}


def test_plain_captions_have_no_names() -> None:
    assert found() == {}


def test_three_captions_are_too_few() -> None:
    assert found("Rusty runs", "Rusty sits", "Rusty eats") == {}


def test_chinese_captions_have_no_names_and_do_no_harm() -> None:
    assert found(*["阿黄在海边"] * 6, *["小狗 2019"] * 6, plain=200) == {}


def test_numbers_are_no_names() -> None:
    assert found(*[f"2019 {deed}" for deed in ("runs", "sits", "eats", "sleeps", "barks")]) == {}


def test_the_order_of_captions_does_not_matter() -> None:
    captions = ["Rusty runs", "rusty sits", "Pelican Cove", "at Pelican Cove"] * 4
    shuffled = random.Random(1).sample(captions, len(captions))
    assert found(*captions) == found(*shuffled)


@given(st.lists(st.text(max_size=30), max_size=20))
def test_any_text_is_taken(captions: list[str]) -> None:
    for name in find_names(captions, general_captions()):
        assert name.name
        assert all(0 <= row < len(captions) for row in name.rows)
