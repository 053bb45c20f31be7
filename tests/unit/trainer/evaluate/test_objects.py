import json
from pathlib import Path

import pytest

from photosearch.core.errors import KnownError
from tests.helpers.photos import make_photo
from trainer.evaluate.objects import read_labels


@pytest.fixture
def images(tmp_path: Path) -> Path:
    for seed in range(3):
        make_photo(tmp_path / f"{seed}.jpg", seed)
    return tmp_path


def test_keeps_objects_that_two_photos_show(images: Path) -> None:
    labels = images / "labels.json"
    labels.write_text(json.dumps({"1.jpg": ["dog"], "0.jpg": ["dog", "apple"], "2.jpg": ["apple", "cup"]}))
    found = read_labels(labels, images)
    assert [p.name for p in found.images] == ["0.jpg", "1.jpg", "2.jpg"]
    assert found.categories == ["apple", "dog"]
    assert found.sentences == ["a photo of an apple", "a photo of a dog"]
    assert found.shows.tolist() == [[True, False, True], [True, True, False]]


def test_categories_have_names_in_other_languages(images: Path) -> None:
    labels = images / "labels.json"
    shown = {f"{number}.jpg": ["dog", "thing of mine", "tv"] for number in range(2)}
    labels.write_text(json.dumps(shown))
    named = read_labels(labels, images).named()
    assert next(iter(named)) == "en"
    assert len(named) >= 12
    assert named["zh"] == {0: "狗", 2: "电视"}
    labels.write_text(json.dumps({name: ["thing of mine"] for name in shown}))
    assert read_labels(labels, images).named() == {}


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ('{"0.jpg": "dog"}', "not JSON of the form"),
        ("[", "not JSON of the form"),
        ('{"9.jpg": ["dog"]}', "names 9.jpg"),
        ('{"0.jpg": ["dog"], "1.jpg": ["cat"]}', "nothing to measure"),
        ("{}", "nothing to measure"),
    ],
)
def test_says_what_is_wrong(images: Path, text: str, sentence: str) -> None:
    labels = images / "labels.json"
    labels.write_text(text)
    with pytest.raises(KnownError, match=sentence):
        read_labels(labels, images)


def test_a_missing_file_is_named(images: Path) -> None:
    with pytest.raises(KnownError, match="no labels"):
        read_labels(images / "none.json", images)
