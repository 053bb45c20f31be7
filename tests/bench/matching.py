"""Filters and browsing over a library of 100,000 photos, beside reading the id of every photo."""

import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np

from photosearch.core import query
from photosearch.core.photo import Facts
from photosearch.paths import Library
from photosearch.store.reader import Reader
from photosearch.store.rows import IndexedFile
from photosearch.store.writer import Writer
from tests.bench.table import Row, median_seconds

PHOTOS = 100_000
MODEL = "bench"
BATCH = 1000
CAMERAS = ("Canon EOS R5", "Apple iPhone 15 Pro", "NIKON Z 6", "FUJIFILM X-T5", None)
WORDS = ("dog", "beach", "snow", "海滩", "birthday", "lake", "red", "car", "night", "children")


def measure() -> list[Row]:
    with tempfile.TemporaryDirectory() as folder:
        library = Library(Path(folder))
        album = fill(library)
        with Reader.open(library) as reader:
            everything = median_seconds(lambda: reader.matching([]))
            return [
                Row(
                    f"{name}, {PHOTOS:,} photos",
                    f"{seconds * 1e3:.1f} ms",
                    f"every id {everything * 1e3:.1f} ms",
                    everything / seconds,
                )
                for name, work in works(reader, album).items()
                for seconds in (median_seconds(work),)
            ]


def works(reader: Reader, album: int) -> dict[str, Callable[[], object]]:
    """What is measured, by name."""
    alone: dict[str, query.AnyFilter] = {
        "date:2015": query.Dated(start="2015", end="2016"),
        "folder: (1 of 100)": query.InFolder(paths_bytes=(b"/photos/07",)),
        "folder: (all)": query.InFolder(paths_bytes=(b"/photos",)),
        "camera:canon": query.TakenWith(camera="canon"),
        "type:jpeg": query.OfType(formats=("JPEG",)),
        "rating:4": query.Rated(stars=4),
        "has:gps": query.Has(fact="gps"),
        "has:caption": query.Has(fact="caption"),
        "favourite": query.Favourite(),
        "near: 50 km": query.Near(latitude=47.5, longitude=19.0, kilometres=50),
        "near: the world": query.Near(latitude=47.5, longitude=19.0, kilometres=20_000),
        "orientation:portrait": query.Turned(orientation="portrait"),
        "away:yes": query.Away(),
        "away:no": query.Away(negated=True),
        '"red dog"': query.Says(phrase="red dog"),
        '"海滩"': query.Says(phrase="海滩"),
        '"IMG", in every name': query.Says(phrase="IMG"),
        "album": query.InAlbum(album_id=album),
    }
    together = [alone[name] for name in ("date:2015", "camera:canon", "has:gps", "rating:4")]
    filters = {name: [filter_] for name, filter_ in alone.items()} | {"4 together": together}
    year = reader.matching([alone["date:2015"]])
    return {f"filter {name}": lambda f=found: reader.matching(f) for name, found in filters.items()} | {
        "timeline": reader.timeline,
        "timeline of 2015": lambda: reader.timeline(year),
        "days": reader.days,
        "recently added": reader.recently_added,
        "cameras and years": reader.cameras_and_years,
        "subfolders": reader.subfolders,
        "colours of 500": lambda: reader.colours(year[:500]),
        "details of 1": lambda: reader.details(PHOTOS // 2),
    }


def fill(library: Library) -> int:
    """Photos with facts, captions and ratings at random; -> the id of an album of every hundredth."""
    random = np.random.default_rng(0)
    with Writer.open(library) as writer:
        writer.register_model(MODEL, MODEL, 4)
        here = writer.add_folder(b"/photos", "disk").folder_id
        away = writer.add_folder(b"/drive", "stick").folder_id
        ids: list[int] = []
        for start in range(0, PHOTOS, BATCH):
            files = [_file(number, random, here, away) for number in range(start, start + BATCH)]
            ids += writer.commit(files, MODEL)
        writer.set_away(away, True)
        writer.import_captions((photo_id, " ".join(random.choice(WORDS, 8))) for photo_id in ids[::2])
        writer.set_favourite(ids[::50], True)
        writer.set_rating(ids[::20], 5)
        album = writer.create_album("Bench")
        writer.add_to_album(album, ids[::100])
    return album


def _file(number: int, random: np.random.Generator, here: int, away: int) -> IndexedFile:
    is_away = number % 10 == 0
    place = (number % 100, number % 7, number)
    year, month, day = random.integers((2005, 1, 1), (2025, 13, 29))
    latitude, longitude = random.uniform((-60, -180), (70, 180)).round(7) if number % 3 else (None, None)
    facts = Facts(
        format="JPEG" if number % 5 else "HEIF",
        width=4000 if number % 4 else 3000,
        height=3000 if number % 4 else 4000,
        taken_at=f"{year:04}-{month:02}-{day:02}T12:00:00",
        camera=CAMERAS[number % len(CAMERAS)],
        latitude=latitude,
        longitude=longitude,
        rating=number % 6 if number % 2 else None,
    )
    return IndexedFile(
        folder_id=away if is_away else here,
        path=(b"/drive" if is_away else b"/photos") + b"/%02d/%02d/IMG_%06d.jpg" % place,
        size=1,
        mtime_ns=number * 10**9,
        content_hash=number.to_bytes(20, "big"),
        facts=facts,
        colour=b"\x80\x80\x80",
        vector=np.ones(4, dtype=np.float16),
        bias=0.0,
        thumbnail=b"",
    )
