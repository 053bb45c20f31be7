from photosearch.gui.captions.completion import Vocabulary

CAPTIONS = [
    "Rusty at Clover Meadow",
    "Rusty runs at Clover Meadow",
    "A surfer at Pelican Cove",
    "Two surfers at Pelican Cove with a dog",
    "A clover in the grass, a dog",
]


def shown(text: str, captions: list[str] = CAPTIONS) -> list[str]:
    return [completion.shown for completion in Vocabulary(captions).complete(text)]


def texts(text: str, captions: list[str] = CAPTIONS) -> list[str]:
    return [completion.text for completion in Vocabulary(captions).complete(text)]


def test_names_are_completed_with_all_their_words_as_the_person_writes_them() -> None:
    assert shown("Bella at c")[0] == "Clover Meadow"
    assert texts("Bella at c")[0] == "Bella at Clover Meadow"
    assert shown("Bella at Clover")[0] == "Clover Meadow"


def test_what_followed_before_comes_first() -> None:
    assert shown("at ")[:2] == ["Clover Meadow", "Pelican Cove"]


def test_a_sentence_begins_as_the_person_began_it() -> None:
    assert texts("ru")[0] == "rusty"
    assert texts("Ru")[0] == "Rusty"


def test_a_capital_asks_for_a_name() -> None:
    assert "dog" in shown("a d")
    assert "dog" not in shown("a D")


def test_nothing_is_offered_where_it_says_nothing() -> None:
    assert texts("") == texts("   ") == texts("Rusty at,") == texts("zzz") == []
    assert Vocabulary().complete("Rusty") == []


def test_words_written_once_are_not_offered_but_whole_captions_are() -> None:
    assert "grass" not in shown("in the gr")
    assert texts("A surfer at P")[-1] == "A surfer at Pelican Cove"


def test_scripts_without_spaces_work_word_by_word() -> None:
    captions = ["小黑在三叶草地", "小黑在海边", "阿福在三叶草地"]
    assert texts("小", captions)[0].startswith("小黑在")
    assert texts("阿福在三", captions)[0] == "阿福在三叶草地"


def test_what_was_just_written_is_offered_next_time() -> None:
    vocabulary = Vocabulary()
    vocabulary.add("Biscuit sleeps")
    vocabulary.add("Biscuit eats")
    assert [completion.text for completion in vocabulary.complete("Bis")] == ["Biscuit"]
