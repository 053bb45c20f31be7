"""Decoding 12-megapixel JPEGs at reduced size: what a photo costs a core, in full, and in the codec alone."""

import io
import tempfile
from pathlib import Path

from PIL import Image

from photosearch.core.encoder import Preprocessing
from photosearch.decode.fit import fit
from photosearch.decode.image import open_image
from photosearch.decode.thumbnail import EDGE, thumbnail
from tests.bench.photos import twelve_megapixels
from tests.bench.table import Row, median_seconds_of

SQUARE = Preprocessing(260, "squash", "bicubic", (127.0, 127.0, 127.0), (128.0, 128.0, 128.0))


def measure() -> list[Row]:
    with tempfile.TemporaryDirectory() as folder:
        photos = [path.read_bytes() for path in twelve_megapixels(Path(folder), 4)]
    works = [lambda work=work: [work(photo) for photo in photos] for work in (_reduced, _full, _codec)]
    ours, full, codec = (seconds / len(photos) * 1e3 for seconds in median_seconds_of(works))
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
