import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from photosearch.models.tokenizer import Tokenizer
from tests.helpers.e5_model import PIECES, write_e5
from trainer.bundled.languages import needed_pieces
from trainer.models.pretrained.e5_file import E5File, read_e5


@pytest.fixture
def file(tmp_path: Path) -> E5File:
    write_e5(tmp_path / "e5.bin")
    return read_e5(tmp_path / "e5.bin")


@pytest.fixture
def frequent(monkeypatch: pytest.MonkeyPatch) -> None:
    """The frequent words of three languages."""
    words = {"fr": ["chien", "dogs"], "zh": ["海滩", "狗"], "de": ["hund", "und"]}
    counted = SimpleNamespace(
        available_languages=lambda: words, top_n_list=lambda language, count: words[language][:count]
    )
    monkeypatch.setitem(sys.modules, "wordfreq", counted)


@pytest.mark.usefixtures("frequent")
def test_pieces_are_kept_that_texts_and_frequent_words_need(file: E5File) -> None:
    def kept(texts: list[str], words: int) -> set[str]:
        return {PIECES[number][0] for number in needed_pieces(file, texts, words)}

    always = {"<s>", "</s>", "<pad>", "<unk>", "▁", ":", "上", "▁上", "的", "▁的", "狗", "▁狗", "▁que", "ry"}
    assert kept([], 1) == always | {"▁chien", "▁海滩", "▁Hund"}
    assert kept(["two dogs"], 2) == always | {"▁chien", "▁海滩", "▁Hund", "▁two", "▁dogs"}
    fewer = file.only(needed_pieces(file, ["two dogs"], 2))
    whole, pruned = (Tokenizer(some.tokenizer(), 16)(["two dogs 海滩"]).ids[0] for some in (file, fewer))
    assert [fewer.pieces[number] for number in pruned] == [file.pieces[number] for number in whole]
