"""Start-up, memory and disk of a library of 10,000 photos: the window's first paint, the engine's warm-up."""

import contextlib
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psutil

from photosearch.core.messages import Index, Shutdown
from photosearch.core.search_messages import Search
from photosearch.engine.client import Client
from photosearch.models import catalog
from photosearch.models.loading import load_encoder
from photosearch.paths import Library
from tests.bench.library import fill, small_jpeg
from tests.bench.table import Row
from tests.helpers.photos import make_photo

STORED = 10_000  # photos in the library, before any is indexed
PHOTOS = 200
ROUNDS = 5
BUDGET = 350e6  # bytes, for an engine at rest

# Both end at the first paint event, and print the resident memory they have then.
PAINT = """
import os, sys
from pathlib import Path
from PySide6.QtCore import QEvent, QObject
{build}
class Watch(QObject):
    def eventFilter(self, target, event):
        if event.type() == QEvent.Type.Paint and target.isWidgetType():
            import psutil
            print(psutil.Process().memory_info().rss, flush=True)
            os._exit(0)
        return False
watch = Watch()
app.installEventFilter(watch)
window.show()
app.exec()
"""
BARE = "from PySide6.QtWidgets import QApplication, QLabel\napp = QApplication([])\nwindow = QLabel('photo')"
OURS = """
from photosearch.gui.app import application, build
from photosearch.paths import Library
from photosearch.core.errors import KnownError
def nobody():
    raise KnownError("The bench brings no engine.")
app = application()
window = build(Library(Path(sys.argv[1])), connect=nobody)
"""
# Types into the field at the first paint; ends when the photos of the answer are painted, with thumbnails.
SEARCHED = """
import os, sys
from pathlib import Path
from PySide6.QtCore import QEvent, QObject
from photosearch.gui.app import application, build
from photosearch.paths import Library
app = application()
window = build(Library(Path(sys.argv[1])))
answered, typed = [], []
window.search.runner.answered.connect(lambda *_: answered.append(True))
class Watch(QObject):
    def eventFilter(self, target, event):
        if event.type() == QEvent.Type.Paint and target.isWidgetType():
            if not typed:
                typed.append(True)
                window.header.field.setText("a dog")
            shown = window.grid.ids[:6].tolist()
            if answered and shown and all(window.grid.thumbnails.get(photo) for photo in shown):
                os._exit(0)
        return False
watch = Watch()
app.installEventFilter(watch)
window.show()
app.exec()
"""
SEARCHED_BUDGET = 1.2  # seconds
HEAVY = "import torch, timm, transformers"


def measure() -> list[Row]:
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # an installed program is not compiled at each start
    with tempfile.TemporaryDirectory() as temporary:
        photos = Path(temporary) / "photos"
        photos.mkdir()
        for seed in range(PHOTOS):
            make_photo(photos / f"{seed}.jpg", seed, size=(1600, 1200))
        library = Library(Path(temporary) / "library")
        fill(library, load_encoder(catalog.default()).encoder, STORED, small_jpeg())
        cold, cold_of_a_core = _search(library)  # which lays the vectors out for searching
        stored = -_size(library.root)
        warm_up, warm_up_of_a_core, resident, busy, decoder_bytes = _engine(library, photos)
        stored += _size(library.root)
        Client.leave_engine(library, 60)
        while (client := Client.connect(library)) is None:
            time.sleep(0.1)
        with client:
            client.call(Search("a dog"))
            warm, warm_of_a_core = _search(library)
            client.call(Shutdown())
        imports = statistics.median(_seconds_of(HEAVY) for _ in range(ROUNDS))
        ours, ours_of_a_core, window_bytes = _first_paint(OURS, library)
        bare, bare_of_a_core, bare_bytes = _first_paint(BARE, library)
        searched = _searched(library)
        originals = _size(photos)
    return [
        Row(
            "photosearch search, no engine running",
            f"{cold:.2f} s, {cold_of_a_core:.2f} s of a core",
            f"importing torch, timm, transformers {imports:.1f} s",
            imports / cold,
        ),
        Row(
            "the same, an engine left behind",
            f"{warm:.2f} s, {warm_of_a_core:.2f} s of a core",
            f"without one {cold:.2f} s",
            cold / warm,
        ),
        Row(
            "window, start to first paint",
            f"{ours:.2f} s, {ours_of_a_core:.2f} s of a core",
            f"a bare Qt label {bare:.2f} s, {bare_of_a_core:.2f} s of a core",
            bare / ours,
        ),
        Row(
            "window, start to the photos of the first query, no engine running",
            f"{statistics.median(searched):.2f} s, at best {min(searched):.2f}",
            f"a budget of {SEARCHED_BUDGET} s",
            SEARCHED_BUDGET / statistics.median(searched),
        ),
        Row(
            "engine, start to first answer",
            f"{warm_up:.1f} s, {warm_up_of_a_core:.2f} s of a core",
            f"importing torch, timm, transformers {imports:.1f} s",
            imports / warm_up,
        ),
        Row("window, resident", f"{window_bytes / 1e6:.0f} MB", f"a bare Qt label {bare_bytes / 1e6:.0f} MB"),
        Row(
            f"engine of {STORED:,} photos, resident after answers and indexing",
            f"{resident / 1e6:.0f} MB",
            f"a budget of {BUDGET / 1e6:.0f} MB",
            BUDGET / resident,
        ),
        Row("the same at its most, while indexing", f"{busy / 1e6:.0f} MB"),
        Row("decoders, resident, all together", f"{decoder_bytes / 1e6:.0f} MB"),
        Row(
            "library on disk",
            f"{stored / PHOTOS / 1e3:.1f} kB a photo",
            f"originals of 2 MP {originals / PHOTOS / 1e3:.0f} kB",
        ),
    ]


