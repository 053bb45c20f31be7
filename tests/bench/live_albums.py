"""Albums that fill themselves, of 100,000 photos: what they cost while these rest and after a change.

A core's time, as a clock tells of the machine's load; the engine runs in this process, in the foreground.
"""

import itertools
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from photosearch import settings
from photosearch.core.note_messages import FillLiveAlbums, SaveSearch, SetLive, SetRating
from photosearch.core.query import InLiveAlbum
from photosearch.core.search_messages import Search
from photosearch.engine.service import Engine
from photosearch.models import catalog
from photosearch.paths import Library
from photosearch.store.reader import Reader
from photosearch.store.writer import Writer
from tests.bench.large import fill
from tests.bench.table import Row, median_seconds

PHOTOS = 100_000
FILLED = 1000.0  # milliseconds, for all
QUERIES = (
    "two dogs on a beach", "a birthday cake with candles", "children in the snow", "a red car at night",
    "a lake in the mountains date:2015", "people -dogs", "sunset camera:canon", "rating:4", "type:jpeg",
    "has:gps date:2010..2020",
)  # fmt: skip


def measure() -> list[Row]:
    model = catalog.default()
    with tempfile.TemporaryDirectory() as temporary:
        library = Library(Path(temporary) / "library")
        fill(library, model, model.dim, PHOTOS, Path(temporary) / "photos")
        with Writer.open(library) as writer:
            writer.set_setting(settings.BACKUPS, "0")
        with Engine(library, background=False) as engine:
            return _measured(library, engine)


def _measured(library: Library, engine: Engine) -> list[Row]:
    engine.handle(Search("a dog"))
    _wait_until_idle()  # it is coding them
    stars = 0
    texts = itertools.cycle(["a cat on a chair", "a cat on a table"])  # the same again is not ranked

    def change_and_fill() -> None:
        nonlocal stars
        stars = stars % 5 + 1
        engine.handle(SetRating((1,), stars))
        engine.handle(FillLiveAlbums())

    changed = _milliseconds(change_and_fill)
    began = time.process_time()
    for query in QUERIES:
        engine.handle(SaveSearch(query, query, live=True))
    made = (time.process_time() - began) * 1e3
    filled = _milliseconds(change_and_fill) - changed
    rested = _milliseconds(lambda: engine.handle(FillLiveAlbums()))
    searched_beside = _milliseconds(lambda: engine.handle(Search(next(texts))))
    with Reader.open(library) as reader:
        albums = reader.live_albums()
        largest = max(albums, key=lambda album: album.photos)
        counted = _milliseconds(reader.live_albums)
        within = [InLiveAlbum(search_id=largest.search_id)]
        opened = _milliseconds(lambda: reader.timeline_and_days(reader.matching(within)))
    for album in albums:
        engine.handle(SetLive(album.search_id, live=False))
    searched = _milliseconds(lambda: engine.handle(Search(next(texts))))
    photos = sum(album.photos for album in albums)
    return [
        Row(
            f"{len(QUERIES)} live albums of {PHOTOS:,} photos, looked for after a change",
            f"{filled:.0f} ms of a core",
            f"a budget of {FILLED:.0f} ms",
            FILLED / filled,
        ),
        Row("the same, where nothing changed", f"{rested:.2f} ms of a core"),
        Row(f"the same, each made anew, {photos:,} photos in all", f"{made:.0f} ms of a core"),
        Row("their counts and what is new", f"{counted:.1f} ms of a core"),
        Row(f"one of {largest.photos:,} photos, opened", f"{opened:.0f} ms of a core"),
        Row(
            "a query beside them",
            f"{searched_beside:.1f} ms of a core",
            f"without them {searched:.1f} ms",
            searched / searched_beside,
        ),
    ]


def _wait_until_idle() -> None:
    idle = 0
    while idle < 3:
        began = time.process_time()
        time.sleep(1)
        idle = idle + 1 if time.process_time() - began < 0.01 else 0


def _milliseconds(work: Callable[[], object]) -> float:
    return median_seconds(work, 7, time.process_time) * 1e3
