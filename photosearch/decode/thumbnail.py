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
