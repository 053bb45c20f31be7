import os
import shutil
import sqlite3
import stat
import tempfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from photosearch.core.errors import KnownError
from photosearch.paths import Library
from photosearch.store import migrations
from photosearch.store.connect import NoLibrary, open_for_reading, open_for_writing
from photosearch.store.reader import Reader
from photosearch.store.writer import Writer
from tests.helpers.library import DIM, MODEL, indexed_file
from tests.helpers.rights import as_somebody_else

Open = Callable[[Library], Writer | Reader]
both = pytest.mark.parametrize("opener", [Writer.open, Reader.open], ids=["writer", "reader"])


def made(root: Path) -> Library:
    library = Library(root)
    Writer.open(library).close()
    return library


@both
def test_a_library_path_that_is_a_file(tmp_path: Path, opener: Open) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(KnownError, match="that path is a file"):
        opener(Library(tmp_path / "file"))


def test_a_file_among_the_parents_of_the_library(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(KnownError, match="that path is a file"):
        Writer.open(Library(tmp_path / "file" / "library"))


@both
def test_a_folder_in_the_place_of_the_database(tmp_path: Path, opener: Open) -> None:
    library = Library(tmp_path)
    library.database.mkdir()
    with pytest.raises(KnownError):
        opener(library)


def test_a_library_that_cannot_be_written() -> None:
    with tempfile.TemporaryDirectory() as folder:
        library = made(Path(folder))
        library.database.chmod(0o444)
        Path(folder).chmod(0o555)
        try:
            with as_somebody_else(), pytest.raises(KnownError, match="make that folder writable"):
                Writer.open(library)
            with as_somebody_else(), pytest.raises(KnownError, match="make that folder writable"):
                Writer.open(Library(Path(folder) / "inside"))
        finally:
            Path(folder).chmod(0o755)


def test_a_library_in_an_open_folder_is_private(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    library = Library(tmp_path)
    with Writer.open(library) as writer:
        writer.create_album("Summer")
        for path in library.root.rglob("*"):
            mode = 0o700 if path.is_dir() else 0o600
            assert stat.S_IMODE(path.stat().st_mode) == mode, path
    library.database.chmod(0o644)  # as earlier versions left it
    Writer.open(library).close()
    assert stat.S_IMODE(library.database.stat().st_mode) == 0o600


@pytest.mark.parametrize("how", ["deleted", "moved", "replaced"])
def test_what_is_written_to_a_library_that_is_gone_is_refused(tmp_path: Path, how: str) -> None:
    library = made(tmp_path / "library")
    with Writer.open(library) as writer:
        if how == "deleted":
            shutil.rmtree(library.root)
        else:
            library.root.rename(tmp_path / "elsewhere")
        if how == "replaced":
            made(library.root)
        with pytest.raises(KnownError, match="was moved, deleted or replaced"):
            writer.create_album("Summer")


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE photos SET camera = CAST(x'80ff' AS TEXT)",
        "UPDATE vectors SET vector = x'0000' WHERE photo_id = 1",
        "DROP TABLE captions",
    ],
)
def test_content_that_no_program_of_ours_wrote_is_damage(tmp_path: Path, damage: str) -> None:
    library = Library(tmp_path)
    with Writer.open(library) as writer:
        folder = writer.add_folder(b"/photos", "")
        writer.register_model(MODEL, "m", DIM)
        writer.commit([indexed_file(seed, folder_id=folder.folder_id) for seed in (1, 2)], MODEL)
    with closing(sqlite3.connect(library.database)) as database:
        database.execute(damage)
        database.commit()
    with pytest.raises(KnownError, match="is damaged"), Reader.open(library) as reader:
        list(reader.vectors(MODEL))
        reader.details(1)
        reader.cameras_and_years()
        reader.captions()


