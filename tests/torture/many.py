"""A hundred thousand small files: how fast they are indexed, in how much memory, and looked at again."""

import contextlib
import io
import os
import sqlite3
import statistics
import threading
import time
from pathlib import Path

import psutil

from photosearch.core import messages, search_messages
from photosearch.core.errors import KnownError
from photosearch.engine.client import Client
from photosearch.paths import Library
from tests.helpers.exported_models import copy_to_run
from tests.helpers.photos import picture
from tests.torture.library_on_disk import LibraryOnDisk
from tests.torture.life import Life
from tests.torture.tally import Tally

MOST = 100_000
COPIES = 4  # files of the same content
A_SECOND = 450  # files that are made for each second of the time
PER_FOLDER = 500
QUERIES = 50


def torture(tally: Tally, seconds: float, seed: int, place: Path) -> None:
    """Index as many files as fit into the time, at most MOST; then look at them again."""
    files = min(MOST, int(seconds * A_SECOND))
    photos, library = place / "photos", Library(place / "library")
    _make_files(photos, files)
    copy_to_run("onnx", library.models / "tiny")
    index = messages.Index([os.fsencode(photos)])
    with Life.of_engine(library, "--model", "tiny") as life, life.client(library) as client:
        memory = Memory(life.pid)
        began = time.monotonic()
        timer = threading.Timer(seconds * 0.8, _cancel, (client, library))
        timer.start()
        try:
            report = client.call(index).report
            tally.check("of many files none fails", not report.failed, report)
        except KnownError as error:
            tally.check("a job is ended by nobody but the person", "was ended" in str(error), error)
        finally:
            timer.cancel()
            timer.join()  # it may be at work: the next look is not to be ended
        taken = time.monotonic() - began
        indexed = _known(library)
        tally.count("files", files)
        tally.count("files that were indexed in the time", indexed)
        tally.figure("files a second were indexed", f"{indexed / taken:.0f}")
        tally.figure("MB at most, of the engine alone", f"{memory.most():.0f}")
        if indexed == files:
            cpu = sum(psutil.Process(life.pid).cpu_times()[:2])
            began = time.monotonic()
            report = client.call(index).report
            wall, cpu = time.monotonic() - began, sum(psutil.Process(life.pid).cpu_times()[:2]) - cpu
            tally.figure("s to look at all again, unchanged", f"{wall:.1f}")
            tally.figure("s of a core for that", f"{cpu:.1f}")
            tally.check("unchanged files are not read again", report.unchanged == files, report)
        times = [_timed(client, number) for number in range(QUERIES)]
        tally.figure("ms a query, median", f"{statistics.median(times) * 1000:.0f}")
        tally.check("an engine that is told to end does", life.stop() == 0)
    found = LibraryOnDisk(library.root)
    tally.check("many files leave a sound library", not found.faults, found.faults)
    tally.check("of many files each is known", len(found.files) >= indexed, len(found.files))


class Memory:
    """The most memory that a process has had, by Linux's count; elsewhere what it has."""

    def __init__(self, pid: int) -> None:
        self._process = psutil.Process(pid)
        self._status = Path(f"/proc/{pid}/status")

    def most(self) -> float:
        """In MB."""
        if self._status.exists():
            lines = self._status.read_text().splitlines()
            return int(next(line for line in lines if line.startswith("VmHWM")).split()[1]) / 1024
        return float(self._process.memory_info().rss) / 2**20


def _make_files(folder: Path, count: int) -> None:
    """Tiny photos, each content of its own by a few bytes after its end, and in several files."""
    sources = []
    for seed in range(20):
        file = io.BytesIO()
        picture(seed, (24, 18)).save(file, "JPEG", quality=40)
        sources.append(file.getvalue())
    for start in range(0, count, PER_FOLDER):
        inside = folder / f"{start // PER_FOLDER:03}"
        inside.mkdir(parents=True)
        for number in range(start, min(start + PER_FOLDER, count)):
            content = number // COPIES
            (inside / f"{number}.jpg").write_bytes(sources[content % 20] + content.to_bytes(8))


def _known(library: Library) -> int:
    with contextlib.closing(sqlite3.connect(library.database)) as database:
        return int(database.execute("SELECT count(*) FROM files").fetchone()[0])


def _cancel(client: Client, library: Library) -> None:
    with Client.connect(library) or client as other:
        for job in other.call(messages.GetJobs()).jobs:
            with contextlib.suppress(KnownError):  # it has ended meanwhile
                other.call(messages.CancelJob(job.job_id))


def _timed(client: Client, number: int) -> float:
    began = time.monotonic()
    client.call(search_messages.Search(f"a dog number {number}"))
    return time.monotonic() - began
