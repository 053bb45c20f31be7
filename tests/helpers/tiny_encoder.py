"""A complete encoder in numpy: words and pictures meet in the space of colours. No torch, no weights.

"red" finds what is red: an image is the histogram of the nearest named colours of its pixels, projected by a
fixed random matrix; a sentence is the sum of its words' directions, colour names having their colour's and
all others a direction hashed from the word.
"""

import hashlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from photosearch.core.encoder import Calibration, Preprocessing
from photosearch.core.vectors import l2_normed

COLOURS = {
    "black": (0, 0, 0),
    "white": (255, 255, 255),
    "grey": (128, 128, 128),
    "red": (220, 30, 30),
    "green": (40, 160, 50),
    "blue": (40, 70, 210),
    "yellow": (240, 220, 40),
    "orange": (240, 140, 30),
    "purple": (130, 50, 160),
    "brown": (110, 70, 40),
}


class TinyEncoder:
    name = "tiny"
    batch_size = 4
    languages: tuple[str, ...] = ()
    photos_like: tuple[str, ...] = ()

    def __init__(self, dim: int = 32, size: int = 32) -> None:
        self.dim = dim
        self.model_id = hashlib.blake2b(f"tiny {dim} {size}".encode(), digest_size=8).hexdigest()
        self.preprocessing = Preprocessing(
            size=size, fit="squash", interpolation="bilinear", mean=(0.0, 0.0, 0.0), std=(255.0, 255.0, 255.0)
        )
        self.calibration = Calibration(slope=16.0, offset=-5.7)
        self._palette = np.array(list(COLOURS.values()), dtype=np.float32)  # (C, 3)
        self._directions = np.stack([_direction(name, dim) for name in COLOURS])  # (C, D)

    def recalibrate(self, calibration: Calibration) -> None:
        self.calibration = calibration

    def encode_images(self, images: NDArray[np.uint8]) -> NDArray[np.float32]:
        distances = np.linalg.norm(images[..., None, :].astype(np.float32) - self._palette, axis=-1)
        nearest = distances.argmin(-1).reshape(len(images), -1)  # (B, H * W)
        histograms = np.stack([np.bincount(row, minlength=len(COLOURS)) for row in nearest])
        return l2_normed(histograms.astype(np.float32) @ self._directions)

    def encode_texts(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return l2_normed(np.stack([self._sentence(text) for text in texts]))

    def image_bias(self, vectors: NDArray[np.float32]) -> NDArray[np.float32]:
        return np.zeros(len(vectors), dtype=np.float32)

    def rest(self) -> None:
        """It takes no memory."""

    def _sentence(self, text: str) -> NDArray[np.float32]:
        words = text.casefold().split() or [""]
        return np.sum([_direction(word, self.dim) for word in words], axis=0, dtype=np.float32)


def _direction(word: str, dim: int) -> NDArray[np.float32]:
    seed = int.from_bytes(hashlib.blake2b(word.encode(errors="replace"), digest_size=8).digest())
    return l2_normed(np.random.default_rng(seed).standard_normal((1, dim)).astype(np.float32))[0]
