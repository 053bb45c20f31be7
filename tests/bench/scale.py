"""A large library: an engine's start and memory, filters, the timeline, facets, and a look at files again.

Beside what is wanted of a million photos; a core's time throughout, as a clock tells of the machine's load.
"""

import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from photosearch import settings
from photosearch.core import query
from photosearch.core.messages import Index, Shutdown
from photosearch.core.search_messages import Search
from photosearch.engine.client import Client
from photosearch.models import catalog
from photosearch.paths import Library
from photosearch.store.reader import Reader
from photosearch.store.writer import Writer
from tests.bench.large import REAL, fill
from tests.bench.startup import engine_process
from tests.bench.table import Row, median_seconds

READY, RESCANNED = 5.0, 3.0  # seconds
FILTER, WHOLE = 150.0, 300.0  # milliseconds
MEMORY = 600e6  # bytes beyond the vectors
REPEATS = 3


def measure(photos: int) -> list[Row]:
    model = catalog.default()
    with tempfile.TemporaryDirectory() as temporary:
        library, folder = Library(Path(temporary) / "library"), Path(temporary) / "photos"
        fill(library, model, model.dim, photos, folder)
        with Writer.open(library) as writer:
            writer.set_setting(settings.BACKUPS, "0")  # no copy is made meanwhile
        return _browsing(library, photos) + _engine(library, folder, photos, model.dim)


def _browsing(library: Library, photos: int) -> list[Row]:
    with Reader.open(library) as reader:
        rows = [
            _milliseconds(f"filter {name}, {photos:,} photos", lambda f=filter_: reader.matching([f]), FILTER)
            for name, filter_ in FILTERS.items()
        ]
        year = reader.matching([FILTERS["date:2015"]])
        works: dict[str, Callable[[], object]] = {
            "timeline with its days": reader.timeline_and_days,
            "timeline of one year": lambda: reader.timeline_and_days(year),
            "timeline of 50 photos": lambda: reader.timeline_and_days(year[:50]),
            "recently added": reader.recently_added,
            "facets: cameras and years": reader.cameras_and_years,
            "facets: folders": reader.subfolders,
        }
        return rows + [_milliseconds(name, work, WHOLE) for name, work in works.items()]


FILTERS: dict[str, query.AnyFilter] = {
    "date:2015": query.Dated(start="2015", end="2016"),
    "date:2005..2019": query.Dated(start="2005", end="2020"),
    "folder: (1 of all)": query.InFolder((b"/nowhere/photos/2015",)),
    "folder: (4 of 5 photos)": query.InFolder((b"/nowhere/photos",)),
    "camera:canon": query.TakenWith("canon"),
    "camera:c, half of all": query.TakenWith("c"),
    "type:jpeg": query.OfType(("JPEG",)),
    "rating:4": query.Rated(4),
    "has:gps": query.Has("gps"),
    "has:camera": query.Has("camera"),
    "has:caption": query.Has("caption"),
    "has:keywords": query.Has("keywords"),
    "favourite": query.Favourite(),
    "near: 50 km": query.Near(47.5, 19.0, 50),
    "near: the world": query.Near(47.5, 19.0, 20_000),
    "orientation:portrait": query.Turned("portrait"),
    "away:yes": query.Away(),
    "away:no": query.Away(negated=True),
    '"red dog"': query.Says("red dog"),
    '"IMG", in every name': query.Says("IMG"),
    "album": query.InAlbum(1),
}


def _milliseconds(name: str, work: Callable[[], object], budget: float) -> Row:
    taken = median_seconds(work, REPEATS, time.process_time) * 1e3
    return Row(name, f"{taken:.0f} ms of a core", f"a budget of {budget:.0f} ms", budget / taken)


def _engine(library: Library, folder: Path, photos: int, dim: int) -> list[Row]:
    files = min(REAL, photos // 10)
    with Client.connect_or_start(library) as client:  # which lays the vectors out
        client.call(Search("a dog"))
        client.call(Shutdown())
    walked = median_seconds(lambda: _walk(folder), REPEATS, time.process_time)
    with Client.connect_or_start(library) as client:
        engine = engine_process()

        def of_a_core() -> float:
            return sum(engine.cpu_times()[:2])

        client.call(Search("a dog"))
        ready = of_a_core()
        _wait_until_idle(of_a_core)
        client.call(Search("a cat"))
        _wait_until_idle(of_a_core)  # it is coding them
        memory = engine.memory_info()
        beyond = memory.rss - getattr(memory, "shared", photos * 2 * dim) - photos * dim
        before = of_a_core()
        report = client.call(Index([os.fsencode(folder)])).report
        rescanned = of_a_core() - before
        assert report.unchanged == files, report
        client.call(Shutdown())
    budget = RESCANNED * files / 100_000
    return [
        Row(
            f"engine of {photos:,} photos, start to first answer",
            f"{ready:.1f} s of a core",
            f"a budget of {READY:.0f} s",
            READY / ready,
        ),
        Row(
            "the same, resident beyond the vectors and their codes",
            f"{beyond / 1e6:.0f} MB",
            f"a budget of {MEMORY / 1e6:.0f} MB",
            MEMORY / beyond,
        ),
        Row(
            f"{files:,} unchanged files, looked at again",
            f"{rescanned:.2f} s of a core",
            f"a budget of {budget:.2f} s",
            budget / rescanned,
        ),
        Row(
            "the same", f"{rescanned:.2f} s of a core", f"their stat alone {walked:.2f} s", walked / rescanned
        ),
    ]


def _walk(folder: Path) -> None:
    for path in folder.rglob("*.jpg"):
        path.stat()


def _wait_until_idle(of_a_core: Callable[[], float]) -> None:
    """Until the engine computes next to nothing for a second."""
    before = -1.0
    while of_a_core() - before > 0.05:
        before = of_a_core()
        time.sleep(1)
