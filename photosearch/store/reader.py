"""Everything that is read from the library."""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from collections import defaultdict
from collections.abc import Iterator, Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from photosearch import settings
from photosearch.core.errors import Sentence
from photosearch.core.photo import FACTS_VERSION, VIDEO_VERSION, Photo
from photosearch.paths import Library
from photosearch.store.browsing import BrowsingReader
from photosearch.store.connect import NoLibrary, explained
from photosearch.store.details import DetailReader
from photosearch.store.embedded import EmbeddedReader
from photosearch.store.folders import ANY_FILE, FileChoice, rank_of, read_folders
from photosearch.store.history import HistoryReader
from photosearch.store.live_albums import LiveAlbumReader
from photosearch.store.matching import MatchingReader
from photosearch.store.naming import NamingReader
from photosearch.store.read_connection import json_of
from photosearch.store.rows import (
    LEFT_OUT,
    Counts,
    Damaged,
    Failure,
    FileStamp,
    Folder,
    ModelVectors,
    SidecarStamp,
    Vectors,
)
from photosearch.store.shared import SharedReader
from photosearch.store.stacking import StackingReader
from photosearch.store.versions import VersionReader
from photosearch.store.videos import VideoReader

_VECTORS = """SELECT photo_id, bias, vector FROM vectors
    WHERE model = (SELECT model FROM models WHERE model_id = ?)"""
CHUNK = 4096  # rows read at a time, so that no read holds back the writer's checkpoints


