"""A typed query through a warm engine over its socket, as the command line sees it."""

import statistics
import tempfile
import time
from pathlib import Path

import numpy as np

from photosearch.core.messages import Search, Shutdown
from photosearch.core.note_messages import ChangeAlbum, CreateAlbum
from photosearch.engine.client import Client
from photosearch.models import catalog
from photosearch.models.loading import load_encoder
from photosearch.paths import Library
from tests.bench.library import fill, small_jpeg
from tests.bench.table import Row

PHOTOS = 100_000
QUERIES = 100
LEFT_BY_FILTERS = (10, 1_000, 50_000)
FILTERED_QUERIES = 20


def measure() -> list[Row]:
    with tempfile.TemporaryDirectory() as folder:
        library = Library(Path(folder))
        encoder = load_encoder(catalog.default()).encoder
        fill(library, encoder, PHOTOS, small_jpeg())
        texts = [f"a photo of {number} dogs on a beach" for number in range(QUERIES)]
        encode = _milliseconds(encoder.encode_texts, [[text] for text in texts])
        with Client.connect_or_start(library) as client:
            client.call(Search("warm the model"))
            asked = _milliseconds(client.call, [Search(text) for text in texts])
            filtered = [_filtered(client, left, texts) for left in LEFT_BY_FILTERS]
            client.call(Shutdown())
    p50, p95 = statistics.median(asked), statistics.quantiles(asked, n=20)[-1]
    reference = statistics.median(encode)
    return [
        Row(
            f"query, {PHOTOS:,} photos, p50 / p95",
            f"{p50:.0f} / {p95:.0f} ms",
            f"encoding its text alone {reference:.0f} ms",
            reference / p50,
        ),
        *(
            Row(
                f"query, a filter that leaves {left:,} of {PHOTOS:,}, p50",
                f"{here:.0f} ms",
                f"without a filter {everywhere:.0f} ms",
                everywhere / here,
            )
            for left, (here, everywhere) in zip(LEFT_BY_FILTERS, filtered, strict=True)
        ),
    ]


def _filtered(client: Client, left: int, texts: list[str]) -> tuple[float, float]:
    """Median milliseconds of queries among `left` photos of an album, and of the same without it."""
    ids = np.sort(np.random.default_rng(left).choice(PHOTOS, left, replace=False)) + 1
    album = client.call(CreateAlbum(f"{left}"))
    client.call(ChangeAlbum(album.id, tuple(ids.tolist())))
    texts = texts[:FILTERED_QUERIES]  # encoded before, so that the filter and the ranking are what is timed
    everywhere = _milliseconds(client.call, [Search(text) for text in texts])
    here = _milliseconds(client.call, [Search(f"{text} album:{left}") for text in texts])
    return statistics.median(here), statistics.median(everywhere)


def _milliseconds(work, arguments) -> list[float]:
    taken = []
    for argument in arguments:
        start = time.perf_counter()
        work(argument)
        taken.append((time.perf_counter() - start) * 1e3)
    return taken
