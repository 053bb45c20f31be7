import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from photosearch.core.teaching import Word
from photosearch.models.rewriting import Rewriter

WORDS = (
    Word("Rusty", "brown dog"),
    Word("Clover Meadow", "grassy field"),
    Word("Clover", "white cow"),
    Word("José", "old man"),
    Word("小白", "白狗"),
    Word("Kit", vector=0, weight=1.0),
    Word("dog", "hound"),
    Word("Pelican Cove", edited=True),
    Word("Cove", "bay"),
)
REWRITER = Rewriter(WORDS)


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("Rusty's ball", "brown dog's ball"),
        ("RUSTY and rusty", "brown dog and brown dog"),
        ("at  clover   meadow,\nwith Clover", "at grassy field, with white cow"),
        ("trusty, Rusty2, rusty-brown and Mac-Rusty", "trusty, Rusty2, rusty-brown and Mac-Rusty"),
        (unicodedata.normalize("NFD", "José runs"), "old man runs"),
        ("JOSÉ", "old man"),
        ("Rusty在海边, 小白在海边", "brown dog在海边, 白狗在海边"),
        ("小白和貓", "白狗和猫"),
        ("Rusty和貓", "brown dog和猫"),
        ("兩隻貓", "兩隻貓"),  # no name, no change
        ("Kit's ball", "ball"),
        ("Kit", ""),
        ("two spaces  stay where no name is ", "two spaces  stay where no name is "),
        ("the dog Rusty", "the hound brown dog"),  # what was put in is not replaced again
        ("Pelican Cove at the cove", "Pelican Cove at the bay"),  # it stands for itself, as a whole
        ("", ""),
    ],
)
def test_names_are_replaced(typed: str, read: str) -> None:
    assert REWRITER.rewrite(typed) == read


def test_uses_are_told_with_their_places() -> None:
    text = "Kit and  RUSTY at Pelican Cove"
    uses = [(word.name, text[slice(*span)]) for word, span in REWRITER.uses(text)]
    assert uses == [("Kit", "Kit"), ("Rusty", "RUSTY")]


@given(st.text())
def test_without_names_every_text_stays(text: str) -> None:
    assert Rewriter(()).rewrite(text) == text
    assert not list(Rewriter(()).uses(text))


@example("\uf900", "", "")  # a letter that both forms of Unicode write otherwise
@given(st.text(min_size=1).filter(lambda name: any(map(str.isalnum, name))), st.text(), st.text())
def test_any_name_can_be_kept_and_looked_for(name: str, before: str, after: str) -> None:
    rewriter = Rewriter([Word(name, "x")])
    assert rewriter.rewrite(f" {name} ").strip() == "x"
    rewriter.rewrite(before + name + after)
