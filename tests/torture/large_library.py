"""A library of many rows and no files, to be killed amid a migration, a copy or a return to one."""

import contextlib
import random
import shutil
import sqlite3
from pathlib import Path

from photosearch.core import messages
from photosearch.paths import Library
from tests.helpers.exported_models import copy_to_run
from tests.helpers.processes import photosearch
from tests.torture.library_on_disk import LibraryOnDisk
from tests.torture.life import Life
from tests.torture.tally import Tally

SCHEMAS = Path(__file__).parents[1] / "unit/store/schemas"
ROWS = 10_000


class LargeLibrary:
    """Made of the oldest schema. Each method is one life, and its end."""

    def __init__(self, tally: Tally, rng: random.Random, place: Path) -> None:
        self._tally = tally
        self._rng = rng
        self._place = place
        place.mkdir(parents=True)
        self._old = place / "old.sqlite3"
        _make_old(self._old)
        self._library = Library(place / "library")
        copy_to_run("onnx", self._library.models / "tiny")
        _make_thumbnails(self._library.thumbnails, self._old)
        self._put_back_old()
        self._start_whole(self._library)
        self._copy = place / "copy.sqlite3"
        self._back_up(self._copy)

    def migrate(self) -> None:
        """Killed while a library of the first schema is brought up to date: all of it or nothing."""
        self._put_back_old()
        with Life.of_engine(self._library, "--model", "tiny") as life:
            life.kill_after(self._rng.uniform(0.3, 1.5))
            life.end(self._tally)
        found = LibraryOnDisk(self._library.root)
        self._check_kept(found)
        whole = len(found.steps) in (1, len(list(SCHEMAS.glob("*.sql"))))
        self._tally.check("a migration is whole or not begun", whole, found.steps)
        self._start_whole(self._library)
        found = LibraryOnDisk(self._library.root)
        self._check_kept(found)
        up_to_date = len(found.steps) == len(list(SCHEMAS.glob("*.sql")))
        self._tally.check("after a killed migration the next one ends", up_to_date, found.steps)

    def back_up(self) -> None:
        """Killed while the daily copy is made, or one that the person asked for."""
        shutil.rmtree(self._library.backups, ignore_errors=True)
        mine = self._place / "mine.sqlite3"
        mine.unlink(missing_ok=True)
        if self._rng.random() < 0.5:
            life = Life.of_engine(self._library, "--model", "tiny")
        else:
            life = Life("photosearch", "backup", mine, "--library", self._library.root)
        with life:
            life.kill_after(self._rng.uniform(0.3, 1.5))
            life.end(self._tally)
        self._check_kept(LibraryOnDisk(self._library.root))
        if mine.exists():
            self._tally.check("a copy is whole or not there", _photos(mine) == ROWS + 2, mine)

    def restore(self) -> None:
        """Killed while the library goes back to a copy: there is then the one state or the other."""
        self._mark("present")
        with Life("photosearch", "restore", self._copy, "--yes", "--library", self._library.root) as life:
            life.kill_after(self._rng.uniform(0.2, 1.2))
            life.end(self._tally)
        found = LibraryOnDisk(self._library.root)
        self._check_kept(found)
        one = found.settings.get("torture") in ("present", None)
        self._tally.check("a return to a copy is whole or not begun", one, found.settings)
        if found.settings.get("torture") is None:
            kept = [
                _setting(path, "torture") for path in self._library.backups.glob("before-restore-*.sqlite3")
            ]
            self._tally.check("the state before a return is kept", "present" in kept, kept)
        shutil.rmtree(self._library.backups, ignore_errors=True)

    def _check_kept(self, found: LibraryOnDisk) -> None:
        self._tally.check(
            "a killed library is sound, and found by what it shows", not found.faults, found.faults
        )
        same = len(found.photos) == ROWS + 2 and len(found.files) == ROWS + 2
        self._tally.check("no photo is lost by a migration, a copy or a return", same, len(found.photos))

    def _put_back_old(self) -> None:
        for ending in ("", "-wal", "-shm", "-journal"):
            Path(f"{self._library.database}{ending}").unlink(missing_ok=True)
        shutil.copyfile(self._old, self._library.database)

    def _start_whole(self, library: Library) -> None:
        with Life.of_engine(library, "--model", "tiny") as life:
            with life.client(library) as client:
                status = client.call(messages.GetStatus())
            self._tally.check("a library opens after a kill", status.photos == ROWS + 2, status)
            self._tally.check("an engine that is told to end does", life.stop() == 0)

    def _back_up(self, path: Path) -> None:
        ended = photosearch("backup", path, "--library", self._library.root)
        assert ended.code == 0, ended.errors

    def _mark(self, value: str) -> None:
        with contextlib.closing(sqlite3.connect(self._library.database)) as database:
            database.execute("INSERT OR REPLACE INTO settings VALUES ('torture', ?)", (value,))
            database.commit()


def _make_old(path: Path) -> None:
    with contextlib.closing(sqlite3.connect(path)) as database:
        database.executescript((SCHEMAS / "first_schema.sql").read_text())
        rows = range(3, ROWS + 3)
        database.executemany(
            "INSERT INTO photos VALUES (?, ?, 400, 300, 'JPEG', NULL, NULL, '2024-05-01T10:00:00', 0.0)",
            [(number, number.to_bytes(20, "big")) for number in rows],
        )
        database.executemany(
            "INSERT INTO files VALUES (?, 1, ?, ?, 1000, 1)",
            [(number, b"/photos/a beach %d.jpg" % number, number) for number in rows],
        )
        database.executemany(
            "INSERT INTO vectors VALUES (1, ?, 0.0, ?)", [(number, bytes(16)) for number in rows]
        )
        database.commit()


def _make_thumbnails(path: Path, database: Path) -> None:
    path.parent.mkdir(parents=True)
    with contextlib.closing(sqlite3.connect(path)) as thumbnails:
        thumbnails.execute("CREATE TABLE thumbnails (content_hash BLOB NOT NULL UNIQUE, jpeg BLOB NOT NULL)")
        thumbnails.execute("ATTACH ? AS library", (str(database),))
        thumbnails.execute("INSERT INTO thumbnails SELECT content_hash, x'ffd8ffd9' FROM library.photos")
        thumbnails.commit()


def _photos(path: Path) -> int:
    """How many photos a sound database has."""
    with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        return int(database.execute("SELECT count(*) FROM photos").fetchone()[0])


def _setting(path: Path, key: str) -> str | None:
    with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
        found = database.execute("SELECT value FROM settings WHERE key = ?", (key,)).fetchone()
        return found[0] if found else None
