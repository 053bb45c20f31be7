"""photosearch duplicates"""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from photosearch import cli
from photosearch.core import messages
from photosearch.engine.server import Server
from photosearch.paths import Library
from tests.helpers.colour_model import describe_model
from tests.helpers.engine import ask, engine_of
from tests.helpers.photos import picture


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    """With a photo, a smaller copy of it, and another photo; served by an engine."""
    root = tmp_path_factory.mktemp("duplicates")
    library, folder = Library(root / "library"), root / "photos"
    folder.mkdir()
    picture(1, (320, 240)).save(folder / "1.png")
    picture(1, (320, 240)).resize((160, 120)).save(folder / "1-small.png")
    picture(2, (320, 240)).save(folder / "2.png")
    describe_model(library)
    with engine_of(library) as engine, Server(library, engine):
        ask(engine, messages.Index([os.fsencode(folder)]))
        yield library


def said(capsys: pytest.CaptureFixture[str], library: Library, *arguments: str) -> str:
    assert cli.main(["duplicates", *arguments, "--library", os.fspath(library.root)]) == 0
    return capsys.readouterr().out


def test_they_are_printed_with_what_may_go(library: Library, capsys: pytest.CaptureFixture[str]) -> None:
    lines = said(capsys, library).splitlines()
    folder = library.root.parent / "photos"
    size = (folder / "1-small.png").stat().st_size
    assert lines[0].startswith("2 files: the same picture, ") and lines[0].endswith("kB to win")
    assert lines[1].startswith(f"  stays   {folder / '1.png'}  (320 x 240, PNG, ")
    assert lines[2].startswith(f"  may go  {folder / '1-small.png'}  (160 x 120, PNG, {size / 1000:.1f} kB")
    assert lines[-1].startswith("1 stack among 3 photos, ")


def test_json_has_all_of_it(library: Library, capsys: pytest.CaptureFixture[str]) -> None:
    told = json.loads(said(capsys, library, "--json"))
    (stack,) = told["stacks"]
    assert (stack["kind"], told["searched"], told["unknown"]) == ("copies", 3, 0)
    assert [Path(file["path"]).name for file in stack["files"]] == ["1.png", "1-small.png"]
    assert [file["spare"] for file in stack["files"]] == [False, True]
    assert told["bytes_to_win"] == stack["bytes_to_win"] == stack["files"][1]["bytes"]


def test_paths_are_those_that_may_go(library: Library, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    small = os.fsencode(library.root.parent / "photos" / "1-small.png")
    for option, end in (("--paths", b"\n"), ("-0", b"\0")):
        assert cli.main(["duplicates", option, "--library", os.fspath(library.root)]) == 0
        assert capfdbinary.readouterr().out == small + end


def test_other_kinds_are_asked_for(library: Library, capsys: pytest.CaptureFixture[str]) -> None:
    assert said(capsys, library, "--kind", "burst", "--kind", "raw") == "Nothing found among 3 photos.\n"
    assert said(capsys, library, "--kind", "burst", "-q") == ""
