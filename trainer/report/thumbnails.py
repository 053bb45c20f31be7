"""Small copies of photos inside the page."""

import base64
import io
from pathlib import Path

from PIL import Image, ImageOps

from photosearch.decode.image import DecodeError, open_image

EDGE = 200  # pixels, the long edge on the page at twice its density, about
SQUARE = 60
QUALITY = 76


class InlineThumbnails:
    """Data URIs by path; empty where a photo is gone or cannot be read."""

    def __init__(self) -> None:
        self._images: dict[str, Image.Image | None] = {}
        self._whole: dict[str, str] = {}

    def whole(self, path: str) -> str:
        """The photo as a whole."""
        if path not in self._whole:
            image = self._read(path)
            self._whole[path] = _data_uri(image) if image else ""
        return self._whole[path]

    def square(self, path: str) -> str:
        """Its middle, very small."""
        image = self._read(path)
        return _data_uri(ImageOps.fit(image, (SQUARE, SQUARE))) if image else ""

    def _read(self, path: str) -> Image.Image | None:
        if path not in self._images:
            try:
                image, _ = open_image(Path(path).read_bytes(), at_least=EDGE)
                image.thumbnail((EDGE, EDGE))
                self._images[path] = image
            except (OSError, DecodeError, ValueError):  # ValueError: no path can hold a null byte
                self._images[path] = None
        return self._images[path]


def _data_uri(image: Image.Image) -> str:
    image.info = {}  # Pillow would write the original's comment
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=QUALITY)
    return "data:image/jpeg;base64," + base64.b64encode(buffer.getvalue()).decode("ascii")
