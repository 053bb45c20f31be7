import sqlite3
from contextlib import closing
from pathlib import Path

from msgspec.structs import replace

from photosearch.core.photo import Look
from photosearch.paths import Library
from photosearch.store.reader import Reader
from photosearch.store.rows import Folder
from photosearch.store.writer import Writer
from tests.helpers.library import MODEL, indexed_file


def look(seed: int) -> Look:
    return Look(2**62 + seed, bytes((seed + step) % 256 for step in range(256)))


def test_a_photo_comes_with_its_look(writer: Writer, reader: Reader, folder: Folder) -> None:
    files = [replace(indexed_file(seed, folder_id=folder.folder_id), look=look(seed)) for seed in (1, 2, 3)]
    ids = writer.commit(files, MODEL)
    assert [reader.look(photo_id) for photo_id in ids] == [look(1), look(2), look(3)]
    writer.commit(files, MODEL)  # the same once more
    writer.forget([files[1].path])
    looks = reader.looks()
    assert looks.ids.tolist() == [ids[0], ids[2]]
    assert looks.fingerprints.tolist() == [2**62 + 1, 2**62 + 3]
    assert [miniature.tobytes() for miniature in looks.miniatures] == [look(1).miniature, look(3).miniature]


def test_a_library_without_looks_has_none(reader: Reader) -> None:
    looks = reader.looks()
    assert (looks.ids.shape, looks.fingerprints.shape, looks.miniatures.shape) == ((0,), (0,), (0, 16, 16))
    assert reader.look(1) is None


def test_missing_looks_are_made_of_thumbnails_in_turn(writer: Writer, reader: Reader, folder: Folder) -> None:
    files = [indexed_file(seed, folder_id=folder.folder_id) for seed in range(5)]
    files[2] = replace(files[2], look=look(2))
    ids = writer.commit(files, MODEL)
    assert reader.unlooked(0, 2) == [(ids[0], b"thumbnail 0"), (ids[1], b"thumbnail 1")]
    assert reader.unlooked(ids[1], 9) == [(ids[3], b"thumbnail 3"), (ids[4], b"thumbnail 4")]
    writer.add_looks([(ids[0], look(0)), (ids[2], look(9))])
    assert reader.look(ids[0]) == look(0)
    assert reader.look(ids[2]) == look(2)  # it stays: the same bytes look the same


def test_an_older_library_has_none_and_takes_them(tmp_path: Path) -> None:
    library = Library(tmp_path)
    schema = Path(__file__).parent / "schemas" / "indexes_of_many.sql"
    with closing(sqlite3.connect(library.database)) as database:
        database.executescript(schema.read_text())
    with Writer.open(library) as writer, Reader.open(library) as reader:
        assert reader.looks().ids.size == 0
        writer.add_looks([(2, look(2))])
        assert reader.looks().ids.tolist() == [2]
