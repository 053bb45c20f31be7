"""What the window shows instead of the original."""

import io

from PIL import Image

EDGE = 512  # long edge, pixels
_QUALITY = 80


def thumbnail(image: Image.Image) -> bytes:
    """An upright RGB image as a JPEG of at most EDGE pixels on its long edge, without metadata."""
    scale = min(1.0, EDGE / max(image.size))
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    small = image.resize(size, Image.Resampling.LANCZOS, reducing_gap=2.0)
    small.info = {}  # Pillow would write the original's comment
    buffer = io.BytesIO()
    small.save(buffer, "JPEG", quality=_QUALITY)
    return buffer.getvalue()


def average_colour(thumbnail: bytes) -> bytes:
    """The average of a thumbnail, to be shown until it is there: 3 bytes of sRGB."""
    image = Image.open(io.BytesIO(thumbnail), formats=["JPEG"])
    image.draft("RGB", (1, 1))  # an eighth of the size is decoded
    return image.convert("RGB").resize((1, 1), Image.Resampling.BOX).tobytes()