@pytest.mark.parametrize("closed", [".", "library.sqlite3", "thumbnails"])
def test_a_library_that_others_may_not_read(closed: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        library = made(Path(folder))
        Path(folder).chmod(0o755)
        (library.root / closed).chmod(0)
        try:
            with as_somebody_else(), pytest.raises(KnownError, match="You may not read the library"):
                Reader.open(library)
        finally:
            (library.root / closed).chmod(0o700)


@pytest.mark.parametrize("killed", [False, True], ids=["closed", "killed"])
def test_a_read_only_library_is_read(killed: bool) -> None:
    """With the changes that a killed engine left in the log, too."""
    with tempfile.TemporaryDirectory() as folder:
        library = made(Path(folder))
        with Writer.open(library) as writer:
            writer.create_album("Late")
            left = {path: path.read_bytes() for path in library.root.glob("library.sqlite3*")}
        for path, data in left.items() if killed else ():
            path.write_bytes(data)
        Path(f"{library.database}-shm").unlink(missing_ok=True)
        for path in library.root.rglob("*"):
            path.chmod(0o555 if path.is_dir() else 0o444)
        Path(folder).chmod(0o555)
        try:
            with as_somebody_else(), Reader.open(library) as reader:
                assert [album.name for album in reader.albums()] == ["Late"]
                assert reader.thumbnail(1) is None
        finally:
            Path(folder).chmod(0o755)
            library.thumbnails.parent.chmod(0o755)


@both
def test_a_library_file_that_is_no_database(tmp_path: Path, opener: Open) -> None:
    library = made(tmp_path)
    library.database.write_bytes(os.urandom(8192))
    with pytest.raises(KnownError, match="is damaged"):
        opener(library)


@both
def test_a_library_of_a_newer_program(tmp_path: Path, opener: Open) -> None:
    library = made(tmp_path)
    with closing(sqlite3.connect(library.database)) as database, database:
        database.execute(
            "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES ('library', 'later', '')"
        )
    with pytest.raises(KnownError, match="newer PhotoSearch"):
        opener(library)


def test_a_library_of_an_older_program_waits_for_the_writer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    library = made(tmp_path)
    monkeypatch.setattr(migrations, "STEPS", (*migrations.STEPS, lambda db: None))
    with pytest.raises(KnownError, match="older PhotoSearch"):
        Reader.open(library)
    Writer.open(library).close()
    Reader.open(library).close()


def test_no_library_yet(tmp_path: Path) -> None:
    with pytest.raises(NoLibrary, match="index a folder first"):
        Reader.open(Library(tmp_path / "nothing"))
    assert not (tmp_path / "nothing").exists()


def test_a_damaged_page_is_told_as_a_sentence(tmp_path: Path) -> None:
    library = Library(tmp_path)
    with Writer.open(library) as writer:
        folder = writer.add_folder(b"/photos", "")
        writer.register_model(MODEL, "tiny", 8)
        writer.commit([indexed_file(seed, folder_id=folder.folder_id) for seed in range(200)], MODEL)
    data = bytearray(library.database.read_bytes())
    data[4096:] = bytes(len(data) - 4096)  # all but the first page, which holds the schema
    library.database.write_bytes(data)
    with pytest.raises(KnownError, match="is damaged"), Reader.open(library) as reader:
        reader.failures()


def test_a_full_disk_changes_nothing_and_passes(library: Library) -> None:
    database, thumbnails = open_for_writing(library)
    with Writer(library, database, thumbnails) as writer, Reader.open(library) as reader:
        folder = writer.add_folder(b"/photos", "disk")
        writer.register_model(MODEL, "tiny", DIM)
        writer.commit([indexed_file(0, folder_id=folder.folder_id)], MODEL)
        (pages,) = database.execute("PRAGMA page_count").fetchone()
        database.execute(f"PRAGMA max_page_count = {pages}")
        many = [indexed_file(seed, folder_id=folder.folder_id) for seed in range(1, 500)]
        with pytest.raises(KnownError, match="is full"):
            writer.commit(many, MODEL)
        assert reader.counts(MODEL).photos == 1
        database.execute("PRAGMA max_page_count = 1000000")
        assert len(writer.commit(many, MODEL)) == 499
        assert reader.counts(MODEL).photos == 500
        assert reader.check() == []


def test_a_library_held_by_another_program(library: Library) -> None:
    database, thumbnails = open_for_writing(library)
    database.execute("PRAGMA busy_timeout = 1")
    with (
        Writer(library, database, thumbnails) as writer,
        closing(sqlite3.connect(library.database, isolation_level=None)) as other,
    ):
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(KnownError, match="Another program"):
            writer.set_setting("key", "value")


@pytest.mark.parametrize("name", ["a b", "what?mode=memory", "50%20#x", "ünï"])
def test_names_that_mean_something_in_an_address(tmp_path: Path, name: str) -> None:
    library = made(tmp_path / name)
    assert library.database.is_file()
    Reader.open(library).close()


def test_the_library_is_private_and_durable(library: Library) -> None:
    database, thumbnails = open_for_writing(library)
    with closing(database), closing(thumbnails):
        assert library.root.stat().st_mode & 0o077 == 0 or os.name == "nt"
        assert database.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert database.execute("PRAGMA synchronous").fetchone() == (1,)
        assert thumbnails.execute("PRAGMA synchronous").fetchone() == (2,)


def test_who_reads_cannot_write(library: Library, writer: Writer) -> None:
    with (
        closing(open_for_reading(library)) as database,
        pytest.raises(sqlite3.OperationalError, match="readonly"),
    ):
        database.execute("INSERT INTO settings VALUES ('a', 'b')")
