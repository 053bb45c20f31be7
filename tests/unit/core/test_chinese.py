import pytest

from photosearch.core.chinese import simplified, word_spans


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("海滩上的两只狗", "海滩 上 的 两只 狗"),
        ("骑自行车的人", "骑 自行车 的 人"),
        ("維多利亞港的夜景", "維多利亞 港 的 夜景"),  # as it is written
        ("旺财在公园", "旺 财 在 公园"),  # what no list knows is cut into letters
        ("Rusty在海边,  two dogs", "Rusty 在 海边 , two dogs"),
        ("ポチ dog", "ポチ dog"),
        ("", ""),
    ],
)
def test_words_of_a_text(text: str, words: str) -> None:
    assert " ".join(text[first:last] for first, last in word_spans(text)) == words


def test_both_ways_of_writing_are_one_and_of_one_length() -> None:
    assert simplified("海灘上的貓, dog") == "海滩上的猫, dog"
    assert simplified("海滩上的猫") == "海滩上的猫"
