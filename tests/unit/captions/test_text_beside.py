from pathlib import Path

from photosearch.captions import text_beside
from photosearch.captions.files import FileIndex
from photosearch.core.errors import KnownError
from tests.helpers.pairs_folder import photo_folder, written_in


def test_each_line_is_a_caption_of_the_photo_of_that_name(tmp_path: Path) -> None:
    photo_folder(tmp_path, "a/1.jpg", "a/2.png", "b/1.jpg", "alone.jpg")
    (tmp_path / "a" / "1.txt").write_bytes("\ufeffA dog\r\n\r\nIt runs\r\n".encode())
    (tmp_path / "a" / "2.txt").write_text("Une café", encoding="utf-8")
    (tmp_path / "b" / "1.txt").write_bytes("一只狗在沙滩上".encode("gbk"))
    (tmp_path / "readme.txt").write_text("Nothing to do with a photo")
    table = text_beside.read(FileIndex(tmp_path))
    assert written_in(table) == [
        ("a/1.jpg", "A dog"),
        ("a/1.jpg", "It runs"),
        ("a/2.png", "Une café"),
        ("b/1.jpg", "一只狗在沙滩上"),
    ]
    assert table is not None
    alone, guessed = map(str, table.notes)
    assert alone == "1 photo(s) have no text beside them and are left out."
    assert "GBK" in guessed


def test_a_file_that_is_no_text_costs_no_other(tmp_path: Path) -> None:
    photo_folder(tmp_path, "1.jpg", "2.jpg")
    (tmp_path / "1.txt").write_bytes(b"\0\1\0\2" * 9)
    (tmp_path / "2.txt").write_text("A dog")
    faults: list[KnownError] = []
    assert written_in(text_beside.read(FileIndex(tmp_path), faults.append)) == [("2.jpg", "A dog")]
    assert len(faults) == 1 and "1.txt is not text" in str(faults[0])


def test_photos_alone_are_no_such_format(tmp_path: Path) -> None:
    assert text_beside.read(FileIndex(photo_folder(tmp_path, "1.jpg"))) is None
