"""Karpathy's splits, COCO's captions and JSON lines."""

import json
from pathlib import Path

import pytest

from photosearch.captions import coco, jsonl, karpathy
from photosearch.captions.files import FileIndex
from photosearch.captions.reading import read_captions
from photosearch.captions.table import CaptionRow, Table
from photosearch.core.errors import KnownError
from tests.helpers.pairs_folder import written_in


def by_split(table: Table | None) -> dict[str, list[tuple[str, str, str]]]:
    """(folder, name, caption) of each row."""
    found: dict[str, list[tuple[str, str, str]]] = {}
    assert table is not None
    for row in table.rows:
        found.setdefault(row.split, []).append((row.folder, row.name, row.caption))
    return found


DEEP = "[" * 100_000 + "]" * 100_000


@pytest.mark.parametrize(
    "content", ['{"x": %s}', '{"image": "1.jpg", "caption": %s}', "%s", '{"annotations": [{"x": %s}]}']
)
@pytest.mark.parametrize("name", ["deep.jsonl", "deep.json"])
def test_json_that_is_nested_deeply_is_told_and_nothing_worse(
    tmp_path: Path, name: str, content: str
) -> None:
    (tmp_path / name).write_text(content % DEEP)
    faults: list[KnownError] = []
    try:
        found = read_captions(tmp_path / name, faults.append)
        assert found is not None
        assert list(found.table.rows) == []
    except KnownError as error:
        faults.append(error)
    assert faults


def test_karpathy_restval_trains(tmp_path: Path) -> None:
    names = ["train2014/1.jpg", "val2014/1.jpg", "val2014/3.jpg", "val2014/4.jpg"]
    splits = ["train", "restval", "val", "test"]
    images = [
        {
            "filepath": name.split("/")[0],
            "filename": name.split("/")[1],
            "split": split,
            "sentences": [{"raw": f"A {split}", "tokens": ["a"], "imgid": 0}],
            "cocoid": 7,
        }
        for name, split in zip(names, splits, strict=True)
    ]
    (tmp_path / "dataset_coco.json").write_text(json.dumps({"images": images, "dataset": "coco"}))
    assert by_split(karpathy.read(FileIndex(tmp_path))) == {
        "train": [("train2014", "1.jpg", "A train"), ("val2014", "1.jpg", "A restval")],
        "val": [("val2014", "3.jpg", "A val")],
        "test": [("val2014", "4.jpg", "A test")],
    }


def coco_table(folder: Path, name: str, rows: dict[str, list[str]]) -> None:
    images = [{"id": n, "file_name": file, "height": 1} for n, file in enumerate(rows)]
    captions = [{"image_id": n, "id": 0, "caption": c} for n, cs in enumerate(rows.values()) for c in cs]
    (folder / "annotations").mkdir(exist_ok=True)
    table = {"info": {}, "images": images, "annotations": captions}
    (folder / "annotations" / name).write_text(json.dumps(table))


def test_coco_captions_and_their_folders(tmp_path: Path) -> None:
    coco_table(tmp_path, "captions_train2017.json", {"1.jpg": ["A dog\n", "A cat"], "2.jpg": ["A bus"]})
    coco_table(tmp_path, "captions_val2017.json", {"1.jpg": ["A man"]})
    coco_table(tmp_path, "captions_val2014.json", {"1.jpg": ["Not this"]})
    assert by_split(coco.read(FileIndex(tmp_path))) == {
        "train": [
            ("train2017", "1.jpg", "A dog\n"),
            ("train2017", "1.jpg", "A cat"),
            ("train2017", "2.jpg", "A bus"),
        ],
        "val": [("val2017", "1.jpg", "A man")],
    }


def test_coco_of_another_shape_is_refused(tmp_path: Path) -> None:
    table = {"images": [], "annotations": [{"image_id": 3, "caption": "A dog"}]}
    path = tmp_path / "captions_train2017.json"
    path.write_text(json.dumps(table))
    with pytest.raises(KnownError, match="image 3"):
        list(coco.rows(path))
    path.write_text('{"images": 3}')
    with pytest.raises(KnownError, match="not as it must be"):
        list(coco.rows(path))


def test_json_lines_in_their_dialects(tmp_path: Path) -> None:
    lines = [
        {"image": "1.jpg", "caption": "A dog", "label": 3},
        {"filename": "2.jpg", "captions": ["A cat", "It sleeps"]},
        {"file_name": "images/3.jpg", "text": "A bus", "width": 3, "split": "val"},
        {"image": "4.jpg", "caption": ""},
    ]
    path = tmp_path / "all.jsonl"
    path.write_bytes("\r\n".join(map(json.dumps, lines)).encode("utf-8-sig") + b"\n\n")
    found = list(jsonl.rows(path, []))
    assert found == [
        CaptionRow("1.jpg", "A dog", path, label="3"),
        CaptionRow("2.jpg", "A cat", path),
        CaptionRow("2.jpg", "It sleeps", path),
        CaptionRow("images/3.jpg", "A bus", path, split="val"),
        CaptionRow("4.jpg", "", path),
    ]


def test_names_in_json_lines_go_from_the_folder_of_their_file(tmp_path: Path) -> None:
    for split, caption in (("train", "A dog"), ("validation", "A cat")):
        (tmp_path / split).mkdir()
        (tmp_path / split / "metadata.jsonl").write_text(json.dumps({"file_name": "1.jpg", "text": caption}))
    table = jsonl.read(FileIndex(tmp_path))
    assert by_split(table) == {"": [("train", "1.jpg", "A dog"), ("validation", "1.jpg", "A cat")]}


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ('{"image": "1.jpg"}', "Line 2 .* must have"),
        ('{"caption": "A dog"}', "Line 2 .* must have"),
        ("{", "Line 2 .* not as it must be"),
        ('{"image": 3, "caption": "A"}', "Line 2 .* not as it must be"),
    ],
)
def test_wrong_lines_are_named(tmp_path: Path, line: str, sentence: str) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(f'{{"image": "1.jpg", "caption": "A dog"}}\n{line}\n{{"image": "2.jpg", "text": "B"}}')
    with pytest.raises(KnownError, match=sentence):
        list(jsonl.rows(path, []))
    faults: list[KnownError] = []
    assert [row.name for row in jsonl.rows(path, [], faults.append)] == ["1.jpg", "2.jpg"]
    assert len(faults) == 1


def test_no_table_is_no_such_format(tmp_path: Path) -> None:
    for form in (coco, jsonl, karpathy):
        assert form.read(FileIndex(tmp_path)) is None


def test_karpathy_of_flickr_has_no_folders(tmp_path: Path) -> None:
    image = {"filename": "1.jpg", "split": "train", "sentences": [{"raw": "A dog"}]}
    (tmp_path / "dataset_flickr8k.json").write_text(json.dumps({"images": [image]}))
    table = karpathy.read(FileIndex(tmp_path))
    assert table is not None and table.format == "Karpathy's dataset_flickr8k.json"
    assert written_in(table) == [("1.jpg", "A dog")]
