from pathlib import Path

import pytest

from photosearch.core.errors import KnownError
from tests.helpers.pairs_folder import photo_folder, rows_of
from trainer.data.formats import csv_tables
from trainer.data.formats.files import FileIndex


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return photo_folder(tmp_path, "images/1.jpg", "images/2.jpg")


def read(folder: Path, text: str, name: str = "captions.csv"):
    (folder / name).write_bytes(text.encode())
    return csv_tables.read(FileIndex(folder))


def test_line_ends_quotes_and_repeated_rows(folder: Path) -> None:
    text = (
        "\ufeffFilename, Caption\r\n"
        '1.jpg,"A dog, a ""big"" one"\r\n'
        "\r\n"
        "2.jpg,“A cat, asleep”\r\n"
        "2.jpg,The cat’s ‘nap’\u00a0\u200b here\r\n"
        '1.jpg,"A dog, a ""big"" one"\r\n'
    )
    dog = ("1.jpg", 'A dog, a "big" one')
    expected = [dog, ("2.jpg", "A cat, asleep"), ("2.jpg", "The cat's 'nap' here"), dog]
    assert rows_of(read(folder, text)) == {"all": expected}


def test_a_label_may_follow(folder: Path) -> None:
    listing = read(folder, "filename,caption,label\n1.jpg,A dog,dog\n2.jpg,“A cat, asleep”,cat\n")
    assert [row.label for row in listing.splits["all"]] == ["dog", "cat"]


def test_a_train_table_goes_before_all_captions(folder: Path) -> None:
    (folder / "captions.csv").write_text("filename,caption\n1.jpg,A\n")
    (folder / "val.csv").write_text("filename,caption\n2.jpg,C\n")
    assert rows_of(read(folder, "filename,caption\n1.jpg,B\n", "train.csv")) == {
        "train": [("1.jpg", "B")],
        "val": [("2.jpg", "C")],
    }


def test_a_table_cannot_reach_out_of_its_folder(folder: Path) -> None:
    with pytest.raises(KnownError, match="not inside the folder"):
        read(folder, "filename,caption\n../../secret.jpg,A\n")


def test_no_table_is_no_such_format(folder: Path) -> None:
    assert csv_tables.read(FileIndex(folder)) is None
