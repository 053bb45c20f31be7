import contextlib
import os
import shutil
import sqlite3
from pathlib import Path

import pytest

from photosearch.core.errors import KnownError
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
    assert backup.kept(library, NOW + 4 * backup.DAY) == copies[2:]


def test_a_copy_is_due_once_a_day(tmp_path: Path) -> None:
    library = Library(tmp_path)
    with Writer.open(library):
        assert backup.due(library, NOW)
        backup.back_up(library, 2, NOW)
    assert not backup.due(library, NOW + backup.DAY - 1)
    assert backup.due(library, NOW + backup.DAY)


def test_copies_from_the_future_stop_no_others_and_are_the_first_to_go(tmp_path: Path) -> None:
    library = Library(tmp_path)
    with Writer.open(library):
        for year in (1, 2, 3):
            backup.back_up(library, 3, NOW + 365 * year * backup.DAY)  # the clock was ahead
        assert backup.due(library, NOW)
        copies = [backup.back_up(library, 3, NOW + day * backup.DAY) for day in range(3)]
    assert backup.kept(library, NOW + 2 * backup.DAY) == copies
    assert sorted(library.backups.iterdir()) == copies


def test_where_there_is_no_library_nothing_is_copied(tmp_path: Path) -> None:
    with pytest.raises(NoLibrary):
        backup.back_up(Library(tmp_path), 2, NOW)
    with pytest.raises(NoLibrary):
        backup.export_copy(Library(tmp_path), tmp_path / "copy")
    assert os.listdir(tmp_path) == ["backups"]


def albums(library: Library) -> list[str]:
    with Writer.open(library), Reader.open(library) as reader:
        assert reader.check() == []
        return [album.name for album in reader.albums()]


def killed(library: Library, *names: str) -> None:
    """Albums written by an engine that was killed: they are in the log beside the database alone."""
    with Writer.open(library) as writer:
        for name in names:
            writer.create_album(name)
        left = {path: path.read_bytes() for path in library.root.glob("library.sqlite3*")}
    for path, data in left.items():
        path.write_bytes(data)
    assert Path(f"{library.database}-wal").stat().st_size


def test_going_back_after_a_kill_is_to_the_copy_and_to_nothing_newer(tmp_path: Path) -> None:
    library, copy = Library(tmp_path / "library"), tmp_path / "copy"
    killed(library, "Summer")
    backup.export_copy(library, copy)
    backup.export_copy(library, copy)  # over itself
    killed(library, "Winter")
    library.vectors.mkdir()
    (library.vectors / "x.f16").touch()
    done = backup.restore(library, copy, NOW)
    assert done.content.albums == 1
    assert not list(library.root.glob("library.sqlite3-*"))
    assert albums(library) == ["Summer"]
    assert list(library.vectors.iterdir()) == []
    assert done.kept is not None
    assert backup.restore(library, done.kept, NOW + 1).content.albums == 2  # and there again
    assert albums(library) == ["Summer", "Winter"]
    assert not list(library.root.rglob("*.partial*"))


@pytest.mark.parametrize("damage", [slice(0, 16), slice(4096, 20_000)])
def test_a_damaged_library_is_kept_byte_by_byte(tmp_path: Path, damage: slice) -> None:
    library, copy = Library(tmp_path / "library"), tmp_path / "copy"
    killed(library, "Summer")
    backup.export_copy(library, copy)
    with Writer.open(library):
        pass
    data = bytearray(library.database.read_bytes())
    data[damage] = bytes(len(data[damage]))
    library.database.write_bytes(data)
    done = backup.restore(library, copy, NOW)
    assert done.kept is not None
    assert albums(library) == ["Summer"]


def test_what_a_kill_left_of_a_transaction_is_not_taken_back_in_the_copy(tmp_path: Path) -> None:
    library, copy, names = Library(tmp_path / "library"), tmp_path / "copy", [f"{n:0200}" for n in range(500)]
    killed(Library(tmp_path / "larger"), *names)
    backup.export_copy(Library(tmp_path / "larger"), copy)
    with Writer.open(library):
        pass
    with contextlib.closing(sqlite3.connect(library.database, isolation_level=None)) as database:
        for statement in ("PRAGMA journal_mode = DELETE", "PRAGMA synchronous = OFF", "BEGIN IMMEDIATE"):
            database.execute(statement)
        database.execute("CREATE TABLE half_done (id)")
        journal = Path(f"{library.database}-journal")
        left = journal.read_bytes()
        database.execute("ROLLBACK")
    journal.write_bytes(left)
    library.database.write_bytes(bytes(16) + library.database.read_bytes()[16:])
    assert backup.restore(library, copy, NOW).content.albums == len(names)
    assert albums(library) == names


@pytest.mark.parametrize("spoil", ["cut", "photo", "missing", "other"])
def test_a_copy_that_is_not_sound_changes_nothing(tmp_path: Path, spoil: str) -> None:
    library, copy = Library(tmp_path / "library"), tmp_path / "copy"
    killed(library, "Summer")
    backup.export_copy(library, copy)
    if spoil == "cut":
        copy.write_bytes(copy.read_bytes()[:30_000])
    elif spoil == "photo":
        copy.write_bytes(b"\xff\xd8" * 9000)
    elif spoil == "other":
        copy.unlink()
        with contextlib.closing(sqlite3.connect(copy)) as database:
            database.execute("CREATE TABLE x (y)")
    else:
        copy.unlink()
    before = sorted((path, path.read_bytes()) for path in library.root.glob("*.sqlite3*"))
    with pytest.raises(KnownError, match=r"no copy of a library|no file"):
        backup.restore(library, copy, NOW)
    assert before == sorted((path, path.read_bytes()) for path in library.root.glob("*.sqlite3*"))
    assert albums(library) == ["Summer"]


def test_a_copy_is_never_written_over_a_photo(tmp_path: Path) -> None:
    library, photo = Library(tmp_path / "library"), tmp_path / "beach.jpg"
    killed(library, "Summer")
    photo.write_bytes(b"\xff\xd8" * 9000)
    with pytest.raises(KnownError, match="another kind of file"):
        backup.export_copy(library, photo)
    assert photo.read_bytes() == b"\xff\xd8" * 9000


def test_a_copy_is_never_written_over_the_library_itself(tmp_path: Path) -> None:
    library = Library(tmp_path)
    with Writer.open(library) as writer:
        with pytest.raises(KnownError, match="the library itself"):
            backup.export_copy(library, library.root / ".." / tmp_path.name / library.database.name)
        writer.create_album("Summer")
    assert albums(library) == ["Summer"]
