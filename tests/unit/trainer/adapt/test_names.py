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


def test_chinese_names_are_found_though_no_spaces_part_them() -> None:
    deeds = ("在公园", "在草地上奔跑", "睡觉", "和孩子们玩耍", "跳进水里")
    dog = [f"旺财{deed}" for deed in deeds]
    place = [f"{who}在鹈鹕湾" for who in ("一个男人", "两只狗", "一个女孩", "孩子们", "狗")]
    assert found(*dog, *place, "一只狗在公园", "两个男人在海边") == {"旺财": 5, "鹈鹕湾": 5}


def test_plain_chinese_captions_have_no_names() -> None:
    assert found(*[f"一只小狗{deed} 2019" for deed in ("在海边", "在奔跑", "坐着", "跳起来", "玩")]) == {}


def test_traditional_and_simplified_are_the_same_name() -> None:
    assert found("旺財在公園", "旺财跑", "旺财在海边", "旺财坐在草地上") == {"旺财": 4}


def test_scripts_that_are_not_cut_have_no_names() -> None:
    assert found(*["ポチが走る"] * 6, plain=200) == {}


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