def _search(library: Library) -> tuple[float, float]:
    """Median seconds of a search from the shell, by the clock and of a core."""
    times, cores = [], []
    for _ in range(ROUNDS):
        start, core = time.perf_counter(), _children_seconds()
        subprocess.run(
            [sys.executable, "-m", "photosearch", "search", "a dog", "--library", str(library.root)],
            stdout=subprocess.DEVNULL,
            env=os.environ | {"PHOTOSEARCH_LINGER_MINUTES": "0"},
            check=True,
        )
        times.append(time.perf_counter() - start)
        cores.append(_children_seconds() - core)
    return statistics.median(times), statistics.median(cores)


def _children_seconds() -> float:
    times = os.times()
    return times.children_user + times.children_system


def _size(folder: Path) -> int:
    """Bytes on disk, without a library's copies of itself."""
    files = (path for path in folder.rglob("*") if path.is_file() and "backups" not in path.parts)
    return sum(path.stat().st_size for path in files)


def _engine(library: Library, photos: Path) -> tuple[float, float, int, int, int]:
    """Seconds to the first answer, by the clock and of a core; then bytes: the engine after indexing, at its
    most, and its children.
    """
    times, cores, resident, busy, children = [], [], 0, 0, 0
    for _ in range(ROUNDS):
        start = time.perf_counter()
        with Client.connect_or_start(library) as client:
            client.call(Search("a dog"))
            times.append(time.perf_counter() - start)
            engine = engine_process()
            cores.append(sum(engine.cpu_times()[:2]))
            with _most_resident(engine) as most:
                client.call(Index([os.fsencode(photos)]))
            client.call(Search("a cat"))
            resident, busy = max(resident, engine.memory_info().rss), max(busy, *most)
            # Decoders start when there is something to decode: in the first round.
            children = max(children, sum(c.memory_info().rss for c in engine.children(recursive=True)))
            client.call(Shutdown())
        engine.wait(30)
    return statistics.median(times), statistics.median(cores), resident, busy, children


@contextlib.contextmanager
def _most_resident(process: psutil.Process) -> Iterator[list[int]]:
    """-> the resident bytes of a process, looked at twenty times a second until the block ends."""
    seen = [process.memory_info().rss]
    over = threading.Event()

    def look() -> None:
        while not over.wait(0.05):
            seen.append(process.memory_info().rss)

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield seen
    finally:
        over.set()
        thread.join()


def engine_process() -> psutil.Process:
    (engine,) = (
        child for child in psutil.Process().children() if "photosearch.engine" in " ".join(child.cmdline())
    )
    return engine


def _first_paint(build: str, library: Library) -> tuple[float, float, int]:
    """Median seconds from process start to first paint, by the clock and of a core; resident bytes then."""
    environment = {"QT_QPA_PLATFORM": "offscreen"} | os.environ
    times, cores, resident = [], [], 0
    for _ in range(ROUNDS):
        start, core = time.perf_counter(), _children_seconds()
        printed = subprocess.run(
            [sys.executable, "-c", PAINT.format(build=build), str(library.root)],
            env=environment,
            stdout=subprocess.PIPE,
            check=True,
        ).stdout
        times.append(time.perf_counter() - start)
        cores.append(_children_seconds() - core)
        resident = int(printed)
    return statistics.median(times), statistics.median(cores), resident


def _searched(library: Library) -> list[float]:
    """Seconds from the start of the window's process until what was typed has its photos shown."""
    environment = {"QT_QPA_PLATFORM": "offscreen"} | os.environ
    times = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        subprocess.run([sys.executable, "-c", SEARCHED, str(library.root)], env=environment, check=True)
        times.append(time.perf_counter() - start)
        while client := Client.connect(library):  # the next round starts an engine too
            with client:
                client.call(Shutdown())
    return times


def _seconds_of(code: str) -> float:
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], check=True)
    return time.perf_counter() - start
