"""Decoding 12-megapixel JPEGs at reduced size: what a photo costs a core, in full, and in the codec alone."""

import io
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from PIL import Image

from photosearch.core.encoder import Preprocessing
from photosearch.decode.fit import fit
from photosearch.decode.image import open_image
from photosearch.decode.thumbnail import EDGE, thumbnail
from tests.bench.photos import twelve_megapixels
from tests.bench.table import Row, median_seconds

SQUARE = Preprocessing(260, "squash", "bicubic", (127.0, 127.0, 127.0), (128.0, 128.0, 128.0))


def measure() -> list[Row]:
    with tempfile.TemporaryDirectory() as folder:
        photos = [path.read_bytes() for path in twelve_megapixels(Path(folder), 4)]

    def milliseconds(work: Callable[[bytes], object]) -> float:
        """Of a core, for one photo."""
        every = median_seconds(lambda: [work(photo) for photo in photos], clock=time.process_time)
        return every / len(photos) * 1e3

    ours, full, codec = milliseconds(_reduced), milliseconds(_full), milliseconds(_codec)
    what, value = "decode 12 MP, with thumbnail", f"{ours:.1f} ms of a core a photo"
    return [
        Row(what, value, f"full size {full:.1f} ms", full / ours),
        Row(what, value, f"the codec alone {codec:.1f} ms", codec / ours),
    ]


def _reduced(photo: bytes) -> None:
    image, _ = open_image(photo, at_least=EDGE)
    fit(image, SQUARE), thumbnail(image)


def _full(photo: bytes) -> None:
    image = Image.open(io.BytesIO(photo)).convert("RGB")
    fit(image, SQUARE), thumbnail(image)


def _codec(photo: bytes) -> None:
    """Pillow's, at the scale that open_image() asks for."""
    image = Image.open(io.BytesIO(photo))
    image.draft(None, (EDGE, EDGE))
    image.load()
