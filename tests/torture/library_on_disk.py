"""A library as it lies on the disk, read by SQLite and from bytes, without a line of the program's.

Whoever examines the store with the store's own code finds it in agreement with itself.
"""

import contextlib
import hashlib
import json
import os
import shutil
import sqlite3
import struct
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass
class Notes:
    """All that the person said, as plain values; photos are told by their ids."""

    captions: dict[int, str] = field(default_factory=dict)
    imported: dict[int, frozenset[str]] = field(default_factory=dict)
    favourites: set[int] = field(default_factory=set)
    stars: dict[int, int] = field(default_factory=dict)
    albums: dict[str, list[int]] = field(default_factory=dict)
    searches: dict[str, str] = field(default_factory=dict)
    words: dict[str, str] = field(default_factory=dict)


class LibraryOnDisk:
    """What a library's folder holds, and all that is wrong with it. Nothing in the folder is touched.

    Attributes:
        faults: sentences; empty where all is well.
        steps: the names of the schema's steps that it has had.
        photos: id by content.
        files: content by path, of the photos' files.
        failures: paths of files that gave no photo.
        vectors: how many photos have one, by the model's id.
    """

    def __init__(self, root: Path) -> None:
        self.faults: list[str] = []
        self.notes = Notes()
        self.album_ids: dict[str, int] = {}
        self.photos: dict[bytes, int] = {}
        self.files: dict[bytes, bytes] = {}
        self.failures: set[bytes] = set()
        self.vectors: dict[str, int] = {}
        self.steps: list[str] = []
        self.history: set[tuple[int, str]] = set()
        self.settings: dict[str, str] = {}
        self._root = root
        with _copied(root / "library.sqlite3") as database:
            if database is None:
                return
            self._check_sound(database, "library.sqlite3")
            steps = database.execute("SELECT name FROM _sqlite_migrations WHERE migration_set = 'library'")
            self.steps = [name for (name,) in steps]
            self._read(database)
            if len(self.steps) > 1:
                self._read_notes(database)
                self._check_words(database)
            if "indexes_of_many" in self.steps:
                self._check_kept(database)
            with _copied(root / "thumbnails" / "thumbnails.sqlite3") as thumbnails:
                if thumbnails is not None:
                    self._check_sound(thumbnails, "thumbnails.sqlite3")
                    self._check_thumbnails(database, thumbnails)
        self._check_lessons()
        self._check_backups()

    def _check_sound(self, database: sqlite3.Connection, name: str) -> None:
        found = [text for (text,) in database.execute("PRAGMA integrity_check(5)")]
        if found != ["ok"]:
            self.faults.append(f"{name} is damaged: {found}")
        if database.execute("PRAGMA foreign_key_check").fetchone():
            self.faults.append(f"{name} has a row that refers to none")

    def _read(self, database: sqlite3.Connection) -> None:
        self.photos = dict(database.execute("SELECT content_hash, photo_id FROM photos"))
        self.settings = dict(database.execute("SELECT key, value FROM settings"))
        by_id = {photo_id: content for content, photo_id in self.photos.items()}
        rows = database.execute("SELECT path, photo_id FROM files").fetchall()
        self.files = {path: by_id.get(photo_id, b"") for path, photo_id in rows}
        self.failures = {path for (path,) in database.execute("SELECT path FROM failures")}
        counted = database.execute(
            "SELECT model_id, count(*), min(length(vector)), max(length(vector)), 2 * dim "
            "FROM vectors JOIN models USING (model) GROUP BY model"
        )
        for model_id, count, shortest, longest, wanted in counted:
            self.vectors[model_id] = count
            if {shortest, longest} != {wanted}:
                self.faults.append(f"a vector of {model_id} has {shortest}..{longest} bytes, not {wanted}")
        (without,) = database.execute(
            "SELECT count(*) FROM files WHERE photo_id NOT IN (SELECT photo_id FROM vectors)"
        ).fetchone()
        if without:
            self.faults.append(f"{without} files have a photo without a vector")

    def _check_kept(self, database: sqlite3.Connection) -> None:
        """What is kept beside photos and files must be what these say."""
        held = {photo_id for (photo_id,) in database.execute("SELECT photo_id FROM photos WHERE held")}
        if held != {photo_id for (photo_id,) in database.execute("SELECT photo_id FROM files")}:
            self.faults.append("other photos count as held by a file than are")
        placed = "SELECT files.path, places.path FROM files LEFT JOIN places USING (place_id)"
        for path, place in database.execute(placed):
            if place is None or os.path.dirname(path) != os.path.dirname(place + b"file"):  # noqa: PTH120 (bytes)
                self.faults.append(f"{os.fsdecode(path)} counts for another folder")

    def check_files(self) -> None:
        """Compare what is known of each file that is there with what it holds now."""
        for path, content in self.files.items():
            with contextlib.suppress(FileNotFoundError):
                held = Path(os.fsdecode(path)).read_bytes()
                if hashlib.blake2b(held, digest_size=20).digest() != content:
                    self.faults.append(f"{os.fsdecode(path)} is known with another content")

    def _read_notes(self, database: sqlite3.Connection) -> None:
        notes = self.notes
        self.history = set(database.execute("SELECT photo_id, text FROM captions"))
        held = "SELECT photo_id, text FROM captions WHERE replaced_at IS NULL AND text <> '' AND source = ?"
        notes.captions = dict(database.execute(held, ("person",)))
        for photo_id, text in database.execute(held, ("imported",)):
            notes.imported[photo_id] = notes.imported.get(photo_id, frozenset()) | {text}
        notes.favourites = {photo_id for (photo_id,) in database.execute("SELECT photo_id FROM favourites")}
        notes.stars = dict(database.execute("SELECT photo_id, stars FROM ratings"))
        notes.searches = dict(database.execute("SELECT name, text FROM saved_searches"))
        self.album_ids = dict(database.execute("SELECT name, album_id FROM albums"))
        for name, album_id in self.album_ids.items():
            rows = database.execute(
                "SELECT position, photo_id FROM album_photos WHERE album_id = ? ORDER BY position",
                (album_id,),
            ).fetchall()
            notes.albums[name] = [photo_id for _, photo_id in rows]
            if [position for position, _ in rows] != list(range(len(rows))):
                self.faults.append(f"the album {name} has gaps")
        lesson = self.settings.get("lesson")
        if lesson:
            words = self._lesson(self._root / "lessons" / lesson / "lesson.safetensors").get("words", [])
            notes.words = {word["name"]: word["phrase"] for word in words if word.get("edited")}

    def _check_words(self, database: sqlite3.Connection) -> None:
        """What is shown must be what is found."""
        for table in ("photo_words", "file_words"):
            try:
                database.execute(f"INSERT INTO {table} ({table}) VALUES ('integrity-check')")  # noqa: S608
            except sqlite3.DatabaseError as error:
                self.faults.append(f"the full-text index {table} is damaged: {error}")
        indexed = dict(database.execute("SELECT rowid, caption FROM photo_words"))
        shown = {
            **{id_: " ".join(texts) for id_, texts in self.notes.imported.items()},
            **self.notes.captions,
        }
        for photo_id, text in shown.items():
            if not set(text.lower().split()) <= set(indexed.get(photo_id, "").lower().split()):
                self.faults.append(f"photo {photo_id} is not found by its caption {text!r}")
        named = {rowid for (rowid,) in database.execute("SELECT rowid FROM file_words")}
        files = {file_id for (file_id,) in database.execute("SELECT file_id FROM files")}
        if named != files:
            self.faults.append(
                f"{len(named ^ files)} files are not found by their names, or names by no file"
            )

    def _check_thumbnails(self, database: sqlite3.Connection, thumbnails: sqlite3.Connection) -> None:
        whole = {
            content
            for content, jpeg in thumbnails.execute("SELECT content_hash, jpeg FROM thumbnails")
            if jpeg.startswith(b"\xff\xd8") and jpeg.endswith(b"\xff\xd9")
        }
        without = set(self.files.values()) - whole
        if without:
            self.faults.append(f"{len(without)} photos have no thumbnail")

    def _check_lessons(self) -> None:
        for path in self._root.glob("lessons/[!.]*/lesson.safetensors"):
            self._lesson(path)

    def _lesson(self, path: Path) -> dict[str, Any]:
        """The header of a lesson's file, which must be whole."""
        try:
            data = path.read_bytes()
            (length,) = struct.unpack("<Q", data[:8])
            header = json.loads(data[8 : 8 + length])
            ends = [tensor["data_offsets"][1] for name, tensor in header.items() if name != "__metadata__"]
            if len(data) != 8 + length + max(ends, default=0):
                self.faults.append(f"{path} is not whole")
            lesson: dict[str, Any] = json.loads(header["__metadata__"]["lesson"])
            return lesson
        except (OSError, ValueError, KeyError, struct.error) as error:
            self.faults.append(f"{path} is no lesson: {error!r}")
            return {}

    def _check_backups(self) -> None:
        for path in self._root.glob("backups/*.sqlite3"):
            with _copied(path) as backup:
                if backup is None:
                    self.faults.append(f"{path} is an empty copy")
                else:
                    self._check_sound(backup, path.name)

    def left_behind(self) -> list[str]:
        """Files that something which was killed began and nobody will end."""
        endings = (".partial", ".part", ".tmp", "-journal")
        return sorted(
            str(path.relative_to(self._root)) for path in self._root.rglob("*") if path.name.endswith(endings)
        )


@contextlib.contextmanager
def _copied(path: Path) -> Iterator[sqlite3.Connection | None]:
    """A copy of a database with what is in its log, opened as anybody would; None where there is none."""
    if not path.exists() or not path.stat().st_size:
        yield None
        return
    with tempfile.TemporaryDirectory(prefix="photosearch-examined-") as folder:
        copy = Path(folder, path.name)
        shutil.copyfile(path, copy)
        if Path(f"{path}-wal").exists():
            shutil.copyfile(f"{path}-wal", f"{copy}-wal")
        with contextlib.closing(sqlite3.connect(copy, isolation_level=None)) as database:
            if not database.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone():
                yield None  # killed before the first transaction
            else:
                yield database
