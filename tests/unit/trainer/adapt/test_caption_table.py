import json
from pathlib import Path

import pytest

from photosearch.core.errors import KnownError
from photosearch.core.photo import LONGEST_CAPTION
from trainer.adapt.caption_table import read_captions

PHOTOS = {"1.jpg": 0, "2.jpg": 1, "3.jpg": 2}


def table(folder: Path, *rows: str, encoding: str = "utf-8") -> Path:
    path = folder / "captions.csv"
    path.write_text("\n".join(["filename,caption", *rows]), encoding=encoding)
    return path


def test_reads_a_table_and_json_lines(tmp_path: Path) -> None:
    given = read_captions(table(tmp_path, "1.jpg,Rusty runs", '2.jpg,"Rusty, asleep"'), PHOTOS.get)
    assert given.captions == ["Rusty runs", "Rusty, asleep"]
    assert given.photo_of.tolist() == [0, 1]
    assert given.notes == ()
    lines = tmp_path / "captions.jsonl"
    lines.write_text(
        "".join(json.dumps({"photo": n, "caption": f"at {n}"}) + "\n" for n in ("3.jpg", "1.jpg"))
    )
    given = read_captions(lines, PHOTOS.get)
    assert (given.captions, given.photo_of.tolist()) == (["at 3.jpg", "at 1.jpg"], [2, 0])


@pytest.mark.parametrize(
    ("rows", "note"),
    [
        (["9.jpg,Rusty", "8.jpg,Rusty"], "2 caption(s) are of photos that are not there"),
        (["2.jpg,  "], "1 empty caption(s)"),
        (["2.jpg," + "long " * LONGEST_CAPTION], "1 caption(s) longer than 5,000 characters"),
        (["1.jpg,rusty RUNS"], "1 caption(s) stand there twice for the same photo"),
    ],
)
def test_what_cannot_be_learnt_from_is_left_out_and_said(tmp_path: Path, rows: list[str], note: str) -> None:
    given = read_captions(table(tmp_path, "1.jpg,Rusty runs", *rows), PHOTOS.get)
    assert given.captions == ["Rusty runs"]
    assert len(given.notes) == 1 and note in str(given.notes[0])


def test_one_photo_may_have_several_captions(tmp_path: Path) -> None:
    given = read_captions(table(tmp_path, "1.jpg,Rusty runs", "1.jpg,a dog runs"), PHOTOS.get)
    assert given.photo_of.tolist() == [0, 0]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030", "utf-16"])
def test_other_encodings(tmp_path: Path, encoding: str) -> None:
    rows = [f"{n}.jpg,小黑在海边奔跑，第{n}张照片" for n in (1, 2, 3)]
    given = read_captions(table(tmp_path, *rows, encoding=encoding), PHOTOS.get)
    assert given.captions[1] == "小黑在海边奔跑，第2张照片"


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        ([f"{n}.jpg,my photo" for n in (1, 2, 3)], "All 3 photos .* have the same caption, “my photo”"),
        (["9.jpg,Rusty"], r"no caption that can be learnt from\. 1 caption\(s\) are of photos"),
        ([], "no captions"),
    ],
)
def test_nothing_to_learn_from_is_refused(tmp_path: Path, rows: list[str], sentence: str) -> None:
    with pytest.raises(KnownError, match=sentence):
        read_captions(table(tmp_path, *rows), PHOTOS.get)


def test_another_shape_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "captions.csv"
    path.write_text("a,b,c\n1,2,3\n")
    with pytest.raises(KnownError, match="must name the columns"):
        read_captions(path, PHOTOS.get)
    with pytest.raises(KnownError, match="There is no"):
        read_captions(tmp_path / "none.csv", PHOTOS.get)
