"""photosearch folders"""

import json
import os
from pathlib import Path

import pytest

from photosearch import cli
from photosearch.cli import folders
from photosearch.core.messages import FolderStatus, Job
from photosearch.engine.server import Server
from photosearch.engine.service import Engine
from photosearch.index.volume import volume_of
from photosearch.paths import Library
from photosearch.store.writer import Writer
from tests.helpers.colour_model import MODEL, describe_model, load_colours
from tests.helpers.photos import make_photo


def test_a_moved_folder_is_told_where_it_is(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    library, old, new = Library(tmp_path / "library"), tmp_path / "photos", tmp_path / "elsewhere"
    old.mkdir()
    make_photo(old / "red.png", color="red")
    describe_model(library)
    at = ["--library", os.fspath(library.root)]
    with Engine(library, MODEL, background=False, load=load_colours) as engine, Server(library, engine):
        assert cli.main(["index", os.fspath(old), *at]) == 0
        old.rename(new)
        capsys.readouterr()
        assert cli.main(["folders", "relocate", os.fspath(old), os.fspath(new), *at]) == 0
        assert f"{old} is {new} now" in capsys.readouterr().out
        assert cli.main(["folders", *at]) == 0
        assert capsys.readouterr().out == f"1  {new}\n"
        assert cli.main(["folders", "relocate", os.fspath(old), os.fspath(new), *at]) != 0
        assert "not one of the library's folders" in capsys.readouterr().err


def test_a_folder_that_was_not_read_to_its_end_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    library, photos = Library(tmp_path / "library"), tmp_path / "my photos"
    photos.mkdir()
    describe_model(library)
    at = ["--library", os.fspath(library.root)]
    with Writer.open(library) as writer:  # as an index that is stopped at once
        writer.add_folder(os.fsencode(photos), volume_of(os.fsencode(photos)))
    with Engine(library, MODEL, background=False, load=load_colours) as engine, Server(library, engine):
        assert cli.main(["folders", *at]) == 0
        told = f"0  {photos}  (not read to its end yet; to go on: photosearch index '{photos}')\n"
        assert capsys.readouterr().out == told
        assert cli.main(["folders", "--json", *at]) == 0
        assert json.loads(capsys.readouterr().out)["folders"][0]["unread"] is True
        assert cli.main(["index", "-q", os.fspath(photos), *at]) == 0  # it is empty
        capsys.readouterr()
        assert cli.main(["folders", *at]) == 0
        assert capsys.readouterr().out == f"0  {photos}\n"


def test_a_folder_goes_without_photos_that_others_hold_too(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    library, photos, copies = Library(tmp_path / "library"), tmp_path / "photos", tmp_path / "copies"
    for folder in (photos, copies):
        folder.mkdir()
        make_photo(folder / "red.png", color="red")
        make_photo(folder / "red again.png", color="red")
    make_photo(copies / "blue.png", color="blue")
    describe_model(library)
    at = ["--library", os.fspath(library.root)]
    with Engine(library, MODEL, background=False, load=load_colours) as engine, Server(library, engine):
        assert cli.main(["index", "-q", os.fspath(photos), os.fspath(copies), *at]) == 0
        capsys.readouterr()
        assert cli.main(["folders", "remove", os.fspath(copies), *at]) == 0
        said = f"Removed {copies} from the library, with 1 photo; 1 that other folders hold too stays in it."
        assert capsys.readouterr().out == f"{said}\n"
        assert cli.main(["folders", "remove", os.fspath(photos), *at]) == 0
        assert capsys.readouterr().out == f"Removed {photos} from the library, with 1 photo.\n"


def test_a_folder_that_is_gone_is_told_from_one_whose_drive_is() -> None:
    here, away, gone = folders.lines(
        [
            FolderStatus(b"/a", 1200, "here"),
            FolderStatus(b"/b", 3, "away"),
            FolderStatus(b"/my c", 4, "gone"),
        ],
        [],
    )
    assert here == "1,200  /a"
    assert away == "    3  /b  (away: its drive is not here)"
    assert gone.endswith("or deleted; if it is elsewhere: photosearch folders relocate '/my c' NEW)")


def test_what_is_read_just_now_needs_nobody_to_go_on() -> None:
    folder, job = FolderStatus(b"/a", 3, "here", unread=True), Job(1, (b"/a",), running=True)
    assert folders.lines([folder], [job]) == ["3  /a  (not read to its end yet)"]
    assert "photosearch index /a" in folders.lines([folder], [])[0]
