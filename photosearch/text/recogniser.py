"""What a line of text says: PP-OCR's recogniser over a picture of one line, upright."""

import math
from typing import NamedTuple

import numpy as np
from PIL import Image

from photosearch.text.session import open_session

_HEIGHT = 48  # pixels, that the model takes
_NARROWEST, _WIDEST = 320, 3200
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
        width = min(_WIDEST, max(1, math.ceil(_HEIGHT * line.width / line.height)))
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
