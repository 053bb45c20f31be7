"""What the pixels of a photo are known by, from its thumbnail; no file is read for it."""

import io

from PIL import Image

from photosearch.core.photo import MINIATURE_EDGE, Look
from photosearch.decode.fingerprint import fingerprint


def look_of(thumbnail: bytes) -> Look:
    """Of a thumbnail as thumbnail() makes it; a millisecond.

    Raises:
        OSError: it is damaged.
    """
    image = Image.open(io.BytesIO(thumbnail), formats=["JPEG"])
    image.draft("L", (2 * MINIATURE_EDGE, 2 * MINIATURE_EDGE))  # an eighth of the size is decoded
    square = (MINIATURE_EDGE, MINIATURE_EDGE)
    miniature = image.convert("L").resize(square, Image.Resampling.BOX)
    return Look(fingerprint(thumbnail), miniature.tobytes())
