import json
from pathlib import Path

import numpy as np
import pytest

from photosearch.core.errors import KnownError
from tests.helpers.photos import make_photo
from tests.helpers.tiny_config import SENTENCES
from tests.helpers.tiny_model import make_tiny_checkpoint
from trainer.data.pairs import Pairs, read_pairs
from trainer.evaluate.measure import compare_on, measure_objects, measure_recall
from trainer.evaluate.recall import Protocol

pytestmark = pytest.mark.usefixtures("on_the_cpu")


@pytest.fixture
def images(tmp_path: Path) -> Path:
    folder = tmp_path / "images"
    folder.mkdir()
    for seed in range(6):
        make_photo(folder / f"{seed}.png", seed)
    return folder


@pytest.fixture
def pairs(images: Path) -> Pairs:
    """Eight captions of four of six photos."""
    rows = [f"{i % 4}.png,{sentence}" for i, sentence in enumerate(SENTENCES)]
    table = images.parent / "captions.csv"
    table.write_text("\n".join(["filename,caption", *rows]))
    return read_pairs(table, images)


def test_says_how_good_a_model_is_and_how_it_was_asked(model: str, pairs: Pairs) -> None:
    found = measure_recall(model, pairs)
    assert (found["images"], found["captions"]) == (4, 8)
    assert set(found["t2i"]) == set(found["i2t"]) == {"R@1", "R@5", "R@10", "median_rank", "mrr"}
    assert (found["t2i"]["R@5"], found["unreadable"], found["truncated"]) == (100, 0, 0)
    assert found["protocol"] == "every caption of each image"
    assert "intervals" not in found
    json.dumps(found)


def test_the_single_protocol_asks_one_caption_of_each_image(model: str, pairs: Pairs) -> None:
    found = measure_recall(model, pairs, protocol=Protocol("single"), interval=True)
    assert (found["images"], found["captions"], found["protocol"]) == (
        4,
        4,
        "one caption of each image, the first",
    )
    low, high = found["intervals"]["t2i"]["mrr"]
    assert low <= found["t2i"]["mrr"] <= high


def test_the_whole_folder_is_ranked_less_what_cannot_be_read(model: str, pairs: Pairs, images: Path) -> None:
    (images / "copy.png").write_bytes((images / "5.png").read_bytes())
    (images / "broken.jpg").write_bytes(b"no photo")
    (images / "notes.txt").write_text("no photo either")
    found = measure_recall(model, pairs, gallery=images)
    assert (found["images"], found["captions"], found["unreadable"]) == (6, 8, 1)
    assert found["t2i"]["mrr"] <= measure_recall(model, pairs)["t2i"]["mrr"]


def test_a_captioned_photo_that_cannot_be_read_is_named(model: str, pairs: Pairs, images: Path) -> None:
    (images / "2.png").write_bytes(b"no photo")
    with pytest.raises(KnownError, match=r"2\.png"):
        measure_recall(model, pairs, gallery=images)


def test_bias_moves_texts_to_images_only(model: str, pairs: Pairs) -> None:
    plain, biased = measure_recall(model, pairs), measure_recall(model, pairs, bias=True)
    assert plain["i2t"] == biased["i2t"]


def test_objects(model: str, images: Path) -> None:
    labels = images / "labels.json"
    labels.write_text(json.dumps({f"{i}.png": ["dog"] if i % 2 else ["cat"] for i in range(6)}))
    found = measure_objects(model, images, labels)
    assert (found["images"], found["categories"]) == (6, 2)
    assert 0 < found["map"] <= 100
    assert list(found["languages"])[:2] == ["en", "zh"]  # what a dog is called there


def test_compares_two_models_on_the_same_queries(model: str, pairs: Pairs, tmp_path: Path) -> None:
    other = str(make_tiny_checkpoint(tmp_path / "other", seed=3))
    found = compare_on(model, other, pairs)
    assert (found["t2i"].queries, found["i2t"].queries) == (8, 4)
    back = compare_on(other, model, pairs)
    assert (found["t2i"].wins, found["t2i"].losses) == (back["t2i"].losses, back["t2i"].wins)
    assert compare_on(model, model, pairs)["t2i"].ties == 8


def test_each_photo_counts_once_however_many_captions_it_has(model: str, pairs: Pairs) -> None:
    more = Pairs(pairs.images, pairs.hashes, [*pairs.captions, "a cat"], np.append(pairs.image_of, 0))
    assert measure_recall(model, more)["images"] == 4
