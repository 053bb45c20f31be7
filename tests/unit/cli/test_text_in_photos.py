"""photosearch text"""

import json
import os
from pathlib import Path

import pytest

from photosearch import cli, settings
from photosearch.core.lines import Line
from photosearch.paths import Library
from photosearch.store.reader import Reader, setting
from photosearch.store.writer import Writer
from photosearch.text.reading import VERSION
from tests.helpers.indexed import Indexed
from tests.helpers.library import DIM, MODEL, indexed_file

BOX = ((0.0, 0.25), (0.5, 0.25), (0.5, 0.5), (0.0, 0.5))


@pytest.fixture
def library(tmp_path: Path) -> Library:
    """Of three photos: a sign with an escape sequence in it, one without text, one that was not read."""
    library = Library(tmp_path / "library")
    with Writer.open(library) as writer:
        writer.register_model(MODEL, MODEL, DIM)
        folder = writer.add_folder(os.fsencode(tmp_path), "")
        paths = [os.fsencode(tmp_path / name) for name in ("a.jpg", "b.jpg", "c.jpg")]
        files = [indexed_file(n, folder_id=folder.folder_id, path=path) for n, path in enumerate(paths)]
        ids = writer.commit(files, MODEL)
        writer.keep_lines(
            [(ids[0], [Line("No \x1b[1mparking", BOX, 0.9876), Line("禁止停车", BOX, 1.0)])], VERSION
        )
        writer.keep_lines([(ids[1], [])], VERSION)
    return library


def run(library: Library, *arguments: str) -> int:
    return cli.main(["--library", str(library.root), "text", *arguments])


def show(library: Library, *names: str) -> int:
    return run(library, "show", *(str(library.root.parent / name) for name in names))


def test_lines_of_photos_are_printed(library: Library, capsys: pytest.CaptureFixture[str]) -> None:
    assert show(library, "a.jpg") == 0
    assert capsys.readouterr() == ("No \\x1b[1mparking\n禁止停车\n", "")


def test_of_several_photos_lines_stand_below_their_names(
    library: Library, capsys: pytest.CaptureFixture[str]
) -> None:
    with Writer.open(library) as writer:
        (id_,) = writer.commit(
            [indexed_file(9, folder_id=1, path=os.fsencode(library.root.parent / "\x1b.jpg"))], MODEL
        )
        writer.keep_lines([(id_, [Line("Exit", BOX, 1.0)])], VERSION)
    assert show(library, "a.jpg", "b.jpg", "\x1b.jpg") == 0
    at = library.root.parent
    assert capsys.readouterr() == (
        f"==> {at}/a.jpg <==\nNo \\x1b[1mparking\n禁止停车\n\n==> {at}/\\x1b.jpg <==\nExit\n",
        "",
    )


def test_where_nothing_is_written_the_status_says_so(
    library: Library, capsys: pytest.CaptureFixture[str]
) -> None:
    assert show(library, "b.jpg") == 1
    assert capsys.readouterr() == ("", "")


def test_a_photo_that_was_not_read_is_named(library: Library, capsys: pytest.CaptureFixture[str]) -> None:
    assert show(library, "c.jpg") == 1
    assert "c.jpg was not read yet; photosearch text now" in capsys.readouterr().err


def test_photos_that_were_not_read_are_counted(library: Library, capsys: pytest.CaptureFixture[str]) -> None:
    with Writer.open(library) as writer:
        writer.commit([indexed_file(9, folder_id=1, path=os.fsencode(library.root.parent / "d.jpg"))], MODEL)
    assert show(library, "a.jpg", "c.jpg", "d.jpg") == 0
    assert capsys.readouterr().err == (
        "photosearch: 2 of 3 photos were not read yet; photosearch text now reads all photos.\n"
    )


def test_json_says_where_lines_stand(library: Library, capsys: pytest.CaptureFixture[str]) -> None:
    a, c = (str(library.root.parent / name) for name in ("a.jpg", "c.jpg"))
    assert run(library, "show", "--json", a, c) == 0
    first, second = json.loads(capsys.readouterr().out)["photos"]
    line = first["lines"][1]
    assert (line["text"], line["confidence"]) == ("禁止停车", 1.0)
    assert [xy for corner in line["box"] for xy in corner] == pytest.approx(
        [xy for corner in BOX for xy in corner], abs=1e-4
    )
    assert (first["read"], second["read"], second["lines"]) == (True, False, [])


def test_it_is_switched_on_and_off(library: Library, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(library, "on") == 0
    assert setting(library, settings.TEXT) == settings.YES
    assert capsys.readouterr().out == "2 of 3 photos · goes on when PhotoSearch runs\n"
    assert run(library, "off") == 0
    assert setting(library, settings.TEXT) == settings.NO
    assert run(library, "status", "--json") == 0
    told = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert told == {"phase": "off", "done": 2, "total": 3}


@pytest.fixture
def signs(tmp_path: Path) -> Indexed:
    """Of two photos that give no picture, one of them in a folder."""
    with Writer.open(Library(tmp_path / "library")) as writer:
        writer.register_model(MODEL, MODEL, DIM)
        shelf = Indexed(tmp_path / "photos", Library(tmp_path / "library"), writer)
        shelf.add("signs/a.jpg", "b.jpg")
    return shelf


def test_a_folder_is_read_alone_and_the_switch_stays(
    signs: Indexed, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(signs.library, "now", str(signs.folder / "signs")) == 0
    assert capsys.readouterr().out == "1 of 1 photo · done\n"
    assert run(signs.library, "status") == 0
    assert capsys.readouterr().out == "1 of 2 photos · off\n"
    both = [str(signs.folder / name) for name in ("signs", "signs/a.jpg", "b.jpg")]
    assert run(signs.library, "now", "--json", *both) == 0
    assert json.loads(capsys.readouterr().out) == {"phase": "done", "done": 2, "total": 2}


def test_photos_that_are_away_are_told(signs: Indexed, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(signs.library, "now", str(signs.folder / "signs")) == 0
    with Writer.open(signs.library) as writer, Reader.open(signs.library) as reader:
        (folder,) = reader.folders()
        writer.set_away(folder.folder_id, True)
    capsys.readouterr()
    assert run(signs.library, "now") == 0
    said = "1 of 2 photos · done, but for 1 photo whose folder or drive is not here\n"
    assert capsys.readouterr().out == said


def test_a_folder_without_photos_of_the_library_is_refused(
    library: Library, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "empty").mkdir()
    assert run(library, "now", str(tmp_path / "empty")) == 1
    assert "No photo of this library lies in" in capsys.readouterr().err
