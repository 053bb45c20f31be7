"""Whether two pictures are the same one: resized, compressed, brighter, or one cut out of the other.

Their miniatures tell it: as they are where both have one size in pixels, else parts of one against all of the
other. What is compared is the correlation, which brightness and contrast do not change.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from photosearch.core.photo import MINIATURE_EDGE

# From which correlation on: of pictures of one size, of which one can be no part of the other; of others. See
# docs/files.md for what was measured.
EQUAL_SIZE = 0.985
OTHER_SIZE = 0.9

_WORTH_CUTTING = 0.2  # correlation of the whole pictures below which no part is tried
_SCALES = (1.0, 0.95, 0.9, 0.85, 0.8)  # how much of an edge a part has
_STEP = 1 / 3  # pixels of a miniature between two places of a part
_ASPECT = 0.04  # by which the shape of a part may be off
_AT_ONCE = 1024  # pairs

_Grey = NDArray[np.float32]  # (n, MINIATURE_EDGE, MINIATURE_EDGE)


def same_picture(
    miniatures: NDArray[np.uint8], sizes: NDArray[np.int64], first: NDArray[np.intp], second: NDArray[np.intp]
) -> NDArray[np.bool_]:
    """Whether the pictures of each pair of rows are the same: (P,).

    Args:
        miniatures: of pictures (N, MINIATURE_EDGE, MINIATURE_EDGE)
        sizes: their widths and heights in full, pixels (N, 2)
        first: rows (P,)
        second: rows (P,)
    """
    same = np.zeros(len(first), dtype=bool)
    for start in range(0, len(first), _AT_ONCE):
        run = slice(start, start + _AT_ONCE)
        same[run] = _same(miniatures, sizes, first[run], second[run])
    return same


def _same(
    miniatures: NDArray[np.uint8], sizes: NDArray[np.int64], first: NDArray[np.intp], second: NDArray[np.intp]
) -> NDArray[np.bool_]:
    whole = _correlation(miniatures[first].astype(np.float32), _normed(miniatures[second]))
    equal = (sizes[first] == sizes[second]).all(axis=1)
    same = whole >= np.where(equal, EQUAL_SIZE, OTHER_SIZE)
    cut = np.flatnonzero(~equal & ~same & (whole >= _WORTH_CUTTING))
    for one, other in ((first, second), (second, first)):
        cut = cut[~same[cut]]
        same[cut] = _is_part(miniatures, sizes, one[cut], other[cut])
    return same


def _is_part(
    miniatures: NDArray[np.uint8], sizes: NDArray[np.int64], whole: NDArray[np.intp], part: NDArray[np.intp]
) -> NDArray[np.bool_]:
    """Whether the second picture of each pair may be cut out of the first."""
    wholes, parts = miniatures[whole].astype(np.float32), _normed(miniatures[part])
    shape = np.log((sizes[part, 0] * sizes[whole, 1]) / (sizes[part, 1] * sizes[whole, 0]))
    found = np.zeros(len(whole), dtype=bool)
    for across in _SCALES:
        for down in _SCALES:
            rows = np.flatnonzero((np.abs(shape - np.log(across / down)) <= _ASPECT) & ~found)
            for columns in _cuts(across) if rows.size and (across, down) != (1.0, 1.0) else ():
                narrow = wholes[rows] @ columns.T
                for lines in _cuts(down):
                    found[rows] |= _correlation(lines @ narrow, parts[rows]) >= OTHER_SIZE
    return found


@cache
def _cuts(scale: float) -> tuple[NDArray[np.float32], ...]:
    """What spreads so much of a line of pixels over a whole line, for each place of it (edge, edge)."""
    room = MINIATURE_EDGE * (1 - scale)
    return tuple(_spread(begin, scale) for begin in np.linspace(0, room, round(room / _STEP) + 1))


def _spread(begin: float, scale: float) -> NDArray[np.float32]:
    """Each pixel of the line is the average of the pixels that lie under it."""
    edges = begin + scale * np.arange(MINIATURE_EDGE + 1)
    pixels = np.arange(MINIATURE_EDGE)
    under = np.minimum(edges[1:, None], pixels + 1) - np.maximum(edges[:-1, None], pixels)
    shares: NDArray[np.float32] = (np.maximum(under, 0) / scale).astype(np.float32)
    return shares


def _normed(pictures: NDArray[np.uint8]) -> _Grey:
    """Without their averages, of length 1; what varies by less than a level of grey becomes nothing."""
    grey = pictures.astype(np.float32)
    grey -= grey.mean(axis=(1, 2), keepdims=True)
    length = np.sqrt(_products(grey, grey))[:, None, None]
    normed: _Grey = np.divide(grey, length, out=np.zeros_like(grey), where=length > MINIATURE_EDGE)
    return normed


def _correlation(pictures: _Grey, normed: _Grey) -> NDArray[np.float32]:
    """Of pictures with normed ones, whose averages are nothing: so those of the pictures may stay in them."""
    total = np.einsum("nij->n", pictures)
    varying = np.maximum(_products(pictures, pictures) - total**2 / MINIATURE_EDGE**2, 0)
    length = np.sqrt(varying)
    correlation: NDArray[np.float32] = np.divide(
        _products(pictures, normed), length, out=np.zeros_like(length), where=length > MINIATURE_EDGE
    )
    return correlation


def _products(ones: _Grey, others: _Grey) -> NDArray[np.float32]:
    products: NDArray[np.float32] = np.einsum("nij,nij->n", ones, others)
    return products
