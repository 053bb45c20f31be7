import os
import tracemalloc
from pathlib import Path

import pytest

from photosearch.captions.text import LONGEST_LINE, decode, read_json, read_lines, read_text
from photosearch.core.errors import KnownError


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_utf8_with_and_without_a_mark(tmp_path: Path, encoding: str) -> None:
    (tmp_path / "a.csv").write_text("狗 café “Go”", encoding=encoding)
    notes: list[str] = []
    assert read_text(tmp_path / "a.csv", notes) == "狗 café “Go”"
    assert not notes


@pytest.mark.parametrize(
    ("text", "encoding", "named"),
    [
        ("filename,caption\n1.jpg,一只狗在沙滩上奔跑", "gbk", "GBK"),
        ("filename,caption\n1.jpg,Un café très noir", "cp1252", "Western"),
        ("filename,caption\n1.jpg,A sign says “Go” – it’s red", "cp1252", "Western"),
        ("filename,caption\n1.jpg,Ein Mädchen läuft", "latin-1", "Western"),
        ("filename,caption\n1.jpg,一只狗", "utf-16", "UTF-16"),
        ("filename,caption\n1.jpg,一只狗", "utf-16-be", "UTF-16"),
        ("filename,caption\n1.jpg,A dog\n", "utf-16-le", "UTF-16"),
    ],
)
def test_other_encodings_are_read_and_named(tmp_path: Path, text: str, encoding: str, named: str) -> None:
    path, notes = tmp_path / "a.csv", []
    path.write_bytes(text.encode(encoding))
    assert read_text(path, notes) == text
    assert len(notes) == 1 and named in str(notes[0]) and str(path) in str(notes[0])
    assert decode(text.encode(encoding), "a place", []) == text


@pytest.mark.parametrize("before", [0, 3 << 20])
def test_an_encoding_shows_late_in_a_file(tmp_path: Path, before: int) -> None:
    (tmp_path / "a.csv").write_bytes(b"a dog\n" * (before // 6) + "一只狗在沙滩上".encode("gbk"))
    assert list(read_lines(tmp_path / "a.csv", []))[-1] == "一只狗在沙滩上"


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"\xff\xd8\xff\xe0\0\x10JFIF\0\1" + bytes(range(256)), "is not text"),
        (b"a dog\n" * (1 << 18) + b"\0\1\2", "is not text"),
        (b"PK\3\4\x14\0\6\0", "save its sheet"),
        ("filename,caption\n1.jpg,一只狗在沙滩上奔跑".encode()[:-1], "damaged"),
        (b"\xff\xfeA", "is not text"),
        (b"caf\x81 \x8d", "is not text"),
    ],
)
def test_what_is_no_text_is_refused(tmp_path: Path, data: bytes, sentence: str) -> None:
    (tmp_path / "a.csv").write_bytes(data)
    with pytest.raises(KnownError, match=sentence):
        read_text(tmp_path / "a.csv", [])


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for path, sentence in (
        (tmp_path / "none.csv", "There is no file"),
        (tmp_path, "is a folder"),
        (tmp_path / "file" / "a.csv", "cannot be read"),
    ):
        with pytest.raises(KnownError, match=sentence):
            read_text(path, [])


def test_a_large_file_is_read_in_little_memory(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes((b"1.jpg," + b"dog " * 250 + b"\n") * 20_000)  # 20 MB
    tracemalloc.start()
    try:
        assert sum(1 for _ in read_lines(path, [])) == 20_000
        assert tracemalloc.get_traced_memory()[1] < 8 << 20
    finally:
        tracemalloc.stop()


def test_a_line_without_end_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"a\n" + b"b" * 2 * LONGEST_LINE)
    with pytest.raises(KnownError, match="Line 2 "):
        read_text(tmp_path / "a.csv", [])


@pytest.mark.parametrize("added", [b"and more\n", "狗".encode("gbk")])
def test_a_table_that_changes_meanwhile_is_refused(tmp_path: Path, added: bytes) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"a dog\n" * 100_000)
    lines = read_lines(path, [])
    next(lines)
    with path.open("ab") as file:
        file.write(added)
        os.utime(path, ns=(1, 1))
    with pytest.raises(KnownError, match="changed while it was read"):
        list(lines)


def test_json_of_another_shape_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('\ufeff{"a": 1}', encoding="utf-8")
    assert read_json(tmp_path / "a.json", dict[str, int]) == {"a": 1}
    with pytest.raises(KnownError, match="Expected `str`"):
        read_json(tmp_path / "a.json", dict[str, str])
    (tmp_path / "a.json").write_text('{"a": ', encoding="utf-8")
    with pytest.raises(KnownError, match="not as it must be"):
        read_json(tmp_path / "a.json", dict[str, str])


def test_json_that_memory_might_not_hold_is_refused(tmp_path: Path) -> None:
    with (tmp_path / "a.json").open("wb") as file:
        file.truncate(1 << 30)
    with pytest.raises(KnownError, match="1,024 MB"):
        read_json(tmp_path / "a.json", dict[str, int])
