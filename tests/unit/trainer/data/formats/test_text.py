from pathlib import Path

import pytest

from photosearch.core.errors import KnownError
from trainer.data.formats.text import read_json, read_text


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_utf8_with_and_without_a_mark(tmp_path: Path, encoding: str) -> None:
    (tmp_path / "a.csv").write_text("狗 café “Go”", encoding=encoding)
    assert read_text(tmp_path / "a.csv") == "狗 café “Go”"


@pytest.mark.parametrize(
    ("text", "encoding", "named"),
    [
        ("filename,caption\n1.jpg,一只狗在沙滩上奔跑", "gbk", "GBK"),
        ("filename,caption\n1.jpg,Un café très noir", "cp1252", "Western"),
        ("filename,caption\n1.jpg,A sign says “Go” – it’s red", "cp1252", "Western"),
        ("filename,caption\n1.jpg,Ein Mädchen läuft", "latin-1", "Western"),
        ("filename,caption\n1.jpg,一只狗", "utf-16", "UTF-16"),
    ],
)
def test_other_encodings_are_named(tmp_path: Path, text: str, encoding: str, named: str) -> None:
    (tmp_path / "a.csv").write_bytes(text.encode(encoding))
    with pytest.raises(KnownError, match=f"not UTF-8 .*{named}.*save it in UTF-8"):
        read_text(tmp_path / "a.csv")


def test_json_of_another_shape_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('\ufeff{"a": 1}', encoding="utf-8")
    assert read_json(tmp_path / "a.json", dict[str, int]) == {"a": 1}
    with pytest.raises(KnownError, match="Expected `str`"):
        read_json(tmp_path / "a.json", dict[str, str])
    (tmp_path / "a.json").write_text('{"a": ', encoding="utf-8")
    with pytest.raises(KnownError, match="not as it must be"):
        read_json(tmp_path / "a.json", dict[str, str])
