"""The whole indexing pipeline against what its two floors, decode alone and encode alone, allow together."""

import os
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from photosearch.core.messages import Index, Indexed, Search
from photosearch.decode.pool import DecoderPool, Wanted
from photosearch.engine.service import Engine
from photosearch.models import catalog
from photosearch.models.torch.encoder import load_encoder
from photosearch.paths import Library
from tests.bench.photos import twelve_megapixels
from tests.bench.table import Row

PHOTOS = 64
ROUNDS = 3


def measure() -> list[Row]:
    with tempfile.TemporaryDirectory() as temporary:
        photos = twelve_megapixels(Path(temporary) / "photos", PHOTOS)
        encoder = load_encoder(catalog.default())
        decode = encode = pipeline = 0.0
        # Best of a few rounds, each of which measures all three: a noisy neighbour slows one, not the ratio.
        for index in range(ROUNDS):
            decode = max(decode, PHOTOS / _seconds(lambda: _decode(photos, encoder)))
            encode = max(encode, PHOTOS / _seconds(lambda: _encode(encoder)))
            library = Library(Path(temporary) / f"library-{index}")
            pipeline = max(pipeline, _indexing_rate(library, photos[0].parent))
    allowed = 1 / (1 / decode + 1 / encode)  # both share the same cores
    return [
        Row(
            f"index {PHOTOS} JPEGs of 12 MP",
            f"{pipeline:.1f} img/s",
            f"floors allow {allowed:.1f} (decode alone {decode:.1f}, encode alone {encode:.1f})",
            pipeline / allowed,
        )
    ]


def _seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _decode(photos: list[Path], encoder) -> None:
    workers = os.cpu_count() or 1
    with DecoderPool(encoder.preprocessing, workers) as pool, ThreadPoolExecutor(workers) as threads:
        list(
            threads.map(
                lambda path: pool.decode(os.fsencode(path), lambda content_hash: Wanted.PICTURE), photos
            )
        )


def _encode(encoder) -> None:
    size = encoder.preprocessing.size
    images = np.random.default_rng(0).integers(0, 256, (encoder.batch_size, size, size, 3), dtype=np.uint8)
    for _ in range(PHOTOS // encoder.batch_size):
        encoder.image_bias(encoder.encode_images(images))


def _indexing_rate(library: Library, folder: Path) -> float:
    with Engine(library, background=False) as engine:
        engine.handle(Search("warm the model"))
        reply = engine.handle(Index([os.fsencode(folder)]))
    assert isinstance(reply, Indexed) and reply.report.indexed == PHOTOS, reply
    return reply.report.images_per_second
