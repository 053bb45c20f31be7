"""What HTTP adds: first results, thumbnails and status over loopback, beside the engine's own answers."""

import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from photosearch.core.messages import GetStatus, Shutdown
from photosearch.core.search_messages import Search
from photosearch.engine.client import Client as EngineClient
from photosearch.models import catalog
from photosearch.models.loading import load_encoder
from photosearch.paths import Library
from photosearch.serve.client import Client
from photosearch.store.reader import Reader
from tests.bench.library import fill, small_jpeg
from tests.bench.table import Row

PHOTOS = 10_000
FIRST = 60  # hits, as the page asks for them
QUERIES = 60
THUMBNAILS = 400
BROWSERS = 4  # that ask at once


def measure() -> list[Row]:
    encoder = load_encoder(catalog.default()).encoder
    with tempfile.TemporaryDirectory() as folder:
        library = Library(Path(folder))
        fill(library, encoder, PHOTOS, small_jpeg())
        command = [sys.executable, "-m", "photosearch", "--library", folder, "serve", "--port", "0", "--json"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
            told = json.loads(server.stdout.readline())
            address, _, token = told["link"].partition("/?token=")
            with Client(address, token) as http, EngineClient.connect_or_start(library) as engine:
                for text in ("warm the model", "have the photos coded"):
                    engine.call(Search(text))
                time.sleep(2)  # they are, beside the second query
                rows = [*_searches(http, engine), *_thumbnails(http, library, address, token)]
                server.terminate()
                server.wait()
                engine.call(Shutdown())
    return rows


def _searches(http: Client, engine: EngineClient) -> list[Row]:
    rows = []
    for what, texts in (
        ("first results", [f"a photo of {number} dogs on a beach" for number in range(QUERIES)]),
        ("the same, its text asked before", ["a photo of 1 dogs on a beach"] * QUERIES),
    ):
        # Each text once over each way, in turns, so that neither finds it encoded by the other.
        over, own = _in_turns(
            lambda text: http.search(f"{text} over", limit=FIRST),
            lambda text: engine.call(Search(f"{text} here", FIRST)),
            texts,
        )
        rows.append(_row(f"{what}, {PHOTOS:,} photos, p50 / p95", over, own, "the engine's own"))
    over, own = _in_turns(lambda _: http.status(), lambda _: engine.call(GetStatus()), [""] * QUERIES)
    return [*rows, _row("status, p50 / p95", over, own, "the engine's own")]


def _thumbnails(http: Client, library: Library, address: str, token: str) -> list[Row]:
    with Reader.open(library) as reader:
        over, own = _in_turns(http.thumbnail, reader.thumbnail, list(range(1, THUMBNAILS + 1)))
    row = _row("a thumbnail, p50 / p95", over, own, "reading it from the library")
    with ThreadPoolExecutor(BROWSERS) as pool:
        began = time.perf_counter()
        list(pool.map(lambda part: _ask_for(part, address, token), range(BROWSERS)))
        seconds = time.perf_counter() - began
    alone = THUMBNAILS / (sum(over) / 1e3)
    here = BROWSERS * THUMBNAILS / seconds
    what = f"thumbnails a second, {BROWSERS} browsers at once"
    return [row, Row(what, f"{here:.0f}", f"one browser {alone:.0f}", here / alone)]


def _ask_for(part: int, address: str, token: str) -> None:
    with Client(address, token) as http:
        for photo_id in range(part * THUMBNAILS + 1, (part + 1) * THUMBNAILS + 1):
            http.thumbnail(photo_id)


def _in_turns(
    one: Callable[..., object], other: Callable[..., object], arguments: list
) -> tuple[list[float], list[float]]:
    """Milliseconds of each call of two ways."""
    taken: tuple[list[float], list[float]] = ([], [])
    for argument in arguments:
        for work, times in zip((one, other), taken, strict=True):
            start = time.perf_counter()
            work(argument)
            times.append((time.perf_counter() - start) * 1e3)
    return taken


def _row(what: str, over: list[float], own: list[float], reference: str) -> Row:
    here, there = statistics.median(over), statistics.median(own)
    worst = [statistics.quantiles(times, n=20)[-1] for times in (over, own)]
    return Row(
        what, f"{here:.1f} / {worst[0]:.1f} ms", f"{reference} {there:.1f} / {worst[1]:.1f} ms", there / here
    )
