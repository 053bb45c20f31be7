from pathlib import Path

import pytest

from photosearch.captions import flickr
from photosearch.captions.files import FileIndex
from photosearch.captions.table import UNLISTED, Table
from photosearch.core.errors import KnownError
from tests.helpers.pairs_folder import written_in


def read(folder: Path) -> Table:
    table = flickr.read(FileIndex(folder))
    assert table is not None
    return table


def test_captions_txt_has_commas_of_its_own(tmp_path: Path) -> None:
    lines = [
        "image,caption",
        "1_a.jpg,A dog , a cat , and a bird .",
        '2_b.JPG,"Two men, one called ""Bo"" , run"',
        '1_a.jpg,"Hello" says a sign',
        "1_a.jpg,A screen shows 2_b.jpg, it seems",
    ]
    (tmp_path / "captions.txt").write_bytes("\r\n".join(lines).encode("utf-8-sig"))
    assert written_in(read(tmp_path)) == [
        ("1_a.jpg", "A dog , a cat , and a bird ."),
        ("2_b.JPG", 'Two men, one called "Bo" , run'),
        ("1_a.jpg", '"Hello" says a sign'),
        ("1_a.jpg", "A screen shows 2_b.jpg, it seems"),
    ]


def test_token_file_with_its_three_lists(tmp_path: Path) -> None:
    text = tmp_path / "Flickr8k_text"
    text.mkdir()
    rows = [f"{n}.jpg#{k}\tCaption {k} of {n}, really ." for n in "1234" for k in range(2)]
    rows.append("2258277193_586949ec62.jpg.1#0\tA picture that was never handed out")
    (text / "Flickr8k.token.txt").write_text("\n".join(rows))
    for name, number in (("train", "1"), ("dev", "2"), ("test", "3")):
        (text / f"Flickr_8k.{name}Images.txt").write_text(f"{number}.jpg\n")
    found = list(read(tmp_path).rows)
    assert [row.split for row in found[::2]] == ["train", "val", "test", UNLISTED]
    assert (found[3].name, found[3].caption) == ("2.jpg", "Caption 1 of 2, really .")
    assert len(found) == 8


def test_flickr30k_results_with_the_broken_row(tmp_path: Path) -> None:
    rows = [
        "image_name| comment_number| comment",
        "1000092795.jpg| 0| Two young guys , with shaggy hair | look at their hands .",
        "2199200615.jpg| 3| A dog runs .",
        "2199200615.jpg| 4   A dog runs across the grass .",
    ]
    (tmp_path / "results.csv").write_text("\n".join(rows) + "\n")
    table = read(tmp_path)
    assert written_in(table) == [
        ("1000092795.jpg", "Two young guys , with shaggy hair | look at their hands ."),
        ("2199200615.jpg", "A dog runs ."),
        ("2199200615.jpg", "A dog runs across the grass ."),
    ]
    (note,) = map(str, table.notes)
    assert note.startswith("1 ") and "2199200615.jpg" in note


def test_flickr30k_token_and_numbered_captions(tmp_path: Path) -> None:
    (tmp_path / "results_20130124.token").write_text("1.jpg#0\tA man\n1.jpg#1\tA woman\n")
    assert written_in(read(tmp_path)) == [("1.jpg", "A man"), ("1.jpg", "A woman")]
    (tmp_path / "captions.txt").write_text("image_name,comment_number,comment\n1.jpg, 0, A man, tall\n")
    assert written_in(read(tmp_path)) == [("1.jpg", "A man, tall")]


def test_a_table_under_another_name_is_told_by_its_first_line(tmp_path: Path) -> None:
    path = tmp_path / "mine.txt"
    for text in ("1.jpg#0\tA man, tall\n", "image_name| comment_number| comment\n1.jpg| 0| A man, tall\n"):
        path.write_text(text)
        assert [(row.name, row.caption.strip()) for row in flickr.rows(path, [])] == [
            ("1.jpg", "A man, tall")
        ]


def test_a_line_of_no_image_is_named(tmp_path: Path) -> None:
    (tmp_path / "captions.txt").write_text("image,caption\n1.jpg,A man\nnothing at all\n2.jpg,A dog\n")
    with pytest.raises(KnownError, match=r"Line 3 of .*'nothing at all'"):
        list(read(tmp_path).rows)
    faults: list[KnownError] = []
    table = flickr.read(FileIndex(tmp_path), faults.append)
    assert written_in(table) == [("1.jpg", "A man"), ("2.jpg", "A dog")]
    assert len(faults) == 1


def test_no_table_is_no_such_format(tmp_path: Path) -> None:
    assert flickr.read(FileIndex(tmp_path)) is None
