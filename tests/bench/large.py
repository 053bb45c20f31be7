"""A library of as many photos as are wanted, its rows put straight into SQLite."""

import itertools
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np

from photosearch.core.photo import FACTS_VERSION
from photosearch.models.catalog import ModelInfo
from photosearch.paths import Library
from photosearch.store.folders import place_of
from photosearch.store.words import words, words_of_file
from photosearch.store.writer import Writer

PER_FOLDER = 250
REAL = 100_000  # files at most that are on the disk too, to be looked at again
CAMERAS = (
    "Apple iPhone 15 Pro", "Canon EOS R5", "NIKON Z 6", "FUJIFILM X-T5", "SONY ILCE-7M4", "Google Pixel 8",
    "Panasonic DC-GH5", "OLYMPUS E-M1", *(f"Camera {number}" for number in range(30)), None,
)  # fmt: skip
FORMATS = ("JPEG", "HEIF", "PNG", "TIFF")
WORDS = ("dog", "beach", "snow", "海滩", "birthday", "lake", "red", "car", "night", "children")
BATCH = 4096


def fill(library: Library, model: ModelInfo, dim: int, count: int, photos: Path) -> None:
    """Photos of twenty years in folders by year and event, with cameras, places, stars, captions and copies.

    A tenth of the files lie in `photos`, at most REAL, and are there, empty; the others are nowhere. A
    twentieth of the photos have two files; a hundredth have none any more.
    """
    with Writer.open(library) as writer:
        writer.register_model(model.model_id, model.name, dim)
        here = writer.add_folder(os.fsencode(photos), "").folder_id
        elsewhere = writer.add_folder(b"/nowhere/photos", "disk").folder_id
        away = writer.add_folder(b"/nowhere/drive", "stick").folder_id
        writer.set_away(away, True)
    real = min(REAL, count // 10)
    with closing(sqlite3.connect(library.database, isolation_level=None)) as database:
        for pragma in ("journal_mode = OFF", "synchronous = OFF", "cache_size = -500000"):
            database.execute(f"PRAGMA {pragma}")
        database.execute("BEGIN")
        random = np.random.default_rng(0)
        database.executemany(
            """INSERT INTO photos (photo_id, content_hash, width, height, format, dated_at, taken_at,
            added_at, facts_version, camera, latitude, longitude, rating, keywords, colour, held)
            VALUES (?, ?, ?, ?, ?, ?6, ?6, ?, ?, ?, ?, ?, ?, ?, ?, 0)""",
            _photos(count, random),
        )
        files = list(_files(count, real, photos, (here, elsewhere, away)))
        places: dict[bytes, int] = {}
        database.executemany(
            """INSERT INTO files (file_id, folder_id, path, photo_id, size, mtime_ns, place_id)
            VALUES (?, ?, ?, ?, ?, ?, ?)""",
            ((*file, places.setdefault(place_of(file[2]), len(places) + 1)) for file in files),
        )
        database.executemany("INSERT INTO places (path, place_id) VALUES (?, ?)", places.items())
        database.executemany(
            "INSERT INTO file_words (rowid, name) VALUES (?, ?)",
            ((file[0], words_of_file(file[2])) for file in files),
        )
        captioned = [
            (number, " ".join(random.choice(WORDS, 6).tolist())) for number in range(1, count + 1, 10)
        ]
        database.executemany(
            "INSERT INTO captions (photo_id, source, text, written_at) VALUES (?, 'imported', ?, 0)",
            captioned,
        )
        database.executemany(
            "INSERT INTO photo_words (rowid, caption, keywords) VALUES (?, ?, '')",
            ((number, words([text])) for number, text in captioned),
        )
        database.executemany(
            "INSERT INTO favourites VALUES (?, 0)", ((number,) for number in range(1, count + 1, 50))
        )
        database.executemany(
            "INSERT INTO ratings VALUES (?, ?, 0)", ((n, n // 20 % 6) for n in range(1, count + 1, 20))
        )
        database.execute("INSERT INTO albums VALUES (1, 'Bench', 0)")
        database.executemany("INSERT INTO album_photos VALUES (1, ?, ?)", enumerate(range(1, count + 1, 100)))
        database.executemany(
            "INSERT INTO vectors (model, photo_id, bias, vector) VALUES (1, ?, 0.0, ?)",
            _vectors(count, dim, random),
        )
        database.execute("COMMIT")


def _photos(count: int, random: np.random.Generator) -> Iterator[tuple]:
    began = datetime(2005, 1, 1)
    minutes = np.sort(random.integers(0, 20 * 365 * 24 * 60, count))
    late = random.random(count) < 0.2  # they came later than others that were taken after them
    minutes[late] = random.permutation(minutes[late])
    for number, minute in enumerate(minutes.tolist(), 1):
        portrait, camera = number % 4 == 0, CAMERAS[min(number * 7919 % 64, len(CAMERAS) - 1)]
        place = number % 3 == 0
        taken = (began + timedelta(minutes=minute)).isoformat()
        yield (
            number, number.to_bytes(20, "big"), 3000 if portrait else 4000, 4000 if portrait else 3000,
            FORMATS[min(number * 31 % 20 // 13 + (number % 50 == 0) * 2, 3)], taken, 1e9 + number,
            FACTS_VERSION, camera,
            round(47.5 + (number * 7919 % 20_000 - 10_000) / 300, 7) if place else None,
            round(19.0 + (number * 104_729 % 36_000 - 18_000) / 100, 7) if place else None,
            number % 6 if number % 5 == 0 else None, "family\nholiday" if number % 10 == 3 else "",
            number * 2654435761 % 0x1000000,
        )  # fmt: skip


def _files(
    count: int, real: int, photos: Path, folders: tuple[int, int, int]
) -> Iterator[tuple[int, int, bytes, int, int, int]]:
    here, elsewhere, away = folders
    file_ids = itertools.count(1)
    for number in range(1, count + 1):
        folder = number // PER_FOLDER
        below = b"%d/%d-%02d Event %d/IMG_%07d.jpg" % (
            2005 + 20 * folder * PER_FOLDER // (count + 1), 2005 + folder % 20, folder % 12 + 1,
            folder, number,
        )  # fmt: skip
        if number <= real:
            path = photos / os.fsdecode(below)
            if number == 1 or number % PER_FOLDER == 0:
                path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()
            status = path.stat()
            yield next(file_ids), here, os.fsencode(path), number, 0, status.st_mtime_ns
        elif number % 100 == 99:
            continue
        elif number % 10 == 0:
            yield next(file_ids), away, b"/nowhere/drive/" + below, number, 1, number
        else:
            yield next(file_ids), elsewhere, b"/nowhere/photos/" + below, number, 1, number
            if number % 20 == 7:
                yield next(file_ids), elsewhere, b"/nowhere/photos/best/" + below, number, 1, number


def _vectors(count: int, dim: int, random: np.random.Generator) -> Iterator[tuple[int, bytes]]:
    for start in range(0, count, BATCH):
        vectors = random.standard_normal((min(BATCH, count - start), dim), dtype=np.float32)
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        for row, vector in enumerate(vectors.astype("<f2")):
            yield start + row + 1, vector.tobytes()
