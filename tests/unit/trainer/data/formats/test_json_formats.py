"""Karpathy's splits, COCO's captions and JSON lines."""

import json
from pathlib import Path

import pytest

from photosearch.core.errors import KnownError
from tests.helpers.pairs_folder import photo_folder, rows_of
from trainer.data.folder import read_listing
from trainer.data.formats import coco, jsonl, karpathy
from trainer.data.formats.files import FileIndex


def test_karpathy_restval_trains(tmp_path: Path) -> None:
    names = ["train2014/1.jpg", "val2014/1.jpg", "val2014/3.jpg", "val2014/4.jpg"]
    splits = ["train", "restval", "val", "test"]
    images = [
        {
            "filepath": name.split("/")[0],
            "filename": name.split("/")[1],
            "split": split,
            "sentences": [{"raw": f"A {split}", "tokens": ["a"], "imgid": 0}],
            "cocoid": 7,
        }
        for name, split in zip(names, splits, strict=True)
    ]
    (tmp_path / "dataset_coco.json").write_text(json.dumps({"images": images, "dataset": "coco"}))
    listing = karpathy.read(FileIndex(photo_folder(tmp_path, *names)))
    assert rows_of(listing) == {
        "train": [("1.jpg", "A train"), ("1.jpg", "A restval")],
        "val": [("3.jpg", "A val")],
        "test": [("4.jpg", "A test")],
    }
    assert [row.image.parent.name for row in listing.splits["train"]] == ["train2014", "val2014"]


def test_karpathy_of_flickr_has_no_folders_and_goes_before_other_tables(tmp_path: Path) -> None:
    photo_folder(tmp_path, "Images/1.jpg")
    image = {"filename": "1.jpg", "split": "train", "sentences": [{"raw": "A dog"}]}
    (tmp_path / "dataset_flickr8k.json").write_text(json.dumps({"images": [image]}))
    (tmp_path / "captions.txt").write_text("image,caption\n1.jpg,A dog\n")
    assert read_listing(tmp_path).format == "Karpathy's dataset_flickr8k.json"


def coco_table(folder: Path, name: str, rows: dict[str, list[str]]) -> None:
    images = [{"id": n, "file_name": file, "height": 1} for n, file in enumerate(rows)]
    captions = [{"image_id": n, "id": 0, "caption": c} for n, cs in enumerate(rows.values()) for c in cs]
    (folder / "annotations").mkdir(exist_ok=True)
    table = {"info": {}, "images": images, "annotations": captions}
    (folder / "annotations" / name).write_text(json.dumps(table))


def test_coco_captions_and_their_folders(tmp_path: Path) -> None:
    photo_folder(tmp_path, "train2017/1.jpg", "train2017/2.jpg", "val2017/1.jpg")
    coco_table(tmp_path, "captions_train2017.json", {"1.jpg": ["A dog\n", "A cat"], "2.jpg": ["A bus"]})
    coco_table(tmp_path, "captions_val2017.json", {"1.jpg": ["A man"], "lost.jpg": ["Nothing"]})
    coco_table(tmp_path, "captions_val2014.json", {"1.jpg": ["Not this"]})
    listing = coco.read(FileIndex(tmp_path))
    assert rows_of(listing) == {
        "train": [("1.jpg", "A dog"), ("1.jpg", "A cat"), ("2.jpg", "A bus")],
        "val": [("1.jpg", "A man")],
    }
    assert listing.splits["val"][0].image.parent.name == "val2017"
    assert listing.missing == ["lost.jpg"]


def test_coco_of_another_shape_is_refused(tmp_path: Path) -> None:
    table = {"images": [], "annotations": [{"image_id": 3, "caption": "A dog"}]}
    (tmp_path / "captions_train2017.json").write_text(json.dumps(table))
    with pytest.raises(KnownError, match="image 3"):
        coco.read(FileIndex(tmp_path))
    (tmp_path / "captions_train2017.json").write_text('{"images": 3}')
    with pytest.raises(KnownError, match="not as it must be"):
        coco.read(FileIndex(tmp_path))


def test_json_lines_in_their_dialects(tmp_path: Path) -> None:
    photo_folder(tmp_path, "images/1.jpg", "images/2.jpg", "images/3.jpg")
    lines = [
        {"image": "1.jpg", "caption": "A dog", "label": 3},
        {"filename": "2.jpg", "captions": ["A cat", "It sleeps"]},
        {"file_name": "images/3.jpg", "text": "A bus", "width": 3},
    ]
    (tmp_path / "all.jsonl").write_bytes("\r\n".join(map(json.dumps, lines)).encode("utf-8-sig") + b"\n\n")
    listing = jsonl.read(FileIndex(tmp_path))
    assert rows_of(listing) == {
        "all": [("1.jpg", "A dog"), ("2.jpg", "A cat"), ("2.jpg", "It sleeps"), ("3.jpg", "A bus")]
    }
    assert [row.label for row in listing.splits["all"]] == ["3", "", "", ""]


def test_json_lines_in_folders_of_splits(tmp_path: Path) -> None:
    photo_folder(tmp_path, "train/1.jpg", "validation/1.jpg")
    for split, caption in (("train", "A dog"), ("validation", "A cat")):
        (tmp_path / split / "metadata.jsonl").write_text(json.dumps({"file_name": "1.jpg", "text": caption}))
    assert rows_of(jsonl.read(FileIndex(tmp_path))) == {
        "train": [("1.jpg", "A dog")],
        "val": [("1.jpg", "A cat")],
    }


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ('{"image": "1.jpg"}', "Line 2 .* must have"),
        ('{"caption": "A dog"}', "Line 2 .* must have"),
        ("{", "Line 2 .* not as it must be"),
        ('{"image": 3, "caption": "A"}', "Line 2 .* not as it must be"),
        ('{"image": "../../1.jpg", "caption": "A"}', "not inside the folder"),
        ('{"image": "/1.jpg", "caption": "A"}', "not inside the folder"),
    ],
)
def test_wrong_lines_are_named(tmp_path: Path, line: str, sentence: str) -> None:
    photo_folder(tmp_path, "1.jpg")
    (tmp_path / "a.jsonl").write_text('{"image": "1.jpg", "caption": "A dog"}\n' + line)
    with pytest.raises(KnownError, match=sentence):
        jsonl.read(FileIndex(tmp_path))
