"""photosearch info"""

import json
import os
from pathlib import Path

import pytest
from msgspec.structs import replace

from photosearch import cli
from photosearch.core.errors import Sentence
from photosearch.paths import Library
from photosearch.store.writer import Writer
from tests.helpers.library import DIM, MODEL, indexed_file


@pytest.fixture
def at(tmp_path: Path) -> tuple[str, str]:
    """The arguments that name a library of two photos in this folder."""
    library = Library(tmp_path / "library")
    with Writer.open(library) as writer:
        writer.register_model(MODEL, MODEL, DIM)
        folder = writer.add_folder(os.fsencode(tmp_path), "")
        told = {
            "taken_at": "2024-07-14T18:03:59",
            "taken_from": "exif",
            "utc_offset": "+02:00",
            "camera": "Canon EOS R5",
            "lens": "RF 35mm",
            "exposure_seconds": 0.004,
            "f_number": 2.8,
            "iso": 400,
            "focal_length_mm": 35.0,
            "latitude": 47.5,
            "longitude": 19.0,
            "altitude_metres": 105.5,
            "rating": 4,
            "title": "Rusty",
            "caption": "Two dogs",
            "keywords": ("dog", "sea"),
            "people": ("Ana",),
        }
        for seed, name, facts in ((1, "a.jpg", told), (2, "IMG-20200101-WA0001.jpg", {})):
            file = indexed_file(seed, folder_id=folder.folder_id, path=os.fsencode(tmp_path / name))
            cut = None if facts else Sentence("the file is truncated")
            writer.commit([replace(file, facts=replace(file.facts, **facts), damage=cut)], MODEL)
            (tmp_path / name).touch()
        writer.set_favourite([1], True)
    return "--library", str(library.root)


def test_what_is_known_of_photos(
    at: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    named = tmp_path / "IMG-20200101-WA0001.jpg"
    assert cli.main(["info", str(tmp_path / "a.jpg"), str(named), *at]) == 0
    assert capsys.readouterr().out == (
        f"file      {tmp_path}/a.jpg\n"
        "date      2024-07-14 18:03:59 UTC+02:00 (from EXIF)\n"
        "size      401 x 300, JPEG\n"
        "camera    Canon EOS R5, RF 35mm\n"
        "exposure  1/250 s, f/2.8, ISO 400, 35 mm\n"
        "place     47.500000, 19.000000, 106 m\n"
        "town      Budapest, Hungary\n"
        "stars     4\n"
        "favourite yes\n"
        "title     Rusty\n"
        "caption   Two dogs\n"
        "keywords  dog, sea\n"
        "people    Ana\n"
        f"\nfile      {named}\n"
        "date      2020-01-01 (from the file's name)\n"
        "size      402 x 300, JPEG\n"
        "damaged   the file is truncated\n"
    )


def test_names_are_in_the_language_of_the_terminal(
    at: tuple[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    assert cli.main(["info", str(tmp_path / "IMG-20200101-WA0001.jpg"), *at]) == 0
    assert capsys.readouterr().out.splitlines()[1:] == [
        "日期      2020-01-01（来自文件名）",
        "尺寸      402 x 300, JPEG",
        "损坏      文件不完整",
    ]


def test_programs_get_all_of_it(
    at: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    paths = [str(tmp_path / name) for name in ("a.jpg", "IMG-20200101-WA0001.jpg")]
    assert cli.main(["info", *paths, "--json", *at]) == 0
    first, second = json.loads(capsys.readouterr().out)["photos"]
    assert first["paths"] == paths[:1]
    assert (first["date"], first["date_from"], first["utc_offset"]) == (
        "2024-07-14T18:03:59",
        "exif",
        "+02:00",
    )
    assert (first["file"]["people"], first["file"]["title"], first["stars"]) == (["Ana"], "Rusty", 4)
    assert (first["favourite"], second["favourite"]) == (True, False)
    assert (first["damaged"], second["damaged"]) == (None, "the file is truncated")
    assert (first["town"], second["town"]) == ("Budapest, Hungary", None)
    assert (second["date"], second["date_from"], second["file"]["taken_at"]) == ("2020-01-01", "name", None)


def test_a_file_that_is_not_in_the_library(
    at: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "new.jpg").touch()
    assert cli.main(["info", str(tmp_path / "new.jpg"), *at]) == 1
    assert "new.jpg" in capsys.readouterr().err


def test_a_file_that_is_not_there_and_one_that_is_no_photo_are_told_apart(
    at: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["info", "nothere.jpg", *at]) == 1
    assert capsys.readouterr().err == "photosearch: There is no file nothere.jpg.\n"
    other = tmp_path / "other.jpg"
    other.touch()
    assert cli.main(["info", str(other), *at]) == 1
    assert "is no photo of this library" in capsys.readouterr().err
