"""A typed query through a warm engine over its socket, as the command line sees it."""

import io
import statistics
import tempfile
import time
from pathlib import Path

from PIL import Image

from photosearch.core.messages import Search, Shutdown
from photosearch.engine.client import Client
from photosearch.models import catalog
from photosearch.models.torch_encoder import load_encoder
from photosearch.paths import Library
from tests.bench.library import fill
from tests.bench.table import Row

PHOTOS = 100_000
QUERIES = 100


def measure() -> list[Row]:
    with tempfile.TemporaryDirectory() as folder:
        library = Library(Path(folder))
        encoder = load_encoder(catalog.default())
        fill(library, encoder, PHOTOS, _small_jpeg())
        texts = [f"a photo of {number} dogs on a beach" for number in range(QUERIES)]
        encode = _milliseconds(encoder.encode_texts, [[text] for text in texts])
        with Client.connect_or_start(library) as client:
            client.call(Search("warm the model"))
            asked = _milliseconds(client.call, [Search(text) for text in texts])
            client.call(Shutdown())
    p50, p95 = statistics.median(asked), statistics.quantiles(asked, n=20)[-1]
    reference = statistics.median(encode)
    return [
        Row(
            f"query, {PHOTOS:,} photos, p50 / p95",
            f"{p50:.0f} / {p95:.0f} ms",
            f"encoding its text alone {reference:.0f} ms",
            reference / p50,
        )
    ]


def _milliseconds(work, arguments) -> list[float]:
    taken = []
    for argument in arguments:
        start = time.perf_counter()
        work(argument)
        taken.append((time.perf_counter() - start) * 1e3)
    return taken


def _small_jpeg() -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (64, 64), "teal").save(buffer, "JPEG")
    return buffer.getvalue()
