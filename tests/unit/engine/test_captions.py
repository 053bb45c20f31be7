"""Captions taken in from files and written to one, each way in which they come."""

import csv
import json
import os
import sys
import tempfile
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from photosearch.core import note_messages
from photosearch.core.errors import KnownError
from photosearch.engine import caption_import
from tests.helpers.indexed import Indexed, made


@pytest.fixture
def indexed(tmp_path: Path) -> Iterator[Indexed]:
    indexed = made(tmp_path)
    indexed.add("beach/1.jpg", "lake/1.jpg", "2.jpg")
    with indexed.writer:
        yield indexed


def table(path: Path, *rows: str, header: str = "filename,caption", encoding: str = "utf-8") -> Path:
    path.parent.mkdir(exist_ok=True)
    path.write_bytes("\n".join([header, *rows, ""]).encode(encoding))
    return path


def told(reply: note_messages.CaptionsImported) -> tuple[str, ...]:
    return tuple(map(str, reply.problems))


def counts(reply: note_messages.CaptionsImported) -> tuple[int, int, int, int]:
    return reply.new, reply.repeated, reply.skipped_no_photo, reply.ambiguous


def test_an_old_exported_set_finds_its_photos_by_what_they_hold(indexed: Indexed, tmp_path: Path) -> None:
    old = tmp_path / "old"
    (old / "images").mkdir(parents=True)
    for name, photo in (("x.jpg", "beach/1.jpg"), ("y.jpg", "lake/1.jpg"), ("1.jpg", "2.jpg")):
        (old / "images" / name).write_bytes((indexed.folder / photo).read_bytes())
    table(old / "captions.csv", "x.jpg,Rusty at Pelican Cove", "y.jpg,A lake", 'images/1.jpg,"Two, and more"')
    expected = [
        ("beach/1.jpg", "Rusty at Pelican Cove"),
        ("lake/1.jpg", "A lake"),
        ("2.jpg", "Two, and more"),
    ]
    assert counts(indexed.take(old, dry_run=True)) == (3, 0, 0, 0)
    assert (indexed.shown(), indexed.told) == ([], [])
    reply = indexed.take(old)
    assert (counts(reply), reply.photos, reply.problems) == ((3, 0, 0, 0), 3, ())
    assert indexed.shown() == expected
    assert indexed.told == [note_messages.NotesChanged(tuple(indexed.id_of(name) for name, _ in expected))]
    for path in (old, old / "captions.csv"):
        assert counts(indexed.take(path)) == (0, 3, 0, 0)
    assert indexed.shown() == expected and len(indexed.told) == 1


def test_a_table_far_from_its_photos_finds_them_by_the_ends_of_paths(
    indexed: Indexed, tmp_path: Path
) -> None:
    rows = [
        "beach/1.jpg,A beach",
        "C:\\Users\\ana\\lake\\1.JPG,A lake",
        "2.jpg,Two",
        f"{indexed.folder / '2.jpg'},Two again",
        "2.jpg,Two",
        "1.jpg,Which?",
        "3.jpg,Nowhere",
        "holiday/2.jpg,Elsewhere",
        "../2.jpg,Outside",
    ]
    reply = indexed.take(table(tmp_path / "far" / "mine.csv", *rows))
    assert counts(reply) == (5, 1, 2, 1)
    assert indexed.shown() == [
        ("beach/1.jpg", "A beach"),
        ("lake/1.jpg", "A lake"),
        ("2.jpg", "Two"),
        ("2.jpg", "Two again"),
        ("2.jpg", "Elsewhere"),
    ]
    lost, unclear, outside, elsewhere = told(reply)
    assert "not in the library: 1, such as of 3.jpg" in lost
    assert "1.jpg (" in unclear and "beach" in unclear and "lake" in unclear
    assert "outside the table's folder: 1, such as of ../2.jpg" in outside
    assert "another folder than the table says: 1, such as of holiday/2.jpg" in elsewhere


