"""Captions beside photos and in them."""

from pathlib import Path

import pytest
from PIL import Image

from photosearch.core.errors import KnownError
from tests.helpers.pairs_folder import photo_folder, rows_of
from tests.helpers.photos import picture
from trainer.data.folder import read_dataset
from trainer.data.formats import embedded, text_beside
from trainer.data.formats.files import FileIndex


def test_a_text_beside_each_photo(tmp_path: Path) -> None:
    photo_folder(tmp_path, "a/1.jpg", "a/2.png", "b/1.jpg", "alone.jpg")
    (tmp_path / "a" / "1.txt").write_bytes("\ufeffA dog\r\n\r\nIt runs\r\n".encode())
    (tmp_path / "a" / "2.txt").write_text("Une café", encoding="utf-8")
    (tmp_path / "b" / "1.txt").write_text("A cat")
    (tmp_path / "readme.txt").write_text("Nothing to do with a photo")
    listing = text_beside.read(FileIndex(tmp_path))
    assert rows_of(listing) == {
        "all": [("1.jpg", "A dog"), ("1.jpg", "It runs"), ("2.png", "Une café"), ("1.jpg", "A cat")]
    }
    assert listing.notes == ["1 photo(s) have no text beside them and are left out."]
    (tmp_path / "b" / "1.txt").write_bytes("一只狗在沙滩上".encode("gbk"))
    with pytest.raises(KnownError, match="GBK"):
        text_beside.read(FileIndex(tmp_path))


def test_folders_may_tell_the_splits(tmp_path: Path) -> None:
    photo_folder(tmp_path, "train/1.jpg", "Val/2.jpg", "test/3.jpg")
    for path in tmp_path.rglob("*.jpg"):
        path.with_suffix(".txt").write_text("A dog")
    splits = rows_of(text_beside.read(FileIndex(tmp_path)))
    assert {split: rows[0][0] for split, rows in splits.items()} == {
        "train": "1.jpg",
        "val": "2.jpg",
        "test": "3.jpg",
    }


def described(path: Path, seed: int, caption: str | None) -> None:
    exif = Image.Exif()
    if caption is not None:
        exif[0x010E] = caption
    picture(seed).save(path, exif=exif.tobytes())


def test_captions_in_the_photos(tmp_path: Path) -> None:
    for number in range(8):
        described(tmp_path / f"{number}.jpg", number, f"Rusty at place {number}")
    described(tmp_path / "camera.jpg", 90, "OLYMPUS DIGITAL CAMERA")
    described(tmp_path / "plain.jpg", 91, None)
    (tmp_path / "broken.jpg").write_bytes(b"no image")
    found = read_dataset(tmp_path)
    assert found.format == "captions in the photos"
    assert (len(found.train.images), len(found.val.images)) == (6, 2)
    assert found.notes == ["3 photo(s) have no caption in them and are left out."]
    assert embedded.read(FileIndex(photo_folder(tmp_path / "none", "1.jpg"))) is None
