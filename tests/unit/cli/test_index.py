import json
import os
from pathlib import Path

import pytest

from photosearch.cli import main
from photosearch.cli.index import fields, sentence
from photosearch.core.progress import IndexReport
from photosearch.paths import Library
from photosearch.store.writer import Writer
from tests.helpers.library import DIM, MODEL, indexed_file


def test_the_report_names_only_what_happened() -> None:
    assert sentence(IndexReport(indexed=1200, seconds=10.0, images_per_second=120.0)) == (
        "Indexed 1,200 photos in 10.0 s (120 a second)."
    )
    assert sentence(IndexReport(unchanged=12, moved=1, failed=3, seconds=0.25)) == (
        "Indexed 0 photos in 0.2 s; 12 unchanged, 1 moved, 3 failed (photosearch status says why)."
    )
    assert sentence(IndexReport(indexed=2, notes_kept=1, seconds=1.0, images_per_second=2.0)) == (
        "Indexed 2 photos in 1.0 s (2 a second); notes kept of 1 photo edited elsewhere."
    )
    assert sentence(IndexReport(copies=3, seconds=0.25)) == (
        "Indexed 0 photos in 0.2 s; 3 copies of known photos."
    )
    assert fields(IndexReport(notes_kept=7))["notes_kept"] == 7


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