def test_what_lies_beside_a_table_is_never_taken_for_another_photo(indexed: Indexed, tmp_path: Path) -> None:
    (tmp_path / "2.jpg").write_bytes(b"another picture of that name")
    reply = indexed.take(table(tmp_path / "mine.csv", "2.jpg,Two"))
    assert counts(reply) == (0, 0, 1, 0)
    assert str(tmp_path / "2.jpg") in told(reply)[0] and "index that folder" in told(reply)[0]
    (indexed.folder / "2.jpg").write_bytes(b"it has changed, and is not indexed again yet")
    assert counts(indexed.take(table(indexed.folder / "captions.csv", "2.jpg,Two"))) == (0, 0, 1, 0)


def test_odd_names_of_photos_find_nothing(indexed: Indexed, tmp_path: Path) -> None:
    names = [".", "/", "x" * 5000, "nul\0.jpg", "C:", "lake/..", "\u202e.jpg"]
    images = [
        {"filename": name, "filepath": folder, "split": "val", "sentences": [{"raw": "Odd"}]}
        for name in (*names, "")
        for folder in ("", "lake", "..")
    ]
    (tmp_path / "dataset.json").write_text(json.dumps({"images": images}))
    assert counts(indexed.take(tmp_path / "dataset.json")) == (0, 0, 24, 0)


def test_two_of_a_name_below_a_folder_are_not_clear(indexed: Indexed) -> None:
    table(indexed.folder / "captions.csv", "1.jpg,Which?", "beach/1.jpg,A beach")
    reply = indexed.take(indexed.folder)
    assert counts(reply) == (1, 0, 0, 1)
    assert "such as of 1.jpg;" in told(reply)[0]


