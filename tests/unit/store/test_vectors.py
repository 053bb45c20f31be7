import os
import sqlite3
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from photosearch.core.errors import KnownError
from photosearch.paths import Library
from photosearch.store import vectors as vectors_module
from photosearch.store.reader import Reader
from photosearch.store.rows import Folder
from photosearch.store.vectors import VectorFile
from photosearch.store.writer import Writer
from tests.helpers.library import DIM, MODEL, indexed_file


@pytest.fixture
def ids(writer: Writer, folder: Folder) -> list[int]:
    return writer.commit([indexed_file(seed, folder_id=folder.folder_id) for seed in range(20)], MODEL)


def opened(library: Library, reader: Reader) -> VectorFile:
    """Opens the file and checks that it says what SQLite says."""
    file = VectorFile.open(library, MODEL, DIM, reader)
    order = np.argsort(file.ids)
    rows = list(reader.vectors(MODEL))
    np.testing.assert_array_equal(file.ids[order], np.concatenate([np.empty(0, int), *(r.ids for r in rows)]))
    for chunk in rows:
        np.testing.assert_array_equal(file.vectors[order], chunk.vectors)
        np.testing.assert_array_equal(file.bias[order], chunk.bias)
    return file


def paths(library: Library) -> tuple[Path, Path]:
    return library.vectors / f"{MODEL}.f16", library.vectors / f"{MODEL}.rows"


def test_an_empty_library(library: Library, reader: Reader) -> None:
    assert opened(library, reader).vectors.shape == (0, DIM)


def test_it_is_made_from_sqlite_and_then_mapped(library: Library, reader: Reader, ids: list[int]) -> None:
    assert opened(library, reader).ids.tolist() == ids
    file = opened(library, reader)
    assert isinstance(file.vectors, np.memmap)
    assert (file.vectors.dtype, file.bias.dtype) == (np.float16, np.float32)
    assert [path.stat().st_size for path in paths(library)] == [20 * DIM * 2, 20 * 12]


def test_appended_rows_are_there_next_time_in_their_order(
    library: Library, writer: Writer, reader: Reader, folder: Folder, ids: list[int]
) -> None:
    file = opened(library, reader)
    new = [indexed_file(seed, folder_id=folder.folder_id) for seed in range(20, 23)]
    new_ids = writer.commit(new, MODEL)[::-1]
    file.append(
        np.array(new_ids), np.stack([f.vector for f in new[::-1]]), np.float32([f.bias for f in new[::-1]])
    )
    assert file.ids.tolist() == ids
    assert opened(library, reader).ids.tolist() == ids + new_ids


def test_what_was_committed_by_another_way_is_added(
    library: Library, writer: Writer, reader: Reader, folder: Folder, ids: list[int]
) -> None:
    opened(library, reader)
    more = writer.commit([indexed_file(seed, folder_id=folder.folder_id) for seed in range(20, 30)], MODEL)
    assert opened(library, reader).ids.tolist() == ids + more


@pytest.mark.parametrize("which", [0, 1])
@pytest.mark.parametrize("cut", [1, 13, 100])
def test_a_torn_append_is_cut(library: Library, reader: Reader, ids: list[int], which: int, cut: int) -> None:
    opened(library, reader)
    path = paths(library)[which]
    os.truncate(path, path.stat().st_size - cut)
    opened(library, reader)


@pytest.mark.parametrize("which", [0, 1])
def test_a_missing_file_is_made_anew(library: Library, reader: Reader, ids: list[int], which: int) -> None:
    opened(library, reader)
    paths(library)[which].unlink()
    opened(library, reader)


@pytest.mark.parametrize("which", [0, 1])
def test_blocks_of_zeros_after_a_power_cut(
    library: Library, reader: Reader, ids: list[int], which: int
) -> None:
    opened(library, reader)
    data = paths(library)[which].read_bytes()
    paths(library)[which].write_bytes(data[: len(data) // 2] + bytes(len(data) - len(data) // 2))
    opened(library, reader)


def test_a_file_of_another_library_is_not_believed(
    library: Library, reader: Reader, ids: list[int], tmp_path: Path
) -> None:
    other = Library(tmp_path / "other")
    with Writer.open(other) as writer:
        writer.register_model(MODEL, "tiny", DIM)
        folder = writer.add_folder(b"/photos", "")
        writer.commit([indexed_file(seed, folder_id=folder.folder_id) for seed in range(40, 60)], MODEL)
    with Reader.open(other) as other_reader:
        opened(other, other_reader)
    opened(library, reader)
    for source, target in zip(paths(other), paths(library), strict=True):
        target.write_bytes(source.read_bytes())
    opened(library, reader)


def test_a_library_put_back_from_an_older_copy(
    library: Library, writer: Writer, reader: Reader, ids: list[int]
) -> None:
    opened(library, reader)
    with closing(sqlite3.connect(library.database, isolation_level=None)) as database:
        database.execute("DELETE FROM vectors WHERE photo_id > ?", (ids[10],))
    opened(library, reader)


def test_unflushed_rows_are_fewer_than_the_tail_that_is_checked(
    library: Library, reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    flushed: list[int] = []
    monkeypatch.setattr(vectors_module, "UNFLUSHED", 4)
    monkeypatch.setattr(os, "fsync", flushed.append)
    file = VectorFile.open(library, MODEL, DIM, reader)
    for start in (0, 3):
        ids = np.arange(start, start + 3)
        file.append(ids, np.ones((3, DIM), np.float16), np.zeros(3, np.float32))
    assert len(flushed) == 2  # both files, once
    file.append(np.arange(6, 16), np.ones((10, DIM), np.float16), np.zeros(10, np.float32))
    assert len(flushed) == 6


def test_a_file_in_the_place_of_the_folder(library: Library, reader: Reader) -> None:
    library.vectors.touch()
    with pytest.raises(KnownError, match="is a file"):
        VectorFile.open(library, MODEL, DIM, reader)
