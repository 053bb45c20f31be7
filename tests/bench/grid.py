"""The grid with 100,000 photos: painting while one scrolls, laying out, memory."""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from photosearch.decode.thumbnail import thumbnail
from photosearch.gui.grid.sections import Section
from photosearch.paths import Library
from photosearch.store.reader import Reader
from photosearch.store.writer import Writer
from tests.bench.table import Row
from tests.helpers.library import DIM, indexed_file
from tests.helpers.photos import picture

PHOTOS = 100_000
THUMBNAILS = 200  # different ones; to decode one again is the same work
SCREENS = ((1280, 800), (2560, 1440))
FRAME_MS = 8.0
STEPS, STEP = 150, 120  # of the wheel, logical pixels
JUMPS = 40


def measure() -> list[Row]:
    rows: list[Row] = []
    with tempfile.TemporaryDirectory() as temporary:
        _make_library(Library(Path(temporary)))
        for width, height in SCREENS:
            rows += _rows(Path(temporary), width, height)
    return rows


def _rows(root: Path, width: int, height: int) -> list[Row]:
    # In a process of its own: Qt reads its platform once, and the memory is then the grid's.
    printed = subprocess.run(
        [sys.executable, "-m", "tests.bench.grid", str(root), str(width), str(height)],
        env={"QT_QPA_PLATFORM": "offscreen"} | os.environ,
        stdout=subprocess.PIPE,
        check=True,
    ).stdout
    found = json.loads(printed)
    name = f"grid of {PHOTOS:,} at {width}×{height}"

    def row(what: str, milliseconds: list[float]) -> Row:
        median, p95 = statistics.median(milliseconds), float(np.percentile(milliseconds, 95))
        value = f"{median:.1f} ms, p95 {p95:.1f} ms"
        return Row(f"{name}: {what}", value, f"a budget of {FRAME_MS:.0f} ms", FRAME_MS / median)

    return [
        Row(f"{name}: laid out by day", f"{statistics.median(found['layout']):.0f} ms"),
        row("paint while scrolling", found["scrolling"]),
        row("paint after a jump", found["jumps"]),
        row(f"paint of {found['cells']} thumbnails", found["whole"]),
        Row(f"{name}: resident, beyond the empty window", f"{found['memory'] / 1e6:.0f} MB"),
    ]


def _make_library(library: Library) -> None:
    with Writer.open(library) as writer:
        folder = writer.add_folder(b"/photos", "a volume")
        writer.register_model("model", "model", DIM)
        pictures = [thumbnail(picture(seed, (512, 384))) for seed in range(THUMBNAILS)]
        writer.commit(
            [
                indexed_file(seed, folder_id=folder.folder_id, thumbnail=jpeg)
                for seed, jpeg in enumerate(pictures)
            ],
            "model",
        )


def _figures(root: Path, width: int, height: int) -> dict[str, object]:
    """Milliseconds of each layout and of each paint event."""
    import psutil
    from PySide6.QtGui import QPaintEvent
    from PySide6.QtTest import QTest

    from photosearch.gui import app
    from photosearch.gui.data.library_reader import LibraryReader
    from photosearch.gui.data.thumbnail_cache import ThumbnailCache
    from photosearch.gui.grid.grid import PhotoGrid

    paints: list[float] = []

    class Watched(PhotoGrid):
        def paintEvent(self, event: QPaintEvent) -> None:
            paints.append(_milliseconds(lambda: PhotoGrid.paintEvent(self, event)))

    read = Reader.thumbnail
    Reader.thumbnail = lambda self, photo_id: read(self, photo_id % THUMBNAILS + 1)  # type: ignore[method-assign]
    application = app.application()
    library = Library(root)
    reader, thumbnails = LibraryReader(library), ThumbnailCache(library)
    grid = Watched(thumbnails, reader)
    grid.resize(width, height)
    grid.show()
    application.processEvents()
    empty = psutil.Process().memory_info().rss
    rng = np.random.default_rng(0)
    aspects = rng.choice(np.array([1.5, 0.67, 1.33, 1.0, 1.78], np.float32), PHOTOS)
    photos = np.arange(PHOTOS, dtype=np.int64), aspects, _days()
    layout = [_milliseconds(lambda: grid.show_photos(*photos, keep_place=False)) for _ in range(5)]
    bar = grid.verticalScrollBar()

    def painted(scroll: Callable[[], None], times: int, rest_ms: int) -> list[float]:
        paints.clear()
        for _ in range(times):
            scroll()
            application.processEvents()
            QTest.qWait(rest_ms)
        return paints[:]

    scrolling = painted(lambda: bar.setValue(bar.value() + STEP), STEPS, 8)
    jumps = painted(lambda: bar.setValue(int(rng.integers(0, bar.maximum()))), JUMPS, 30)
    while not all(thumbnails.get(int(grid.ids[position])) for position in grid.visible()):
        QTest.qWait(20)
    whole = painted(grid.viewport().repaint, JUMPS, 0)
    memory = psutil.Process().memory_info().rss - empty
    cells = len(grid.visible())
    thumbnails.close()
    reader.close()
    return {
        "layout": layout,
        "scrolling": scrolling,
        "jumps": jumps,
        "whole": whole,
        "cells": cells,
        "memory": memory,
    }


def _days() -> list[Section]:
    return [
        Section(start, day=f"{2024 - n // 336}-{12 - n // 28 % 12:02}-{28 - n % 28:02}")
        for n, start in enumerate(range(0, PHOTOS, 30))
    ]


def _milliseconds(work: Callable[[], None]) -> float:
    """Of the GUI thread's own processor time: what else the machine does at the time does not count."""
    start = time.thread_time()
    work()
    return (time.thread_time() - start) * 1e3


if __name__ == "__main__":
    print(json.dumps(_figures(Path(sys.argv[1]), *map(int, sys.argv[2:]))))
