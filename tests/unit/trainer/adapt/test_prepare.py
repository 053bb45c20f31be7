from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from photosearch.core.errors import KnownError
from photosearch.models.config import read_config
from tests.helpers.exported_models import EXPORTED
from tests.helpers.pairs_folder import photo_folder
from trainer.adapt.general import FILE, read_general
from trainer.adapt.prepare import common_phrases, prepare_general, prepare_words


def test_phrases_are_the_common_ones() -> None:
    assert common_phrases(Counter({"dog": 30, "brown dog": 20, "cat": 19, "tv": 50}), 20) == [
        "dog",
        "brown dog",
    ]


def test_writes_counts_and_phrases_and_no_sentence(tmp_path: Path) -> None:
    sentence = "a brown dog sleeps on the shore"
    (tmp_path / "train.csv").write_text("filename,caption\n" + f"1.jpg,{sentence}\n" * 25)
    (tmp_path / "train.zh.csv").write_text("filename,caption\n" + "1.jpg,一只棕色的狗在草地上奔跑\n" * 25)
    prepare_words(tmp_path, tmp_path, ["猫在沙发上"] * 20)
    chinese = (tmp_path / "phrases.zh.txt").read_text("utf-8").split("\n")
    assert {"棕色的狗", "猫在沙发"} <= set(chinese)
    assert "brown dog" in (tmp_path / "phrases.txt").read_text().split("\n")
    assert (tmp_path / "ngrams.txt.gz").stat().st_size < 700


def test_says_which_table_is_missing(tmp_path: Path) -> None:
    with pytest.raises(KnownError, match=r"train\.csv"):
        prepare_words(tmp_path, tmp_path)


@pytest.mark.usefixtures("on_the_cpu")
def test_keeps_vectors_of_photos_and_one_caption_of_each(tmp_path: Path) -> None:
    model = EXPORTED / "tiny"
    photo_folder(tmp_path / "images", "1.jpg", "2.jpg", "3.jpg")
    rows = [f"{n}.jpg,{text} {n}" for n in (1, 2, 3) for text in ("a cat on a sofa", "two dogs run")]
    (tmp_path / "train.csv").write_text("\n".join(["filename,caption", *rows]))
    prepare_general(tmp_path, tmp_path, str(model))
    found = read_general(tmp_path / FILE, read_config(model).model_id, lambda v: np.zeros(len(v)))
    assert found is not None
    assert found.texts.shape == found.photos.shape == (3, 56)
    (tmp_path / "images" / "2.jpg").unlink()
    with pytest.raises(KnownError, match="cannot be read"):
        prepare_general(tmp_path, tmp_path, str(model))
