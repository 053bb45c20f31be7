import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path
from typing import get_args

import numpy as np
import pytest

from photosearch import settings
from photosearch.core import query
from photosearch.core.errors import Sentence
from photosearch.paths import Library
from photosearch.store import reader as reader_module
from photosearch.store.connect import open_for_reading, open_for_writing
from photosearch.store.reader import OpenReaders, Reader, setting
from photosearch.store.rows import Failure, Folder
from photosearch.store.writer import Writer
from tests.helpers.library import MODEL, indexed_file

EVERY_FILTER = [
    query.Dated(start="2023"),
    query.InFolder(paths_bytes=(b"/photos",)),
    query.TakenWith(camera="canon"),
    query.OfType(formats=("JPEG",)),
    query.Rated(stars=3),
    *(query.Has(fact=fact) for fact in get_args(query.Fact)),
    query.Favourite(),
    query.Near(latitude=0.0, longitude=180.0, kilometres=5.0),
    *(query.Turned(orientation=way) for way in get_args(query.Orientation)),
    query.Away(),
    query.Says(phrase="dog"),
    query.Written(phrase="dog"),
    query.InAlbum(album_id=1),
    query.InLiveAlbum(search_id=1),
]


def test_an_empty_library(reader: Reader) -> None:
    ids, aspects = reader.timeline()
    assert (ids.shape, aspects.shape) == ((0,), (0,))
    assert reader.folders() == []
    assert reader.folder_counts() == {}
    assert reader.stamps(1) == {}
    assert reader.photo(1) is None
    assert reader.thumbnail(1) is None
    assert list(reader.vectors(MODEL)) == []
    assert reader.counts(MODEL).photos == 0
    assert reader.check() == []


def test_the_timeline_is_newest_first(writer: Writer, reader: Reader, folder: Folder) -> None:
    dates = ["2024-07-01T10:00:00", None, "2025-01-01T00:00:00", "2024-07-01T10:00:00"]
    files = [
        indexed_file(seed, folder_id=folder.folder_id, taken_at=date, mtime_ns=1_000_000_000 * 10**9)  # 2001
        for seed, date in enumerate(dates)
    ]
    a, b, c, d = writer.commit(files, MODEL)
    ids, aspects = reader.timeline()
    assert ids.tolist() == [c, d, a, b]
    assert aspects.dtype == np.float32
    np.testing.assert_allclose(aspects, [402 / 300, 403 / 300, 400 / 300, 401 / 300])


def test_photos_keep_the_order_asked_for(writer: Writer, reader: Reader, folder: Folder) -> None:
    ids = writer.commit([indexed_file(seed, folder_id=folder.folder_id) for seed in range(3)], MODEL)
    asked = [ids[2], 999, ids[0]]
    assert [photo.photo_id for photo in reader.photos(asked)] == [ids[2], ids[0]]


def test_vectors_come_in_chunks_and_unchanged(
    writer: Writer, reader: Reader, folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reader_module, "CHUNK", 4)
    files = [indexed_file(seed, folder_id=folder.folder_id) for seed in range(10)]
    ids = writer.commit(files, MODEL)
    chunks = list(reader.vectors(MODEL, after=ids[0]))
    some = list(reader.vectors_of(np.array([ids[5], 999, ids[1]]), MODEL))
    assert [len(rows.ids) for rows in chunks] == [4, 4, 1]
    np.testing.assert_array_equal(np.concatenate([rows.ids for rows in chunks]), ids[1:])
    np.testing.assert_array_equal(
        np.concatenate([rows.vectors for rows in chunks]), np.stack([file.vector for file in files[1:]])
    )
    np.testing.assert_array_equal(
        np.concatenate([rows.bias for rows in chunks]), np.float32([file.bias for file in files[1:]])
    )
    assert [rows.ids.tolist() for rows in some] == [[ids[5], ids[1]]]
    assert reader.vector_ids(MODEL).tolist() == ids


