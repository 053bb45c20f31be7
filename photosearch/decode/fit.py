"""The one preprocessing: what an image encoder sees, at indexing and at training alike."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from photosearch.core.encoder import Preprocessing
from photosearch.decode.thumbnail import EDGE

_LONGEST = 16  # short edges; of a longer panorama a crop sees the middle alone, so the rest costs no memory


def decoding_edge(preprocessing: Preprocessing) -> int:
    """The least short edge to decode a photo to before `fit`, pixels: `open_image`'s `at_least`.

    Whoever prepares photos for a model asks for this one, as a large photo decoded at another scale has other
    pixels. It is no less than a thumbnail's, which indexing makes of the same decoded photo.
    """
    return max(_resized_edge(preprocessing), EDGE)


def fit(image: Image.Image, preprocessing: Preprocessing) -> NDArray[np.uint8]:
    """An upright RGB image as the square a model takes; -> (size, size, 3).

    It is resized first, squashed or by its short edge, and cropped then, on whole pixels of what it was
    resized to. So the image processors of transformers do it, to the pixel.
    """
    size, edge = preprocessing.size, _resized_edge(preprocessing)
    if preprocessing.fit == "squash":
        width = height = edge
    else:
        image = _middle(image)
        width, height = (edge * length // min(image.size) for length in image.size)
    resized = image.resize(
        (width, height),
        Image.Resampling[preprocessing.interpolation.upper()],
        reducing_gap=3.0,  # shrinks very large images by a box filter first, down to three times the size
    )
    left, top = ((length - size) // 2 for length in (width, height))
    if preprocessing.half == "even":
        left, top = (round((length - size) / 2) for length in (width, height))
    return np.array(np.asarray(resized)[top : top + size, left : left + size])


def _resized_edge(preprocessing: Preprocessing) -> int:
    return round(preprocessing.size / preprocessing.zoom)


def _middle(image: Image.Image) -> Image.Image:
    """The middle of a very long panorama; of any other image all of it."""
    width, height = (min(length, _LONGEST * min(image.size)) for length in image.size)
    if (width, height) == image.size:
        return image
    left, top = (image.width - width) // 2, (image.height - height) // 2
    return image.crop((left, top, left + width, top + height))
