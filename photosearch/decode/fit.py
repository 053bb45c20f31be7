"""The one preprocessing: what an image encoder sees, at indexing and at training alike."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from photosearch.core.encoder import Preprocessing

_RESAMPLING = {"bilinear": Image.Resampling.BILINEAR, "bicubic": Image.Resampling.BICUBIC}


def fit(image: Image.Image, preprocessing: Preprocessing) -> NDArray[np.uint8]:
    """An upright RGB image as the square a model takes; -> (size, size, 3)."""
    width, height = image.size
    box = (0.0, 0.0, float(width), float(height))
    if preprocessing.fit == "crop":
        edge = min(width, height)
        left, top = (width - edge) / 2, (height - edge) / 2
        box = (left, top, left + edge, top + edge)
    square = image.resize(
        (preprocessing.size, preprocessing.size),
        _RESAMPLING[preprocessing.interpolation],
        box=box,
        reducing_gap=3.0,  # shrinks very large images by a box filter first, down to three times the size
    )
    return np.array(square, dtype=np.uint8)  # (size, size, 3)