def test_commits_are_seen_at_once(writer: Writer, reader: Reader, folder: Folder) -> None:
    for seed in range(3):
        writer.commit([indexed_file(seed, folder_id=folder.folder_id)], MODEL)
        assert reader.counts(MODEL).searchable == seed + 1


def test_check_names_what_is_missing(
    library: Library, writer: Writer, reader: Reader, folder: Folder
) -> None:
    writer.commit([indexed_file(1, folder_id=folder.folder_id)], MODEL)
    for file, statements in {
        library.thumbnails: ["DELETE FROM thumbnails"],
        library.database: ["DELETE FROM models", "DELETE FROM file_words"],
    }.items():
        with closing(sqlite3.connect(file, isolation_level=None)) as database:
            for statement in statements:
                database.execute(statement)
    assert reader.check() == [
        "a row of vectors points to nothing in models",
        "1 files have no thumbnail",
        "1 captions or file names cannot be searched for",
    ]


def test_what_lives_is_told_of_ids_with_gaps_too(
    library: Library, writer: Writer, folder: Folder, reader: Reader
) -> None:
    ids = writer.commit([indexed_file(seed, folder_id=folder.folder_id) for seed in range(4)], MODEL)
    writer.forget([b"/photos/1.jpg", b"/photos/2.jpg"])
    assert reader.living().tolist() == [ids[0], ids[3]]
    with closing(sqlite3.connect(library.database)) as database:
        database.execute("DELETE FROM photos WHERE photo_id = ?", (ids[1],))
        database.commit()
    assert reader.living().tolist() == [ids[0], ids[3]]
    assert reader.matching([query.Dated()]).tolist() == [ids[0], ids[3]]


def test_photos_may_come_and_go_while_the_living_are_read(
    library: Library, writer: Writer, folder: Folder
) -> None:
    first, passing = (indexed_file(seed, folder_id=folder.folder_id) for seed in (1, 2))
    ids = writer.commit([first], MODEL)
    statements: list[str] = []

    def before(statement: str) -> None:
        statements.append(statement)
        if len(statements) == 2:
            writer.commit([passing], MODEL)
            writer.forget([passing.path])

    read = open_for_reading(library)
    read.set_trace_callback(before)
    with Reader(library, read) as reader:
        assert reader.living().tolist() == reader.living().tolist() == ids


def test_no_query_reads_a_table_from_end_to_end(library: Library, writer: Writer, folder: Folder) -> None:
    files = [indexed_file(seed, folder_id=folder.folder_id) for seed in range(3)]
    (id_, *_) = writer.commit(files, MODEL)
    writer.fail(
        [
            Failure(
                folder_id=folder.folder_id,
                path=b"/photos/x",
                stage="",
                reason=Sentence(""),
                size=1,
                mtime_ns=1,
            )
        ]
    )
    statements: set[str] = set()
    written, thumbnails = open_for_writing(library)
    read = open_for_reading(library)
    written.set_trace_callback(statements.add)
    read.set_trace_callback(statements.add)
    with Writer(library, written, thumbnails) as writer, Reader(library, read) as reader:
        reader.stamps(folder.folder_id)
        reader.folder_counts()
        reader.photo_id(files[0].content_hash)
        reader.has_vector(id_, MODEL)
        reader.photo(id_)
        reader.timeline()
        reader.thumbnail(id_)
        reader.counts(MODEL)
        reader.setting("theme")
        reader.undescribed()
        reader.is_described(id_)
        for filter_ in EVERY_FILTER:
            reader.matching([filter_])
        reader.days()
        reader.recently_added()
        reader.album_photos(1)
        reader.albums()
        reader.cameras_and_years()
        reader.details(id_)
        reader.colours([id_])
        list(reader.captions())
        reader.photo_at(b"/photos/0.jpg")
        list(reader.vectors(MODEL))
        list(reader.vectors_of(np.array([id_]), MODEL))
        writer.commit(files, MODEL)
        writer.link(folder.folder_id, b"/photos/y", 1, 1, id_)
        writer.forget([b"/photos/y"])
        writer.describe(id_, files[0].facts, b"abc")
        writer.set_caption(id_, "a caption")
        writer.import_captions([(id_, "another")])
        writer.set_favourite([id_], True)
        writer.set_favourite([id_], False)
        writer.set_rating([id_], 3)
        writer.set_rating([id_], None)
        album = writer.create_album("Album")
        writer.add_to_album(album, [id_])
        writer.remove_from_album(album, [id_])
        writer.remove_folder(b"/photos")

    with closing(open_for_reading(library)) as database:
        scans = [
            (statement, step)
            for statement in statements
            if statement.split()[0] in ("SELECT", "INSERT", "UPDATE", "DELETE")
            and "thumbnails VALUES" not in statement
            for *_, step in plan(database, statement)
            if step.startswith("SCAN") and "INDEX" not in step and not harmless(step)
        ]
    assert scans == []


