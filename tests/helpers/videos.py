"""Small videos for the tests, written by PyAV's encoders that are no one's GPL."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from PIL import Image

SIZE = (160, 90)
RATE = 5  # pictures a second
CODECS = {".mp4": "mpeg4", ".mov": "mjpeg", ".avi": "mpeg4", ".mkv": "mpeg4", ".webm": "libvpx"}


def scene(seed: int, size: tuple[int, int] = SIZE) -> Image.Image:
    """A picture of soft patches, unlike that of any other seed."""
    patches = np.random.default_rng(seed).integers(0, 256, (6, 8, 3), dtype=np.uint8)
    return Image.fromarray(patches).resize(size, Image.Resampling.BICUBIC)


def make_video(
    path: Path,
    scenes: Sequence[Image.Image] = (scene(1), scene(2)),
    *,
    seconds_each: float = 4.0,
    metadata: Mapping[str, str] | None = None,
    turned: int = 0,
) -> Path:
    """A video that shows each scene for so long, with a key frame every second.

    Args:
        turned: degrees by which it is to be shown turned, against the clock
    """
    options = {"movflags": "use_metadata_tags"} if path.suffix in (".mp4", ".mov") else {}
    quick = {"deadline": "realtime", "cpu-used": "8"} if path.suffix == ".webm" else {}
    with av.open(path, "w", options=options) as container:
        container.metadata.update(metadata or {})
        stream = container.add_stream(CODECS[path.suffix], rate=RATE, options=quick)
        stream.width, stream.height = scenes[0].size
        stream.pix_fmt = "yuvj420p" if stream.codec_context.name == "mjpeg" else "yuv420p"
        stream.codec_context.gop_size = RATE
        stream.time_base = Fraction(1, RATE)
        if turned:
            stream.set_display_rotation(turned)
        for image in scenes:
            for _ in range(round(seconds_each * RATE)):
                container.mux(stream.encode(av.VideoFrame.from_image(image)))
        container.mux(stream.encode(None))
    return path