KARPATHY = {
    "images": [{"filename": "1.jpg", "filepath": "lake", "split": "test", "sentences": [{"raw": "Ein Café"}]}]
}
COCO = {
    "images": [{"id": 7, "file_name": "lake/1.jpg"}],
    "annotations": [{"image_id": 7, "caption": "Ein Café"}],
}


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("mine.csv", "filename,caption\nlake/1.jpg,Ein Café\n".encode("utf-8-sig")),
        ("mine.csv", "filename,caption\nlake/1.jpg,Ein Café\n".encode("utf-16")),
        ("mine.csv", "filename,caption\nlake/1.jpg,Ein Café\n".encode("cp1252")),
        ("mine.tsv", "description\tphoto\nEin Café\tlake/1.jpg\n".encode()),
        ("excel.csv", "Datum;Bild;Text\r\n2024;lake/1.jpg;“Ein Café”\r\n".encode()),
        ("captions.txt", "image,caption\nlake/1.jpg,Ein Café\n".encode()),
        ("results.csv", "image_name| comment_number| comment\nlake/1.jpg| 0| Ein Café\n".encode()),
        ("my.token", "lake/1.jpg#0\tEin Café\n".encode()),
        ("-", '{"image": "lake/1.jpg", "caption": "Ein Café"}\n'.encode()),
        ("mine.jsonl", json.dumps({"filename": "lake/1.jpg", "captions": ["Ein Café"]}).encode()),
        ("dataset.json", json.dumps(KARPATHY, indent=1).encode()),
        ("captions_val2017.json", json.dumps(COCO).encode()),
    ],
)
def test_every_format(indexed: Indexed, tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    reply = indexed.take(tmp_path / name)
    assert counts(reply) == (1, 0, 0, 0)
    assert indexed.shown() == [("lake/1.jpg", "Ein Café")]


def test_chinese_of_an_old_windows_is_read_and_said(indexed: Indexed, tmp_path: Path) -> None:
    reply = indexed.take(table(tmp_path / "mine.csv", "2.jpg,一只狗在沙滩上奔跑", encoding="gbk"))
    assert indexed.shown() == [("2.jpg", "一只狗在沙滩上奔跑")]
    assert len(told(reply)) == 1 and "GBK" in told(reply)[0]


def test_texts_beside_photos(indexed: Indexed) -> None:
    (indexed.folder / "beach" / "1.txt").write_text("A beach\nIts sand\n")
    (indexed.folder / "2.txt").write_text("Two")
    reply = indexed.take(indexed.folder)
    assert counts(reply) == (3, 0, 0, 0)
    assert indexed.shown() == [("beach/1.jpg", "A beach"), ("beach/1.jpg", "Its sand"), ("2.jpg", "Two")]
    assert told(reply) == ("1 photo(s) have no text beside them and are left out.",)


def test_captions_in_the_photos_are_known_already(indexed: Indexed, tmp_path: Path) -> None:
    with pytest.raises(KnownError, match="holds no captions that are known here"):
        indexed.take(indexed.folder)
    indexed.add("told/3.jpg", "told/4.jpg", caption="In the file")
    reply = indexed.take(indexed.folder)
    assert counts(reply) == (0, 0, 0, 0)
    assert told(reply)[0].startswith("Photos there with a caption in their own files: 2;")
    assert "told" not in str(indexed.take(table(tmp_path / "mine.csv", "2.jpg,Two")).problems)
    with pytest.raises(KnownError, match="is a photo"):
        indexed.take(indexed.folder / "2.jpg")


def test_what_the_person_wrote_is_never_written_over(indexed: Indexed, tmp_path: Path) -> None:
    indexed.writer.set_caption(indexed.id_of("2.jpg"), "My own")
    path = table(tmp_path / "mine.csv", "2.jpg,Of the table", "lake/1.jpg,A lake")
    assert counts(indexed.take(path)) == (2, 0, 0, 0)
    assert indexed.shown() == [("lake/1.jpg", "A lake"), ("2.jpg", "My own")]
    indexed.writer.set_caption(indexed.id_of("2.jpg"), "Another")
    assert counts(indexed.take(path)) == (0, 2, 0, 0)
    assert ("2.jpg", "Another") in indexed.shown()


def test_empty_long_and_broken_rows_cost_no_others(indexed: Indexed, tmp_path: Path) -> None:
    rows = ["2.jpg,", f"2.jpg,{'long ' * 2000}", "2.jpg,Two", "no caption", *["?"] * 4, "lake/1.jpg,A lake"]
    reply = indexed.take(table(tmp_path / "mine.csv", *rows))
    assert counts(reply) == (2, 0, 0, 0)
    assert indexed.shown() == [("lake/1.jpg", "A lake"), ("2.jpg", "Two")]
    text = "\n".join(told(reply))
    assert "Line 5 of" in text and "Rows that cannot be read, in all: 5." in text
    assert "Captions without text: 1, such as of 2.jpg." in text
    assert "longer than the 5,000 characters that are kept: 1, such as of 2.jpg." in text


def test_one_caption_on_all_photos_is_taken_and_said(indexed: Indexed, tmp_path: Path) -> None:
    rows = [f"{name},IMG" for name in ("beach/1.jpg", "lake/1.jpg", "2.jpg")]
    reply = indexed.take(table(tmp_path / "mine.csv", *rows))
    assert counts(reply) == (3, 0, 0, 0)
    assert told(reply) == ("All 3 photos have the same caption, “IMG”; nothing can be learnt from that.",)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "must name the columns"),
        (b"name,age\nAna,7\n", "must name the columns"),
        (b"filename,caption\n", "no captions"),
        (b"\xff\xd8\xff\xe0" + bytes(range(256)) * 9, "is not text"),
        (b"PK\3\4" + bytes(99), "workbook"),
        (b'{"a": 1,\n"b": 2}', "not as it must be"),
        (b"[1, 2]", "not as it must be"),
        (b'{"images": 3}', "not as it must be"),
        (b"filename,caption\n2.jpg,Two\n" + b"x" * (3 << 20), "Line 3 .* longer than any caption"),
    ],
)
def test_what_is_no_table_changes_nothing(
    indexed: Indexed, tmp_path: Path, content: bytes, sentence: str
) -> None:
    (tmp_path / "mine.csv").write_bytes(content)
    with pytest.raises(KnownError, match=sentence):
        indexed.take(tmp_path / "mine.csv")
    assert (indexed.shown(), indexed.told) == ([], [])


