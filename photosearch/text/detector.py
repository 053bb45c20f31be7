"""Where lines of text stand in a picture: the probabilities of PP-OCR's detector as rectangles."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from photosearch.text.rectangles import Rectangle, areas, smallest_around
from photosearch.text.session import open_session

_STEP = 32  # the model takes multiples of it
_TILE, _OVERLAP = 1600, 256  # pixels of a long picture that the model takes at once; multiples of _STEP
_LIKELY = 0.3  # the probability from which on a pixel is text
_SURE = 0.5  # what the pixels of a line have on average
_SMALLEST = 3.0  # pixels of height
_MOST = 1000  # areas that are looked at
# The model is taught lines that are shrunk: by how much of their area over their circumference to grow them.
_GROWTH = 1.6


class Detector:
    """Finds lines of text.

    Args:
        threads: that it computes on
    """

    def __init__(self, threads: int) -> None:
        self._session = open_session("detector.onnx", threads)

    def probabilities(self, image: Image.Image) -> NDArray[np.float32]:
        """How likely each pixel is one of text (H, W), 0 to 1, at about the size of the picture.

        A long picture is looked at in tiles; where two overlap, each tells what is farther from its end.
        """
        width, height = (max(_STEP, round(edge / _STEP) * _STEP) for edge in image.size)
        pixels = np.asarray(image.resize((width, height), Image.Resampling.BILINEAR), np.float32)
        likely = np.empty((height, width), np.float32)
        across = int(width > height)  # the axis along which the tiles lie
        for begin in range(0, max(width, height, _OVERLAP + 1) - _OVERLAP, _TILE - _OVERLAP):
            behind = _OVERLAP // 2 if begin else 0
            tile = np.moveaxis(pixels, across, 0)[begin : begin + _TILE]
            told = np.moveaxis(self._told(np.moveaxis(tile, 0, across)), across, 0)
            np.moveaxis(likely, across, 0)[begin + behind : begin + _TILE] = told[behind:]
        return likely

    def _told(self, pixels: NDArray[np.float32]) -> NDArray[np.float32]:
        inputs = (pixels[:, :, ::-1].transpose(2, 0, 1) / 127.5 - 1)[None]  # taught blue first
        (found,) = self._session.run(None, {self._session.get_inputs()[0].name: inputs})
        return np.asarray(found[0, 0], np.float32)

    def lines(self, image: Image.Image, longest_edge: int) -> list[Rectangle]:
        """Rectangles around lines of text in an RGB picture, in its pixels, in no order.

        Args:
            longest_edge: at which the picture is looked at, pixels
        """
        seen = image
        if max(image.size) > longest_edge:
            seen = image.copy()
            seen.thumbnail((longest_edge, longest_edge), Image.Resampling.BILINEAR)
        likely = self.probabilities(seen)
        scale = np.array(image.size) / likely.shape[::-1]
        found = []
        for points in areas(_dilated(likely > _LIKELY))[:_MOST]:
            shrunk = smallest_around(points)
            if shrunk.thickness < _SMALLEST or shrunk.mean_of(likely) < _SURE:
                continue
            area, circumference = shrunk.width * shrunk.height, 2 * (shrunk.width + shrunk.height)
            found.append(_scaled(shrunk.grown(area * _GROWTH / circumference), scale))
        return found


def _dilated(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """With a pixel more to the right and below, which joins what all but touches."""
    wider = mask.copy()
    wider[:, 1:] |= mask[:, :-1]
    taller = wider.copy()
    taller[1:] |= wider[:-1]
    return taller


def _scaled(rectangle: Rectangle, scale: NDArray[np.float64]) -> Rectangle:
    """In the pixels of the picture; `scale` (2,) is all but the same in both directions."""
    along = rectangle.along * scale
    return Rectangle(
        (rectangle.centre + 0.5) * scale,
        along / np.hypot(*along),
        rectangle.width * float(np.hypot(*along)),
        rectangle.height * float(np.hypot(*(rectangle.across * scale))),
    )
