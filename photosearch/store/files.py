"""Files as they were read, and the photos that they hold, in a transaction of the writer's."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator

import msgspec
import numpy as np
from numpy.typing import NDArray

from photosearch.core.photo import FACTS_VERSION, Look
from photosearch.store.dating import local_time, write_date
from photosearch.store.facts import join_sidecars, write_facts
from photosearch.store.folders import place_id_of, place_of
from photosearch.store.rows import IndexedFile
from photosearch.store.versions import FORMER_AT, Arrival
from photosearch.store.videos import thumbnail_key, write_video
from photosearch.store.words import words_of_file


def write_file(database: sqlite3.Connection, file: IndexedFile, model: int) -> Arrival:
    """Write a file, its photo where that is new, and the vector by a model, given by its number."""
    known = database.execute(
        "SELECT photo_id, facts_version FROM photos WHERE content_hash = ?", (file.content_hash,)
    ).fetchone()
    photo_id: int = known[0] if known else _write_photo(database, file)
    if not known or known[1] < FACTS_VERSION:
        write_facts(database, photo_id, file.facts, file.colour)
    write_vector(database, model, photo_id, file.vector, file.bias)
    if file.video:
        write_video(database, photo_id, model, file.video)
    if file.look:
        write_look(database, photo_id, file.look)
    return write_link(database, file.folder_id, file.path, file.size, file.mtime_ns, file.ctime_ns, photo_id)


def thumbnails_of(file: IndexedFile) -> Iterator[tuple[bytes, bytes]]:
    """Rows of the table of thumbnails: its own, and those of the frames of a video."""
    yield file.content_hash, file.thumbnail
    for frame in file.video.frames if file.video else ():
        yield thumbnail_key(file.content_hash, frame.at_ms), frame.thumbnail


def write_vector(
    database: sqlite3.Connection, model: int, photo_id: int, vector: NDArray[np.float16], bias: float
) -> None:
    """Write a vector (D,) of a known photo, where there is none of this model, given by its number."""
    database.execute(
        "INSERT INTO vectors (model, photo_id, bias, vector) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
        (model, photo_id, bias, vector.astype("<f2").tobytes()),
    )


def write_look(database: sqlite3.Connection, photo_id: int, look: Look) -> None:
    """Write what the pixels of a known photo are known by, where that is not known."""
    database.execute(
        "INSERT INTO looks VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
        (photo_id, look.fingerprint, look.miniature),
    )


def _write_photo(database: sqlite3.Connection, file: IndexedFile) -> int:
    facts = file.facts
    photo_id = database.execute(
        """INSERT INTO photos (content_hash, width, height, format, dated_at, added_at, damage, held)
        VALUES (?, ?, ?, ?, ?, ?, ?, 0)""",  # until a file is linked to it
        (
            file.content_hash,
            facts.width,
            facts.height,
            facts.format,
            local_time(file.mtime_ns),
            time.time(),
            msgspec.json.encode(file.damage).decode() if file.damage else None,
        ),
    ).lastrowid
    assert photo_id is not None
    return photo_id


def write_link(
    database: sqlite3.Connection,
    folder_id: int,
    path: bytes,
    size: int,
    mtime_ns: int,
    ctime_ns: int | None,
    photo_id: int,
) -> Arrival:
    """Note that the file at a path holds this photo, with what follows: its date, its sidecars."""
    former = database.execute(FORMER_AT, (path,)).fetchone()
    ((held,),) = database.execute("SELECT held FROM photos WHERE photo_id = ?", (photo_id,)).fetchall()
    database.execute("DELETE FROM failures WHERE path = ?", (path,))
    before = database.execute("SELECT photo_id FROM files WHERE path = ?", (path,)).fetchone()
    written = database.execute(
        """INSERT INTO files (folder_id, path, photo_id, size, mtime_ns, ctime_ns, place_id)
        SELECT folder_id, ?, ?, ?, ?, ?, ? FROM folders WHERE folder_id = ?
        ON CONFLICT (path) DO UPDATE SET
            folder_id = excluded.folder_id, photo_id = excluded.photo_id,
            size = excluded.size, mtime_ns = excluded.mtime_ns, ctime_ns = excluded.ctime_ns
        RETURNING file_id""",
        (path, photo_id, size, mtime_ns, ctime_ns, place_id_of(database, place_of(path)), folder_id),
    ).fetchall()
    database.executemany(
        """INSERT INTO file_words (rowid, name) SELECT ?, ?
        WHERE NOT EXISTS (SELECT 1 FROM file_words WHERE rowid = ?)""",
        [(file_id, words_of_file(path), file_id) for (file_id,) in written],
    )
    concerned = {photo_id, *(before or ())}
    for dated in concerned:
        write_date(database, dated)
    join_sidecars(database, concerned)
    return Arrival(photo_id, former[0] if former else None, is_back=not held)
