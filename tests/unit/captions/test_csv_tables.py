from pathlib import Path

import pytest

from photosearch.captions import csv_tables
from photosearch.captions.files import FileIndex
from photosearch.captions.table import CaptionRow
from photosearch.core.errors import KnownError
from tests.helpers.pairs_folder import written_in


def rows(
    folder: Path, text: str, faults: list[KnownError] | None = None, notes: list[str] | None = None
) -> list[CaptionRow]:
    path = folder / "captions.csv"
    path.write_bytes(text.encode())
    heard = [] if notes is None else notes
    if faults is None:
        return list(csv_tables.rows(path, heard))
    return list(csv_tables.rows(path, heard, faults.append))


def pairs(folder: Path, text: str) -> list[tuple[str, str]]:
    return [(row.name, row.caption) for row in rows(folder, text)]


def test_line_ends_quotes_and_repeated_rows(tmp_path: Path) -> None:
    text = (
        "\ufeffFilename, Caption\r\n"
        '1.jpg,"A dog, a ""big"" one"\r\n'
        "\r\n"
        "2.jpg,“A cat, asleep”\r\n"
        "2.jpg,The cat’s ‘nap’\r\n"
        '1.jpg,"A dog, a ""big"" one"\r\n'
    )
    dog = ("1.jpg", 'A dog, a "big" one')
    assert pairs(tmp_path, text) == [dog, ("2.jpg", "A cat, asleep"), ("2.jpg", "The cat’s ‘nap’"), dog]


@pytest.mark.parametrize(
    "text",
    [
        "image,text\nb/1.jpg,A dog\n",
        "File Name;Title\nb/1.jpg;A dog\n",
        "id\tcaption\timage_path\n7\tA dog\tb/1.jpg\n",
        "Description,Photo,Date\nA dog,b/1.jpg,2024-07-14\n",
        "“filename”,“caption”\nb/1.jpg,“A dog”\n",
        "图片,描述\nb/1.jpg,A dog\n",
        "b/1.jpg,A dog\n",
        "7;b/1.jpg;A dog\n",
        "Bild,Text\nb/1.jpg,A dog\n",
        "Datum;Bild;Text\n\n7;b/1.jpg;A dog\n",
        "\n\nfilename,caption\n,\nb/1.jpg,A dog",
    ],
)
def test_columns_are_told_by_their_headings_or_by_what_they_hold(tmp_path: Path, text: str) -> None:
    assert pairs(tmp_path, text) == [("b/1.jpg", "A dog")]


def test_a_description_goes_before_a_title(tmp_path: Path) -> None:
    assert pairs(tmp_path, "title,path,description\nDSC1,1.jpg,A dog\n") == [("1.jpg", "A dog")]


def test_commas_of_a_caption_need_no_quotation_marks_where_it_ends_the_row(tmp_path: Path) -> None:
    notes: list[str] = []
    found = rows(tmp_path, "filename,caption\n1.jpg,A dog , a cat\n2.jpg,A bus\n", notes=notes)
    assert [row.caption for row in found] == ["A dog , a cat", "A bus"]
    assert len(notes) == 1 and str(notes[0]).startswith("1 caption(s) of captions.csv contain commas")
    faults: list[KnownError] = []
    assert not rows(tmp_path, "filename,caption,label\n1.jpg,A dog, a cat,dog\n", faults)
    assert "Line 2 " in str(faults[0]) and "quotation marks" in str(faults[0])


def test_a_label_may_follow(tmp_path: Path) -> None:
    found = rows(tmp_path, "filename,caption,label\n1.jpg,A dog,dog\n2.jpg,“A cat, asleep”,cat\n")
    assert [row.label for row in found] == ["dog", "cat"]


def test_a_row_that_cannot_be_read_costs_no_other(tmp_path: Path) -> None:
    faults: list[KnownError] = []
    text = 'filename,caption\n1.jpg,A dog\nonly one\n,A cat\n2.jpg,"A "bus" here"\n3.jpg,\n4.jpg,"A bird\n'
    found = rows(tmp_path, text, faults)
    assert [(row.name, row.caption) for row in found] == [("1.jpg", "A dog"), ("3.jpg", "")]
    assert [str(fault).split(" of ")[0] for fault in faults] == ["Line 3", "Line 4", "Line 5", "Line 7"]
    assert "not valid CSV" in str(faults[2]) and "not valid CSV" in str(faults[3])
    with pytest.raises(KnownError, match=r"Line 3 of .* is not a filename and a caption"):
        rows(tmp_path, text)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "must name the columns"),
        ("name,age\nAna,7\n", "must name the columns.*'name,age'"),
        ("Dear Ana,\nhere are the photos.\n", "must name the columns"),
        ("filename,caption\n", "no captions"),
    ],
)
def test_tables_of_another_shape_are_refused(tmp_path: Path, text: str, sentence: str) -> None:
    with pytest.raises(KnownError, match=sentence):
        rows(tmp_path, text, [])


def test_a_folder_with_a_train_table(tmp_path: Path) -> None:
    assert csv_tables.read(FileIndex(tmp_path)) is None
    (tmp_path / "captions.csv").write_text("filename,caption\n1.jpg,A\n")
    (tmp_path / "val.csv").write_text("filename,caption\n2.jpg,C\n")
    assert written_in(csv_tables.read(FileIndex(tmp_path))) == [("1.jpg", "A")]
    (tmp_path / "train.csv").write_text("filename,caption\n1.jpg,B\n")
    assert written_in(csv_tables.read(FileIndex(tmp_path))) == [("1.jpg", "B"), ("2.jpg", "C")]
