import pytest

from photosearch.core.lines import Line
from photosearch.core.query import Says, Turned, Written
from photosearch.search.written import around, asked_for, holding, sought

BOX = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))
LINES = [Line(text, BOX, 1.0) for text in ("Grand Café", "no dogs", "but cats", "dogs welcome")]


@pytest.mark.parametrize(
    ("texts", "places"),
    [
        (["cafe"], [0]),
        (["dogs"], [1, 3]),
        (["dogs no"], [1]),
        (["dogs but cats"], [1, 2]),  # goes on in the next line
        (["cats dogs"], [2, 3]),
        (["welcome but cats"], [2, 3]),  # in no line alone: where its words stand
        (["dogs", "grand"], [0, 1, 3]),
        (["dogs sleeping"], []),
        (["cat"], [2]),  # goes on
        (["?"], []),
        ([], []),
    ],
)
def test_which_lines_hold_what_was_asked(texts: list[str], places: list[int]) -> None:
    assert holding(LINES, texts) == places


def test_a_query_asks_for_its_words_and_its_phrases() -> None:
    filters = [Says(phrase="no dogs"), Written(phrase="cats"), Says(phrase="birds", negated=True)]
    assert asked_for("a sign", [*filters, Turned(orientation="square")]) == ["a sign", "no dogs", "cats"]
    assert asked_for("", []) == []


def test_what_was_typed_is_understood_first() -> None:
    assert sought('receipt -boat text:"grand cafe" date:2023') == ["receipt", "grand cafe"]
    assert sought("rating:9") == []


PAGE = [
    Line(text, BOX, 1.0)
    for text in (
        "The quick brown",
        "fox jumps over",
        "the lazy dog.",
        "禁止",
        "停车场",
        "An extraordi-",
        "nary sight",
    )
]


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("fox jumps over the lazy", [1, 2]),
        ("brown fox", [0, 1]),
        ("the", [0, 2]),
        ("禁止停车", [3, 4]),
        ("止停", [3, 4]),
        ("extraordinary sight", [5, 6]),
        ("extraordi nary", [5, 6]),
        ("extraordinary dogs", []),
    ],
)
def test_a_text_over_several_lines_is_in_these_alone(text: str, places: list[int]) -> None:
    assert holding(PAGE, [text]) == places


@pytest.mark.parametrize(
    ("text", "texts", "shown"),
    [
        ("no dogs", ["dogs"], "no dogs"),
        ("a b " * 9 + "no DÖGS here" + " y z" * 9, ["dogs"], "…a b no DÖGS here y…"),
        ("no dogs" + " y z" * 9, ["no dogs"], "no dogs y z y z y z…"),
        ("a b " * 9 + "no dogs", ["dogs no"], "…a b a b a b no dogs"),
        ("一二三四五六七八九十" * 3 + "请勿带狗", ["带狗"], "…五六七八九十一二三四五六七八九十请勿带狗"),
        ("a b " * 9 + "cats" + " y z" * 9, ["cats but dogs"], "…a b a b cats y z y z…"),
        ("a b " * 9 + "dogs" + " y z" * 9 + " cats", ["cats dogs"], "…dogs y z y z y z y z…"),
        ("?" * 30, ["dogs"], "?" * 20 + "…"),
    ],
)
def test_a_long_line_is_cut_to_what_is_around_the_words(text: str, texts: list[str], shown: str) -> None:
    assert around(Line(text, BOX, 1.0), texts, 20) == shown
