import io
import json
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import pytest

from photosearch import cli
from photosearch.paths import Library
from tests.helpers.indexed import Indexed, made


@pytest.fixture
def indexed(tmp_path: Path) -> Indexed:
    """Its writer is closed: a command writes through an engine."""
    indexed = made(tmp_path)
    with indexed.writer:
        indexed.add("beach/1.jpg", "2.jpg", caption="In the file")
    return indexed


def captions(indexed: Indexed, *arguments: object) -> int:
    return cli.main(["captions", *map(str, arguments), "--library", str(indexed.library.root)])


def test_import_says_what_became_of_each(
    indexed: Indexed, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "mine.csv"
    path.write_text("filename,caption\nbeach/1.jpg,A beach\n2.jpg,Two\nlost.jpg,Lost\n")
    assert captions(indexed, "import", path, "--dry-run") == 0
    said = capsys.readouterr()
    assert said.out == "Would import 2 captions of 2 photos; 1 without a photo in the library.\n"
    assert said.err.startswith(
        "photosearch: Captions whose photo is not in the library: 1, such as of lost.jpg;"
    )
    assert captions(indexed, "import", path, "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert list(found) == [
        "format",
        "dry_run",
        "new",
        "photos",
        "repeated",
        "skipped_no_photo",
        "ambiguous",
        "problems",
    ]
    assert (found["new"], found["photos"], found["dry_run"]) == (2, 2, False)
    assert captions(indexed, "list") == 0
    assert capsys.readouterr().out == (
        f"{indexed.folder / 'beach' / '1.jpg'}  A beach\n{indexed.folder / '2.jpg'}  Two\n"
    )


def test_to_find_no_photo_at_all_is_an_error_to_a_script(
    indexed: Indexed, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "mine.csv").write_text("filename,caption\nlost.jpg,Lost\n")
    assert captions(indexed, "import", tmp_path / "mine.csv") == 1
    assert capsys.readouterr().out == "Imported 0 captions of 0 photos; 1 without a photo in the library.\n"


def test_captions_go_through_standard_streams(
    indexed: Indexed,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfdbinary: pytest.CaptureFixture[bytes],
) -> None:
    captions(indexed, "export", tmp_path / "out.jsonl")
    capfdbinary.readouterr()
    with open(1, "w", closefd=False) as stdout:
        monkeypatch.setattr(sys, "stdout", stdout)
        assert captions(indexed, "export", "-", "--json") == 0
    written = capfdbinary.readouterr().out
    assert written == (tmp_path / "out.jsonl").read_bytes()
    monkeypatch.undo()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(written)))
    assert captions(indexed, "import", "-") == 0
    assert capfdbinary.readouterr().out == b"Imported 0 captions of 0 photos; 2 known already.\n"


def test_an_export_names_its_file(
    indexed: Indexed, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert captions(indexed, "export", tmp_path / "out.csv") == 0
    assert capsys.readouterr().out == f"Wrote 2 captions of 2 photos to {tmp_path / 'out.csv'}.\n"
    assert captions(indexed, "export", indexed.folder / "2.jpg") == 1
    assert "is another kind of file" in capsys.readouterr().err


def test_a_library_without_captions(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    indexed = made(tmp_path)
    with indexed.writer:
        indexed.add("1.jpg")
    assert captions(indexed, "list") == 0
    said = capsys.readouterr()
    assert (said.out, said.err) == (
        "",
        "photosearch: No captions; write or import some: photosearch captions import FILE\n",
    )
    assert captions(indexed, "list", "--json") == 0
    assert json.loads(capsys.readouterr().out) == {"captions": []}


def test_what_an_older_program_left_is_brought_up_to_date_to_read_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    library = Library(tmp_path)
    library.thumbnails.parent.mkdir(exist_ok=True)
    library.thumbnails.touch()
    old = Path(__file__).parents[1] / "store" / "schemas" / "facts_captions_albums.sql"
    with closing(sqlite3.connect(library.database)) as database:
        database.executescript(old.read_text())
    assert cli.main(["captions", "list", "--library", str(library.root)]) == 0
    said = capsys.readouterr()
    assert (said.err, said.out.count("/photos/")) == ("", 2)
