"""Numbers of 16 bits, of which fewer may be used, as light of 8 bits."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

_ALL = (1 << 16) - 1
_FEWER = (255, 1023, 4095)  # of 8, 10 and 12 bits
_OUTLIERS = 0.01


def in_8_bits(values: NDArray[Any], white: int | None = None) -> NDArray[np.uint8]:
    """Whole numbers from 0 on, of any shape, as 0 to 255.

    Cameras, microscopes and scanners give 10 or 12 bits, which many programs store as they are: that would be
    almost black. Where no number needs more, these are taken for all bits there are.

    Args:
        white: the number that is white, where the file says so; believed if hardly any is greater
    """
    if white is None or not _FEWER[0] <= white <= _ALL or np.mean(values > white) > _OUTLIERS:
        most = int(values.max(initial=0))
        white = next((fewer for fewer in _FEWER if most <= fewer), _ALL)
    levels: NDArray[np.uint32] = np.minimum(values, white).astype(np.uint32) * 256 // (white + 1)
    return levels.astype(np.uint8)
