"""A window in which somebody types without end, whatever becomes of its engine.

python -m tests.torture.window_at_work LIBRARY

It says "answered" for each answer, and once its input ends a line of JSON: how long its loop stood still.
"""

import json
import os
import sys
import threading
import time
from pathlib import Path

os.environ["QT_QPA_PLATFORM"] = "offscreen"  # before Qt is imported anywhere

from PySide6.QtCore import QTimer

from photosearch.gui import app
from photosearch.gui.shell.window import Window
from photosearch.paths import Library

QUERIES = ("a dog", "red car", "two people on a beach", "snow", "q1")
BEAT_MS, TYPE_MS = 5, 400


class Typist:
    """Types one query after the other, scrolls, and measures how long the window's loop stands still."""

    def __init__(self, window: Window) -> None:
        self.still: list[float] = []  # seconds, of each beat that came late
        self.retried = 0
        self._window = window
        self._number = 0
        self._beat_at = time.perf_counter()
        self._beat = QTimer(interval=BEAT_MS)
        self._beat.timeout.connect(self._on_beat)
        self._typing = QTimer(interval=TYPE_MS)
        self._typing.timeout.connect(self._type)
        window.search.runner.answered.connect(lambda question, result: print("answered", flush=True))
        self._beat.start()
        self._typing.start()

    def _type(self) -> None:
        self._number += 1
        if self._window.status.retry.isVisible():  # where two engines died one soon after the other
            self.retried += 1
            self._window.status.retry.click()
        text = QUERIES[self._number % len(QUERIES)] if self._number % 9 else ""
        self._window.header.field.setText(text)
        bar = self._window.grid.verticalScrollBar()
        bar.setValue(bar.maximum() * (self._number % 7) // 7)

    def _on_beat(self) -> None:
        now = time.perf_counter()
        self.still.append(now - self._beat_at)
        self._beat_at = now


def main() -> int:
    application = app.application()
    window = app.build(Library(Path(sys.argv[1])), "tiny")
    window.show()
    typist = Typist(window)
    over = threading.Event()
    threading.Thread(target=lambda: (sys.stdin.read(), over.set()), daemon=True).start()
    end = QTimer(interval=50)
    end.timeout.connect(lambda: over.is_set() and application.quit())
    end.start()
    application.exec()
    window.close()
    still = sorted(typist.still)
    p99 = still[len(still) * 99 // 100]
    print(json.dumps({"longest": still[-1], "p99": p99, "retried": typist.retried}), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
