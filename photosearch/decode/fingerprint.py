"""Know a picture by a fingerprint of its pixels: near pictures have near ones, whatever their files say.

A fingerprint has a bit for each of the 63 slowest waves of the picture, squashed to a square of grey: whether
the wave begins bright or dark (the sign of its coefficient in the discrete cosine transform). Brightness,
contrast, size and compression change few of them. What turning or mirroring the picture changes is known
without the picture.
"""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from photosearch.decode.thumbnail import glimpse

BITS: Final = 63  # 8 x 8 waves but the constant one; an integer of SQLite holds them
FLAT: Final = 0  # of a picture of one colour, which is known by nothing

_EDGE = 32  # of the square, pixels
_WAVES = 8  # along each axis
_FAINTEST = 0.5  # levels of grey: root mean square of what the waves add up to

# The slowest waves of the orthonormal DCT-II over a line of pixels (8, 32).
_DCT = np.sqrt(2 / _EDGE) * np.cos(np.pi / _EDGE * np.outer(np.arange(_WAVES), np.arange(_EDGE) + 0.5))
_DCT[0] /= np.sqrt(2)
_ODD = np.arange(_WAVES) % 2 == 1  # the waves whose sign a mirror changes


def fingerprint(seen: Image.Image) -> int:
    """Of a picture by the glimpse() of its thumbnail: 63 bits, or FLAT. A tenth of a millisecond."""
    square = seen.getchannel("Y").resize((_EDGE, _EDGE), Image.Resampling.BOX)
    waves = _DCT @ np.asarray(square, dtype=np.float64) @ _DCT.T
    waves[0, 0] = 0
    if np.linalg.norm(waves) / _EDGE < _FAINTEST:
        return FLAT
    return _packed(waves > 0)


def turned(fingerprint: int) -> tuple[int, ...]:
    """What it would be of the picture as it is, and of its seven other turns and mirror images."""
    bits = _unpacked(fingerprint)
    down, across = _ODD[:, None], _ODD[None, :]
    flips = (np.zeros_like(bits), down & True, across & True, down ^ across)
    return tuple(_packed(waves ^ flip) for waves in (bits, bits.T) for flip in flips)


def distance(one: int, other: int) -> int:
    """How many bits differ: 0 of the same picture, about 31 of two that have nothing in common."""
    return (one ^ other).bit_count()


class Difference(NamedTuple):
    """By how many levels two pictures differ."""

    average: float
    most: float  # at the place where they differ most, one of (_EDGE, _EDGE)


def difference(one: bytes, other: bytes) -> Difference:
    """By how much two thumbnails differ, turned and mirrored as they are most alike."""
    pixels, others = _colours(one), _colours(other)
    turns = (np.rot90(seen, quarters) for seen in (others, others[:, ::-1]) for quarters in range(4))
    places = (np.abs(pixels - turn).mean(axis=2) for turn in turns)
    return min(Difference(float(levels.mean()), float(levels.max())) for levels in places)


def _colours(thumbnail: bytes) -> NDArray[np.int16]:
    """Squashed to (_EDGE, _EDGE, 3)."""
    # Not by Pillow's BOX, which gives pixels on an edge to one side: turned pictures would differ by that.
    image = glimpse(thumbnail).convert("RGB").resize((_EDGE, _EDGE), Image.Resampling.HAMMING)
    return np.asarray(image).astype(np.int16)


def _packed(bits: NDArray[np.bool_]) -> int:  # (8, 8)
    return int.from_bytes(np.packbits(bits).tobytes(), "big") & ~(1 << BITS)


def _unpacked(fingerprint: int) -> NDArray[np.bool_]:  # (8, 8)
    packed = np.frombuffer(fingerprint.to_bytes(8, "big"), dtype=np.uint8)
    return np.unpackbits(packed).reshape(_WAVES, _WAVES).astype(bool)
