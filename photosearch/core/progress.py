"""How a long job is watched and steered."""

import threading
import time
from typing import Literal

import msgspec

from photosearch.core.errors import Cancelled


class Progress(msgspec.Struct, frozen=True):
    """Where an indexing job stands. Counts are of files in this run."""

    state: Literal["idle", "scanning", "indexing", "paused"]
    done: int = 0  # files finished, failures included
    total: int = 0  # files known to need work so far; grows while scanning
    failed: int = 0
    images_per_second: float = 0.0
    seconds_left: float | None = None  # None until it can be told


class IndexReport(msgspec.Struct, frozen=True):
    """What one indexing run did. Counts are of files."""

    indexed: int = 0
    unchanged: int = 0
    moved: int = 0  # known content at a new path, gone from its old one: no decode, no encode
    copies: int = 0  # known content at a new path, still at its old one: likewise
    back: int = 0  # known content that no file held, as a folder or videos were left out meanwhile: likewise
    removed: int = 0  # files that are gone, those that moved not counted
    failed: int = 0
    vanished: int = 0  # files that were gone before they were read
    notes_kept: int = (
        0  # photos that were edited by another program, and kept what the person had said of them
    )
    seconds: float = 0.0
    images_per_second: float = 0.0
    model: str = ""


class Control:
    """Pause and cancel, asked for by a face and honoured by a job between small steps."""

    def __init__(self) -> None:
        self._cancelled = threading.Event()
        self._running = threading.Event()
        self._running.set()
        self._parts: list[Control] = []
        self._changing = threading.RLock()

    def part(self) -> "Control":
        """For a part of the job: held and ended with it, and ended by itself too."""
        with self._changing:
            part = Control()
            self._parts.append(part)
            if self.paused:
                part.pause()
            if self._cancelled.is_set():
                part.cancel()
            return part

    def cancel(self) -> None:
        """End the job at its next checkpoint, paused or not; it cannot be taken back."""
        with self._changing:
            self._cancelled.set()
            self._running.set()
            for part in self._parts:
                part.cancel()

    def pause(self) -> None:
        """Hold the job at its next checkpoint until it is resumed or cancelled."""
        with self._changing:
            if not self._cancelled.is_set():
                self._running.clear()
            for part in self._parts:
                part.pause()

    def resume(self) -> None:
        """Let a paused job go on."""
        with self._changing:
            self._running.set()
            for part in self._parts:
                part.resume()

    @property
    def paused(self) -> bool:
        """Whether the job is held."""
        return not self._running.is_set()

    @property
    def cancelled(self) -> bool:
        """Whether the job is to end."""
        return self._cancelled.is_set()

    def checkpoint(self) -> None:
        """Block while paused.

        Raises:
            Cancelled: once cancel() was called.
        """
        self._running.wait()
        if self._cancelled.is_set():
            raise Cancelled


class Rate:
    """Items per second over a sliding window, so that the time left follows the present."""

    def __init__(self, window_seconds: float = 20.0) -> None:
        self._window = window_seconds
        self._marks: list[tuple[float, int]] = []

    def add(self, done: int) -> float:
        """Record the running total `done`; return the present rate."""
        now = time.monotonic()
        self._marks.append((now, done))
        while len(self._marks) > 2 and now - self._marks[0][0] > self._window:
            self._marks.pop(0)
        (t0, n0), (t1, n1) = self._marks[0], self._marks[-1]
        return (n1 - n0) / (t1 - t0) if t1 > t0 else 0.0
