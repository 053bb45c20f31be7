"""The whole indexing pipeline against what its two floors, decode alone and encode alone, allow together.

And against decode alone, where encoding costs nothing, by the cores' time, which neighbours disturb less.
"""

import os
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from photosearch.core.encoder import Encoder, Preprocessing
from photosearch.core.messages import Index, Indexed
from photosearch.core.progress import Control
from photosearch.core.search_messages import Search
from photosearch.decode.pool import DecoderPool, Wanted
from photosearch.engine.service import Engine
from photosearch.index.pipeline import Pipeline
from photosearch.index.volume import volume_of
from photosearch.models import catalog
from photosearch.models.loading import load_encoder
from photosearch.paths import Library
from photosearch.store.writer import Writer
from tests.bench.photos import twelve_megapixels
from tests.bench.table import Row
from tests.helpers.tiny_encoder import TinyEncoder

PHOTOS = 64
ROUNDS = 3
WORKERS = os.cpu_count() or 1


def measure() -> list[Row]:
    with tempfile.TemporaryDirectory() as temporary:
        photos = twelve_megapixels(Path(temporary) / "photos", PHOTOS)
        encoder = load_encoder(catalog.default()).encoder
        decode = encode = pipeline = 0.0
        # Best of a few rounds, each of which measures all three: a noisy neighbour slows one, not the ratio.
        for index in range(ROUNDS):
            decode = max(decode, PHOTOS / _seconds(lambda: _decode(photos, encoder)))
            encode = max(encode, PHOTOS / _seconds(lambda: _encode(encoder)))
            library = Library(Path(temporary) / f"library-{index}")
            pipeline = max(pipeline, _indexing_rate(library, photos[0].parent))
        no_encoding = _row_without_encoding(photos, _NoCost(encoder.preprocessing), Path(temporary))
    allowed = 1 / (1 / decode + 1 / encode)  # both share the same cores
    return [
        Row(
            f"index {PHOTOS} JPEGs of 12 MP",
            f"{pipeline:.1f} img/s",
            f"floors allow {allowed:.1f} (decode alone {decode:.1f}, encode alone {encode:.1f})",
            pipeline / allowed,
        ),
        no_encoding,
    ]


def _row_without_encoding(photos: list[Path], encoder: Encoder, temporary: Path) -> Row:
    decode = index = 0.0  # seconds of a core
    for number in range(ROUNDS):
        library = Library(temporary / f"library-no-cost-{number}")
        start = _core_seconds()
        _decode(photos, encoder)
        decoded = _core_seconds()
        _index(library, photos[0].parent, encoder)
        decode += decoded - start
        index += _core_seconds() - decoded
    return Row(
        "the same, encoding at no cost",
        f"{ROUNDS * PHOTOS / index:.1f} img/s of a core",
        f"decode alone {ROUNDS * PHOTOS / decode:.1f}",
        decode / index,
    )


class _NoCost(TinyEncoder):
    """As if the encoder ran where no decoder does, on a GPU."""

    batch_size = 16

    def __init__(self, preprocessing: Preprocessing) -> None:
        super().__init__()
        self.preprocessing = preprocessing

    def encode_images(self, images):
        return np.full((len(images), self.dim), self.dim**-0.5, dtype=np.float32)


def _core_seconds() -> float:
    """What this process and its children that have ended took."""
    return sum(os.times()[:4])


def _seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _decode(photos: list[Path], encoder) -> None:
    with DecoderPool(encoder.preprocessing, WORKERS) as pool, ThreadPoolExecutor(WORKERS) as threads:
        list(
            threads.map(
                lambda path: pool.decode(os.fsencode(path), lambda content_hash: Wanted.PICTURE), photos
            )
        )


def _index(library: Library, folder: Path, encoder: Encoder) -> None:
    path = os.fsencode(folder)
    with Writer.open(library) as writer, DecoderPool(encoder.preprocessing, WORKERS) as pool:
        pipeline = Pipeline(library, writer, pool, encoder, WORKERS)
        report = pipeline.run([writer.add_folder(path, volume_of(path))], Control())
    assert report.indexed == PHOTOS, report


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
