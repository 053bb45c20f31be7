"""What reading photos in 8 bits would bring to this library on this computer. It is never done unasked."""

import contextlib
import os
import statistics
import time

import numpy as np

from photosearch import settings
from photosearch.core.encoder import Preprocessing
from photosearch.core.messages import FasterReading
from photosearch.decode.pool import DecodeError, DecoderPool, Wanted
from photosearch.models import catalog
from photosearch.models.config import read_config
from photosearch.models.loading import encodes_on_the_processor
from photosearch.models.runtime.int8 import measured
from photosearch.paths import Library
from photosearch.store.reader import Reader, setting

# For it to be worth other results:
MIN_GAIN = 1.5  # in all that a photo takes
MIN_SAVED = 600.0  # seconds, over all photos
_PHOTOS_TRIED = 9
_ROUNDS = 3  # of each, the shortest counts: the first starts the decoder, and neighbours take their share


def faster_reading(library: Library, info: catalog.ModelInfo) -> FasterReading:
    """What a photo of the library takes, decoded and encoded, as the model reads it and in 8 bits.

    The first time takes some seconds, as both are measured.

    Args:
        info: the model that answers, in 8 bits or not

    Raises:
        KnownError: the library or the model is damaged.
    """
    int8 = catalog.in_int8(info)
    if int8 is None or not encodes_on_the_processor():
        return FasterReading()
    config = read_config(info.path)
    found = measured(info.path, config, library.root / "cache")
    photos, decoding = _decoding(library, config.preprocessing)
    cores = int(setting(library, settings.THREADS)) or os.cpu_count() or 1
    now, then = ((decoding + encoding) / cores for encoding in (found.float32_seconds, found.seconds))
    return FasterReading(
        model=int8.name,
        base=config.name,
        exact=found.exact,
        worthwhile=found.exact and now >= MIN_GAIN * then and photos * (now - then) >= MIN_SAVED,
        photos=photos,
        now_ms=1000 * now,
        then_ms=1000 * then,
    )


def _decoding(library: Library, preprocessing: Preprocessing) -> tuple[int, float]:
    """How many photos there are, and how long decoding one takes, in seconds; 0.0 where none can be read.

    Videos are left out: most of what they take is not encoding.
    """
    with Reader.open(library) as reader:
        living = np.setdiff1d(reader.living(), reader.videos()[0])
        tried = living[:: max(1, len(living) // _PHOTOS_TRIED)][:_PHOTOS_TRIED]
        paths = [os.fsencode(photo.path) for photo in reader.photos(tried) if not photo.away]
    with DecoderPool(preprocessing, 1) as pool:
        seconds = []
        for path in paths:
            with contextlib.suppress(DecodeError):
                seconds.append(min(_seconds(pool, path) for _ in range(_ROUNDS)))
    return len(living), statistics.median(seconds) if seconds else 0.0


def _seconds(pool: DecoderPool, path: bytes) -> float:
    start = time.perf_counter()
    pool.decode(path, lambda _: Wanted.PICTURE)
    return time.perf_counter() - start