class Reader(
    BrowsingReader,
    LiveAlbumReader,
    MatchingReader,
    NamingReader,
    DetailReader,
    EmbeddedReader,
    HistoryReader,
    SharedReader,
    StackingReader,
    VersionReader,
    VideoReader,
):
    """A read-only view of a library, which sees each commit at once.

    A photo is living while at least one file holds it; others are kept, as their files may come back, but
    never shown. Every method raises KnownError when the library is damaged or its disk fails.
    """

    def folders(self) -> list[Folder]:
        """The library's folders, by path."""
        with explained(self._library):
            return read_folders(self._database)

    def folder_counts(self) -> dict[int, int]:
        """How many photos each folder holds, by folder id, whatever copies of one lie in it."""
        counts = {folder.folder_id: 0 for folder in self.folders()}
        held = self._rows("SELECT folder_id, count(DISTINCT photo_id) FROM files GROUP BY folder_id")
        return counts | dict(held)

    def held_elsewhere(self, path: bytes) -> int:
        """How many photos of one of the library's folders have a file in another of them, too."""
        count: int = self._value(
            """SELECT count(DISTINCT photo_id) FROM folders CROSS JOIN files AS here USING (folder_id)
            WHERE folders.path = ? AND EXISTS (
                SELECT 1 FROM files WHERE photo_id = here.photo_id AND folder_id <> here.folder_id)""",
            path,
        )
        return count

    def stamps(self, folder_id: int) -> dict[bytes, FileStamp]:
        """Files and failures of a folder, by path; a path that holds a photo and fails now is a failure."""
        files = self._rows(
            "SELECT path, size, mtime_ns, photo_id, 0, NULL, ctime_ns, '' FROM files WHERE folder_id = ?",
            folder_id,
        )
        failures = self._rows(
            """SELECT path, size, mtime_ns, NULL, attempts, retry_at, ctime_ns, stage
            FROM failures WHERE folder_id = ?""",
            folder_id,
        )
        return {path: FileStamp(*stamp) for path, *stamp in files + failures}

    def sidecars(self, folder_id: int) -> dict[bytes, SidecarStamp]:
        """Files beside photos of a folder, by path."""
        files: defaultdict[bytes, set[bytes]] = defaultdict(set)
        stamps: dict[bytes, tuple[int, int, int | None]] = {}
        for path, file, *stamp in self._rows(
            "SELECT path, file, size, mtime_ns, ctime_ns FROM sidecars WHERE folder_id = ?", folder_id
        ):
            files[path].add(file)
            stamps[path] = (stamp[0], stamp[1], stamp[2])
        return {path: SidecarStamp(*stamp, frozenset(files[path])) for path, stamp in stamps.items()}

    def some_files(self, folder_id: int, most: int) -> list[tuple[bytes, bytes]]:
        """Paths and content hashes (BLAKE2b-160) of so many files of photos of a folder, picked at random."""
        return self._rows(
            """SELECT files.path, content_hash FROM files JOIN photos USING (photo_id)
            WHERE file_id IN (SELECT file_id FROM files WHERE folder_id = ? ORDER BY random() LIMIT ?)""",
            folder_id,
            most,
        )

    def failures(self) -> list[Failure]:
        """The files that could not be read, by path."""
        rows = self._rows(
            """SELECT folder_id, path, stage, reason, size, mtime_ns, attempts, retry_at, ctime_ns
            FROM failures WHERE stage NOT IN (?, ?) ORDER BY path""",
            *LEFT_OUT,
        )
        return [
            Failure(folder_id, path, stage, msgspec.json.decode(reason, type=Sentence), *rest)
            for folder_id, path, stage, reason, *rest in rows
        ]

    def damaged(self) -> list[Damaged]:
        """The files whose photos are shown as far as they go, by path."""
        rows = self._rows(
            """SELECT folder_id, path, damage FROM photos CROSS JOIN files USING (photo_id)
            WHERE damage IS NOT NULL ORDER BY path"""
        )
        return [
            Damaged(folder_id, path, msgspec.json.decode(damage, type=Sentence))
            for folder_id, path, damage in rows
        ]

    def folders_to_retry(self, now: float) -> list[bytes]:
        """Paths of folders, not away, that hold failures whose next try is due at `now` (Unix time)."""
        rows = self._rows(
            """SELECT DISTINCT folders.path FROM failures JOIN folders USING (folder_id)
            WHERE retry_at <= ? AND NOT away""",
            now,
        )
        return [path for (path,) in rows]

    def photo_id(self, content_hash: bytes) -> int | None:
        """The photo of this content (BLAKE2b-160), living or not; None where it was never indexed."""
        photo_id: int | None = self._value("SELECT photo_id FROM photos WHERE content_hash = ?", content_hash)
        return photo_id

    def undescribed(self) -> NDArray[np.int64]:
        """Ids of photos whose facts are not of the present version (N,)."""
        (ids,) = self._integers(
            "SELECT group_concat(photo_id) FROM photos WHERE facts_version < ?", FACTS_VERSION
        )
        return ids

    def smaller_than(self, pixels: int) -> frozenset[int]:
        """Ids of photos whose shorter edge has fewer pixels."""
        if not pixels:
            return frozenset()
        return frozenset(
            photo_id
            for (photo_id,) in self._rows("SELECT photo_id FROM photos WHERE min(width, height) < ?", pixels)
        )

    def is_described(self, photo_id: int) -> bool:
        """Whether the photo's facts are of the present version."""
        version = self._value("SELECT facts_version FROM photos WHERE photo_id = ?", photo_id)
        return version is not None and version >= FACTS_VERSION

    def has_vector(self, photo_id: int, model_id: str) -> bool:
        """Whether the photo has a vector of this model, and a video those of the frames that are kept now."""
        sql = """SELECT 1 FROM vectors JOIN models USING (model) LEFT JOIN videos USING (photo_id)
            WHERE photo_id = ? AND model_id = ? AND coalesce(version >= ?, 1)"""
        return self._value(sql, photo_id, model_id, VIDEO_VERSION) is not None

    def photo(self, photo_id: int, choice: FileChoice = ANY_FILE) -> Photo | None:
        """None where no file holds it; else as `photos` has it."""
        return next(iter(self.photos([photo_id], choice)), None)

    def photos(self, ids: Sequence[int] | NDArray[np.int64], choice: FileChoice = ANY_FILE) -> list[Photo]:
        """In the order of `ids`, each by the file that is chosen; those that no file holds are left out."""
        rank, bounds = rank_of(choice)
        # Of several files, one on a drive that is here, then the one known longest: SQLite takes the other
        # columns from the row that has the minimum.
        rows = self._rows(
            f"""SELECT photo_id, files.path, width, height, taken_at, away,
                min((away << 62) | ({rank} << 60) | file_id)
            FROM json_each(?) CROSS JOIN photos ON photo_id = value
            CROSS JOIN files USING (photo_id) CROSS JOIN folders USING (folder_id)
            GROUP BY key ORDER BY key""",  # noqa: S608  (bounds are bound)
            *bounds,
            json_of(ids),
        )
        return [
            Photo(photo_id, path, width, height, taken_at, bool(away))
            for photo_id, path, width, height, taken_at, away, _ in rows
        ]

    def thumbnail(self, photo_id: int) -> bytes | None:
        """JPEG, at most 512 pixels on the long edge."""
        jpeg: bytes | None = self._value(
            "SELECT jpeg FROM photos JOIN thumbs.thumbnails USING (content_hash) WHERE photo_id = ?", photo_id
        )
        return jpeg

    def counts(self, model_id: str) -> Counts:
        """How many photos there are, and how many of them this model can search."""
        return Counts(
            photos=len(self.living()),
            searchable=self._value(
                """SELECT (SELECT count(*) FROM vectors WHERE model = only.model)
                - (SELECT count(*) FROM photos INDEXED BY photos_not_held CROSS JOIN vectors USING (photo_id)
                    WHERE NOT held AND model = only.model)
                FROM models AS only WHERE model_id = ?""",
                model_id,
            )
            or 0,
            failures=self._value("SELECT count(*) FROM failures WHERE stage NOT IN (?, ?)", *LEFT_OUT),
        )

    def unread_folders(self, model_id: str, known_to: str) -> list[bytes]:
        """Paths of folders, not away, with photos that another model knows, by id, and this one does not."""
        rows = self._rows(
            """SELECT path FROM folders WHERE NOT away AND EXISTS (
                SELECT 1 FROM files CROSS JOIN vectors AS known USING (photo_id)
                WHERE files.folder_id = folders.folder_id
                AND known.model = (SELECT model FROM models WHERE model_id = ?)
                AND NOT EXISTS (
                    SELECT 1 FROM vectors AS here WHERE here.photo_id = files.photo_id
                    AND here.model = (SELECT model FROM models WHERE model_id = ?)))""",
            known_to,
            model_id,
        )
        return [path for (path,) in rows]

    def setting(self, key: str) -> str | None:
        """A setting as it was kept; None where it never was. See setting() for one with its default."""
        value: str | None = self._value("SELECT value FROM settings WHERE key = ?", key)
        return value

    def models(self) -> list[ModelVectors]:
        """Every model that photos were read with."""
        rows = self._rows(
            """SELECT model_id, name, (SELECT count(*) FROM vectors WHERE vectors.model = models.model)
            FROM models ORDER BY model"""
        )
        return [ModelVectors(*row) for row in rows]

    def vector_ids(self, model_id: str) -> NDArray[np.int64]:
        """Ids of photos that have a vector of this model (N,), living or not, ascending."""
        (ids,) = self._integers(
            """SELECT group_concat(photo_id) FROM vectors
            WHERE model = (SELECT model FROM models WHERE model_id = ?)""",
            model_id,
        )
        return np.sort(ids)

    def vectors(self, model_id: str, after: int = 0) -> Iterator[Vectors]:
        """Vectors of photos with ids above `after`, living or not, by ascending id, in chunks."""
        sql = f"{_VECTORS} AND photo_id > ? ORDER BY photo_id LIMIT ?"
        while rows := self._rows(sql, model_id, after, CHUNK):
            with explained(self._library):
                chunk = _unpack(rows)
            yield chunk
            after = rows[-1][0]

    def vectors_of(self, ids: NDArray[np.int64], model_id: str) -> Iterator[Vectors]:
        """Vectors of those among `ids` that have one, in order, in chunks."""
        for start in range(0, len(ids), CHUNK):
            rows = self._rows(
                """SELECT photo_id, bias, vector FROM json_each(?) CROSS JOIN vectors ON photo_id = value
                WHERE model = (SELECT model FROM models WHERE model_id = ?) ORDER BY key""",
                json_of(ids[start : start + CHUNK]),
                model_id,
            )
            if rows:
                with explained(self._library):
                    unpacked = _unpack(rows)
                yield unpacked

    def check(self) -> list[str]:
        """Read the whole library and name what is damaged in it; empty when sound. Slow on a large one."""
        problems = []
        for database in ("main", "thumbs"):
            for (line,) in self._rows(f"PRAGMA {database}.integrity_check"):
                if line != "ok":
                    problems.append(line)
        for table, _, parent, _ in self._rows("PRAGMA foreign_key_check"):
            problems.append(f"a row of {table} points to nothing in {parent}")
        without = self._value(
            """SELECT count(*) FROM files JOIN photos USING (photo_id)
            WHERE content_hash NOT IN (SELECT content_hash FROM thumbs.thumbnails)"""
        )
        if without:
            problems.append(f"{without} files have no thumbnail")
        unnamed = self._value(
            "SELECT count(*) FROM files WHERE file_id NOT IN (SELECT rowid FROM file_words)"
        ) + self._value(
            """SELECT count(DISTINCT photo_id) FROM captions
            WHERE replaced_at IS NULL AND text <> '' AND photo_id NOT IN (SELECT rowid FROM photo_words)
            AND photo_id NOT IN (SELECT photo_id FROM captions WHERE replaced_at IS NULL AND text = '')"""
        )
        if unnamed:
            problems.append(f"{unnamed} captions or file names cannot be searched for")
        return problems


