"""Thousands of changes at once, and queries meanwhile: none waits long, none meets a locked database."""

import itertools
import os
import random
import statistics
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from photosearch.core import messages, note_messages, search_messages
from photosearch.core.errors import KnownError
from photosearch.engine.client import Client
from photosearch.paths import Library
from tests.helpers.exported_models import copy_to_run
from tests.helpers.photos import make_photo
from tests.torture.library_on_disk import LibraryOnDisk
from tests.torture.life import Life
from tests.torture.tally import Tally

MOST_CHANGES, MOST_QUERIES = 5_000, 1_000
A_SECOND = 60  # changes for each second of the time, which is to end with all of them known
FACES = 2  # that ask at the same time
PHOTOS = 200
QUERIES = ("a dog", "n12", "cat -dog", "a red car on snow")
PATIENCE = 300.0  # seconds until all changes are to be known


def torture(tally: Tally, seconds: float, seed: int, place: Path) -> None:
    """One burst, as large as the time allows."""
    changes = min(MOST_CHANGES, int(seconds * A_SECOND))
    photos, library = place / "photos", Library(place / "library")
    photos.mkdir()
    paths = [make_photo(photos / f"{number}.jpg", number, size=(32, 24)) for number in range(PHOTOS)]
    copy_to_run("onnx", library.models / "tiny")
    with Life.of_engine(library, "--model", "tiny") as life, life.client(library) as client:
        client.call(messages.Index([os.fsencode(photos)]))
        over = threading.Event()
        with ThreadPoolExecutor(FACES) as faces:
            asked = [
                faces.submit(_ask, tally, library, random.Random(f"{seed} {face}"), over)
                for face in range(FACES)
            ]
            _change(random.Random(seed), paths, changes)
            tally.count("changes", changes)
            began = time.monotonic()
            while (wrong := _differences(library, photos)) and time.monotonic() - began < PATIENCE:
                time.sleep(0.5)
            over.set()
            times = sorted(itertools.chain(*(face.result() for face in asked)))
        tally.check("after a burst the library comes to say what the folder holds", not wrong, wrong[:5])
        tally.figure("s after the last change until all was known", f"{time.monotonic() - began:.1f}")
        tally.count("queries meanwhile", len(times))
        tally.figure("ms a query meanwhile, median", f"{statistics.median(times) * 1000:.0f}")
        tally.figure(
            "ms a query meanwhile, the slowest in 100", f"{times[len(times) * 99 // 100] * 1000:.0f}"
        )
        tally.check("an engine that is told to end does", life.stop() == 0)
    logs = "".join(path.read_text(errors="replace") for path in library.logs.iterdir())
    tally.check("no log tells of a locked database", "database is locked" not in logs)
    tally.check("no log tells of an error of the program's own", "Traceback" not in logs, logs[-2000:])


def _change(rng: random.Random, paths: list[Path], changes: int) -> None:
    """As fast as it goes: new photos, copies, edits, renames, deletions."""
    seeds = itertools.count(10_000)
    for number in range(changes):
        place = rng.randrange(len(paths))
        path = paths[place]
        fresh = path.with_name(f"n{number}.jpg")
        match rng.randrange(5):
            case 0:
                paths.append(make_photo(fresh, next(seeds), size=(32, 24)))
            case 1:
                fresh.write_bytes(path.read_bytes())
                paths.append(fresh)
            case 2:
                make_photo(path, next(seeds), size=(32, 24))
            case 3:
                paths[place] = path.rename(fresh)
            case _ if len(paths) > PHOTOS // 2:
                paths.pop(place).unlink()
            case _:
                os.utime(path, (number, number))


def _ask(tally: Tally, library: Library, rng: random.Random, over: threading.Event) -> list[float]:
    """Queries and notes, one after the other, until the burst is over; -> seconds of each query."""
    times: list[float] = []
    client = Client.connect(library)
    assert client is not None
    with client:
        while not over.is_set() or len(times) < 20:
            began = time.monotonic()
            told = ""
            try:
                client.call(
                    search_messages.Search(rng.choice(("a dog", "n12", "cat -dog", "a red car on snow")))
                )
                times.append(time.monotonic() - began)
                if rng.random() < 0.1:
                    client.call(note_messages.SetCaption((rng.randint(1, PHOTOS),), f"of {rng.random()}"))
                    tally.count("captions meanwhile")
            except KnownError as error:
                told = str(error)
            tally.check("a query amid a burst is answered", not told, told)
            if len(times) >= MOST_QUERIES // FACES:
                over.wait(0.5)
    return times


def _differences(library: Library, photos: Path) -> list[str]:
    found = LibraryOnDisk(library.root)
    found.check_files()
    held = {os.fsdecode(path) for path in found.files}
    there = {str(path) for path in photos.iterdir()}
    return [*sorted(held ^ there), *found.faults]
