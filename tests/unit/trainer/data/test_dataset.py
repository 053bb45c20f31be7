from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from photosearch.core.errors import KnownError
from tests.helpers.photos import make_photo, picture
from trainer.data.dataset import read_dataset


@pytest.fixture
def images(tmp_path: Path) -> Path:
    folder = tmp_path / "data" / "images"
    folder.mkdir(parents=True)
    for seed in range(10):
        make_photo(folder / f"{seed}.jpg", seed)
    return folder


def write(folder: Path, name: str, *rows: str, header: str = "filename,caption") -> None:
    (folder / name).write_text("\n".join([header, *rows, ""]), encoding="utf-8")


def names(pairs) -> list[str]:
    return [image.name for image in pairs.images]


def test_official_tables_are_obeyed(images: Path) -> None:
    write(images.parent, "train.csv", "0.jpg,A", "1.jpg,B", "1.jpg,C")
    write(images.parent, "val.csv", "2.jpg,D")
    write(images.parent, "test.csv", "3.jpg,E", "4.jpg,F")
    found = read_dataset(images.parent)
    assert names(found.train) == ["0.jpg", "1.jpg"]
    assert found.train.captions == ["A", "B", "C"]
    assert names(found.val) == ["2.jpg"]
    assert found.test is not None and names(found.test) == ["3.jpg", "4.jpg"]


def test_images_that_measure_are_not_trained_on_whatever_their_bytes(images: Path) -> None:
    (images / "copy.jpg").write_bytes((images / "2.jpg").read_bytes())
    picture(3, (200, 150)).save(images / "larger.png")
    write(images.parent, "train.csv", "0.jpg,A", "copy.jpg,B", "2.jpg,C", "larger.png,D")
    write(images.parent, "val.csv", "2.jpg,E")
    write(images.parent, "test.csv", "3.jpg,F")
    found = read_dataset(images.parent)
    assert names(found.train) == ["0.jpg"]
    assert found.train.captions == ["A"]


def test_one_table_is_split_by_image_and_near_duplicate(images: Path) -> None:
    for seed in range(10):
        picture(seed, (128, 96)).save(images / f"{seed}.png")
    rows = [f"{seed}.{kind},{caption}" for seed in range(10) for kind in ("jpg", "png") for caption in "AB"]
    write(images.parent, "captions.csv", *rows)
    for seed in range(3):
        found = read_dataset(images.parent, seed)
        train, val = ({Path(name).stem for name in names(side)} for side in (found.train, found.val))
        assert (len(train), len(val)) == (8, 2)
        assert not train & val
        assert (len(found.train.captions), len(found.val.captions)) == (32, 8)
        assert found.test is None
    assert names(read_dataset(images.parent, 1).val) == names(read_dataset(images.parent, 1).val)
    assert names(read_dataset(images.parent, 1).val) != names(read_dataset(images.parent, 2).val)


def test_labels_are_numbered(images: Path) -> None:
    write(
        images.parent, "train.csv", "0.jpg,A,dog", "1.jpg,B,cat", "2.jpg,C,", header="filename,caption,label"
    )
    write(images.parent, "val.csv", "3.jpg,D,dog", header="filename,caption,label")
    found = read_dataset(images.parent)
    assert found.train.labels.tolist() == [1, 0, -1]
    assert found.val.labels.tolist() == [1]


def test_damaged_images_are_refused_or_left_out(images: Path) -> None:
    (images / "1.jpg").write_bytes((images / "1.jpg").read_bytes()[:300])
    write(images.parent, "train.csv", "0.jpg,A", "1.jpg,B")
    write(images.parent, "val.csv", "2.jpg,C")
    with pytest.raises(KnownError, match=r"1 image\(s\) .*1\.jpg.*truncated.*--skip-unreadable"):
        read_dataset(images.parent)
    found = read_dataset(images.parent, skip_unreadable=True)
    assert names(found.train) == ["0.jpg"]
    assert [Path(text.split(" (")[0]).name for text in found.unreadable] == ["1.jpg"]


def test_missing_images_are_named(images: Path) -> None:
    write(images.parent, "captions.csv", "0.jpg,A", "lost.jpg,B", "lost.jpg,C", "gone.jpg,D")
    with pytest.raises(KnownError, match=r"2 image\(s\) \(lost.jpg, gone.jpg\)"):
        read_dataset(images.parent)


def test_a_folder_without_captions_is_told_what_was_looked_for(tmp_path: Path) -> None:
    with pytest.raises(KnownError, match=r"captions\.csv, or train\.csv"):
        read_dataset(tmp_path)
    with pytest.raises(KnownError, match="not a folder"):
        read_dataset(tmp_path / "none")


def test_all_images_measured_leaves_nothing_to_train_on(images: Path) -> None:
    write(images.parent, "train.csv", "0.jpg,A")
    write(images.parent, "val.csv", "0.jpg,A")
    with pytest.raises(KnownError, match="no images to train on"):
        read_dataset(images.parent)


def test_a_changed_image_is_looked_at_again(images: Path) -> None:
    write(images.parent, "train.csv", "0.jpg,A", "1.jpg,B")
    write(images.parent, "val.csv", "2.jpg,C")
    before = read_dataset(images.parent)
    make_photo(images / "1.jpg", 77, size=(80, 60))
    after = read_dataset(images.parent)
    assert before.train.hashes[0] == after.train.hashes[0]
    assert before.train.hashes[1] != after.train.hashes[1]


def test_flat_images_are_not_taken_for_each_other(images: Path) -> None:
    for name, grey in (("dark.png", 20), ("light.png", 230)):
        Image.fromarray(np.full((50, 60, 3), grey, np.uint8)).save(images / name)
    write(images.parent, "train.csv", "0.jpg,A", "dark.png,B")
    write(images.parent, "val.csv", "light.png,C")
    assert names(read_dataset(images.parent).train) == ["0.jpg", "dark.png"]