class OpenReaders:
    """Readers of a library that stay open for the next use: to open one takes longer than most reads.

    Thread-safe; each use has a reader to itself.
    """

    def __init__(self, library: Library) -> None:
        self._library = library
        self._idle: list[Reader] = []
        self._closed = False
        self._lock = threading.Lock()

    @contextlib.contextmanager
    def one(self) -> Iterator[Reader]:
        """
        Raises:
            KnownError: see Reader.open.
        """
        with self._lock:
            reader = self._idle.pop() if self._idle else None
        reader = reader or Reader.open(self._library, one_thread=False)
        try:
            yield reader
        except BaseException:
            reader.close()  # the fault may be in it
            raise
        with self._lock:
            if not self._closed:
                self._idle.append(reader)
                return
        reader.close()

    def close(self) -> None:
        """Close them; one that is in use closes when that ends."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
        for reader in idle:
            reader.close()


def setting(library: Library, key: str) -> str:
    """The value of a declared setting of the library: the person's, else the default.

    Raises:
        KnownError: the library cannot be read.
    """
    try:
        with Reader.open(library) as reader:
            return settings.value(key, reader.setting(key))
    except NoLibrary:
        return settings.value(key, None)


def _unpack(rows: list[tuple[int, float, bytes]]) -> Vectors:
    if len({len(row[2]) for row in rows}) > 1:
        raise sqlite3.DataError("vectors of one model differ in length")
    return Vectors(
        ids=np.array([row[0] for row in rows], dtype=np.int64),
        vectors=np.frombuffer(b"".join(row[2] for row in rows), dtype="<f2").reshape(len(rows), -1),
        bias=np.array([row[1] for row in rows], dtype=np.float32),
    )
