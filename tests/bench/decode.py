"""Decoding 12-megapixel JPEGs at reduced size against decoding them in full."""

import io
import tempfile
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
        data = [path.read_bytes() for path in twelve_megapixels(Path(folder), 4)]

    def reduced() -> None:
        for photo in data:
            image, _ = open_image(photo, at_least=EDGE)
            fit(image, SQUARE), thumbnail(image)

    def full() -> None:
        for photo in data:
            image = Image.open(io.BytesIO(photo)).convert("RGB")
            fit(image, SQUARE), thumbnail(image)

    ours, reference = median_seconds(reduced, 5) / len(data), median_seconds(full, 5) / len(data)
    return [
        Row(
            "decode 12 MP, with thumbnail",
            f"{ours * 1e3:.0f} ms a photo",
            f"full size {reference * 1e3:.0f} ms",
            reference / ours,
        )
    ]
