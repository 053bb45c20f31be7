from collections import Counter
from pathlib import Path

import pytest

from photosearch.core.errors import KnownError
from trainer.adapt.prepare import common_phrases, prepare_words


def test_phrases_are_the_common_ones() -> None:
    assert common_phrases(Counter({"dog": 30, "brown dog": 20, "cat": 19, "tv": 50}), 20) == [
        "dog",
        "brown dog",
    ]


def test_writes_counts_and_phrases_and_no_sentence(tmp_path: Path) -> None:
    sentence = "a brown dog sleeps on the shore"
    (tmp_path / "train.csv").write_text("filename,caption\n" + f"1.jpg,{sentence}\n" * 25)
    prepare_words(tmp_path, tmp_path)
    assert "brown dog" in (tmp_path / "phrases.txt").read_text().split("\n")
    assert (tmp_path / "ngrams.txt.gz").stat().st_size < 500


def test_says_which_table_is_missing(tmp_path: Path) -> None:
    with pytest.raises(KnownError, match=r"train\.csv"):
        prepare_words(tmp_path, tmp_path)
