"""Tables of captions with their images and splits."""

import json
from pathlib import Path

import pytest

from photosearch.captions import csv_tables, jsonl
from photosearch.captions.files import FileIndex
from photosearch.core.errors import KnownError
from tests.helpers.pairs_folder import photo_folder, rows_of
from trainer.data.dataset import read_listing
from trainer.data.formats.tables import listing_of


def test_captions_are_tidied_and_empty_ones_noted(tmp_path: Path) -> None:
    photo_folder(tmp_path, "images/1.jpg", "images/2.jpg")
    (tmp_path / "captions.csv").write_text(
        "filename,caption\n1.jpg,The cat’s ‘nap’\u00a0\u200b  here\n2.jpg, \n", encoding="utf-8"
    )
    listing = read_listing(tmp_path)
    assert rows_of(listing) == {"all": [("1.jpg", "The cat's 'nap' here")]}
    assert listing.empty == [str(tmp_path / "images" / "2.jpg")]


def test_a_train_table_goes_before_all_captions(tmp_path: Path) -> None:
    photo_folder(tmp_path, "1.jpg", "2.jpg")
    (tmp_path / "captions.csv").write_text("filename,caption\n1.jpg,A\n")
    (tmp_path / "train.csv").write_text("filename,caption\n1.jpg,B\n")
    (tmp_path / "val.csv").write_text("filename,caption\n2.jpg,C\n")
    assert rows_of(read_listing(tmp_path)) == {"train": [("1.jpg", "B")], "val": [("2.jpg", "C")]}


def test_parts_with_a_table_each_may_use_the_same_names(tmp_path: Path) -> None:
    photo_folder(tmp_path, "train/images/1.jpg", "train/images/2.jpg", "valid/images/1.jpg")
    (tmp_path / "train" / "captions.csv").write_text("filename,caption\n1.jpg,A\nimages/2.jpg,B\n")
    (tmp_path / "valid" / "captions.csv").write_text("filename,caption\n1.jpg,C\n2.jpg,D\n")
    listing = read_listing(tmp_path)
    assert rows_of(listing) == {"train": [("1.jpg", "A"), ("2.jpg", "B")], "val": [("1.jpg", "C")]}
    assert listing.splits["val"][0].image == tmp_path / "valid" / "images" / "1.jpg"
    assert listing.missing == ["valid/images/2.jpg"]  # and not that of train


def test_a_table_cannot_reach_out_of_its_folder(tmp_path: Path) -> None:
    folder = photo_folder(tmp_path / "data", "1.jpg")
    photo_folder(tmp_path, "secret.jpg")
    for name in ("../secret.jpg", "/secret.jpg"):
        (folder / "captions.csv").write_text(f"filename,caption\n{name},A\n")
        (folder / "a.jsonl").write_text(json.dumps({"image": name, "caption": "A"}))
        files = FileIndex(folder)
        for table in (csv_tables.read(files), jsonl.read(files)):
            assert table is not None
            with pytest.raises(KnownError, match="not inside the folder"):
                listing_of(table, files)


def test_images_of_coco_lie_in_its_folders_and_missing_ones_are_noted(tmp_path: Path) -> None:
    photo_folder(tmp_path, "train2017/1.jpg", "val2017/1.jpg")
    for split in ("train", "val"):
        table = {
            "images": [{"id": 1, "file_name": "1.jpg"}, {"id": 2, "file_name": "lost.jpg"}],
            "annotations": [{"image_id": n, "caption": f"A {split}"} for n in (1, 2)],
        }
        (tmp_path / f"captions_{split}2017.json").write_text(json.dumps(table))
    listing = read_listing(tmp_path)
    assert rows_of(listing) == {"train": [("1.jpg", "A train")], "val": [("1.jpg", "A val")]}
    assert listing.splits["val"][0].image == tmp_path / "val2017" / "1.jpg"
    assert listing.missing == ["lost.jpg"]


def test_images_in_none_of_the_official_lists_are_left_out(tmp_path: Path) -> None:
    photo_folder(tmp_path, *(f"Flicker8k_Dataset/{n}.jpg" for n in "1234"))
    (tmp_path / "Flickr8k.token.txt").write_text("\n".join(f"{n}.jpg#0\tA dog" for n in "1234"))
    for name, number in (("train", "1"), ("dev", "2"), ("test", "3")):
        (tmp_path / f"Flickr_8k.{name}Images.txt").write_text(f"{number}.jpg\n")
    listing = read_listing(tmp_path)
    assert {split: len(rows) for split, rows in listing.splits.items()} == {"train": 1, "val": 1, "test": 1}
    assert list(map(str, listing.notes)) == ["1 image(s) are in none of the three lists and are left out."]


def test_names_in_json_lines_go_from_their_folder_or_the_whole_and_tell_splits(tmp_path: Path) -> None:
    photo_folder(tmp_path, "train/1.jpg", "validation/1.jpg", "images/3.jpg")
    for split, caption in (("train", "A dog"), ("validation", "A cat")):
        line = json.dumps({"file_name": "1.jpg", "text": caption})
        other = json.dumps({"file_name": "images/3.jpg", "text": "A bus"})
        (tmp_path / split / "metadata.jsonl").write_text(f"{line}\n{other}")
    assert rows_of(read_listing(tmp_path)) == {
        "train": [("1.jpg", "A dog"), ("3.jpg", "A bus")],
        "val": [("1.jpg", "A cat"), ("3.jpg", "A bus")],
    }


def test_karpathys_splits_go_before_other_tables(tmp_path: Path) -> None:
    photo_folder(tmp_path, "Images/1.jpg")
    image = {"filename": "1.jpg", "split": "train", "sentences": [{"raw": "A dog"}]}
    (tmp_path / "dataset_flickr8k.json").write_text(json.dumps({"images": [image]}))
    (tmp_path / "captions.txt").write_text("image,caption\n1.jpg,A dog\n")
    assert read_listing(tmp_path).format == "Karpathy's dataset_flickr8k.json"
