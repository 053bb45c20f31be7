import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from photosearch.core.errors import KnownError
from tests.helpers.photos import make_photo
from tests.helpers.tiny_model import make_tiny_checkpoint
from trainer.evaluate.zero_shot import (
    TEMPLATES,
    ClassedPhotos,
    class_vectors,
    classify,
    measure_zero_shot,
    read_class_folders,
    read_class_labels,
    read_lines,
    read_templates,
)


@pytest.fixture
def folders(tmp_path: Path) -> Path:
    for number, name in enumerate(["golden_retriever", "apple", "empty"]):
        (tmp_path / name).mkdir()
        for seed in range(2 if name != "empty" else 0):
            make_photo(tmp_path / name / f"{seed}.png", 10 * number + seed)
    (tmp_path / "apple" / "notes.txt").write_text("no photo")
    return tmp_path


def shown(*columns: Sequence[int]) -> ClassedPhotos:
    shows = np.zeros((len(columns), 3), dtype=np.bool_)
    for row, some in enumerate(columns):
        shows[row, list(some)] = True
    return ClassedPhotos([Path(str(i)) for i in range(len(columns))], ["cat", "dog", "owl"], shows)


def test_a_folder_is_a_class(folders: Path) -> None:
    found = read_class_folders(folders)
    assert found.classes == ["apple", "golden retriever"]
    assert [p.relative_to(folders).as_posix() for p in found.images][:2] == ["apple/0.png", "apple/1.png"]
    assert found.shows.tolist() == [[True, False]] * 2 + [[False, True]] * 2


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("labels.csv", "filename,label\napple/0.png,apple\napple/0.png,fruit\napple/1.png,fruit\n"),
        ("labels.json", '{"apple/0.png": ["apple", "fruit"], "apple/1.png": "fruit"}'),
    ],
)
def test_a_photo_may_have_several_labels(folders: Path, name: str, text: str) -> None:
    (folders / name).write_text(text)
    found = read_class_labels(folders / name, folders, ["fruit", "apple", "stone"])
    assert found.shows.tolist() == [[True, True, False], [True, False, False]]


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("labels.csv", "file;label\n", "must be `filename,label`"),
        ("labels.csv", "filename,label\n0.png\n", "Line 2"),
        ("labels.csv", "filename,label\n", "labels no photo"),
        ("labels.json", "[1]", "not JSON of the form"),
        ("labels.json", '{"none.png": "cat"}', "names none.png"),
        ("labels.json", '{"apple/0.png": "apple"}', "one class only"),
    ],
)
def test_says_what_is_wrong_with_labels(folders: Path, name: str, text: str, sentence: str) -> None:
    (folders / name).write_text(text)
    with pytest.raises(KnownError, match=sentence):
        read_class_labels(folders / name, folders)


def test_a_label_must_be_among_the_classes(folders: Path) -> None:
    with pytest.raises(KnownError, match="'golden retriever'"):
        read_class_folders(folders, ["apple", "pear"])


def test_a_folder_without_classes_is_refused(tmp_path: Path) -> None:
    make_photo(tmp_path / "0.png")
    with pytest.raises(KnownError, match="no folders with photos"):
        read_class_folders(tmp_path)


def test_templates_by_name_and_from_a_file(tmp_path: Path) -> None:
    assert read_templates("photo") == ("a photo of {a}",)
    file = tmp_path / "templates.txt"
    file.write_text("a drawing of {a}\n\n{} on paper\n")
    assert read_templates(str(file)) == ("a drawing of {a}", "{} on paper")
    for wrong in ("a photo", "a photo of {b}", "a photo of {", "{a.real}"):
        file.write_text(wrong)
        with pytest.raises(KnownError, match="must name the class"):
            read_templates(str(file))
    with pytest.raises(KnownError, match="cannot be read"):
        read_lines(tmp_path / "none.txt")


def test_clip_has_eighty_templates_of_its_own() -> None:
    found = read_templates("clip")
    assert len(set(found)) == 80
    assert {"a photo of a {}.", "itap of the {}.", "a tattoo of a {}."} <= set(found)
    assert all(template.count("{}") == 1 for template in found)


def test_photos_that_nobody_labelled_are_counted(folders: Path, tmp_path: Path) -> None:
    make_photo(folders / "beside.png", 40)
    assert read_class_folders(folders).unlabelled == 1
    labels = tmp_path / "labels.json"
    labels.write_text('{"apple/0.png": "apple", "golden_retriever/0.png": "dog", "apple/1.png": []}')
    found = read_class_labels(labels, folders)
    assert (len(found.images), found.unlabelled) == (2, 3)
    model = make_tiny_checkpoint(tmp_path / "model")
    assert measure_zero_shot(str(model), found, TEMPLATES["photo"])["unlabelled"] == 3


def test_every_template_says_the_class_once() -> None:
    for templates in TEMPLATES.values():
        for template in templates:
            assert template.format("owl", a="an owl").count("owl") == 1


def test_a_class_is_the_normed_mean_of_its_templates() -> None:
    vectors = {"cat": [1, 0], "a cat": [0, 1], "owl": [1, 0], "an owl": [1, 0]}

    def encode(sentences: Sequence[str]) -> NDArray[np.float32]:
        return np.array([vectors[sentence] for sentence in sentences], dtype=np.float32)

    found = class_vectors(encode, ["cat", "owl"], ["{}", "{a}"])
    np.testing.assert_allclose(found, [[0.5**0.5, 0.5**0.5], [1, 0]], atol=1e-6)


def test_figures_of_known_scores() -> None:
    scores = np.array([[0.9, 0.1, 0.2], [0.3, 0.2, 0.1], [0.3, 0.2, 0.1], [0.1, 0.2, 0.9]], np.float32)
    found = classify(scores, shown([0], [1], [1], [1, 2]))
    assert (found["top1"], found["top5"]) == (50, 100)
    assert found["per_class"]["dog"] == {"images": 3, "recall": 33.33}
    assert found["confusions"] == [{"shown": "dog", "taken_for": "cat", "images": 2}]


def test_a_model_that_scores_all_alike_knows_nothing() -> None:
    assert classify(np.ones((2, 3), np.float32), shown([0], [1]))["top1"] == 0


def test_measures_a_model_and_leaves_broken_photos_out(folders: Path, tmp_path: Path) -> None:
    model = make_tiny_checkpoint(tmp_path / "model")
    (folders / "apple" / "broken.png").write_bytes(b"no photo")
    found = measure_zero_shot(str(model), read_class_folders(folders), TEMPLATES["photo"])
    assert (found["images"], found["classes"], found["templates"], found["unreadable"]) == (4, 2, 1, 1)
    assert found["gain"]["top1"] == pytest.approx(found["top1"] - found["bare_name"]["top1"])
    json.dumps(found)
