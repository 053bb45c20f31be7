"""Captions beside photos and in them."""

from pathlib import Path

from PIL import Image

from photosearch.captions.files import FileIndex
from tests.helpers.pairs_folder import photo_folder, rows_of
from tests.helpers.photos import picture
from trainer.data.dataset import read_dataset, read_listing
from trainer.data.formats import embedded


def test_folders_may_tell_the_splits(tmp_path: Path) -> None:
    photo_folder(tmp_path, "train/1.jpg", "Val/2.jpg", "test/3.jpg")
    for path in tmp_path.rglob("*.jpg"):
        path.with_suffix(".txt").write_text("A dog")
    splits = rows_of(read_listing(tmp_path))
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
    listing = read_listing(tmp_path)
    assert listing.format == "captions in the photos"
    assert list(map(str, listing.notes)) == ["3 photo(s) have no caption in them and are left out."]
    found = read_dataset(tmp_path)
    assert (len(found.train.images), len(found.val.images)) == (6, 2)
    assert embedded.read(FileIndex(photo_folder(tmp_path / "none", "1.jpg"))) is None
