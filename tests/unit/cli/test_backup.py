from pathlib import Path

import pytest

from photosearch.cli import main
from photosearch.paths import Library
from photosearch.store.reader import Reader
from photosearch.store.writer import Writer


def test_a_copy_is_made_and_gone_back_to(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    library, copy = Library(tmp_path / "library"), str(tmp_path / "copy.sqlite3")

    def run(*arguments: str) -> int:
        return main([*arguments, "--library", str(library.root)])

    def albums() -> list[str]:
        with Reader.open(library) as reader:
            return [album.name for album in reader.albums()]

    assert run("backup", copy) == 1
    assert "no library" in capsys.readouterr().err
    with Writer.open(library) as writer:
        writer.create_album("Summer")
    assert run("restore") == 0
    assert "No copies yet" in capsys.readouterr().out
    assert run("backup", copy) == 0
    said = capsys.readouterr().out
    assert said == f"Copied 0 photos, 0 captions, 0 favourites, 0 ratings, 1 album to {copy}.\n"
    with Writer.open(library) as writer:
        writer.create_album("Winter")
    assert run("restore", copy) == 1
    assert "2 albums" in capsys.readouterr().out  # what is there now
    assert albums() == ["Summer", "Winter"]
    assert run("restore", copy, "--yes") == 0
    (kept,) = library.backups.iterdir()
    assert str(kept) in capsys.readouterr().out
    assert albums() == ["Summer"]
    assert run("restore") == 0
    assert capsys.readouterr().out == f"{kept}\n"
    assert run("restore", str(kept), "--yes") == 0
    assert albums() == ["Summer", "Winter"]


def test_a_lost_library_is_made_anew_from_a_copy(tmp_path: Path) -> None:
    library, copy = Library(tmp_path / "library"), str(tmp_path / "copy.sqlite3")
    with Writer.open(library) as writer:
        writer.create_album("Summer")
    assert main(["backup", copy, "--library", str(library.root)]) == 0
    other = Library(tmp_path / "other")
    assert main(["restore", copy, "--yes", "--library", str(other.root)]) == 0
    with Writer.open(other), Reader.open(other) as reader:
        assert [album.name for album in reader.albums()] == ["Summer"]