def test_a_table_that_changes_meanwhile_changes_nothing(
    indexed: Indexed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = table(tmp_path / "mine.csv", *["2.jpg,Two"] * 9)

    def found(*_: object) -> None:
        with path.open("a") as file:
            file.write("lake/1.jpg,A lake\n")

    monkeypatch.setattr(caption_import.CaptionImport, "_photo_in", found)
    (tmp_path / "2.jpg").touch()
    with pytest.raises(KnownError, match="changed while it was read"):
        indexed.take(path)
    assert indexed.shown() == []


def test_more_than_can_be_taken_at_once_changes_nothing(
    indexed: Indexed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(caption_import, "MOST_CAPTIONS", 2)
    with pytest.raises(KnownError, match="more than 2 captions"):
        indexed.take(table(tmp_path / "mine.csv", *(f"2.jpg,{n}" for n in range(3))))
    assert indexed.shown() == []


def test_a_huge_table_of_other_photos_takes_little_memory(indexed: Indexed, tmp_path: Path) -> None:
    with (tmp_path / "mine.csv").open("w") as file:
        file.write("filename,caption\n2.jpg,Two\n")
        file.writelines(f"other/x{n}.jpg,{'A long caption ' * 1200}\n" for n in range(1_000))  # 18 MB
    tracemalloc.start()
    try:
        assert counts(indexed.take(tmp_path / "mine.csv")) == (1, 0, 1_000, 0)
        assert tracemalloc.get_traced_memory()[1] < 10 << 20
    finally:
        tracemalloc.stop()


def test_what_cannot_be_read_is_said(
    indexed: Indexed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(KnownError, match="There is no file"):
        indexed.take(tmp_path / "none.csv")
    path = table(tmp_path / "mine.csv", "2.jpg,Two")

    def denied(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    with (
        monkeypatch.context() as patch,
        pytest.raises(KnownError, match=r"photos cannot be read: Permission"),
    ):
        patch.setattr(os, "scandir", denied)
        indexed.take(indexed.folder)
    monkeypatch.setattr(Path, "open", denied)
    with pytest.raises(KnownError, match=r"mine\.csv cannot be read: Permission denied"):
        indexed.take(path)
    monkeypatch.setattr(Path, "replace", denied)
    with pytest.raises(KnownError, match=r"out\.csv cannot be written: Permission denied"):
        indexed.give(tmp_path / "out.csv")


@pytest.mark.parametrize("name", ["out.csv", "out.jsonl"])
def test_an_export_comes_back_as_it_was(indexed: Indexed, tmp_path: Path, name: str) -> None:
    indexed.add("told/3.jpg", caption="In the file")
    indexed.writer.set_caption(indexed.id_of("2.jpg"), 'Mine, "so"\nand so')
    indexed.writer.import_captions(
        [(indexed.id_of("lake/1.jpg"), text) for text in ("A lake", "Ein Café 狗")]
    )
    assert indexed.give(tmp_path / name) == note_messages.CaptionsExported(4, 3)
    assert counts(indexed.take(tmp_path / name)) == (0, 4, 0, 0)
    if name == "out.csv":
        with (tmp_path / name).open(encoding="utf-8", newline="") as file:
            assert list(csv.reader(file)) == [
                ["filename", "caption"],
                ["lake/1.jpg", "A lake"],
                ["lake/1.jpg", "Ein Café 狗"],
                ["2.jpg", 'Mine, "so"\nand so'],
                ["told/3.jpg", "In the file"],
            ]
    assert indexed.give(tmp_path / name).captions == 4  # over the former one
    assert [path.name for path in tmp_path.glob("*out*")] == [name]


def test_an_export_takes_no_other_files_place(indexed: Indexed, tmp_path: Path) -> None:
    for name, content in (
        ("a.csv", "title,price\n"),
        ("a.jsonl", '{"a": 1}\n'),
        ("b.jsonl", "filename,caption\n"),
    ):
        (tmp_path / name).write_text(content)
        with pytest.raises(KnownError, match="is there already and is another kind of file"):
            indexed.give(tmp_path / name)
        assert (tmp_path / name).read_text() == content
    with pytest.raises(KnownError, match="is a folder"):
        indexed.give(tmp_path)
    with pytest.raises(KnownError, match="cannot be written"):
        indexed.give(tmp_path / "nowhere" / "out.csv")
    (tmp_path / "empty.csv").touch()
    assert indexed.give(tmp_path / "empty.csv").captions == 0


def test_an_export_that_fails_leaves_the_former_one(
    indexed: Indexed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    indexed.writer.set_caption(indexed.id_of("2.jpg"), "Two")
    indexed.give(tmp_path / "out.csv")
    before = (tmp_path / "out.csv").read_bytes()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(KnownError, match="No space left"):
        indexed.give(tmp_path / "out.csv")
    assert (tmp_path / "out.csv").read_bytes() == before
    assert [path.name for path in tmp_path.glob("*out*")] == ["out.csv"]


# No Unicode, blanks at the ends, drives, roots and separators of other systems, what looks like a URI; twins
# in case, in how accents are written, and in what separates folders.
ODD = [
    *(b"bad\xff.jpg", rb"bad\udcff.jpg", b"line\nend.jpg", b"line\rend.jpg", b" blank.jpg", b"blank.jpg "),
    *(b"c:1.jpg", rb"\1.jpg", rb"..\1.jpg", rb"b\1.jpg", b"b/1.jpg", b"file:/1.jpg", b"%FF.jpg", b"\xff.jpg"),
    *("caf\u00e9.jpg".encode(), "cafe\u0301.jpg".encode(), "CAF\u00c9.jpg".encode(), b"=1+1.jpg", b'"q".jpg'),
    *("cafe\u0301/1.jpg".encode(), "caf\u00e9/1.jpg".encode(), b"a,b;c|d\t.jpg", b"~.jpg", b"\x1b[31m.jpg"),
]


@pytest.mark.skipif(os.name != "posix" or sys.platform == "darwin", reason="names are Unicode there")
@pytest.mark.parametrize("place", ["photos/out.csv", "photos/out.jsonl", "far/out.csv", "far/out.jsonl"])
@settings(max_examples=5)
@example(names=ODD)
@given(names=st.lists(st.sampled_from(ODD), min_size=1, unique=True))
def test_captions_of_odd_names_come_back_exactly(names: list[bytes], place: str) -> None:
    with tempfile.TemporaryDirectory() as root:
        indexed = made(Path(root))
        (indexed.folder.parent / "far").mkdir()
        with indexed.writer:
            for number, name in enumerate(names):
                indexed.add(os.fsdecode(name))
                indexed.writer.set_caption(indexed.id_of(os.fsdecode(name)), f"Caption {number}")
            there = indexed.shown()
            assert indexed.give(indexed.folder.parent / place).captions == len(names)
            for name in names:
                indexed.writer.set_caption(indexed.id_of(os.fsdecode(name)), "")
            assert indexed.shown() == []
            reply = indexed.take(indexed.folder.parent / place)
            assert (counts(reply), reply.problems) == ((len(names), 0, 0, 0), ())
            assert sorted(indexed.shown()) == sorted(there)
