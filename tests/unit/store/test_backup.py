import shutil
from pathlib import Path

import pytest

from photosearch.paths import Library
from photosearch.store import backup
from photosearch.store.connect import NoLibrary
from photosearch.store.reader import Reader
from photosearch.store.writer import Writer

NOW = 1_700_000_000.0


def test_a_copy_put_in_place_is_the_library_as_it_was(tmp_path: Path) -> None:
    library = Library(tmp_path / "library")
    with Writer.open(library) as writer:
        writer.create_album("Summer")
        copy = backup.back_up(library, 3, NOW)  # while another one writes
        writer.create_album("Winter")
    for part in library.root.glob("library.sqlite3*"):
        part.unlink()
    shutil.copy(copy, library.database)
    with Writer.open(library), Reader.open(library) as reader:
        assert [album.name for album in reader.albums()] == ["Summer"]
        assert reader.check() == []


def test_the_latest_copies_are_kept(tmp_path: Path) -> None:
    library = Library(tmp_path)
    with Writer.open(library):
        copies = [backup.back_up(library, 2, NOW + day * backup.DAY) for day in range(4)]
    assert backup.kept(library) == copies[2:]
    assert not list(library.backups.glob("*.part"))


def test_a_copy_is_due_once_a_day(tmp_path: Path) -> None:
    library = Library(tmp_path)
    with Writer.open(library):
        assert backup.due(library, NOW)
        written = backup.back_up(library, 2, NOW).stat().st_mtime
    assert not backup.due(library, written + backup.DAY - 1)
    assert backup.due(library, written + backup.DAY)


def test_where_there_is_no_library_nothing_is_copied(tmp_path: Path) -> None:
    with pytest.raises(NoLibrary):
        backup.back_up(Library(tmp_path), 2, NOW)
