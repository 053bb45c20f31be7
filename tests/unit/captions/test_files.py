import unicodedata
from pathlib import Path

import pytest

from photosearch.captions.files import FileIndex
from photosearch.core.errors import KnownError
from tests.helpers.pairs_folder import photo_folder


def test_a_name_finds_its_file_wherever_it_lies(tmp_path: Path) -> None:
    photo_folder(
        tmp_path, "top.jpg", "images/1.jpg", "deep/er/2.jpg", "Flickr8k_Dataset/3.jpg", "thumbs/3.jpg"
    )
    files = FileIndex(tmp_path)
    for name, place in {
        "top.jpg": "top.jpg",
        "1.jpg": "images/1.jpg",
        "images/1.jpg": "images/1.jpg",
        "images\\1.jpg": "images/1.jpg",
        "2.jpg": "deep/er/2.jpg",
        "er/2.jpg": "deep/er/2.jpg",
        "3.jpg": "Flickr8k_Dataset/3.jpg",  # a folder of photos goes before others of its depth
    }.items():
        assert files.find(name) == tmp_path / place
    assert files.find("none.jpg") is None
    assert files.find("deep/1.jpg") is None


def test_the_same_base_name_in_two_folders(tmp_path: Path) -> None:
    photo_folder(tmp_path, "a/1.jpg", "b/1.jpg", "images/x/2.jpg", "images/2.jpg")
    files = FileIndex(tmp_path)
    assert files.find("a/1.jpg") == tmp_path / "a" / "1.jpg"
    assert files.find("b/1.jpg") == tmp_path / "b" / "1.jpg"
    assert files.find("2.jpg") == tmp_path / "images" / "2.jpg"
    with pytest.raises(KnownError, match=r"'1\.jpg' may be a.1\.jpg or b.1\.jpg"):
        files.find("1.jpg")


@pytest.mark.parametrize(
    "name", ["../x.jpg", "a/../../x.jpg", "/etc/x.jpg", "C:\\x.jpg", "..\\x.jpg", "\\\\server\\x.jpg", ""]
)
def test_names_that_lead_out_are_refused(tmp_path: Path, name: str) -> None:
    folder = photo_folder(tmp_path / "data", "1.jpg")
    photo_folder(tmp_path, "x.jpg")
    with pytest.raises(KnownError, match="not inside the folder"):
        FileIndex(folder).find(name)


@pytest.mark.parametrize("name", ["a..b.jpg", "x" * 5000, "nul\0.jpg", "..."])
def test_odd_names_are_only_missing(tmp_path: Path, name: str) -> None:
    assert FileIndex(tmp_path).find(name) is None


def test_accents_may_be_written_in_two_ways(tmp_path: Path) -> None:
    photo_folder(tmp_path, unicodedata.normalize("NFD", "café/né.jpg"), "пляж/海.png")
    files = FileIndex(tmp_path)
    assert files.find(unicodedata.normalize("NFC", "café/né.jpg")) is not None
    assert files.find("пляж/海.png") == tmp_path / "пляж" / "海.png"


def test_links_to_folders_are_followed_and_never_in_circles(tmp_path: Path) -> None:
    photo_folder(tmp_path / "elsewhere", "1.jpg")
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "images").symlink_to(tmp_path / "elsewhere", target_is_directory=True)
    (tmp_path / "elsewhere" / "back").symlink_to(folder, target_is_directory=True)
    assert FileIndex(folder).find("1.jpg") == folder / "images" / "1.jpg"
