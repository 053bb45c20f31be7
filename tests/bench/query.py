"""A typed query through a warm engine over its socket, as the command line sees it."""

import statistics
import tempfile
import time
from pathlib import Path

import numpy as np

from photosearch.core.encoder import Encoder
from photosearch.core.messages import Shutdown
from photosearch.core.note_messages import ChangeAlbum, CreateAlbum
from photosearch.core.search_messages import Search
from photosearch.engine.client import Client
from photosearch.models import catalog
from photosearch.models.loading import load_encoder
from photosearch.paths import Library
from tests.bench.library import fill, small_jpeg
from tests.bench.startup import engine_process
from tests.bench.table import Row

PHOTOS = (10_000, 100_000)
QUERIES = 100
SENTENCES = {"English": "a photo of {number} dogs on a beach", "Chinese": "沙滩上的{number}只狗的照片"}
LEFT_BY_FILTERS = (10, 1_000, 50_000)  # of the most photos
FILTERED_QUERIES = 20
BUDGET = 10.0  # milliseconds


def measure() -> list[Row]:
    encoder = load_encoder(catalog.default()).encoder
    texts = {
        language: [sentence.format(number=number) for number in range(QUERIES)]
        for language, sentence in SENTENCES.items()
    }
    rows = [_encoding(encoder, language, spoken) for language, spoken in texts.items()]
    for photos in PHOTOS:
        with tempfile.TemporaryDirectory() as folder:
            library = Library(Path(folder))
            fill(library, encoder, photos, small_jpeg())
            with Client.connect_or_start(library) as client:
                for text in ("warm the model", "have the photos coded"):
                    client.call(Search(text))
                time.sleep(2)  # they are, beside the second query
                rows += _rows(client, photos, texts)
                client.call(Shutdown())
    return rows


def _encoding(encoder: Encoder, language: str, texts: list[str]) -> Row:
    before = time.process_time()
    for text in texts:
        encoder.encode_texts([text])
    core = (time.process_time() - before) / len(texts) * 1e3
    return Row(f"encoding a query in {language} alone", f"{core:.1f} ms of a core")


def _rows(client: Client, photos: int, texts: dict[str, list[str]]) -> list[Row]:
    rows = []
    for language, spoken in texts.items():
        for name in (f"query in {language}, {photos:,} photos, p50 / p95", "the same, its text asked before"):
            before = _of_a_core()
            taken = _milliseconds(client.call, [Search(text) for text in spoken])
            core = (_of_a_core() - before) / len(spoken)
            p50, p95 = statistics.median(taken), statistics.quantiles(taken, n=20)[-1]
            here = f"{p50:.1f} / {p95:.1f} ms, {core:.1f} ms of a core"
            rows.append(Row(name, here, f"a budget of {BUDGET:.0f} ms", BUDGET / p50))
    if photos < max(PHOTOS):
        return rows
    for left in LEFT_BY_FILTERS:
        here, everywhere = _filtered(client, left, photos, texts["English"])
        rows.append(
            Row(
                f"query, a filter that leaves {left:,} of {photos:,}, p50",
                f"{here:.1f} ms",
                f"without a filter {everywhere:.1f} ms",
                everywhere / here,
            )
        )
    return rows


def _filtered(client: Client, left: int, photos: int, texts: list[str]) -> tuple[float, float]:
    """Median milliseconds of queries among `left` photos of an album, and of the same without it."""
    ids = np.sort(np.random.default_rng(left).choice(photos, left, replace=False)) + 1
    album = client.call(CreateAlbum(f"{left}"))
    client.call(ChangeAlbum(album.id, tuple(ids.tolist())))
    texts = texts[:FILTERED_QUERIES]  # encoded before, so that the filter and the ranking are what is timed
    everywhere = _milliseconds(client.call, [Search(text) for text in texts])
    here = _milliseconds(client.call, [Search(f"{text} album:{left}") for text in texts])
    return statistics.median(here), statistics.median(everywhere)


def _of_a_core() -> float:
    """Milliseconds that the engine has computed."""
    times = engine_process().cpu_times()
    return (times.user + times.system) * 1e3


def _milliseconds(work, arguments) -> list[float]:
    taken = []
    for argument in arguments:
        start = time.perf_counter()
        work(argument)
        taken.append((time.perf_counter() - start) * 1e3)
    return taken
