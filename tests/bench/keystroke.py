"""From the last key of a query to its photos on the screen, to the last: the real window on a warm engine."""

import os
import statistics
import tempfile
import time
from pathlib import Path

from photosearch.core.messages import Shutdown
from photosearch.core.search_messages import Search
from photosearch.engine.client import Client
from photosearch.gui.query.rest import DELAY_MS
from photosearch.gui.query.runner import BEST
from photosearch.models import catalog
from photosearch.models.loading import load_encoder
from photosearch.paths import Library
from tests.bench.library import fill, small_jpeg
from tests.bench.table import Row

COUNTS = (10_000, 100_000)
QUERIES = 30
PAUSE_MS = 90  # that the window waits for another key
PATIENCE = 60.0  # seconds


def measure() -> list[Row]:
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    encoder = load_encoder(catalog.default()).encoder
    rows = []
    for count in COUNTS:
        with tempfile.TemporaryDirectory() as folder:
            library = Library(Path(folder))
            fill(library, encoder, count, small_jpeg())
            with Client.connect_or_start(library) as client:
                client.call(Search("warm the model"))
                seen, rest = _to_the_screen(library)
                answered = [_answer(client, number) for number in range(QUERIES)]
                client.call(Shutdown())
        p50, p95 = statistics.median(seen), statistics.quantiles(seen, n=20)[-1]
        answer = statistics.median(answered)
        reference = PAUSE_MS + answer
        rows.append(
            Row(
                f"last key to photos on the screen, {count:,} photos, p50 / p95",
                f"{p50:.0f} / {p95:.0f} ms",
                f"the pause of {PAUSE_MS} ms and the answer alone {reference:.0f} ms",
                reference / p50,
            )
        )
        p50, p95 = statistics.median(rest), statistics.quantiles(rest, n=20)[-1]
        rows.append(
            Row(
                f"results beyond the first {BEST}, {DELAY_MS} ms later, {count:,} photos, p50 / p95",
                f"{p50:.0f} / {p95:.0f} ms",
                f"the answer alone {answer:.0f} ms",
                answer / p50,
            )
        )
    return rows


def _answer(client: Client, number: int) -> float:
    start = time.perf_counter()
    client.call(Search(f"{number} horses in a field", BEST))
    return (time.perf_counter() - start) * 1e3


def _to_the_screen(library: Library) -> tuple[list[float], list[float]]:
    """Milliseconds from a key to the last paint that its answer brings, in a window of 1280 x 800.

    And from when the rest of the answer is asked for until it is there and painted.
    """
    from PySide6.QtCore import QEvent, QObject, Qt
    from PySide6.QtTest import QTest
    from PySide6.QtWidgets import QApplication

    from photosearch.gui import app as gui

    class Painted(QObject):
        at = 0.0

        def eventFilter(self, watched: QObject, event: QEvent) -> bool:
            if event.type() == QEvent.Type.Paint and watched.isWidgetType():
                self.at = time.perf_counter()
            return False

    app = QApplication.instance() or gui.application()
    painted = Painted()
    app.installEventFilter(painted)
    window = gui.build(library)
    window.resize(1280, 800)
    window.show()
    answers: list[float] = []
    window.search.runner.answered.connect(lambda *_: answers.append(time.perf_counter()))
    field = window.header.field
    _until(app, lambda: len(window.grid.ids) > 0)
    taken, rest = [], []
    for number in range(-1, QUERIES):  # the first opens what is opened once
        field.setText(f"{number} dogs on a beac")
        _until(app, lambda: bool(answers))
        answers.clear()
        start = time.perf_counter()
        QTest.keyClick(field, Qt.Key.Key_H)
        _until(app, lambda: bool(answers) and painted.at > answers[-1])
        app.processEvents()
        taken.append((painted.at - start) * 1e3)
        _until(app, lambda: len(window.grid.ids) > BEST)
        app.processEvents()
        rest.append((painted.at - answers[-1]) * 1e3 - DELAY_MS)
        answers.clear()
    window.close()
    app.removeEventFilter(painted)
    return taken[1:], rest[1:]


def _until(app, condition) -> None:
    end = time.perf_counter() + PATIENCE
    while not condition():
        if time.perf_counter() > end:
            raise TimeoutError("The window did not come so far in a minute.")
        app.processEvents()
        time.sleep(0.0005)
