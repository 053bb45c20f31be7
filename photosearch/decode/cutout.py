"""Whether a picture was cut out of another, or given a border: one shows a part of what the other shows."""

import io
import math

import numpy as np
from numpy.typing import NDArray
from PIL import Image

_EDGE = 40  # of the whole, its longer one, pixels
_SMALLEST = 0.5  # part of an edge
_FAINTEST = 2.0  # levels of grey by which a part varies at least, root mean square


def cut_out(one: bytes, other: bytes) -> float:
    """How well one of two thumbnails fits where it fits best into the other, at half its size or more.

    It is a correlation, at most 1, which brightness and contrast do not change: .9 and more where one is cut
    out of the other, at most .85 of different photos of one scene. Twenty milliseconds.
    """
    pictures = _grey(one), _grey(other)
    return max(_best_fit(whole, part) for whole, part in (pictures, pictures[::-1]))


def _grey(thumbnail: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(thumbnail), formats=["JPEG"])
    image.draft("L", (3 * _EDGE, 3 * _EDGE))  # a part of the size is decoded
    return image.convert("L")


def _best_fit(whole: Image.Image, part: Image.Image) -> float:
    scale = _EDGE / max(whole.size)
    across, down = max(1, round(whole.width * scale)), max(1, round(whole.height * scale))
    pixels = _sized(whole, across, down)
    best = 0.0
    for width in range(math.ceil(_SMALLEST * across), across + 1):
        height = round(width * part.height / part.width)
        if _SMALLEST * down <= height <= down:
            best = max(best, _best_place(pixels, _sized(part, width, height)))
    return best


def _sized(image: Image.Image, width: int, height: int) -> NDArray[np.float32]:
    return np.asarray(image.resize((width, height), Image.Resampling.BOX), dtype=np.float32)


def _best_place(whole: NDArray[np.float32], part: NDArray[np.float32]) -> float:  # (H, W), (h, w)
    """The highest correlation of a part with what lies under it, over all places."""
    there = np.lib.stride_tricks.sliding_window_view(whole, part.shape).reshape(-1, part.size)
    sought = part.ravel() - part.mean()
    varies = np.sqrt(np.maximum((there**2).sum(1) - there.sum(1) ** 2 / part.size, 0))
    least = _FAINTEST * np.sqrt(part.size)
    length = float(np.linalg.norm(sought))
    if length < least:
        return 0.0
    fits = np.divide(there @ sought, varies * length, out=np.zeros_like(varies), where=varies >= least)
    return float(fits.max())
