import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from photosearch import i18n
from photosearch.cli import main
from photosearch.cli.index import fields, sentence
from photosearch.core.progress import IndexReport
from photosearch.decode.pool import DecoderPool
from photosearch.paths import Library
from photosearch.store.writer import Writer
from tests.helpers.exported_models import copy_exported
from tests.helpers.library import DIM, MODEL, indexed_file
from tests.helpers.photos import make_photo


def test_the_report_names_only_what_happened() -> None:
    assert sentence(IndexReport(indexed=1200, seconds=10.0, images_per_second=120.0)) == (
        "Indexed 1,200 photos in 10.0 s (120 a second)."
    )
    assert sentence(IndexReport(unchanged=12, moved=1, failed=3, seconds=0.25)) == (
        "Indexed 0 photos in 0.2 s; 12 unchanged, 1 moved, 3 failed (photosearch status says why)."
    )
    assert sentence(IndexReport(indexed=2, notes_kept=1, seconds=1.0, images_per_second=2.0)) == (
        "Indexed 2 photos in 1.0 s (2.0 a second); notes kept of 1 photo edited elsewhere."
    )
    assert sentence(IndexReport(copies=3, seconds=0.25)) == (
        "Indexed 0 photos in 0.2 s; 3 copies of known photos."
    )
    assert sentence(IndexReport(back=5, seconds=0.25)).endswith("; 5 back that were known before.")
    assert sentence(IndexReport(indexed=1, vanished=9)).endswith("; 9 gone before they were read.")
    assert fields(IndexReport(notes_kept=7))["notes_kept"] == 7


def test_the_report_is_in_the_language_of_the_terminal() -> None:
    i18n.use("zh_CN")
    report = IndexReport(indexed=2, moved=1, notes_kept=1, seconds=1.0, images_per_second=2.0)
    assert sentence(report) == (
        "已索引 2 张照片，用时 1.0 秒（每秒 2.0）；1 张已移动，保留了在别处编辑过的 1 张照片的标注。"
    )


def test_an_empty_mount_point_is_said_to_be_away(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    photos, library = tmp_path / "photos", Library(tmp_path / "library")
    photos.mkdir()
    with Writer.open(library) as writer:
        folder = writer.add_folder(os.fsencode(photos), "another drive")
        writer.register_model(MODEL, "tiny", DIM)
        writer.commit(
            [indexed_file(1, folder_id=folder.folder_id, path=os.fsencode(photos / "a.jpg"))], MODEL
        )
    assert main(["index", str(photos), "--library", str(library.root)]) == 1
    assert f"The folder {photos} is away" in capsys.readouterr().err
    assert main(["index", str(photos), "--json", "--library", str(library.root)]) == 1
    assert json.loads(capsys.readouterr().out)["error"].startswith(f"The folder {photos} is away")


def test_a_folder_that_goes_while_it_is_read_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    library, photos = Library(tmp_path / "library"), tmp_path / "photos"
    copy_exported(library.models / "tiny")
    photos.mkdir()
    for number in range(3):
        make_photo(photos / f"{number}.jpg", seed=number)
    read = DecoderPool.decode

    def lose_then_read(pool: DecoderPool, *asked: Any, **named: Any) -> Any:
        shutil.rmtree(photos, ignore_errors=True)
        return read(pool, *asked, **named)

    monkeypatch.setattr(DecoderPool, "decode", lose_then_read)
    assert main(["index", str(photos), "--model", "tiny", "--library", str(library.root)]) == 1
    told = capsys.readouterr()
    assert "gone before they were read" in told.out
    assert f"The folder {photos} is not there any more" in told.err


def test_folders_whose_place_a_new_one_takes_are_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    library = Library(tmp_path / "library")
    copy_exported(library.models / "tiny")
    photos = tmp_path / "photos"
    inner = [photos / "one", photos / "two"]
    for folder in inner:
        folder.mkdir(parents=True)
        make_photo(folder / "1.jpg", color="red")
    at = ["--model", "tiny", "--library", str(library.root)]
    assert main(["index", *map(str, inner), *at]) == 0
    assert "place" not in capsys.readouterr().err
    assert main(["index", str(photos), "--json", *at]) == 0
    told = capsys.readouterr()
    assert json.loads(told.out)["replaced"] == list(map(str, inner))
    assert f"{photos} takes the place of {inner[0]}, {inner[1]} inside it in the library" in told.err
    assert f"photosearch folders remove {photos}; photosearch index {inner[0]} {inner[1]}" in told.err
    assert main(["index", str(photos), "--json", *at]) == 0
    told = capsys.readouterr()
    assert (json.loads(told.out)["replaced"], told.err) == ([], "")
