"""A picture into the lines of text in it, whichever way up they stand."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from photosearch.core.lines import Line
from photosearch.text.detector import Detector
from photosearch.text.order import in_order
from photosearch.text.recogniser import Reading, Recogniser
from photosearch.text.rectangles import Rectangle

VERSION = 2  # rises when photos are to be read again
_LONGEST_EDGE = 1600  # pixels of the picture that is read: more finds little more, and takes longer
# A picture whose longer edge is more than so many times the other, as a screenshot of a whole page, is read
# in tiles and keeps more of its pixels.
_LONG = 2.5
_LONGEST_OF_LONG, _SHORTER_OF_LONG = 10_000, 1200
MOST_PIXELS = _LONGEST_OF_LONG * _SHORTER_OF_LONG
_FAR = 640  # pixels of the picture that tells of large lines
_LARGE = 60  # pixels of a line's height
_PIECE = 0.4  # of a line's height, that its letters have at least
_TALL = 1.5  # times its width, from which on a line is taken to run up or down
_CERTAIN = 0.9  # a line that is read so well is not tried the other way up
_READABLE = 0.6
_READABLE_LETTER = 0.95  # of a line of one letter, which a wheel or a branch is easily taken for


def longest_edge(width: int, height: int) -> int:
    """That of the picture to be read of a photo of this size, at most, pixels."""
    shorter, longer = max(1, min(width, height)), max(width, height)
    if longer <= _LONG * shorter:
        return _LONGEST_EDGE
    return max(_LONGEST_EDGE, min(_LONGEST_OF_LONG, _SHORTER_OF_LONG * longer // shorter))


class TextReader:
    """Finds lines of text and reads them.

    Args:
        threads: that both models compute on
    """

    def __init__(self, threads: int = 1) -> None:
        self._detector = Detector(threads)
        self._recogniser = Recogniser(threads)

    def lines(self, image: Image.Image) -> list[Line]:
        """The lines of an RGB picture that can be read, as a person reads them."""
        found = [self._line(image, rectangle) for rectangle in self._rectangles(image)]
        return in_order([line for line in found if line], image.width / image.height)

    def _rectangles(self, image: Image.Image) -> list[Rectangle]:
        """Around lines. What is large is told from afar: near by it falls apart into its letters."""
        longest = max(image.size)
        near = self._detector.lines(image, longest)
        far = max(_FAR, _FAR * longest // _LONGEST_EDGE)
        if longest <= far:
            return near
        large = [one for one in self._detector.lines(image, far) if one.thickness >= _LARGE]
        return large + [one for one in near if not any(_is_piece(one, of) for of in large)]

    def _line(self, image: Image.Image, rectangle: Rectangle) -> Line | None:
        """What stands in a rectangle; None where it cannot be read."""
        corners = rectangle.corners()
        if rectangle.height >= _TALL * rectangle.width:
            corners = np.roll(corners, 1, axis=0)  # from the lower left one on: the text runs up
        upright = _cut(image, corners)
        reading, turned = self._recogniser.read(upright), False
        if reading.confidence < _CERTAIN:
            other = self._recogniser.read(upright.transpose(Image.Transpose.ROTATE_180))
            if other.confidence > reading.confidence:
                reading, turned = other, True
        if not _is_text(reading):
            return None
        if turned:
            corners = np.roll(corners, 2, axis=0)
        first, second, third, fourth = ((x, y) for x, y in np.clip(corners / image.size, 0, 1).tolist())
        return Line(reading.text.strip(), (first, second, third, fourth), reading.confidence)


def _is_piece(one: Rectangle, of: Rectangle) -> bool:
    """Whether a rectangle is around a letter or a word of a line; what is much smaller is another text."""
    return of.holds(one.centre) and one.thickness >= _PIECE * of.thickness


def _is_text(reading: Reading) -> bool:
    letters = sum(letter.isalnum() for letter in reading.text)
    return bool(letters) and reading.confidence >= (_READABLE if letters > 1 else _READABLE_LETTER)


def _cut(image: Image.Image, corners: NDArray[np.float64]) -> Image.Image:
    """The part of a picture within four corners (4, 2), the first of which is its upper left one then."""
    width, height = np.hypot(*(corners[1] - corners[0])), np.hypot(*(corners[3] - corners[0]))
    size = max(1, round(width)), max(1, round(height))
    along, across = (corners[1] - corners[0]) / size[0], (corners[3] - corners[0]) / size[1]
    (left, top) = corners[0]
    matrix = (along[0], across[0], left, along[1], across[1], top)
    return image.transform(size, Image.Transform.AFFINE, matrix, Image.Resampling.BICUBIC)