def plan(database: sqlite3.Connection, statement: str) -> list[tuple[int, int, int, str]]:
    return database.execute(f"EXPLAIN QUERY PLAN {statement}").fetchall()


def harmless(step: str) -> bool:
    """What has few rows, is wanted whole, was made by a subquery, or found by the full-text index itself."""
    few = (
        "folders",
        "failures",
        "favourites",
        "places",
        "ratings",
        "albums",
        "changes",
        "_searches",
        "_words_config",
        "json_each",
        "found",
    )
    return any(word in step for word in (*few, "(subquery", "CONSTANT ROW", "VIRTUAL TABLE"))


def test_reading_loads_neither_torch_nor_sqlite_utils() -> None:
    code = "import sys, photosearch.store.reader, photosearch.store.writer; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True
    ).stdout.split()
    assert not {"torch", "sqlite_utils", "PIL", "PySide6"} & set(loaded)


def test_a_setting_is_what_was_chosen_else_the_default(tmp_path: Path) -> None:
    library = Library(tmp_path)
    assert setting(library, settings.DEVICE) == "auto"  # there is no library yet
    with Writer.open(library) as writer:
        writer.set_setting(settings.DEVICE, "cpu")
        assert setting(library, settings.DEVICE) == "cpu"
        writer.set_setting(settings.DEVICE, "an abacus")
        assert setting(library, settings.DEVICE) == "auto"


def test_a_reader_is_used_again_by_any_thread_and_sees_what_was_written(
    writer: Writer, library: Library, folder: Folder
) -> None:
    readers = OpenReaders(library)
    with readers.one() as first, readers.one() as second:
        assert first is not second
    writer.commit([indexed_file(1, folder_id=folder.folder_id)], MODEL)
    seen: list[tuple[Reader, int]] = []

    def use() -> None:
        with readers.one() as reader:
            seen.append((reader, len(reader.living())))

    thread = threading.Thread(target=use)
    thread.start()
    thread.join()
    use()
    assert seen == [(first, 1), (first, 1)]
    readers.close()


def test_a_reader_that_failed_is_not_used_again(writer: Writer, library: Library) -> None:
    readers = OpenReaders(library)
    with pytest.raises(sqlite3.OperationalError), readers.one() as failed:
        raise sqlite3.OperationalError("disk I/O error")
    with readers.one() as another:
        assert another is not failed
        assert another.folders() == []
    readers.close()


def test_closing_waits_for_no_reader_and_leaves_none_open(writer: Writer, library: Library) -> None:
    readers = OpenReaders(library)
    with readers.one() as idle, readers.one() as busy:
        pass
    with readers.one() as busy:
        readers.close()
        assert busy.folders() == []
    for reader in (idle, busy):
        with pytest.raises(sqlite3.ProgrammingError, match="closed"):
            reader.folders()
