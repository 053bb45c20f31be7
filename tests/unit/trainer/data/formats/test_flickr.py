from pathlib import Path

import pytest

from photosearch.core.errors import KnownError
from tests.helpers.pairs_folder import photo_folder, rows_of
from trainer.data.formats import flickr
from trainer.data.formats.files import FileIndex


def read(folder: Path):
    return flickr.read(FileIndex(folder))


def test_captions_txt_has_commas_of_its_own(tmp_path: Path) -> None:
    photo_folder(tmp_path, "Images/1_a.jpg", "Images/2_b.JPG")
    lines = [
        "image,caption",
        "1_a.jpg,A dog , a cat , and a bird .",
        '2_b.JPG,"Two men, one called ""Bo"" , run"',
        '1_a.jpg,"Hello" says a sign',
        "1_a.jpg,A screen shows 2_b.jpg, it seems",
    ]
    (tmp_path / "captions.txt").write_bytes("\r\n".join(lines).encode("utf-8-sig"))
    assert rows_of(read(tmp_path)) == {
        "all": [
            ("1_a.jpg", "A dog , a cat , and a bird ."),
            ("2_b.JPG", 'Two men, one called "Bo" , run'),
            ("1_a.jpg", '"Hello" says a sign'),
            ("1_a.jpg", "A screen shows 2_b.jpg, it seems"),
        ]
    }


def test_token_file_with_its_three_lists(tmp_path: Path) -> None:
    photo_folder(tmp_path, *(f"Flicker8k_Dataset/{n}.jpg" for n in "1234"))
    text = tmp_path / "Flickr8k_text"
    text.mkdir()
    rows = [f"{n}.jpg#{k}\tCaption {k} of {n}, really ." for n in "1234" for k in range(2)]
    rows.append("2258277193_586949ec62.jpg.1#0\tA picture that was never handed out")
    (text / "Flickr8k.token.txt").write_text("\n".join(rows))
    for name, number in (("train", "1"), ("dev", "2"), ("test", "3")):
        (text / f"Flickr_8k.{name}Images.txt").write_text(f"{number}.jpg\n")
    listing = read(tmp_path)
    assert {split: len(rows) for split, rows in listing.splits.items()} == {"train": 2, "val": 2, "test": 2}
    assert rows_of(listing)["val"][1] == ("2.jpg", "Caption 1 of 2, really .")
    assert listing.notes == ["1 image(s) are in none of the three lists and are left out."]
    assert listing.missing == []


def test_flickr30k_results_with_the_broken_row(tmp_path: Path) -> None:
    photo_folder(tmp_path, "flickr30k_images/1000092795.jpg", "flickr30k_images/2199200615.jpg")
    rows = [
        "image_name| comment_number| comment",
        "1000092795.jpg| 0| Two young guys , with shaggy hair | look at their hands .",
        "2199200615.jpg| 3| A dog runs .",
        "2199200615.jpg| 4   A dog runs across the grass .",
    ]
    (tmp_path / "results.csv").write_text("\n".join(rows) + "\n")
    listing = read(tmp_path)
    assert rows_of(listing)["all"] == [
        ("1000092795.jpg", "Two young guys , with shaggy hair | look at their hands ."),
        ("2199200615.jpg", "A dog runs ."),
        ("2199200615.jpg", "A dog runs across the grass ."),
    ]
    assert len(listing.notes) == 1 and "2199200615.jpg" in listing.notes[0]


def test_flickr30k_token_and_numbered_captions(tmp_path: Path) -> None:
    photo_folder(tmp_path, "1.jpg")
    (tmp_path / "results_20130124.token").write_text("1.jpg#0\tA man\n1.jpg#1\tA woman\n")
    assert rows_of(read(tmp_path))["all"] == [("1.jpg", "A man"), ("1.jpg", "A woman")]
    (tmp_path / "captions.txt").write_text("image_name,comment_number,comment\n1.jpg, 0, A man, tall\n")
    assert rows_of(read(tmp_path))["all"] == [("1.jpg", "A man, tall")]


def test_a_line_of_no_image_is_named(tmp_path: Path) -> None:
    (tmp_path / "captions.txt").write_text("image,caption\n1.jpg,A man\nnothing at all\n")
    with pytest.raises(KnownError, match=r"Line 3 of .*'nothing at all'"):
        read(photo_folder(tmp_path, "1.jpg"))


def test_no_table_is_no_such_format(tmp_path: Path) -> None:
    assert read(photo_folder(tmp_path, "1.jpg")) is None
