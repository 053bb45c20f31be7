"""The one preprocessing: what an image encoder sees, at indexing and at training alike."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from photosearch.core.encoder import Preprocessing

_RESAMPLING = {"bilinear": Image.Resampling.BILINEAR, "bicubic": Image.Resampling.BICUBIC}


def fit(image: Image.Image, preprocessing: Preprocessing) -> NDArray[np.uint8]:
    """An upright RGB image as the square a model takes; -> (size, size, 3)."""
    width, height = image.size
    edges = (min(width, height),) * 2 if preprocessing.fit == "crop" else (width, height)
    kept_width, kept_height = (edge * preprocessing.zoom for edge in edges)
    left, top = (width - kept_width) / 2, (height - kept_height) / 2
    square = image.resize(
        (preprocessing.size, preprocessing.size),
        _RESAMPLING[preprocessing.interpolation],
        box=(left, top, left + kept_width, top + kept_height),
        reducing_gap=3.0,  # shrinks very large images by a box filter first, down to three times the size
    )
    return np.array(square, dtype=np.uint8)  # (size, size, 3)
