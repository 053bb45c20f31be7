"""What a line of text says: PP-OCR's recogniser over a picture of one line, upright."""

import math
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from PIL import Image

from photosearch.text.session import open_session

_HEIGHT = 48  # pixels, that the model takes
_NARROWEST, _WIDEST = 320, 3200
_PIECE = 2560  # of a longer line, which is parted between two words: at most a quarter more
_STEP = 32
_BLANK = 0  # the class that says nothing (CTC)


class Reading(NamedTuple):
    """What a line is taken to say."""

    text: str
    confidence: float  # 0 to 1, the mean of its letters'


class Recogniser:
    """Reads lines of text.

    Args:
        threads: that it computes on
    """

    def __init__(self, threads: int) -> None:
        self._session = open_session("recogniser.onnx", threads)
        letters = self._session.get_modelmeta().custom_metadata_map["character"]
        self._letters = ["", *letters.splitlines(), " "]

    def read(self, line: Image.Image) -> Reading:
        """What the RGB picture of a line says; nothing, with a confidence of 0, where it is not readable."""
        width = max(1, math.ceil(_HEIGHT * line.width / line.height))
        if width > _WIDEST:
            return _together([self.read(piece) for piece in _pieces(line, math.ceil(width / _PIECE))])
        padded = max(_NARROWEST, math.ceil(width / _STEP) * _STEP)
        inputs = np.zeros((1, 3, _HEIGHT, padded), np.float32)
        resized = np.asarray(line.resize((width, _HEIGHT), Image.Resampling.BILINEAR), np.float32)
        inputs[0, :, :, :width] = resized[:, :, ::-1].transpose(2, 0, 1) / 127.5 - 1  # taught blue first
        (likely,) = self._session.run(None, {self._session.get_inputs()[0].name: inputs})
        classes = likely[0].argmax(axis=1)
        told = (classes != _BLANK) & (classes != np.concatenate([[_BLANK], classes[:-1]]))
        if not told.any():
            return Reading("", 0.0)
        text = "".join(self._letters[letter] for letter in classes[told])
        return Reading(text, float(likely[0].max(axis=1)[told].mean()))


def _pieces(line: Image.Image, count: int) -> list[Image.Image]:
    """A line in so many pieces, parted where it is emptiest near by."""
    varied = np.asarray(line.convert("L"), np.float32).std(axis=0)
    smooth = max(1, line.height // 4)  # about as wide as a space
    empty = np.convolve(varied, np.ones(smooth) / smooth, "same")
    length = line.width / count
    near = [range(int(length * (n - 0.12)), int(length * (n + 0.12)) + 1) for n in range(1, count)]
    cuts = [0, *(one.start + int(empty[one.start : one.stop].argmin()) for one in near), line.width]
    return [line.crop((left, 0, right, line.height)) for left, right in pairwise(cuts)]


def _together(readings: list[Reading]) -> Reading:
    read = [reading for reading in readings if reading.text]
    letters = sum(len(reading.text) for reading in read)
    confidence = sum(reading.confidence * len(reading.text) for reading in read) / max(1, letters)
    return Reading(" ".join(reading.text for reading in read), confidence)
