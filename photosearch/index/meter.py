"""Counting a run, and telling how it goes a few times a second."""

import time
from collections import Counter
from collections.abc import Callable
from typing import Literal

from photosearch.core.progress import IndexReport, Progress, Rate

INTERVAL = 0.1  # seconds between two reports


class Meter:
    """The counts of one run. All but `found` and `unchanged` belong to the thread that runs the pipeline."""

    def __init__(self, on_progress: Callable[[Progress], None]) -> None:
        self.found = 0  # files that need work, so far
        self.unchanged = 0  # files the scanner passed over
        self.scanning = True
        self.indexed = 0
        self.touched = 0  # read again, and the same as before
        self.arrived: Counter[int] = Counter()  # photos that came up at a path where they were not
        self.back = 0  # known photos that no file held
        self.failed = 0
        self.left_out = 0  # pictures that are too small
        self.left: Counter[int] = Counter()  # photos that are no longer at a path where they were
        self.vanished = 0
        self.notes_kept = 0  # photos that took over what was said of the ones that they are edits of
        self._on_progress = on_progress
        self._rate = Rate()
        self._started = time.monotonic()
        self._reported = float("-inf")

    @property
    def done(self) -> int:
        """Files finished, of those found."""
        return (
            self.indexed
            + self.touched
            + self.arrived.total()
            + self.back
            + self.failed
            + self.left_out
            + self.vanished
        )

    def report(self, state: Literal["idle", "working", "paused"] = "working") -> None:
        """Tell the progress; while working, no more often than INTERVAL."""
        now = time.monotonic()
        if state == "working" and now - self._reported < INTERVAL:
            return
        self._reported = now
        if state == "paused":
            self._rate = Rate()  # a pause is no slowness
        rate = self._rate.add(self.done) if state == "working" else 0.0
        left = (self.found - self.done) / rate if rate and not self.scanning else None
        self._on_progress(
            Progress(
                state=state if state != "working" else "indexing" if self.found else "scanning",
                done=self.done,
                total=self.found,
                failed=self.failed,
                images_per_second=rate,
                seconds_left=left,
            )
        )

    def result(self, model: str) -> IndexReport:
        """What the run brought, by `model`, its id."""
        seconds = time.monotonic() - self._started
        return IndexReport(
            indexed=self.indexed,
            unchanged=self.unchanged + self.touched,
            moved=(self.arrived & self.left).total(),
            copies=(self.arrived - self.left).total(),
            back=self.back,
            removed=(self.left - self.arrived).total(),
            failed=self.failed,
            vanished=self.vanished,
            notes_kept=self.notes_kept,
            seconds=seconds,
            images_per_second=self.indexed / seconds if seconds else 0.0,
            model=model,
        )
